from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from measure.refusal import Refused
from viewer.theme import Theme

ROOT = Path(__file__).resolve().parents[2]


def _tables() -> dict[str, dict[str, object]]:
    return tomllib.loads((ROOT / "resources" / "theme" / "dark.toml").read_text("utf-8"))


def _luminance(hex_colour: str) -> float:
    parts = [int(hex_colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(a: str, b: str) -> float:
    brighter, darker = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("ground", ["window", "panel", "current-column"])
@pytest.mark.parametrize("token", ["text", "text-strong", "text-second", "hint", "act", "needs", "blocked"])
def test_text_stands_out_from_what_it_lies_on(shipped_theme: Theme, token: str, ground: str) -> None:
    assert _contrast(shipped_theme.hexes[token], shipped_theme.hexes[ground]) >= 4.5


def test_edges_of_controls_stand_out_from_the_panel(shipped_theme: Theme) -> None:
    assert round(_contrast(shipped_theme.hexes["line-control"], shipped_theme.hexes["panel"]), 1) >= 3.0


@pytest.mark.parametrize("token", ["target", "non-target", "new", "zone", "proposal", "reading-b"])
def test_marks_stand_out_from_the_halo_over_liver(shipped_theme: Theme, token: str) -> None:
    halo_over_liver = round(0xA0 * (1.0 - shipped_theme.opacities["halo"]))
    assert _contrast(shipped_theme.hexes[token], "#" + f"{halo_over_liver:02x}" * 3) >= 6.0


def test_no_colour_stands_in_code() -> None:
    wrong = [
        f"{path.name}: {found.group()}"
        for room in ("viewer", "app")
        for path in (ROOT / room).rglob("*.py")
        for found in [re.search(r"#[0-9a-fA-F]{6}\b", path.read_text("utf-8"))]
        if found
    ]
    assert wrong == []


def test_a_theme_without_a_table_is_refused() -> None:
    tables = _tables()
    del tables["mark"]
    with pytest.raises(Refused, match="mark"):
        Theme.from_tables(tables)


def test_a_word_for_a_colour_that_is_none_is_refused() -> None:
    tables = _tables()
    tables["signal"]["act"] = "bluish"
    with pytest.raises(Refused, match="act"):
        Theme.from_tables(tables)


def test_lines_on_the_image_grow_by_half_of_what_the_type_grows(shipped_theme: Theme) -> None:
    double = shipped_theme.scaled(2.0)
    assert double.line_px(1.6) == pytest.approx(2.4)
    assert double.px("rail") == 2 * shipped_theme.px("rail")
    assert double.font("base").pixelSize() == 26


def test_equal_digits_have_equal_width(viewport: object, shipped_theme: Theme) -> None:
    from PySide6.QtGui import QFontMetricsF

    metrics = QFontMetricsF(shipped_theme.font("base"))
    assert len({metrics.horizontalAdvance(digit) for digit in "0123456789"}) == 1
