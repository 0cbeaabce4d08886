"""Exports: written blinded or unblinded into a folder; what was written stays listed with its hashes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFileDialog, QVBoxLayout

from app.models.manager.exports import ExportsModel
from app.windows.lists import Cell, Column, Rows
from app.windows.manager.tab import Card, Tab, fact, unselected
from app.windows.parts import Button, Chip, label, row, seam

RECORD_COLUMNS = (
    Column("Written, UTC", 160),
    Column("By", 100, role="strong"),
    Column("Kind", 100),
    Column("Files", 56, right=True),
    Column("Open cases", right=True),
)
FILE_COLUMNS = (
    Column("File", 230, role="strong"),
    Column("Rows", 70, right=True),
    Column("SHA-256", role="second"),
)


class ExportsTab(Tab):
    """Two buttons, the exports so far, the manifest of the one in hand."""

    def __init__(self, model: ExportsModel) -> None:
        super().__init__(model)
        self.exports = model
        self.blinded = Button("Export blinded", icon_name="eye-off")
        self.unblinded = Button("Export unblinded", icon_name="download")
        for button in (self.blinded, self.unblinded):
            button.setVisible(model.rights.change)
        self.left = Card("Exports", None, self.blinded, self.unblinded)
        words = (
            "Blinded: reading codes and days from baseline, no date, for people who must not know the site. "
            "Unblinded: subject numbers and true dates, for the statistician."
        )
        self.left.add(label(words, "label", wrap=True), padded=True)
        self.records = Rows(RECORD_COLUMNS)
        self.records.setAccessibleName("Exports")
        self.empty = label("Nothing was exported yet.", "hint")
        self.left.add(self.records, 1)
        self.left.add(self.empty, padded=True)
        self.outer.addWidget(self.left)
        self.right = Card()
        self.name, self.kind = label("Manifest", "section"), Chip("")
        self.right.column.addLayout(row(self.name, None, self.kind, margins=(12, 8, 10, 8)))
        column = QVBoxLayout()
        column.setContentsMargins(12, 0, 12, 10)
        column.setSpacing(4)
        self.facts = {}
        for one in ("Program", "Protocol", "Trail", "Note"):
            line, value = fact(one, width=80)
            self.facts[one] = value
            column.addLayout(line)
        self.right.add(column)
        self.right.add(seam())
        self.files = unselected(Rows(FILE_COLUMNS))
        self.files.setAccessibleName("Files")
        self.right.add(self.files, 1)
        self.outer.addWidget(self.right, 1)
        self.lay_out(False)
        self.records.moved.connect(model.choose)
        self.blinded.clicked.connect(lambda: self._ask(blinded=True))
        self.unblinded.clicked.connect(lambda: self._ask(blinded=False))
        model.changed.connect(self._show)

    def lay_out(self, narrow: bool) -> None:
        """Width of the list."""
        self.left.setFixedWidth(520 if narrow else 640)

    def _ask(self, *, blinded: bool) -> None:
        folder = QFileDialog.getExistingDirectory(self, "coread")
        if folder:
            self.exports.write(Path(folder), blinded=blinded)

    def _show(self) -> None:
        model = self.exports
        for button in (self.blinded, self.unblinded):
            button.setEnabled(not model.busy)
        self.empty.setVisible(not model.records)
        self.records.blockSignals(True)
        self.records.set_rows(
            [
                (
                    one.at[:19].replace("T", " "),
                    one.by,
                    "blinded" if one.blinded else "unblinded",
                    str(len(one.manifest.get("files", {}))),
                    str(one.manifest.get("open_cases", "–")),
                )
                for one in model.records
            ]
        )
        if model.records:
            self.records.selectRow(model.at)
        self.records.blockSignals(False)
        record = model.record
        self.right.setVisible(record is not None)
        if record is not None:
            self._show_manifest(record.manifest, blinded=record.blinded)

    def _show_manifest(self, manifest: dict[str, Any], *, blinded: bool) -> None:
        self.kind.setText("blinded" if blinded else "unblinded")
        self.facts["Program"].setText(f"{manifest.get('program', '')}, engine {manifest.get('engine', '')}")
        self.facts["Protocol"].setText(short(str(manifest.get("protocol", ""))))
        self.facts["Trail"].setText(
            f"{manifest.get('chain_rows', '')} rows, head {short(str(manifest.get('chain_head', '')))}"
        )
        unconfirmed = manifest.get("unconfirmed") or []
        warning = f" Not confirmed in the protocol: {', '.join(unconfirmed)}." if unconfirmed else ""
        self.facts["Note"].setText(f"{manifest.get('note', '')}{warning}")
        files = manifest.get("files", {})
        self.files.set_rows(
            [
                (name, str(files[name]["rows"]), Cell(files[name]["sha256"], tip=files[name]["sha256"]))
                for name in sorted(files)
            ],
            keep=False,
        )


def short(digest: str) -> str:
    """A hash by its ends: 9c41 5d20 … e07b."""
    return f"{digest[:4]} {digest[4:8]} … {digest[-4:]}" if len(digest) > 16 else digest
