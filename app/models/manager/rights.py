"""What each role finds in the manager's window, decided here alone; the workflow refuses anyway."""

from __future__ import annotations

from dataclasses import dataclass

from measure.session import INSPECTOR, LEAD, MANAGER

IMAGES, ZONES, READERS, PROGRESS, QUERIES, CORRECTIONS, EXPORTS, PROTOCOL, AUDIT = (
    "images",
    "zones",
    "readers",
    "progress",
    "queries",
    "corrections",
    "exports",
    "protocol",
    "audit",
)
ALL_TABS = (IMAGES, ZONES, READERS, PROGRESS, QUERIES, CORRECTIONS, EXPORTS, PROTOCOL, AUDIT)


@dataclass(frozen=True)
class Rights:
    """The tabs of a role and what it may do there.

    change: enter, import, release, assign, export. decide: approve or refuse corrections.
    """

    tabs: tuple[str, ...]
    change: bool = False
    decide: bool = False

    @property
    def read_only(self) -> bool:
        """Sees everything it sees and changes nothing."""
        return not self.change and not self.decide


_BY_ROLE = {
    MANAGER: Rights(ALL_TABS, change=True),
    LEAD: Rights((PROGRESS, CORRECTIONS), decide=True),
    INSPECTOR: Rights(ALL_TABS),
}


def rights_of(role: str) -> Rights:
    """The rights of a role; a role without any finds no tab."""
    return _BY_ROLE.get(role, Rights(()))
