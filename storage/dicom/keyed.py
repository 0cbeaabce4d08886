"""What takes the place of UIDs and dates: made with the trial's key, stable, not to be guessed without it."""

from __future__ import annotations

import hashlib
import hmac
import re
import uuid
from datetime import date, timedelta

_WELL_KNOWN = re.compile(r"1\.2\.840\.10008\.1\.4\.[12](\.\d{1,3}){1,2}")


def keyed_uid(key: bytes, original: str) -> str:
    """The trial's UID for an original one: `2.25.` and 122 bits of an HMAC; the standard's well-known frames of
    reference (PS3.6 A) stay as they are.
    """
    if _WELL_KNOWN.fullmatch(original):
        return original
    digest = hmac.new(key, b"uid|" + original.encode(), hashlib.sha256).digest()
    return f"2.25.{uuid.UUID(bytes=digest[:16], version=4).int}"


def shift_days(key: bytes, subject: str) -> int:
    """Days added to every date of a subject: whole weeks, between one and eleven years back, the same
    everywhere.
    """
    digest = hmac.new(key, b"date|" + subject.encode(), hashlib.sha256).digest()
    return -7 * (52 + int.from_bytes(digest[:8], "big") % 520)


def shifted_date(written: str, days: int) -> str:
    """A DICOM date (YYYYMMDD or the old YYYY.MM.DD) moved by whole days; empty when it is no date."""
    plain = written.strip().replace(".", "")[:8]
    try:
        moved = date(int(plain[:4]), int(plain[4:6]), int(plain[6:8])) + timedelta(days)
    except (ValueError, OverflowError):
        return ""
    return f"{moved:%Y%m%d}" if moved.year >= 1000 else ""
