"""The administrator's window: accounts and roles, no study data."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.background import Jobs
from app.models.manager.accounts import AccountsModel
from app.windows.frame import Screen
from app.windows.lists import Cell, Column, Rows
from app.windows.manager.tab import Card, Choice, fact, field
from app.windows.parts import Button, Chip, label, row
from app.workflow.accounts import Account
from app.workflow.ports import Ports
from measure.session import ADMINISTRATOR, ROLES, Session
from viewer.theme import theme

COLUMNS = (
    Column("Name", 150, role="strong"),
    Column("Printed name", 190),
    Column("State", 90),
    Column("Wrong tries", 96, right=True),
    Column("Roles", role="second"),
)


class AccountsScreen(Screen):
    """Accounts at the left; the one in hand and a new one at the right."""

    def __init__(self, ports: Ports, session: Session, jobs: Jobs) -> None:
        super().__init__(jobs, demo=ports.demo, user=session.user_name)
        self.model = AccountsModel(ports, session, jobs, self)
        self.bar.addSpacing(8)
        self.bar.addWidget(label("Accounts", "strong"))
        self.line.facts.setText("accounts only, no study data")
        self._own = session.user_name
        outer = QHBoxLayout(self.body)
        margin = theme().whole_px("screen-margin")
        outer.setContentsMargins(margin, margin, margin, margin - 4)
        outer.setSpacing(theme().whole_px("card-gap"))
        self.table = Rows(COLUMNS)
        self.table.setAccessibleName("Accounts")
        card = Card("Accounts", label("disabled, never deleted; a name is used once, for ever", "label"), None)
        card.add(self.table, 1)
        outer.addWidget(card, 1)
        side = QWidget()
        side.setFixedWidth(400)
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self._account_card())
        column.addWidget(self._new_card())
        column.addStretch(1)
        outer.addWidget(side)
        self.table.moved.connect(self.model.choose)
        self.model.changed.connect(self._show)
        self.model.said.connect(self.line.say)
        self.model.refresh()

    def stop(self) -> None:
        """Nothing long runs here."""
        self.model.stop()

    def _account_card(self) -> Card:
        self.name, self.state = label("", "section"), Chip("")
        card = Card()
        card.column.addLayout(row(self.name, None, self.state, margins=(12, 8, 10, 8)))
        column = QVBoxLayout()
        column.setContentsMargins(12, 0, 12, 12)
        column.setSpacing(10)
        line, self.roles = fact("Roles", width=60)
        column.addLayout(line)
        self.role, self.trial = Choice("choose"), Choice("choose")
        self.role.set_choices([(one, one) for one in ROLES])
        self.grant = Button("Give role")
        cells = row()
        cells.addLayout(field("Role", self.role), 1)
        cells.addLayout(field("In trial", self.trial), 1)
        cells.addWidget(self.grant, 0, Qt.AlignmentFlag.AlignBottom)
        column.addLayout(cells)
        self.password = _secret()
        self.set_password = Button("Set password")
        cells = row()
        cells.addLayout(field("New password", self.password), 1)
        cells.addWidget(self.set_password, 0, Qt.AlignmentFlag.AlignBottom)
        column.addLayout(cells)
        self.reason = QLineEdit()
        self.disable, self.unlock = Button("Disable", kind="danger"), Button("Unlock", icon_name="lock")
        cells = row()
        cells.addLayout(field("Reason for disabling", self.reason), 1)
        cells.addWidget(self.disable, 0, Qt.AlignmentFlag.AlignBottom)
        column.addLayout(cells)
        column.addLayout(row(None, self.unlock))
        card.add(column)
        for choice in (self.role, self.trial):
            choice.activated.connect(lambda _: self._gates())
        for edit in (self.password, self.reason):
            edit.textChanged.connect(lambda _: self._gates())
        self.grant.clicked.connect(lambda: self.model.grant(self.role.value, self.trial.value))
        self.set_password.clicked.connect(self._set_password)
        self.disable.clicked.connect(self._disable)
        self.unlock.clicked.connect(self._unlock)
        return card

    def _new_card(self) -> Card:
        card = Card("New account", None)
        column = QVBoxLayout()
        column.setContentsMargins(12, 0, 12, 12)
        column.setSpacing(8)
        self.new_name, self.new_printed, self.new_password = QLineEdit(), QLineEdit(), _secret()
        self.new_name.setPlaceholderText("as it is typed at the login")
        self.new_printed.setPlaceholderText("as it stands under a signature")
        self.add = Button("Add account")
        column.addLayout(field("Name", self.new_name))
        column.addLayout(field("Printed name", self.new_printed))
        column.addLayout(field("First password", self.new_password))
        column.addLayout(row(None, self.add))
        card.add(column)
        for edit in (self.new_name, self.new_printed, self.new_password):
            edit.textChanged.connect(lambda _: self._gates())
        self.add.clicked.connect(self._add)
        return card

    def _unlock(self) -> None:
        self.model.unlock()

    def _set_password(self) -> None:
        if self.model.set_password(self.password.text()):
            self.password.clear()

    def _disable(self) -> None:
        one = self.model.account
        if one is not None and self.model.disable(disabled=one.state != "disabled", reason=self.reason.text()):
            self.reason.clear()

    def _add(self) -> None:
        fields = (self.new_name, self.new_printed, self.new_password)
        if self.model.add(*(one.text() for one in fields)):
            for one in fields:
                one.clear()

    def _gates(self) -> None:
        one = self.model.account
        role, disabled = self.role.value, one is not None and one.state == "disabled"
        needs_trial = role != ADMINISTRATOR
        self.trial.setEnabled(needs_trial)
        self.grant.setEnabled(one is not None and bool(role) and (bool(self.trial.value) or not needs_trial))
        self.set_password.setEnabled(one is not None and bool(self.password.text()))
        own = one is not None and one.name == self._own
        self.disable.setEnabled(one is not None and not own and (disabled or bool(self.reason.text().strip())))
        self.unlock.setEnabled(one is not None and one.state == "locked")
        filled = all(e.text().strip() for e in (self.new_name, self.new_printed, self.new_password))
        self.add.setEnabled(filled)

    def _show(self) -> None:
        model = self.model
        self.table.blockSignals(True)
        self.table.set_rows([_line(one) for one in model.accounts])
        if model.accounts:
            self.table.selectRow(model.at)
        self.table.blockSignals(False)
        if not self.trial.count():
            trials = [(one.id, one.name) for one in model.trials]
            self.trial.set_choices(trials, trials[0][0] if len(trials) == 1 else "")
        one = model.account
        if one is not None:
            self.name.setText(one.name)
            self.state.setText(one.state)
            self.state.set_kind("plain" if one.state == "active" else "needs")
            self.roles.setText(_roles(one))
            self.disable.setText("Enable" if one.state == "disabled" else "Disable")
            self.disable.set_kind("normal" if one.state == "disabled" else "danger")
        self._gates()


def _secret() -> QLineEdit:
    edit = QLineEdit()
    edit.setEchoMode(QLineEdit.EchoMode.Password)
    return edit


def _roles(one: Account) -> str:
    return ", ".join(f"{role} in {trial}" for trial, role in one.roles) or "none: cannot log in"


def _line(one: Account) -> tuple[str | Cell, ...]:
    state = Cell(one.state, "" if one.state == "active" else "needs")
    roles = _roles(one)
    return (
        one.name,
        one.printed_name,
        state,
        str(one.failed),
        Cell(roles, "" if one.roles else "needs", roles),
    )
