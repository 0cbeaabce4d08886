"""How the reading goes: who has what for how long, what is ready to be compared, how far readers agree.

Counted from locked reads only; pooled over all arms. Intervals are Wilson's, 95 %.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from statistics import median
from typing import Any

from app.workflow.adjudicate import REASONS
from app.workflow.compare_reads import ready_to_compare
from app.workflow.ports import Ports, Unit
from app.workflow.reader_table import labels_of
from app.workflow.trials import current_protocol
from measure.case import READING, RELEASED, Assignment, Query, Subject, Timepoint, User
from measure.protocol import Protocol
from measure.read import OPEN, PRIMARY, SIGNED, Adjudication, Comparison, Read, ReadTimepoint
from measure.session import Session
from measure.statistics.agreement import Kappa, cohen_kappa
from measure.statistics.proportions import Proportion, wilson

SUPERSEDED = "superseded"
CLASSES = ("best_response", "response", "progression", "local_recurrence")  # variables with a class a case


@dataclass(frozen=True)
class InHand:
    """One piece of work: who has it, the case, what is next, for how long; late: past its due date."""

    who: str
    label: str
    number: str
    code: str
    step: str
    state: str
    days: float
    late: bool


@dataclass(frozen=True)
class Ready:
    """A case whose readers have signed all that was released."""

    subject_id: str
    number: str
    code: str
    timepoints: int


@dataclass(frozen=True)
class Rate:
    """How often the two readers differ in one variable, and their kappa where it is a class."""

    title: str
    differing: Proportion
    kappa: Kappa | None


@dataclass(frozen=True)
class ReaderFigures:
    """One reader: time points signed, median days from release to signature, cases adjudicated and chosen."""

    label: str
    name: str
    signed: int
    days_to_sign: float | None
    compared: int
    adjudicated: int
    chosen: int


@dataclass(frozen=True)
class Progress:
    """The whole page."""

    subjects: int
    released: int
    signed_by_all: int
    to_adjudicate: int
    queries_open: int
    oldest_query_days: int
    days_to_sign: float | None
    work: tuple[InHand, ...]
    ready: tuple[Ready, ...]
    compared: int
    rates: tuple[Rate, ...]
    readers: tuple[ReaderFigures, ...]
    reasons: tuple[tuple[str, int], ...]

    @property
    def late(self) -> int:
        """Pieces of work past their due date."""
        return sum(one.late for one in self.work)


@dataclass(frozen=True)
class _Loaded:
    """All rows the page is counted from."""

    protocol: Protocol
    now: datetime
    subjects: dict[str, Subject]
    users: dict[str, User]
    released: dict[str, list[Timepoint]]
    reads: dict[str, Read]
    read_timepoints: list[ReadTimepoint]
    assignments: list[Assignment]
    comparisons: list[Comparison]
    adjudications: list[Adjudication]
    queries: list[Query]
    ready: tuple[Ready, ...]


def progress(ports: Ports, session: Session) -> Progress:
    """Count the page; only rows of the session's trial."""
    rows = _load(ports, session)
    valid = _valid_comparisons(rows)
    times = {label: _days_to_sign(rows, label) for label in _reader_labels(rows.protocol)}
    every = [days for found in times.values() for days in found]
    open_queries = [rows.now - datetime.fromisoformat(q.opened_at) for q in rows.queries if q.state == OPEN]
    to_adjudicate = [a for a in rows.adjudications if a.state == OPEN]
    return Progress(
        subjects=len(rows.subjects),
        released=sum(len(found) for found in rows.released.values()),
        signed_by_all=_signed_by_all(rows),
        to_adjudicate=len(to_adjudicate),
        queries_open=len(open_queries),
        oldest_query_days=max((age.days for age in open_queries), default=0),
        days_to_sign=median(every) if every else None,
        work=tuple(sorted(_work(rows), key=lambda one: (not one.late, -one.days, one.number))),
        ready=rows.ready,
        compared=len(valid),
        rates=rates([row for one in valid for row in one.rows]),
        readers=tuple(_reader_figures(rows, valid, times)),
        reasons=_reasons(rows),
    )


def _load(ports: Ports, session: Session) -> _Loaded:
    protocol = current_protocol(ports, session)
    with ports.open_unit(session) as unit:
        subjects = {s.id: s for s in unit.find(Subject, trial_id=session.trial_id)}
        ids = list(subjects)
        released: dict[str, list[Timepoint]] = {one: [] for one in ids}
        for timepoint in sorted(unit.find(Timepoint, subject_id=ids, state=RELEASED), key=lambda t: t.ordinal):
            released[timepoint.subject_id].append(timepoint)
        reads = {r.id: r for r in unit.find(Read, subject_id=ids, kind=PRIMARY)}
        return _Loaded(
            protocol,
            ports.now(),
            subjects,
            {u.id: u for u in unit.find(User)},
            released,
            reads,
            unit.find(ReadTimepoint, read_id=list(reads)),
            unit.find(Assignment, subject_id=ids, active=True),
            sorted(unit.find(Comparison, subject_id=ids), key=lambda c: c.at),
            unit.find(Adjudication, subject_id=ids),
            unit.find(Query, subject_id=ids),
            _ready(unit, subjects, released, protocol),
        )


def _ready(
    unit: Unit, subjects: dict[str, Subject], released: dict[str, list[Timepoint]], protocol: Protocol
) -> tuple[Ready, ...]:
    found = [s for s in subjects.values() if ready_to_compare(unit, s, protocol)]
    return tuple(
        Ready(s.id, s.number, s.reading_code, len(released[s.id])) for s in sorted(found, key=lambda s: s.number)
    )


def _reader_labels(protocol: Protocol) -> tuple[str, ...]:
    return tuple(protocol.export.reader_labels[: protocol.reading.readers])


def _of_read(rows: _Loaded, subject_id: str, label: str) -> dict[str, ReadTimepoint]:
    """Time point id to this label's part in it, in the read that counts."""
    read = next(
        (r for r in rows.reads.values() if r.subject_id == subject_id and r.label == label and r.state != SUPERSEDED),
        None,
    )
    return {t.timepoint_id: t for t in rows.read_timepoints if read is not None and t.read_id == read.id}


def _signed_by_all(rows: _Loaded) -> int:
    count = 0
    for subject_id, timepoints in rows.released.items():
        parts = [_of_read(rows, subject_id, label) for label in _reader_labels(rows.protocol)]
        count += sum(all(t.id in p and p[t.id].state == SIGNED for p in parts) for t in timepoints)
    return count


def _age_days(rows: _Loaded, since: str) -> float:
    return (rows.now - datetime.fromisoformat(since)).total_seconds() / 86400.0 if since else 0.0


def _work(rows: _Loaded) -> list[InHand]:
    made = []
    today = rows.now.date()
    readers = set(labels_of(rows.protocol)) & set(_reader_labels(rows.protocol))
    for one in rows.assignments:
        subject = rows.subjects[one.subject_id]
        if one.label not in readers or subject.state != READING or not rows.released[subject.id]:
            continue
        step, state, since = _next_step(rows, subject.id, one)
        late = bool(one.due_date) and date.fromisoformat(one.due_date) < today and state != "waiting"
        who = rows.users[one.user_id].name
        made.append(
            InHand(
                who,
                one.label,
                subject.number,
                subject.reading_code,
                step,
                state,
                _age_days(rows, since),
                late,
            )
        )
    due = {(a.subject_id, a.user_id): a.due_date for a in rows.assignments}
    since_of = {c.id: c.at for c in rows.comparisons}
    for each in rows.adjudications:
        if each.state == OPEN:
            subject = rows.subjects[each.subject_id]
            day = due.get((each.subject_id, each.user_id), "")
            made.append(
                InHand(
                    rows.users[each.user_id].name,
                    rows.protocol.export.reader_labels[-1],
                    subject.number,
                    subject.reading_code,
                    "adjudication",
                    "open",
                    _age_days(rows, since_of.get(each.comparison_id, "")),
                    bool(day) and date.fromisoformat(day) < today,
                )
            )
    return made


def _next_step(rows: _Loaded, subject_id: str, one: Assignment) -> tuple[str, str, str]:
    parts = _of_read(rows, subject_id, one.label)
    since = one.at
    for timepoint in rows.released[subject_id]:
        part = parts.get(timepoint.id)
        if part is None:
            return timepoint.visit, "assigned", max(since, timepoint.released_at)
        if part.state == OPEN:
            return timepoint.visit, "open", part.opened_at
        since = max(since, part.signed_at)
    return rows.released[subject_id][-1].visit, "waiting", since


def _days_to_sign(rows: _Loaded, label: str) -> list[float]:
    """From when a time point was there to read (released, the one before signed) to its signature."""
    found = []
    for subject_id, timepoints in rows.released.items():
        parts = _of_read(rows, subject_id, label)
        before = ""
        for timepoint in timepoints:
            part = parts.get(timepoint.id)
            if part is None or part.state != SIGNED:
                break
            begun = max(before, timepoint.released_at)
            before = part.signed_at
            if begun:
                way = datetime.fromisoformat(part.signed_at) - datetime.fromisoformat(begun)
                found.append(way.total_seconds() / 86400.0)
    return found


def _valid_comparisons(rows: _Loaded) -> list[Comparison]:
    """The newest comparison of each case whose both reads still count."""
    newest = {c.subject_id: c for c in rows.comparisons}
    counts = {r.id for r in rows.reads.values() if r.state != SUPERSEDED}
    return [c for c in newest.values() if {c.read_1_id, c.read_2_id} <= counts]


def rates(compared: Sequence[dict[str, Any]]) -> tuple[Rate, ...]:
    """Differences by variable and criterion from the rows of comparisons; zones are counted one by one."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in compared:
        groups.setdefault((row["variable"], row["criterion"]), []).append(row)
    made = []
    for (variable, _), group in groups.items():
        title = group[0]["title"]
        if variable == "local_recurrence":
            title = "Local recurrence, by zone"
        pairs = [(row["value_1"], row["value_2"]) for row in group]
        if variable == "local_recurrence":
            pairs = [(a != "none", b != "none") for a, b in pairs]
        kappa = cohen_kappa(pairs) if variable in CLASSES else None
        made.append(Rate(title, wilson(sum(not row["agree"] for row in group), len(group)), kappa))
    return tuple(made)


def _reader_figures(rows: _Loaded, valid: Sequence[Comparison], times: dict[str, list[float]]) -> list[ReaderFigures]:
    made = []
    adjudicated = {a.subject_id: a for a in rows.adjudications if a.state == SIGNED}
    for label in _reader_labels(rows.protocol):
        by_user: dict[str, list[Read]] = {}
        for read in rows.reads.values():
            if read.label == label and read.state != SUPERSEDED:
                by_user.setdefault(read.user_id, []).append(read)
        for user_id, reads in sorted(by_user.items(), key=lambda item: rows.users[item[0]].name):
            ids = {r.id for r in reads}
            signed = sum(t.read_id in ids and t.state == SIGNED for t in rows.read_timepoints)
            mine = [c for c in valid if {c.read_1_id, c.read_2_id} & ids]
            settled = [adjudicated[c.subject_id] for c in mine if c.subject_id in adjudicated]
            days = times[label] if len(by_user) == 1 else []
            made.append(
                ReaderFigures(
                    label,
                    rows.users[user_id].name,
                    signed,
                    median(days) if days else None,
                    len(mine),
                    len(settled),
                    sum(a.chosen_read_id in ids for a in settled),
                )
            )
    return made


def _reasons(rows: _Loaded) -> tuple[tuple[str, int], ...]:
    signed = [a.reason_code for a in rows.adjudications if a.state == SIGNED]
    return tuple((title, signed.count(code)) for code, title in REASONS.items())
