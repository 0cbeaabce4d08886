"""Protocol: the text in force with its hash, what in it is not confirmed, and a new trial from a file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QFileDialog, QFrame, QPlainTextEdit, QVBoxLayout

from app.models.manager.protocol import ProtocolModel
from app.windows.lists import Cell, Column, Rows
from app.windows.manager.tab import Card, Tab, fact
from app.windows.parts import Button, label, row
from viewer.theme import theme

VERSION_COLUMNS = (
    Column("Version", 72, right=True),
    Column("From, UTC", 140),
    Column("Reason", role="second"),
)


class ProtocolTab(Tab):
    """Left the versions and their facts, right the text."""

    def __init__(self, model: ProtocolModel) -> None:
        super().__init__(model)
        self.protocol = model
        self.left = Card("Protocol", None)
        self.versions = Rows(VERSION_COLUMNS)
        self.versions.setAccessibleName("Versions")
        self.versions.setFixedHeight(4 * 28)
        self.left.add(self.versions)
        column = QVBoxLayout()
        column.setContentsMargins(12, 8, 12, 12)
        column.setSpacing(6)
        self.facts = {}
        for one in ("Trial", "Title", "Readers", "Criteria", "SHA-256"):
            line, value = fact(one, width=80)
            self.facts[one] = value
            column.addLayout(line)
        self.warning = QFrame()
        self.warning.setObjectName("needs")
        inner = QVBoxLayout(self.warning)
        inner.setContentsMargins(12, 10, 12, 10)
        inner.addWidget(label("Not confirmed by the trial's own text", "strong"))
        self.unconfirmed = label("", "label", wrap=True)
        inner.addWidget(self.unconfirmed)
        column.addSpacing(6)
        column.addWidget(self.warning)
        column.addStretch(1)
        self.new_trial = Button("New trial from a protocol file", icon_name="folder-open")
        self.new_trial.setVisible(model.rights.change)
        self.left.add(column, 1)
        self.left.column.addLayout(row(self.new_trial, None, margins=(12, 8, 12, 12)))
        self.outer.addWidget(self.left)
        right = Card("Text in force", label("as it is hashed; nothing is changed here", "label"), None)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setAccessibleName("Protocol text")
        mono = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        self.text.setStyleSheet(
            f"font-family: '{mono.family()}'; font-size: {theme().font('base').pixelSize()}px; border: none;"
        )
        right.add(self.text, 1)
        self.outer.addWidget(right, 1)
        self.lay_out(False)
        self.versions.moved.connect(model.choose)
        self.new_trial.clicked.connect(self._ask)
        model.changed.connect(self._show)

    def lay_out(self, narrow: bool) -> None:
        """Width of the facts."""
        self.left.setFixedWidth(420 if narrow else 480)

    def _ask(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "coread", "", "Protocols (*.toml)")
        if name:
            self.protocol.new_trial(Path(name))

    def _show(self) -> None:
        model = self.protocol
        self.versions.blockSignals(True)
        self.versions.set_rows(
            [(str(v.number), v.created_at[:16].replace("T", " "), Cell(v.reason, tip=v.reason)) for v in model.versions]
        )
        if model.versions:
            self.versions.selectRow(model.at)
        self.versions.blockSignals(False)
        version, protocol = model.version, model.protocol
        if version is None or protocol is None:
            return
        if self.text.toPlainText() != version.text:
            self.text.setPlainText(version.text)
        reading = protocol.reading
        self.facts["Trial"].setText(protocol.trial.id)
        self.facts["Title"].setText(protocol.trial.title or "–")
        adjudication = "with adjudication" if reading.adjudication and reading.readers > 1 else "no adjudication"
        readers = "1 reader" if reading.readers == 1 else f"{reading.readers} readers"
        self.facts["Readers"].setText(f"{readers}, {adjudication}; responses {reading.show_response}")
        self.facts["Criteria"].setText(", ".join(f"{c.id} ({c.scope})" for c in protocol.criteria))
        digest = version.sha256
        self.facts["SHA-256"].setText(" ".join(digest[k : k + 8] for k in range(0, len(digest), 8)))
        unconfirmed = protocol.trial.unconfirmed
        self.warning.setVisible(bool(unconfirmed))
        self.unconfirmed.setText(
            f"{', '.join(unconfirmed)}: the protocol file gives these values without a source. "
            "Confirm them with the sponsor before the first read; exports repeat this."
        )
