"""Who is asking: the one value every query is filtered by."""

from __future__ import annotations

from dataclasses import dataclass

READER, ADJUDICATOR, MANAGER, LEAD, ADMINISTRATOR, INSPECTOR = (
    "reader",
    "adjudicator",
    "manager",
    "medical lead",
    "administrator",
    "inspector",
)
ROLES = (READER, ADJUDICATOR, MANAGER, LEAD, ADMINISTRATOR, INSPECTOR)
SYSTEM = "system"  # the program itself: logging in, before anybody is known


@dataclass(frozen=True)
class Session:
    """One person in one role in one trial; administrators have no trial."""

    user_id: str
    user_name: str
    printed_name: str
    role: str
    trial_id: str


NOBODY = Session("", "-", "-", SYSTEM, "")
