"""Response criteria as tables: one read in, every criterion and scope out.

The way of a read: `findings` (rows become time points and lesions), `scopes` (which lesions count),
`recist11/` (target, non-target and new-lesion status of each time point, Tables 1 and 2, best response),
`irecist/` and `mrecist/` on top of it, `mixed`, and `explain` (one sentence a row). `assess` puts them
together. A result carries the identifiers of the rules that decided it.
"""

ENGINE_VERSION = "1"
