"""Blinding: for each role and record class, which rows a session may load and which fields come empty.

This file is the whole of it. What is not named for a role cannot be loaded by that role at all; by a field
that comes empty nothing can be asked either.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from measure import case, read
from measure.session import ADJUDICATOR, ADMINISTRATOR, INSPECTOR, LEAD, MANAGER, READER, SYSTEM, Session
from storage.database.tables import TABLES

Clause = sa.ColumnElement[bool]
Rule = Callable[[Session], Clause]

_T = {cls: table.c for cls, table in TABLES.items()}
_subject, _timepoint, _zone = _T[case.Subject], _T[case.Timepoint], _T[case.Zone]
_reading, _rtp = _T[read.Read], _T[read.ReadTimepoint]


def _everything(_: Session) -> Clause:
    return sa.true()


def _own_trial(session: Session) -> Clause:
    return _T[case.Trial].id == session.trial_id


# --- reader -----------------------------------------------------------------------------------------------


def _assigned_subjects(session: Session) -> sa.Select[Any]:
    assignment = _T[case.Assignment]
    return (
        sa.select(assignment.subject_id)
        .join(TABLES[case.Subject], _subject.id == assignment.subject_id)
        .where(
            assignment.user_id == session.user_id,
            assignment.active.is_(True),
            assignment.label != "ADJ",
            _subject.trial_id == session.trial_id,
        )
    )


def _own_reads(session: Session) -> sa.Select[Any]:
    return sa.select(_reading.id).where(
        _reading.user_id == session.user_id, _reading.subject_id.in_(_assigned_subjects(session))
    )


def _own_read_timepoints(session: Session) -> sa.Select[Any]:
    """Of replaced versions too, but never of a time point that is not due in the version that counts."""
    return sa.select(_rtp.id).where(
        _rtp.read_id.in_(_own_reads(session)), _rtp.timepoint_id.in_(_reader_timepoint_ids(session))
    )


def _reader_timepoint(session: Session) -> Clause:
    """Released ones up to the first this reader has not signed: later ones do not exist for the session."""
    signed = (
        sa.select(sa.func.count())
        .select_from(TABLES[read.ReadTimepoint].join(TABLES[read.Read], _rtp.read_id == _reading.id))
        .where(
            _reading.subject_id == _timepoint.subject_id,
            _reading.user_id == session.user_id,
            _reading.kind == read.PRIMARY,
            _reading.state != "superseded",
            _rtp.state == read.SIGNED,
        )
        .scalar_subquery()
    )
    return sa.and_(
        _timepoint.subject_id.in_(_assigned_subjects(session)),
        _timepoint.state == case.RELEASED,
        _timepoint.ordinal >= 0,
        _timepoint.ordinal <= signed,
    )


def _reader_timepoint_ids(session: Session) -> sa.Select[Any]:
    return sa.select(_timepoint.id).where(_reader_timepoint(session))


def _of_timepoints(cls: type, ids: Callable[[Session], sa.Select[Any]]) -> Rule:
    return lambda session: _T[cls].timepoint_id.in_(ids(session))


def _of_series(ids: Callable[[Session], sa.Select[Any]]) -> Rule:
    series = _T[case.SeriesRecord]
    return lambda session: _T[case.Instance].series_id.in_(
        sa.select(series.id).where(series.timepoint_id.in_(ids(session)))
    )


def _hung_series(ids: Callable[[Session], sa.Select[Any]]) -> Rule:
    series = _T[case.SeriesRecord]
    return lambda session: sa.and_(series.timepoint_id.in_(ids(session)), series.hang_as != "")


def _zones_imaged_since(ids: Callable[[Session], sa.Select[Any]]) -> Rule:
    """A zone exists for a reader only from the first time point scanned after its treatment."""
    return lambda session: _zone.first_timepoint_id.in_(ids(session))


def _of_read_timepoints(cls: type, ids: Callable[[Session], sa.Select[Any]]) -> Rule:
    return lambda session: _T[cls].read_timepoint_id.in_(ids(session))


# --- adjudicator ------------------------------------------------------------------------------------------


def _own_adjudications(session: Session) -> Clause:
    adjudication = _T[read.Adjudication]
    return adjudication.user_id == session.user_id


def _adjudicated_subjects(session: Session) -> sa.Select[Any]:
    adjudication = _T[read.Adjudication]
    return (
        sa.select(adjudication.subject_id)
        .join(TABLES[case.Subject], _subject.id == adjudication.subject_id)
        .where(_own_adjudications(session), _subject.trial_id == session.trial_id)
    )


def _compared_reads(session: Session) -> sa.Select[Any]:
    adjudication = _T[read.Adjudication]
    either = sa.or_(_reading.id == adjudication.side_a_read_id, _reading.id == adjudication.side_b_read_id)
    return sa.select(_reading.id).join(TABLES[read.Adjudication], either).where(_own_adjudications(session))


def _compared_read_timepoints(session: Session) -> sa.Select[Any]:
    return sa.select(_rtp.id).where(_rtp.read_id.in_(_compared_reads(session)), _rtp.state == read.SIGNED)


def _compared_timepoints(session: Session) -> sa.Select[Any]:
    return sa.select(_rtp.timepoint_id).where(_rtp.id.in_(_compared_read_timepoints(session)))


# --- one trial whole --------------------------------------------------------------------------------------


def _subjects_of_trial(session: Session) -> sa.Select[Any]:
    return sa.select(_subject.id).where(_subject.trial_id == session.trial_id)


def _timepoints_of_trial(session: Session) -> sa.Select[Any]:
    return sa.select(_timepoint.id).where(_timepoint.subject_id.in_(_subjects_of_trial(session)))


def _series_of_trial(session: Session) -> sa.Select[Any]:
    series = _T[case.SeriesRecord]
    return sa.select(series.id).where(series.timepoint_id.in_(_timepoints_of_trial(session)))


def _read_timepoints_of_trial(session: Session) -> sa.Select[Any]:
    reads = sa.select(_reading.id).where(_reading.subject_id.in_(_subjects_of_trial(session)))
    return sa.select(_rtp.id).where(_rtp.read_id.in_(reads))


def _signatures_of_trial(session: Session) -> Clause:
    adjudication = _T[read.Adjudication]
    chosen = sa.select(adjudication.id).where(adjudication.subject_id.in_(_subjects_of_trial(session)))
    signed = _T[read.Signature].object_id
    return sa.or_(signed.in_(_read_timepoints_of_trial(session)), signed.in_(chosen))


def _trials(session: Session) -> Clause:
    """The session's trial; one who works in the workspace, before there is a trial, sees which there are."""
    return sa.true() if not session.trial_id else _own_trial(session)


def _grants(session: Session) -> Clause:
    return _T[case.RoleGrant].trial_id.in_(("", session.trial_id))


def _of(cls: type, column: str, ids: Callable[[Session], sa.Select[Any]]) -> Rule:
    return lambda session: _T[cls][column].in_(ids(session))


def _in_trial(cls: type) -> Rule:
    return lambda session: _T[cls].trial_id == session.trial_id


_TRIAL: dict[type, Rule] = {
    case.Trial: _trials,
    case.User: _everything,
    case.RoleGrant: _grants,
    read.Signature: _signatures_of_trial,
    read.Read: _of(read.Read, "subject_id", _subjects_of_trial),
    read.ReadTimepoint: lambda s: _rtp.id.in_(_read_timepoints_of_trial(s)),
    case.Instance: _of(case.Instance, "series_id", _series_of_trial),
    **{cls: _in_trial(cls) for cls in (case.ProtocolVersion, case.Subject, case.ImportTable, case.ExportRecord)},
    **{
        cls: _of(cls, "subject_id", _subjects_of_trial)
        for cls in (case.Timepoint, case.Procedure, case.Zone, case.Assignment, case.Query)
    },
    **{cls: _of(cls, "timepoint_id", _timepoints_of_trial) for cls in (case.SeriesRecord, case.ImageCheck)},
    **{cls: _of(cls, "subject_id", _subjects_of_trial) for cls in (read.Comparison, read.Adjudication)},
    **{
        cls: _of(cls, "read_timepoint_id", _read_timepoints_of_trial)
        for cls in (
            case.Correction,
            read.Lesion,
            read.Mark,
            read.Finding,
            read.TimepointForm,
            read.ZoneForm,
            read.SlicesSeen,
            read.ResponseSnapshot,
        )
    },
}


# --- the table --------------------------------------------------------------------------------------------

_READ_ROWS = (
    read.Lesion,
    read.Mark,
    read.Finding,
    read.TimepointForm,
    read.ZoneForm,
    read.SlicesSeen,
    read.ResponseSnapshot,
)

_READER: dict[type, Rule] = {
    case.Trial: _own_trial,
    case.ProtocolVersion: lambda s: _T[case.ProtocolVersion].trial_id == s.trial_id,
    case.User: lambda s: _T[case.User].id == s.user_id,
    case.Subject: lambda s: _subject.id.in_(_assigned_subjects(s)),
    case.Assignment: lambda s: sa.and_(
        _T[case.Assignment].user_id == s.user_id, _T[case.Assignment].subject_id.in_(_assigned_subjects(s))
    ),
    case.Timepoint: _reader_timepoint,
    case.SeriesRecord: _hung_series(_reader_timepoint_ids),
    case.Instance: _of_series(_reader_timepoint_ids),
    case.Zone: _zones_imaged_since(_reader_timepoint_ids),
    case.Query: lambda s: sa.and_(
        sa.or_(_T[case.Query].to_user_id == s.user_id, _T[case.Query].opened_by == s.user_id),
        _T[case.Query].subject_id.in_(_assigned_subjects(s)),
    ),
    read.Read: lambda s: _reading.id.in_(_own_reads(s)),
    read.ReadTimepoint: lambda s: _rtp.id.in_(_own_read_timepoints(s)),
    case.Correction: _of_read_timepoints(case.Correction, _own_read_timepoints),
    read.Signature: lambda s: _T[read.Signature].user_id == s.user_id,
    **{cls: _of_read_timepoints(cls, _own_read_timepoints) for cls in _READ_ROWS},
}

_ADJUDICATOR: dict[type, Rule] = {
    case.Trial: _own_trial,
    case.ProtocolVersion: lambda s: _T[case.ProtocolVersion].trial_id == s.trial_id,
    case.User: lambda s: _T[case.User].id == s.user_id,
    case.Subject: lambda s: _subject.id.in_(_adjudicated_subjects(s)),
    case.Assignment: lambda s: _T[case.Assignment].user_id == s.user_id,
    case.Timepoint: lambda s: _timepoint.id.in_(_compared_timepoints(s)),
    case.SeriesRecord: _hung_series(_compared_timepoints),
    case.Instance: _of_series(_compared_timepoints),
    case.Zone: _zones_imaged_since(_compared_timepoints),
    read.Read: lambda s: _reading.id.in_(_compared_reads(s)),
    read.ReadTimepoint: lambda s: _rtp.id.in_(_compared_read_timepoints(s)),
    read.Comparison: lambda s: _T[read.Comparison].subject_id.in_(_adjudicated_subjects(s)),
    read.Adjudication: _own_adjudications,
    read.Signature: lambda s: _T[read.Signature].user_id == s.user_id,
    **{cls: _of_read_timepoints(cls, _compared_read_timepoints) for cls in _READ_ROWS},
}

_ACCOUNTS: dict[type, Rule] = {
    case.User: _everything,
    case.RoleGrant: _everything,
    case.Trial: _everything,
}

_ALL: dict[type, Rule] = dict.fromkeys(TABLES, _everything)

RULES: dict[str, dict[type, Rule]] = {
    READER: _READER,
    ADJUDICATOR: _ADJUDICATOR,
    MANAGER: _TRIAL,
    LEAD: _TRIAL,
    INSPECTOR: _TRIAL,
    ADMINISTRATOR: _ACCOUNTS,
    SYSTEM: _ALL,
}

# Roles whose own rows are checked against their sight as they are written.
BLINDED = (READER, ADJUDICATOR)
SEES_TRAIL = (MANAGER, LEAD, INSPECTOR)

# Fields that arrive empty: true dates, numbers that carry the site, techniques, names, password hashes.
_ACCOUNT: dict[type, tuple[str, ...]] = {case.User: ("password_hash",)}
_BLINDED_CASE: dict[type, tuple[str, ...]] = {
    **_ACCOUNT,
    case.Trial: ("secret",),
    case.ProtocolVersion: ("reason",),
    case.Subject: ("number", "site", "state", "created_at"),
    case.Timepoint: ("visit", "scan_date", "in_window", "remark", "received_at", "released_at"),
    case.SeriesRecord: ("scan_date",),
    case.Zone: ("procedure_id",),
}
MASKED: dict[str, dict[type, tuple[str, ...]]] = {
    READER: _BLINDED_CASE,
    ADJUDICATOR: {
        **_BLINDED_CASE,
        read.Read: ("user_id", "label", "created_at"),
        read.ReadTimepoint: ("opened_at", "signed_at", "response_shown_at"),
        read.Comparison: ("read_1_id", "read_2_id", "at"),
        **{cls: ("at",) for cls in _READ_ROWS if cls is not read.SlicesSeen},
    },
    MANAGER: _ACCOUNT,
    LEAD: {**_ACCOUNT, case.Trial: ("secret",)},
    INSPECTOR: {**_ACCOUNT, case.Trial: ("secret",)},
    ADMINISTRATOR: {**_ACCOUNT, case.Trial: ("secret",)},
    SYSTEM: {},
}


def _neutral_rows(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Compared variables with the two reads in the order of their random keys, not of the readers' labels."""
    neutral = []
    for row in rows:
        turned = dict(row)
        if str(row.get("read_1", "")) > str(row.get("read_2", "")):
            for name in ("read", "value"):
                turned[f"{name}_1"], turned[f"{name}_2"] = row[f"{name}_2"], row[f"{name}_1"]
        neutral.append(turned)
    return neutral


# Fields that arrive in another shape.
RESHAPED: dict[str, dict[type, dict[str, Callable[[Any], Any]]]] = {
    ADJUDICATOR: {read.Comparison: {"rows": _neutral_rows}},
}

_READER_WRITES = (
    read.Read,
    read.ReadTimepoint,
    read.Lesion,
    read.Mark,
    read.Finding,
    read.TimepointForm,
    read.ZoneForm,
    read.SlicesSeen,
    read.Signature,
    read.ResponseSnapshot,
    case.Correction,
    case.Query,
)
_CASE_WRITES = (
    case.Trial,
    case.ProtocolVersion,
    case.Subject,
    case.Timepoint,
    case.SeriesRecord,
    case.Instance,
    case.ImageCheck,
    case.Procedure,
    case.Zone,
    case.Assignment,
    case.ImportTable,
    case.Query,
    case.ExportRecord,
    case.Correction,
)
# Rows a role may take out again: an import that no reader has seen.
REMOVES: dict[str, tuple[type, ...]] = {
    MANAGER: (case.Subject, case.Timepoint, case.SeriesRecord, case.Instance, case.ImageCheck)
}
# No study record: which slices were painted. Kept without an audit row.
VIEW_STATE = (read.SlicesSeen,)
# Single fields a role may change in rows that it may not write otherwise: a signed choice closes its case.
CHANGES: dict[str, dict[type, tuple[str, ...]]] = {ADJUDICATOR: {case.Subject: ("state",)}}
WRITES: dict[str, tuple[type, ...]] = {
    READER: _READER_WRITES,
    ADJUDICATOR: (read.Adjudication, read.Signature),
    MANAGER: _CASE_WRITES,
    LEAD: (case.Correction,),
    INSPECTOR: (),
    ADMINISTRATOR: (case.User, case.RoleGrant, case.Trial),
    # Logging in, comparing finished reads and what follows from a signature are the program's own steps.
    SYSTEM: tuple(TABLES),
}
