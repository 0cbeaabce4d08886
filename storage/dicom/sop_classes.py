"""Kinds of DICOM objects by SOP class (PS3.4 B.5): images of volumes, and what is no image for reading."""

from __future__ import annotations

from storage.dicom.attributes import Texts
from storage.dicom.written_numbers import whole

VOLUME_CLASSES = {
    "1.2.840.10008.5.1.4.1.1.2": "CT",
    "1.2.840.10008.5.1.4.1.1.2.1": "CT",
    "1.2.840.10008.5.1.4.1.1.2.2": "CT",
    "1.2.840.10008.5.1.4.1.1.4": "MR",
    "1.2.840.10008.5.1.4.1.1.4.1": "MR",
    "1.2.840.10008.5.1.4.1.1.4.4": "MR",
    "1.2.840.10008.5.1.4.1.1.128": "PT",
    "1.2.840.10008.5.1.4.1.1.128.1": "PT",
    "1.2.840.10008.5.1.4.1.1.130": "PT",
}
_NOT_IMAGES = (
    ("1.2.840.10008.5.1.4.1.1.88.", "structured report"),
    ("1.2.840.10008.5.1.4.1.1.66.4", "segmentation (SEG)"),
    ("1.2.840.10008.5.1.4.1.1.66.7", "label map segmentation (SEG)"),
    ("1.2.840.10008.5.1.4.1.1.66.", "registration, fiducials or surface"),
    ("1.2.840.10008.5.1.4.1.1.67", "real-world value map"),
    ("1.2.840.10008.5.1.4.1.1.481.1", "radiotherapy image"),
    ("1.2.840.10008.5.1.4.1.1.481.2", "radiotherapy dose (RTDOSE)"),
    ("1.2.840.10008.5.1.4.1.1.481.3", "contours (RTSTRUCT)"),
    ("1.2.840.10008.5.1.4.1.1.481.", "radiotherapy object"),
    ("1.2.840.10008.5.1.4.1.1.11.", "presentation state"),
    ("1.2.840.10008.5.1.4.1.1.104.", "encapsulated document"),
    ("1.2.840.10008.5.1.4.1.1.9.", "waveform"),
    ("1.2.840.10008.5.1.4.1.1.30", "parametric map"),
    ("1.2.840.10008.1.3.10", "directory file (DICOMDIR)"),
)
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"


def not_an_image(texts: Texts, has_pixels: bool) -> str | None:
    """What an object is that is no image for reading; None for an image."""
    sop_class = texts.get("sop_class", "")
    for prefix, what in _NOT_IMAGES:
        if sop_class.startswith(prefix):
            return what
    if not has_pixels:
        return "no pixel data"
    if (whole(texts.get("samples", "1")) or 1) != 1:
        return "colour image" + (" (Secondary Capture)" if sop_class.startswith(SECONDARY_CAPTURE) else "")
    photometric = texts.get("photometric", "").upper()
    if photometric and not photometric.startswith("MONOCHROME"):
        return f"colour image ({photometric[:16]})"
    return None
