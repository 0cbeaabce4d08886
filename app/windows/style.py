"""The style sheet and palette, made from the theme's tokens; states are dynamic properties, no colours in code."""

from __future__ import annotations

from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontMetrics, QPalette
from PySide6.QtWidgets import QApplication

from viewer.theme import Theme, theme

FAMILIES = ("Inter", "Segoe UI", "SF Pro Text", "Noto Sans", "DejaVu Sans")


def equal_digits(family: str) -> bool:
    """Say whether 0 to 9 of a family have one advance with tabular digits on."""
    font = QFont(family)
    font.setPixelSize(13)
    font.setFeature(QFont.Tag("tnum"), 1)
    metrics = QFontMetrics(font)
    return len({metrics.horizontalAdvance(digit) for digit in "0123456789"}) == 1


def apply(application: QApplication, fonts: list[bytes], arrow: str) -> None:
    """Give the whole program its look: fonts, Fusion, palette, style sheet."""
    for content in fonts:
        QFontDatabase.addApplicationFontFromData(content)
    families = set(QFontDatabase.families())
    family = next((f for f in FAMILIES if f in families and equal_digits(f)), application.font().family())
    font = theme().font("base")
    font.setFamily(family)
    application.setFont(font)
    application.setStyle("Fusion")
    application.setPalette(_palette(theme()))
    application.setStyleSheet(sheet(theme(), arrow))


def _palette(look: Theme) -> QPalette:
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: "window",
        QPalette.ColorRole.WindowText: "text",
        QPalette.ColorRole.Base: "field",
        QPalette.ColorRole.AlternateBase: "panel",
        QPalette.ColorRole.Text: "text",
        QPalette.ColorRole.Button: "control",
        QPalette.ColorRole.ButtonText: "text",
        QPalette.ColorRole.Highlight: "act-dim",
        QPalette.ColorRole.HighlightedText: "text-strong",
        QPalette.ColorRole.PlaceholderText: "hint",
        QPalette.ColorRole.ToolTipBase: "sheet",
        QPalette.ColorRole.ToolTipText: "text",
        QPalette.ColorRole.Link: "act-text",
    }
    for role, token in roles.items():
        palette.setColor(role, look.colour(token))
    for role in (QPalette.ColorRole.ButtonText, QPalette.ColorRole.Text, QPalette.ColorRole.WindowText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(look.hexes["line-control"]))
    return palette


def sheet(look: Theme, arrow: str = "") -> str:
    """The one style sheet; `{name}` is a colour token, `px(metric)` were metrics."""
    c = look.hexes

    def px(metric: str) -> int:
        return look.whole_px(metric)

    def size(role: str) -> int:
        return look.font(role).pixelSize()

    return f"""
* {{ font-size: {size("base")}px; color: {c["text"]}; }}
QWidget#screen {{ background: {c["window"]}; }}
QWidget#panel, QFrame#card {{ background: {c["panel"]}; }}
QFrame#card {{ border: 1px solid {c["line"]}; border-radius: {px("radius-card")}px; }}
QFrame#bar {{ background: {c["panel"]}; border: none; border-bottom: 1px solid {c["seam"]}; }}
QFrame#line {{ background: {c["panel"]}; border: none; border-top: 1px solid {c["seam"]}; }}
QFrame#tools {{ background: {c["panel"]}; border: none; border-right: 1px solid {c["seam"]}; }}
QFrame#seam {{ background: {c["seam"]}; border: none; border-bottom: 1px solid {c["seam-below"]};
    max-height: 2px; min-height: 2px; }}
QFrame#sheet {{ background: {c["sheet"]}; border: 1px solid {c["line-control"]};
    border-radius: {px("radius-sheet")}px; }}
QFrame#well {{ background: {c["well"]}; border: none; border-left: 2px solid {c["line-control"]}; }}
QFrame#needs {{ background: {c["needs-box"]}; border: 1px solid {c["needs-box-edge"]};
    border-radius: {px("radius-card")}px; }}
QFrame#blocked {{ background: {c["blocked-box"]}; border: 1px solid {c["blocked-box-edge"]};
    border-radius: {px("radius-card")}px; }}
QLabel {{ background: transparent; }}
QLabel[role="title"] {{ font-size: {size("title")}px; font-weight: 600; }}
QLabel[role="section"] {{ font-size: {size("section")}px; font-weight: 600; }}
QLabel[role="code"] {{ font-size: {size("section")}px; font-weight: 700; }}
QLabel[role="value"] {{ font-size: {size("value")}px; font-weight: 600; color: {c["text-strong"]}; }}
QLabel[role="strong"] {{ font-weight: 600; }}
QLabel[role="second"] {{ color: {c["text-second"]}; }}
QLabel[role="label"] {{ font-size: {size("label")}px; color: {c["text-second"]}; }}
QLabel[role="hint"] {{ font-size: {size("label")}px; color: {c["hint"]}; }}
QLabel[role="small"] {{ font-size: {size("small")}px; color: {c["text-second"]}; }}
QLabel[role="needs"] {{ color: {c["needs"]}; }}
QLabel[role="blocked"] {{ color: {c["blocked"]}; }}
QLabel[role="link"] {{ color: {c["act-text"]}; }}
QLineEdit, QPlainTextEdit, QTextEdit, QComboBox, QDateEdit, QSpinBox {{
    background: {c["field"]}; border: 1px solid {c["line-control"]}; border-radius: {px("radius-control")}px;
    padding: 0 8px; min-height: {px("field") - 2}px; selection-background-color: {c["act-dim"]}; }}
QPlainTextEdit, QTextEdit {{ padding: 4px 6px; }}
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QComboBox:focus, QDateEdit:focus {{
    border: 2px solid {c["act"]}; padding: 0 7px; }}
QPlainTextEdit:focus, QTextEdit:focus {{ padding: 3px 5px; }}
QLineEdit:disabled, QComboBox:disabled {{ color: {c["hint"]}; border-color: {c["line"]}; }}
QComboBox::drop-down {{ border: none; width: 22px; }}
QComboBox::down-arrow {{ image: url({arrow}); width: 12px; height: 12px; }}
QComboBox QAbstractItemView {{ background: {c["sheet"]}; border: 1px solid {c["line-control"]};
    selection-background-color: {c["act-dim"]}; outline: none; padding: 4px; }}
QMenu {{ background: {c["sheet"]}; border: 1px solid {c["line-control"]}; padding: 4px; }}
QMenu::item {{ padding: 4px 24px 4px 12px; border-radius: 3px; }}
QMenu::item:selected {{ background: {c["act-dim"]}; }}
QMenu::item:disabled {{ color: {c["hint"]}; }}
QToolTip {{ background: {c["sheet"]}; color: {c["text"]}; border: 1px solid {c["line-control"]}; padding: 4px 6px; }}
QTableView, QTreeView, QListView {{ background: {c["panel"]}; border: none; gridline-color: {c["hair"]};
    selection-background-color: {c["act-dim"]}; selection-color: {c["text-strong"]}; outline: none; }}
QTableView::item {{ border: none; border-bottom: 1px solid {c["hair"]}; padding: 0 8px; }}
QTableView::item:selected {{ background: {c["act-dim"]}; color: {c["text-strong"]}; }}
QHeaderView {{ background: {c["panel"]}; border: none; }}
QHeaderView::section {{ background: {c["panel"]}; color: {c["text-second"]}; border: none;
    border-bottom: 1px solid {c["line"]}; padding: 0 8px; font-size: {size("label")}px; font-weight: 500; }}
QTableCornerButton::section {{ background: {c["panel"]}; border: none; }}
QScrollBar:vertical {{ background: transparent; width: 10px; }}
QScrollBar::handle:vertical {{ background: {c["control"]}; border-radius: 4px; min-height: 24px; margin: 1px; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; }}
QScrollBar::handle:horizontal {{ background: {c["control"]}; border-radius: 4px; min-width: 24px; margin: 1px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: none; }}
QScrollArea {{ background: transparent; border: none; }}
QScrollArea > QWidget > QWidget {{ background: transparent; }}
QProgressBar {{ background: {c["well"]}; border: none; border-radius: 3px; max-height: 6px; }}
QProgressBar::chunk {{ background: {c["act"]}; border-radius: 3px; }}
QCheckBox::indicator {{ width: 14px; height: 14px; border: 1px solid {c["line-control"]}; border-radius: 3px;
    background: {c["field"]}; }}
QCheckBox::indicator:checked {{ background: {c["act-fill"]}; border-color: {c["act-fill-edge"]}; }}
QRadioButton {{ spacing: 8px; }}
QRadioButton::indicator {{ width: 12px; height: 12px; border: 1px solid {c["line-control"]}; border-radius: 7px;
    background: {c["field"]}; }}
QRadioButton::indicator:checked {{ background: {c["act"]}; border-color: {c["act"]}; }}
QRadioButton:checked {{ color: {c["text-strong"]}; font-weight: 600; }}
QRadioButton:disabled {{ color: {c["hint"]}; }}
QSplitter::handle {{ background: {c["seam"]}; }}
"""
