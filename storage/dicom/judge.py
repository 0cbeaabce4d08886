"""One stack sorted and judged: everything wrong with it is named, and what it may be used for."""

from __future__ import annotations

from measure.volume import Defect
from storage.dicom.defects import grid_of, key_along, lean_defects, pixel_defects, step_defects
from storage.dicom.facts import ImageFacts
from storage.dicom.slice_names import SliceNames
from storage.dicom.sop_classes import SECONDARY_CAPTURE
from storage.dicom.split_geometry import spacing_key
from storage.dicom.stack import FEWEST_SLICES, Part, Stack

_PROJECTIONS = frozenset(("CR", "DX", "MG", "XA", "RF", "US", "OT", "NM", "ES", "XC", "IO", "PX", "RG", "SC", "DR"))


def judged(part: Part) -> Stack:
    """Sort one part and name everything that is wrong with it."""
    images = part.images
    defects = list(part.notes)
    refused_whole = part.refused is not None and not part.split_by
    along = None if refused_whole else key_along(images)
    if along is not None:
        order = sorted(range(len(images)), key=along.__getitem__)
        images = [images[i] for i in order]
        along = [along[i] for i in order]
    else:
        images = sorted(images, key=lambda f: (f.instance_number or 0, f.path, f.frame))
        if any(f.position is None or f.row_axis is None for f in images):
            lacking = tuple(k for k, f in enumerate(images) if f.position is None or f.row_axis is None)
            text = f"{len(lacking)} image(s) have no position or orientation in the patient"
            if not any(d.code == "missing-position" for d in defects):
                defects.append(Defect("missing-position", text, lacking))
    slice_mm: float | None = None
    missing_after: tuple[int, ...] = ()
    if along is not None and len(images) > 1:
        names = SliceNames.of(images, placed=True)
        uneven, slice_mm, missing_after = step_defects(along, names)
        defects += uneven
        defects += lean_defects(images, names)
    if len(images) < FEWEST_SLICES:
        text = "a single slice" if len(images) == 1 else f"only {len(images)} slices"
        defects.append(Defect("single-slice", f"{text}: not a volume", tuple(range(len(images)))))
    defects += pixel_defects(images)
    return _stack(part, images, defects, slice_mm, missing_after, along is not None)


def _stack(
    part: Part,
    images: list[ImageFacts],
    defects: list[Defect],
    slice_mm: float | None,
    missing_after: tuple[int, ...],
    placed: bool,
) -> Stack:
    first = images[0]
    for_reading = _why_not_for_reading(first, part)
    grid = grid_of(images) if placed else None
    blocking = [d.text for d in defects if d.code not in ("lossy", "padding") and not d.code.startswith("mixed-")]
    if part.refused is not None:
        blocking = [part.refused, *(text for text in blocking if text not in part.refused)]
    if for_reading is not None:
        blocking.insert(0, for_reading)
    known: list[tuple[float, float]] = []
    in_plane = (
        first.spacing_mm is not None
        and for_reading is None
        and len({spacing_key(f.spacing_mm, known) for f in images}) == 1
        and not any(d.code in ("unsupported-syntax", "corrupt") for d in defects)
    )
    kind = "localizer" if part.localizer else "single" if len(images) < FEWEST_SLICES else "volume"
    return Stack(
        images=tuple(images),
        kind="multi-volume" if part.multi and kind == "volume" else kind,
        grid=grid,
        slice_mm=slice_mm,
        defects=tuple(defects),
        measurable=not blocking,
        in_plane_measurable=in_plane,
        why_not="; ".join(dict.fromkeys(blocking)) or None,
        missing_after=missing_after,
        split_by=part.split_by,
    )


def _why_not_for_reading(image: ImageFacts, part: Part) -> str | None:
    if part.localizer:
        return "a localizer, not for measuring"
    if image.sop_class.startswith(SECONDARY_CAPTURE):
        return "a Secondary Capture, not for measuring"
    if image.modality in _PROJECTIONS:
        return f"modality {image.modality} is not cross-sectional"
    if not image.modality:
        return "the modality is not known"
    if image.origin.burned_in.upper() == "YES" and "DERIVED" in image.image_type:
        return "a derived image with burned-in annotation, not for measuring"
    if "PROJECTION IMAGE" in image.image_type:
        return "a projection, not for measuring"
    return None
