"""The view-model of accounts: the administrator's; it loads no study data."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.background import Jobs
from app.models.manager.rights import Rights
from app.models.manager.tab_model import TabModel
from app.workflow import accounts
from app.workflow.accounts import Account
from app.workflow.ports import Ports
from measure.case import Trial
from measure.session import Session


class AccountsModel(TabModel):
    """All accounts and the names of the trials; one account in hand."""

    def __init__(self, ports: Ports, session: Session, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(ports, session, jobs, Rights((), change=True), parent)
        self.accounts: tuple[Account, ...] = ()
        self.trials: tuple[Trial, ...] = ()
        self.at = 0

    def _load(self) -> None:
        self.accounts = tuple(accounts.account_list(self.ports, self.session))
        self.trials = tuple(accounts.trials_to_log_in(self.ports))

    @property
    def account(self) -> Account | None:
        """The account in hand."""
        return self.accounts[self.at] if 0 <= self.at < len(self.accounts) else None

    def choose(self, index: int) -> None:
        """Take up an account."""
        if index != self.at:
            self.at = index
            self.changed.emit()

    def add(self, name: str, printed_name: str, password: str) -> bool:
        """Make an account."""

        def make() -> None:
            accounts.add_user(self.ports, self.session, name.strip(), printed_name.strip(), password)

        done = self.act(make, f"{name} is added. Give a role, else this name cannot log in.")
        if done:
            self.at = next((k for k, one in enumerate(self.accounts) if one.name == name.strip()), 0)
            self.changed.emit()
        return done

    def grant(self, role: str, trial_id: str) -> None:
        """Give a role to the account in hand."""
        one = self.account
        if one is not None:
            self.act(
                lambda: accounts.grant_role(self.ports, self.session, one.name, role, trial_id),
                f"{one.name} is {role} now.",
            )

    def unlock(self) -> None:
        """Let a locked name try again."""
        one = self.account
        if one is not None:
            self.act(lambda: accounts.unlock(self.ports, self.session, one.name), f"{one.name} may try again.")

    def disable(self, *, disabled: bool, reason: str = "") -> bool:
        """Close or open an account."""
        one = self.account
        if one is None:
            return False
        return self.act(
            lambda: accounts.set_disabled(self.ports, self.session, one.name, disabled=disabled, reason=reason),
            f"{one.name} is {'disabled' if disabled else 'enabled'}.",
        )

    def set_password(self, password: str) -> bool:
        """Give a new password."""
        one = self.account
        if one is None:
            return False
        return self.act(
            lambda: accounts.set_password(self.ports, self.session, one.name, password),
            f"{one.name} has a new password. Tell it in person.",
        )
