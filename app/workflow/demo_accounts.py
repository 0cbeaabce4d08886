"""The demo's ready-made users: the login lists them before anything heavy is loaded."""

from __future__ import annotations

from dataclasses import dataclass

from measure.session import ADJUDICATOR, ADMINISTRATOR, INSPECTOR, LEAD, MANAGER, READER

PASSWORD = "demo"  # noqa: S105 -- published on the demo's login screen


@dataclass(frozen=True)
class DemoAccount:
    """A ready-made user of the demo."""

    name: str
    printed_name: str
    role: str
    title: str
    does: str


ACCOUNTS = (
    DemoAccount("reader.one", "Reader One", READER, "Reader", "reads cases"),
    DemoAccount("reader.two", "Reader Two", READER, "Reader", "reads the same cases, apart"),
    DemoAccount("adjudicator", "Adjudicator", ADJUDICATOR, "Adjudicator", "settles differences"),
    DemoAccount("manager", "Read Manager", MANAGER, "Read manager", "images, zones, readers, exports"),
    DemoAccount("medical.lead", "Medical Lead", LEAD, "Medical lead", "approves corrections, sees statistics"),
    DemoAccount("administrator", "Administrator", ADMINISTRATOR, "Administrator", "accounts, no study data"),
    DemoAccount("inspector", "Inspector", INSPECTOR, "Inspector", "sees all, changes nothing"),
)
