"""The rows and the best response of one criterion, from the course of its scope (R11-31 to R11-44, IR-15 to IR-21)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from measure.criteria import explain, mixed
from measure.criteria.course import Assessed, Course
from measure.criteria.durations import (
    CENSORED,
    NEW_THERAPY,
    NO_PROGRESSION,
    OPEN_IUPD,
    PROGRESSION,
    Progression,
    last_evaluable,
    progression_at,
    span,
    time_to_progression,
)
from measure.criteria.findings import SubjectFacts, TimePoint
from measure.criteria.irecist import best as immune_best
from measure.criteria.irecist.timepoint import IMMUNE, PLAIN, ImmuneResponse, immune_responses
from measure.criteria.mrecist import timepoint as mrecist
from measure.criteria.plan import IRECIST, MRECIST, Plan, Prepared
from measure.criteria.recist11 import best as recist_best
from measure.criteria.recist11.best import Best, earliest_pair
from measure.criteria.recist11.thresholds import percent_change
from measure.criteria.results import BestResponse, TimePointResponse
from measure.criteria.table import CR, NON_CR_NON_PD, PD, PR, SD


def baseline_row(point: TimePoint, course: Course) -> TimePointResponse:
    """The row of the baseline: its sum, overall `BL`."""
    total = course.baseline_sum
    row = TimePointResponse(
        point.name, point.first_date, baseline_sum_mm=total, sum_mm=total, rules=("R11-08",) if total else ()
    )
    row.explanation = explain.baseline(row, course.scoped)
    return row


class RowsAndBest:
    """The rows and the best response of one criterion from the course of its scope."""

    def __init__(self, course: Course, one: Prepared, plan: Plan, facts: SubjectFacts) -> None:
        self.course, self.one, self.plan = course, one, plan
        self.rules = one.rules
        self.reference = facts.reference_start_date or one.rules.reference_start_date or course.start
        therapy = facts.subsequent_therapy_date or one.rules.subsequent_therapy_date
        self._therapy_began = False
        self.therapy = therapy if one.rules.subsequent_therapy_rule == "censor" else None

    def made(self) -> tuple[list[TimePointResponse], BestResponse]:
        """The follow-up rows in order and the best response."""
        follow_ups = self.course.follow_ups
        counted = self._before_new_therapy(follow_ups)
        self._therapy_began = counted < len(follow_ups)
        if self.one.criterion.standard == IRECIST:
            immune = immune_responses(follow_ups, self.rules, self.one.thresholds)
            rows = [self._row(one, i.overall, i) for one, i in zip(follow_ups, immune, strict=True)]
            best = self._immune_best(follow_ups[:counted], immune[:counted], rows)
        else:
            rows = [self._row(one, overall) for one, overall in self._carried(follow_ups)]
            best = self._recist_best(follow_ups[:counted], rows)
        if self.one.criterion.mixed_response:
            best.mixed_occurred = any(row.mixed in mixed.MIXED for row in rows)
        best.n_timepoints = len(rows)
        best.explanation = explain.best(best)
        return rows, best

    def _before_new_therapy(self, follow_ups: Sequence[Assessed]) -> int:
        """R11-41: how many follow-ups feed the best response; scans after new therapy do not."""
        if self.therapy is None:
            return len(follow_ups)
        for number, one in enumerate(follow_ups):
            if one.point.first_date is not None and one.point.first_date > self.therapy:
                return number
        return len(follow_ups)

    def _carried(self, follow_ups: Sequence[Assessed]) -> Iterable[tuple[Assessed, str]]:
        """R11-44: overall responses, PD carried forward unless the protocol assesses on (D19)."""
        progressed = False
        for one in follow_ups:
            yield one, PD if progressed else one.overall
            progressed = progressed or (one.overall == PD and self.rules.after_progression == "carry")

    def _row(self, one: Assessed, overall: str, immune: ImmuneResponse | None = None) -> TimePointResponse:
        reading = one.reading
        total = reading.sum_mm if reading is not None else None
        row = TimePointResponse(
            one.point.name,
            one.point.first_date,
            one.baseline_sum,
            one.nadir,
            total,
            target=one.target.response,
            non_target=one.non_target.response,
            new_lesion=one.new.status,
            overall=overall,
        )
        shown = total
        if reading is not None and one.target.response == PD:  # also where only a part of the sum proves it
            shown = reading.partial_mm
        if total is not None and one.baseline_sum:
            row.change_from_baseline_pct = percent_change(total, one.baseline_sum)
        if shown is not None and one.nadir is not None:
            row.change_from_nadir_mm = shown - one.nadir
            if one.nadir:
                row.change_from_nadir_pct = percent_change(shown, one.nadir)
        rules: tuple[str, ...] = (*self.course.scoped.rules, *one.rules)
        drivers: tuple[str, ...] = (*one.target.drivers, *one.non_target.drivers, *one.new.drivers)
        if immune is not None:
            rules = (*immune.rules, *rules)
            drivers = immune.drivers or drivers
            row.new_sum_mm = immune.new_sum_mm
        elif overall == PD and one.overall != PD:
            rules = ("R11-44", *rules)
        elif self.one.criterion.standard == MRECIST:
            rules = mrecist.cite(rules)
        if self.one.criterion.mixed_response:
            row.mixed, rule, _ = mixed.mixed_response(one, self.course.baseline, self.rules)
            rules = (*rules, rule)
        row.rules = tuple(dict.fromkeys(rules))
        row.drivers = tuple(dict.fromkeys(drivers))
        row.explanation = explain.time_point(one, row, self.course.scoped)
        return row

    # --- best responses ---

    def _recist_best(self, follow_ups: Sequence[Assessed], rows: Sequence[TimePointResponse]) -> BestResponse:
        overalls = [one.overall for one in follow_ups]
        progression: Progression | None = None
        if PD in overalls:
            at = overalls.index(PD)
            one = follow_ups[at]
            progression = progression_at(at, one, self.rules)
        places = self._feeding(follow_ups, progression)
        responses = [overalls[n] for n in places]
        days = [follow_ups[n].response_date for n in places]
        choose = recist_best.confirmed_best if self.rules.confirmation_required else recist_best.unconfirmed_best
        words = recist_best.MEASURABLE if self.course.scoped.targets else recist_best.NON_MEASURABLE
        best = choose(responses, days, self.reference, self.rules, words)
        anyway = recist_best.unconfirmed_best(responses, days, self.reference, self.rules, words)
        result = self._result(best, anyway, days, progression)
        ended = len(follow_ups) if progression is None else progression.at
        self._spans(result, responses, days, follow_ups[:ended], overalls[:ended], progression, progression)
        self._time_to_progression(result, follow_ups, overalls, progression)
        return result

    def _feeding(self, follow_ups: Sequence[Assessed], progression: Progression | None) -> list[int]:
        """Time points that feed the best response: up to the first PD, before its date where it was dated back."""
        if progression is None:
            return list(range(len(follow_ups)))
        on = progression.on
        before = [
            n
            for n in range(progression.at)
            if on is None or (day := follow_ups[n].point.first_date) is None or day < on
        ]
        return [*before, progression.at]

    def _immune_best(
        self,
        follow_ups: Sequence[Assessed],
        immune: Sequence[ImmuneResponse],
        rows: Sequence[TimePointResponse],
    ) -> BestResponse:
        overalls = [one.overall for one in immune]
        confirmed = next((n for n, overall in enumerate(overalls) if overall == "iCPD"), None)
        until = len(overalls) if confirmed is None else confirmed + 1
        at = immune_best.progression(immune, self.rules)
        progression = None
        if at is not None:
            progression = progression_at(at, follow_ups[at], self.rules, immune[at].causes)
        responses = overalls[:until]
        days = [one.response_date for one in follow_ups[:until]]
        best, anyway = immune_best.best_responses(
            responses, days, self.reference, self.rules, measurable=bool(self.course.scoped.targets)
        )
        result = self._result(best, anyway, days, progression)
        places = immune_best.counting(responses, self.rules)
        ended = progression if confirmed is not None else None  # IR-21: an unconfirmed iUPD does not end a response
        last = until if ended is None else ended.at
        self._spans(
            result,
            [PLAIN.get(responses[n], responses[n]) for n in places],
            [days[n] for n in places],
            follow_ups[:last],
            overalls[:last],
            ended,
            progression,
        )
        pending = immune_best.not_established(immune, self.rules)  # D32: it counts up to the open iUPD
        counted = until if pending is None else pending
        censored_by = "" if pending is None else OPEN_IUPD
        self._time_to_progression(result, follow_ups[:counted], responses[:counted], progression, censored_by)
        return result

    def _result(
        self, best: Best, anyway: Best, days: Sequence[date | None], progression: Progression | None
    ) -> BestResponse:
        result = BestResponse(best.response, unconfirmed_best=anyway.response, rules=best.rules)
        if progression is not None:
            result.progression_date = progression.on
            result.progression_cause = progression.cause
            immune = self.one.criterion.standard == IRECIST
            result.rules += ("IR-17",) if immune else ("R11-26", "R11-37") if progression.back_dated else ("R11-37",)
        if self._therapy_began:
            result.rules += ("R11-41",)
        if best.response in (CR, PR, IMMUNE[CR], IMMUNE[PR]) and best.at is not None:
            result.best_date = days[best.at]
        elif best.response in (PD, "iCPD"):
            result.best_date = result.progression_date
        if best.confirmation is not None:
            result.confirmed = True
            result.confirmation_date = days[best.confirmation.by]
        return result

    def _spans(
        self,
        result: BestResponse,
        responses: Sequence[str],
        days: Sequence[date | None],
        until: Sequence[Assessed],
        overalls: Sequence[str],
        ended: Progression | None,
        progression: Progression | None,
    ) -> None:
        """R11-38, R11-39, IR-21: duration of response and of stable disease."""
        best = result.best
        if best in (CR, PR, IMMUNE[CR], IMMUNE[PR]):
            # both dates are there: what was evaluable has findings, and every finding has a date
            start = self._first_response(responses, days) or self.reference
            end = ended.on if ended is not None else last_evaluable(until, overalls)
            result.response = span(start, end or start, CENSORED if ended is None else PROGRESSION, self.rules)
        elif best in (SD, NON_CR_NON_PD, IMMUNE[SD], IMMUNE[NON_CR_NON_PD]):
            end = progression.on if progression is not None else last_evaluable(until, overalls)
            ended_by = CENSORED if progression is None else PROGRESSION
            result.stable = span(self.reference, end or self.reference, ended_by, self.rules)

    def _first_response(self, responses: Sequence[str], days: Sequence[date | None]) -> date | None:
        """R11-38: the first time point that met CR or PR and was confirmed where that is asked for."""
        if self.rules.confirmation_required:
            pair = earliest_pair(responses, days, frozenset({CR, PR}), self.rules)
            return days[pair.first] if pair is not None else None
        return next((day for response, day in zip(responses, days, strict=True) if response in (CR, PR)), None)

    def _time_to_progression(
        self,
        result: BestResponse,
        follow_ups: Sequence[Assessed],
        overalls: Sequence[str],
        progression: Progression | None,
        censored_by: str = "",
    ) -> None:
        result.time_to_progression, result.time_to_progression_reason = time_to_progression(
            follow_ups,
            overalls,
            progression,
            self.reference,
            self.rules,
            missed_visits_censor=self.plan.missed_visits_censor,
            censored_by=NEW_THERAPY if self._therapy_began else censored_by or NO_PROGRESSION,
        )
