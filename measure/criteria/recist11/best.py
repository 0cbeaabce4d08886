"""Best overall response of RECIST 1.1, with and without confirmation (Eisenhauer 2009, 4.5, 4.6, Table 3).

Rules R11-31 to R11-36, R11-41. What may be confirmed by what is the same for iRECIST (IR-16).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from measure.criteria.course import COMPLETE, RESPONDED, confirmed_by
from measure.criteria.table import CR, NA, NE, NON_CR_NON_PD, PD, PR, SD
from measure.rules import Rules

AT_LEAST_STABLE = frozenset({CR, PR, SD, NON_CR_NON_PD})


@dataclass(slots=True)
class Confirmation:
    """Two time points, by index: the one that counts and the one that confirms it."""

    first: int
    by: int


@dataclass(slots=True)
class Best:
    """A best response with the index of the time point that gave it, and what confirmed it."""

    response: str
    at: int | None
    confirmation: Confirmation | None
    rules: tuple[str, ...]


def earliest_pair(
    responses: Sequence[str], days: Sequence[date | None], good: frozenset[str], rules: Rules
) -> Confirmation | None:
    """The confirmed pair that begins first, with the earliest time point that confirms it."""
    for now in range(len(responses)):  # the earliest `now` reaches back furthest
        then = confirmed_by(responses, days, now, good, rules)
        if then is not None:
            return Confirmation(then, now)
    return None


def long_enough(day: date | None, reference: date, rules: Rules) -> bool:
    """R11-34: the assessment lies at least `stable_disease.min_days` after the reference date."""
    return day is not None and (day - reference).days >= rules.stable_disease_min_days


@dataclass(frozen=True, slots=True)
class Words:
    """What stable disease is called here, and the words of progression, the one that counts first.

    Stable disease needs measurable disease; without targets it is NON-CR/NON-PD (R11-30).
    """

    stable: str = SD
    worse: tuple[str, ...] = (PD,)


MEASURABLE, NON_MEASURABLE = Words(), Words(NON_CR_NON_PD)


def confirmed_best(
    responses: Sequence[str], days: Sequence[date | None], reference: date, rules: Rules, words: Words
) -> Best:
    """R11-32: best response where CR and PR must be confirmed; Table 3 for any number of time points."""
    for good, word in ((COMPLETE, CR), (RESPONDED, PR)):
        pair = earliest_pair(responses, days, good, rules)
        if pair is not None:
            return Best(word, pair.first, pair, ("R11-32", "R11-33"))
    return stable_or_worse(responses, days, reference, rules, words, "R11-32")


def unconfirmed_best(
    responses: Sequence[str], days: Sequence[date | None], reference: date, rules: Rules, words: Words
) -> Best:
    """R11-31: the best response of any time point; stable disease only after its minimum duration."""
    for word in (CR, PR):
        if word in responses:
            return Best(word, responses.index(word), None, ("R11-31",))
    return stable_or_worse(responses, days, reference, rules, words, "R11-31")


def stable_or_worse(
    responses: Sequence[str],
    days: Sequence[date | None],
    reference: date,
    rules: Rules,
    words: Words,
    rule: str,
) -> Best:
    """What remains without a counting CR or PR: stable disease long enough, else progression, else NE."""
    any_day = words.stable == NON_CR_NON_PD and not rules.best_non_cr_non_pd_min_days
    for at, (response, day) in enumerate(zip(responses, days, strict=True)):
        if response in AT_LEAST_STABLE and (any_day or long_enough(day, reference, rules)):
            return Best(words.stable, at, None, (rule, "R11-34"))
    for word in words.worse:
        if word in responses:
            return Best(word, responses.index(word), None, (rule,))
    if responses and all(response == NA for response in responses):
        return Best(NA, None, None, ("SC-06",))
    return Best(NE, None, None, (rule,))
