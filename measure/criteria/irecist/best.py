"""Best overall response and progression date of iRECIST (Seymour 2017, Table 3; rules IR-15 to IR-17, IR-21)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from measure.criteria.irecist.timepoint import ICPD, IMMUNE, IUPD, PLAIN, ImmuneResponse
from measure.criteria.recist11.best import Best, Confirmation, Words, confirmed_best, unconfirmed_best
from measure.criteria.table import NE, NON_CR_NON_PD
from measure.rules import Rules

WORSE = (ICPD, IUPD)  # iCPD if it occurs, else iUPD: neither outranks an iSD
MEASURABLE, NON_MEASURABLE = Words(worse=WORSE), Words(NON_CR_NON_PD, WORSE)


def _immune(best: Best, places: Sequence[int]) -> Best:
    pair = best.confirmation
    if pair is not None:
        pair = Confirmation(places[pair.first], places[pair.by])
    cited = tuple(
        "IR-16" if rule in ("R11-32", "R11-33") else "IR-15" if rule == "R11-31" else rule for rule in best.rules
    )
    return replace(
        best,
        response=IMMUNE.get(best.response, best.response),
        at=None if best.at is None else places[best.at],
        confirmation=pair,
        rules=tuple(dict.fromkeys(cited)),
    )


def counting(responses: Sequence[str], rules: Rules) -> list[int]:
    """The time points from which the best response is made: all, or all but the iUPD (D25)."""
    passed = rules.irecist_iupd_between_responses
    return [n for n, response in enumerate(responses) if not (passed and response == IUPD)]


def best_responses(
    responses: Sequence[str],
    days: Sequence[date | None],
    reference: date,
    rules: Rules,
    *,
    measurable: bool,
) -> tuple[Best, Best]:
    """iBOR (IR-15, IR-16) and the best response that confirmation would not have been asked of.

    responses: up to and including iCPD. An iUPD between two responses breaks the pair unless D25 lets it
    pass.
    """
    words = MEASURABLE if measurable else NON_MEASURABLE
    places = counting(responses, rules)
    plain = [PLAIN.get(responses[n], responses[n]) for n in places]
    when = [days[n] for n in places]
    if rules.confirmation_required:
        best = _immune(confirmed_best(plain, when, reference, rules, words), places)
    else:
        best = _immune(unconfirmed_best(plain, when, reference, rules, words), places)
    if best.response == NE and IUPD in responses:
        best = Best(IUPD, responses.index(IUPD), None, ("IR-15",))
    everything = list(range(len(responses)))
    plain = [PLAIN.get(response, response) for response in responses]
    return best, _immune(unconfirmed_best(plain, days, reference, rules, words), everything)


def progression(responses: Sequence[ImmuneResponse], rules: Rules) -> int | None:
    """IR-17: the first iUPD of the run that was confirmed, or that is open at the end (D32); None without one."""
    for one in responses:
        if one.overall == ICPD:
            return one.run_first
    return _open_run(responses) if rules.irecist_open_iupd == "event" else None


def not_established(responses: Sequence[ImmuneResponse], rules: Rules) -> int | None:
    """The first iUPD of a run that is open at the end where the protocol does not take it for an event (D32)."""
    return None if rules.irecist_open_iupd == "event" else _open_run(responses)


def _open_run(responses: Sequence[ImmuneResponse]) -> int | None:
    for one in reversed(responses):
        if one.overall == IUPD:
            return one.run_first
        if one.overall != NE:
            break
    return None
