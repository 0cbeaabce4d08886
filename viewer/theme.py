"""Colours, type, metrics and mark lines by the names of the design; the values come from the theme file.

The file is read elsewhere: `set_theme(Theme.from_tables(parsed))` once at start, then `theme()` anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QPen

from measure.refusal import Refused

_COLOUR_TABLES = ("surface", "signal", "mark")


@dataclass(frozen=True, slots=True)
class TypeRole:
    """One size of type: height and line height in px at 100 %, weight."""

    px: int
    line: int
    weight: int


@dataclass(frozen=True, slots=True)
class LineStyle:
    """One kind of line: width in px at 100 %, dash in multiples of it, gap in px between two lines."""

    width: float
    dash: tuple[float, ...] = ()
    gap: float = 0.0
    round: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Theme:
    """Everything a painter or style sheet may name. Token names are those of the theme file."""

    hexes: Mapping[str, str]
    opacities: Mapping[str, float]
    fusion: tuple[float, float, float]
    types: Mapping[str, TypeRole]
    metrics: Mapping[str, float]
    lines: Mapping[str, LineStyle]
    ramps: Mapping[str, tuple[str, ...]]
    scale: float = 1.0
    mark_scale: float = 1.0

    @classmethod
    def from_tables(cls, tables: Mapping[str, Any]) -> Theme:
        """Build the theme from the parsed tables of the file; raises Refused for what is missing or wrong."""
        try:
            hexes = {name: str(value) for table in _COLOUR_TABLES for name, value in tables[table].items()}
            theme = cls(
                hexes=hexes,
                opacities={name: float(value) for name, value in tables["opacity"].items()},
                fusion=tuple(float(tables["fusion"][one]) for one in ("red", "green", "blue")),  # type: ignore[arg-type]
                types={name: TypeRole(**row) for name, row in tables["type"].items()},
                metrics={name: float(value) for name, value in tables["metric"].items()},
                lines={name: _line(row) for name, row in tables["lines"].items()},
                ramps={name: tuple(str(value) for value in row) for name, row in tables["ramp"].items()},
            )
        except (KeyError, TypeError, ValueError) as problem:
            raise Refused(f"theme: {problem} is missing or is not what it should be") from problem
        wrong = [name for name, value in hexes.items() if not QColor.isValidColorName(value)]
        wrong += [name for name, row in theme.ramps.items() if not all(QColor.isValidColorName(one) for one in row)]
        if wrong:
            raise Refused(f"theme: no colour: {', '.join(wrong)}; #rrggbb is expected")
        return theme

    def scaled(self, scale: float, mark_scale: float = 1.0) -> Theme:
        """The same theme at 1.0 to 2.0 times the size; mark_scale thickens the lines on the image alone."""
        return replace(self, scale=scale, mark_scale=mark_scale)

    def colour(self, token: str, opacity: str | None = None) -> QColor:
        """The colour of a token; opacity names an entry of the opacity table."""
        return _colour(self.hexes[token], 1.0 if opacity is None else self.opacities[opacity])

    def px(self, metric: str) -> float:
        """A metric in px at the present scale."""
        return self.metrics[metric] * self.scale

    def whole_px(self, metric: str) -> int:
        """A metric in whole px at the present scale."""
        return round(self.px(metric))

    def line_px(self, width: float) -> float:
        """Width of a line on the image at the present scale: it grows by half of what the type grows."""
        return width * (1.0 + (self.scale - 1.0) / 2.0) * self.mark_scale

    def font(self, role: str, *, weight: int | None = None) -> QFont:
        """Font of a type role with tabular digits, so that numbers keep their columns."""
        of = self.types[role]
        # A copy: callers change family or weight, and what is cached must not change with them.
        return QFont(_font(round(of.px * self.scale), of.weight if weight is None else weight))

    def line_height(self, role: str) -> int:
        """Line height of a type role in px."""
        return round(self.types[role].line * self.scale)

    def pen(self, line: str, token: str, *, width: float | None = None) -> QPen:
        """Pen for a kind of line in the hue of a token; another width leaves the dashes as they are."""
        style = self.lines[line]
        drawn = style.width if width is None else width
        pen = QPen(self.colour(token), self.line_px(drawn))
        pen.setJoinStyle(Qt.PenJoinStyle.BevelJoin)
        if style.dash:
            pen.setDashPattern([max(part * style.width / drawn, 0.01) for part in style.dash])
            pen.setCapStyle(Qt.PenCapStyle.RoundCap if style.round else Qt.PenCapStyle.FlatCap)
        return pen


def set_theme(new: Theme) -> None:
    """Make a theme the one that everything paints with."""
    _CURRENT[:] = [new]


def theme() -> Theme:
    """The theme in force; `set_theme` comes first."""
    return _CURRENT[0]


_CURRENT: list[Theme] = []


def _line(row: Mapping[str, Any]) -> LineStyle:
    return LineStyle(
        float(row["width"]),
        tuple(float(part) for part in row.get("dash", ())),
        float(row.get("gap", 0.0)),
        bool(row.get("round", False)),
    )


@cache
def _colour(name: str, opacity: float) -> QColor:
    colour = QColor(name)
    colour.setAlphaF(opacity)
    return colour


@cache
def _font(px: int, weight: int) -> QFont:
    font = QFont()
    font.setPixelSize(px)
    font.setWeight(QFont.Weight(weight))
    font.setFeature(QFont.Tag("tnum"), 1)
    return font
