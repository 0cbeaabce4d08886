"""RECIST 1.1: Eisenhauer EA et al., Eur J Cancer 2009;45:228-247, with the update and the published answers.

In the order of the paper: `thresholds` and `target` (3.2, 4.3.1, 4.3.2), `nontarget` (4.3.3, 4.3.4), `newlesion`
(4.3.5), `timepoint` (4.4, Tables 1 and 2), `best` (4.5, 4.6, Table 3).
"""
