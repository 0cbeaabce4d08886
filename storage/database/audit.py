"""The audit trail's hashing, under its place in storage; the rule itself is `measure.audit_chain`."""

from __future__ import annotations

from measure.audit_chain import START, ChainVerdict, row_hash, verify_rows

__all__ = ["START", "ChainVerdict", "row_hash", "verify_rows"]
