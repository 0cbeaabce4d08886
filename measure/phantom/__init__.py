"""A made patient whose truth is known: anatomy, lesions, scanner and the cast of the demo trial."""

from measure.phantom.cast import demo_cast
from measure.phantom.course import Subject, Timepoint
from measure.phantom.render import render
from measure.phantom.truth import lesion_truths, true_match, truth_mask, truth_table, zone_truths

__all__ = [
    "Subject",
    "Timepoint",
    "demo_cast",
    "lesion_truths",
    "render",
    "true_match",
    "truth_mask",
    "truth_table",
    "zone_truths",
]
