"""Linked scrolling over two scans of one synthetic patient, whose true matching points are known."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from app.desktop import set_look
from measure.phantom.cast import demo_cast
from measure.phantom.course import Subject, Timepoint
from measure.phantom.truth import lesion_truths, true_match
from measure.volume import Volume
from viewer.layouts import ViewportGrid
from viewer.linking import Link

pytestmark = pytest.mark.gui


def blank(point: Timepoint) -> Volume:
    """A stack on the scan's grid; where slices lie is all that linking knows."""
    columns, rows, slices = point.grid.size
    return Volume(np.zeros((slices, rows, columns), np.int16), point.grid)


@pytest.mark.parametrize("number", ["01-001", "03-006", "04-007"])
def test_with_the_readers_offset_scrolling_lands_on_the_same_anatomy(qapp: QApplication, number: str) -> None:
    set_look(qapp)
    patient: Subject = next(one for one in demo_cast() if one.number == number)
    first, second = patient.timepoints[0], patient.timepoints[-1]
    grid = ViewportGrid(layout="1x2")
    grid.resize(800, 400)
    grid.show()
    left, right = grid.shown()
    left.set_volume(blank(first))
    right.set_volume(blank(second))
    link = Link(grid.shown())
    places = [
        lesion.sections[0].centre
        for lesion in lesion_truths(patient, first)
        if lesion.organ == "liver" and lesion.sections
    ]
    anchor = places[0]
    matched = true_match(patient, first.visit, second.visit, anchor)
    link.on = False
    left.set_slice(first.grid.nearest_slice(anchor))
    right.set_slice(second.grid.nearest_slice(matched))
    link.link_here()
    for place in places[1:]:
        left.set_slice(first.grid.nearest_slice(place))
        there = second.grid.nearest_slice(true_match(patient, first.visit, second.visit, place))
        assert abs(right.slice - there) <= 2, "within the breathing that a straight offset cannot follow"
    grid.close()
