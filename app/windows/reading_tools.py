"""The tools of the reading: which action of the key table takes which tool, what the strip offers, the tool in hand."""

from __future__ import annotations

from collections.abc import Sequence

from app.windows.image_area import ImageArea
from app.windows.strips import ToolStrip

TOOL_OF = {
    "segment": "segment",
    "bidirectional": "two-axes",
    "length": "length",
    "ellipse": "ellipse",
    "brush": "brush",
    "eraser": "eraser",
    "polygon": "polygon",
}
STRIP: Sequence[tuple[str, str] | None] = (
    ("segment", "wand-sparkles"),
    ("bidirectional", "move-diagonal"),
    ("length", "ruler"),
    ("ellipse", "circle-dashed"),
    ("brush", "brush"),
    ("eraser", "eraser"),
    ("polygon", "pentagon"),
    None,
    ("preset_1", "contrast"),
    ("link", "link"),
    ("flicker", "blend"),
    ("hide_marks", "eye"),
    None,
    ("layout_1x2", "columns-2"),
    ("undo", "undo-2"),
)
LAYOUT_KEYS = {
    "layout_1x1": "1x1",
    "layout_1x2": "1x2",
    "layout_1x3": "1x3",
    "layout_2x2": "2x2",
    "layout_mpr": "mpr",
    "layout_3d": "3d",
    "layout_ablation": "ablation",
}
LAYOUT_ICON = {
    "1x1": "square",
    "1x2": "columns-2",
    "1x3": "columns-3",
    "2x2": "grid-2x2",
    "mpr": "axis-3d",
    "3d": "axis-3d",
    "ablation": "columns-3",
}


class ToolInHand:
    """The tool of the left button, shown in the strip."""

    def __init__(self, images: ImageArea, strip: ToolStrip) -> None:
        self._images, self._strip = images, strip
        self.action = ""
        self.take("segment")

    def take(self, action: str) -> None:
        """Switch to the tool of an action."""
        self._images.set_tool(TOOL_OF[action])
        self._strip.set_active(action)
        self.action = action
