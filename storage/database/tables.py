"""The tables: one a record class of measure.case and measure.read, column by field, and the audit trail.

Portable types only, so that the same schema runs on SQLite and PostgreSQL. Keys are UUIDs as text, times are
UTC as ISO text with microseconds, lengths are decimals as text exactly as they were stored.
"""

from __future__ import annotations

import dataclasses
from typing import Any, get_type_hints

import sqlalchemy as sa

from measure import case, read

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_COLUMN_TYPES: dict[Any, Any] = {
    str: sa.Text,
    int: sa.Integer,
    bool: sa.Boolean,
    float: sa.Float,
    bytes: sa.LargeBinary,
}

# Record class: (table, foreign keys, unique together, indexed)
_LAYOUT: dict[type, tuple[str, dict[str, str], tuple[tuple[str, ...], ...]]] = {
    case.User: ("user_account", {}, (("name",),)),
    case.RoleGrant: ("role_grant", {"user_id": "user_account.id"}, (("user_id", "trial_id", "role"),)),
    case.Trial: ("trial", {}, (("name",),)),
    case.ProtocolVersion: ("protocol_version", {"trial_id": "trial.id"}, (("trial_id", "number"),)),
    case.Subject: (
        "subject",
        {"trial_id": "trial.id"},
        (("trial_id", "number"), ("trial_id", "reading_code")),
    ),
    case.Timepoint: ("timepoint", {"subject_id": "subject.id"}, (("subject_id", "visit", "scan_date"),)),
    case.SeriesRecord: ("series", {"timepoint_id": "timepoint.id"}, (("timepoint_id", "uid"),)),
    case.Instance: ("instance", {"series_id": "series.id"}, (("series_id", "sop_uid"),)),
    case.ImageCheck: ("image_check", {"timepoint_id": "timepoint.id"}, ()),
    case.Procedure: ("procedure", {"subject_id": "subject.id"}, (("subject_id", "number"),)),
    case.Zone: (
        "zone",
        {"subject_id": "subject.id", "procedure_id": "procedure.id"},
        (("subject_id", "label"),),
    ),
    case.Assignment: ("assignment", {"subject_id": "subject.id", "user_id": "user_account.id"}, ()),
    case.ImportTable: ("import_table", {"trial_id": "trial.id"}, ()),
    case.Query: ("query", {"subject_id": "subject.id"}, ()),
    case.Correction: ("correction", {"read_timepoint_id": "read_timepoint.id"}, ()),
    case.ExportRecord: ("export", {"trial_id": "trial.id"}, ()),
    read.Read: (
        "reading",
        {"subject_id": "subject.id", "user_id": "user_account.id"},
        (("subject_id", "user_id", "kind", "version"),),
    ),
    read.ReadTimepoint: (
        "read_timepoint",
        {"read_id": "reading.id", "timepoint_id": "timepoint.id"},
        (("read_id", "timepoint_id"),),
    ),
    read.Lesion: (
        "lesion",
        {"read_id": "reading.id", "read_timepoint_id": "read_timepoint.id"},
        (("lesion_id", "version"),),
    ),
    read.Mark: ("mark", {"read_timepoint_id": "read_timepoint.id"}, ()),
    read.Finding: (
        "finding",
        {"read_timepoint_id": "read_timepoint.id"},
        (("read_timepoint_id", "lesion_id", "version"),),
    ),
    read.TimepointForm: (
        "timepoint_form",
        {"read_timepoint_id": "read_timepoint.id"},
        (("read_timepoint_id", "version"),),
    ),
    read.ZoneForm: (
        "zone_form",
        {"read_timepoint_id": "read_timepoint.id", "zone_id": "zone.id"},
        (("read_timepoint_id", "zone_id", "version"),),
    ),
    read.SlicesSeen: (
        "slices_seen",
        {"read_timepoint_id": "read_timepoint.id"},
        (("read_timepoint_id", "series_uid"),),
    ),
    read.Signature: ("signature", {"user_id": "user_account.id"}, ()),
    read.ResponseSnapshot: ("response_snapshot", {"read_timepoint_id": "read_timepoint.id"}, ()),
    read.Comparison: ("comparison", {"subject_id": "subject.id"}, ()),
    read.Adjudication: (
        "adjudication",
        {"subject_id": "subject.id", "comparison_id": "comparison.id", "user_id": "user_account.id"},
        (),
    ),
}

# Optional references hold "" where there is none, so they carry no foreign key; these may also be empty:
_NULLABLE = {(case.Zone, "procedure_id")}

# Rows of these are added and never change; a signed time point takes no more of the first group.
LOCKED_BY_SIGNATURE = (read.Lesion, read.Mark, read.Finding, read.TimepointForm, read.ZoneForm)
APPEND_ONLY = (*LOCKED_BY_SIGNATURE, read.Signature, read.ResponseSnapshot, read.Comparison)


def _column(cls: type, field: dataclasses.Field[Any], hint: Any, keys: dict[str, str]) -> sa.Column[Any]:
    if field.name == "id":
        return sa.Column("id", sa.String(36), primary_key=True)
    if field.name in keys:
        reference = sa.ForeignKey(keys[field.name])
        return sa.Column(field.name, sa.String(36), reference, nullable=(cls, field.name) in _NULLABLE, index=True)
    return sa.Column(field.name, _COLUMN_TYPES.get(hint, sa.JSON), nullable=False)


def _table(cls: type) -> sa.Table:
    name, keys, unique = _LAYOUT[cls]
    hints = get_type_hints(cls)
    columns = [_column(cls, field, hints[field.name], keys) for field in dataclasses.fields(cls)]
    return sa.Table(name, metadata, *columns, *(sa.UniqueConstraint(*names) for names in unique))


TABLES: dict[type, sa.Table] = {cls: _table(cls) for cls in _LAYOUT}

AUDIT = sa.Table(
    "audit",
    metadata,
    sa.Column("chain", sa.String(36), primary_key=True),  # a trial's id; "" for the workspace's own rows
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("local_offset", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("object", sa.Text, nullable=False),
    sa.Column("which", sa.Text, nullable=False),
    sa.Column("subject_id", sa.Text, nullable=False),
    sa.Column("old", sa.JSON, nullable=False),
    sa.Column("new", sa.JSON, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("program", sa.Text, nullable=False),
    sa.Column("protocol", sa.Text, nullable=False),
    sa.Column("previous_hash", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
)

SETTING = sa.Table(
    "setting",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)
