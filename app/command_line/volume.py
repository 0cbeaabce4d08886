"""`coread volume`: one regular series, rescale applied, as a true-geometry NIfTI volume."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from app.command_line.progress import Bar

if TYPE_CHECKING:
    from measure.volume import Volume
    from storage.dicom.stack import Stack


def arguments(parser: argparse.ArgumentParser) -> None:
    """Series, output, resampling."""
    parser.add_argument("path", metavar="PATH", help="DICOM file, folder or ZIP archive")
    parser.add_argument("--out", required=True, metavar="V.nii.gz", help="NIfTI file to write (.nii or .nii.gz)")
    parser.add_argument("--series", metavar="UID", help="the series, where PATH holds several")
    parser.add_argument("--resample", action="store_true", help="uneven or tilted: interpolate to true geometry")


def run(args: argparse.Namespace) -> int:
    """Write the volume; exit 1 with the reason, and nothing written, when the series is no regular stack."""
    from measure.refusal import Refused
    from storage.dicom.load import chosen_stack, scan
    from storage.nifti import write_nifti

    out = Path(args.out)
    if not out.name.endswith((".nii", ".nii.gz")):
        raise Refused(f"{out}: the name must end with .nii or .nii.gz")
    if not out.parent.is_dir():
        raise Refused(f"{out}: the folder does not exist")
    stack = chosen_stack(scan(args.path, Bar("reading headers", quiet=args.quiet)), args.series)
    try:
        volume, changed = _regular(stack, args.resample, quiet=args.quiet)
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 1
    write_nifti(out, volume.array, volume.grid, note="resampled to true geometry" if changed else "")
    spacing = [*volume.grid.spacing_mm, round(volume.grid.slice_step_mm, 6)]
    result = {
        "file": str(out),
        "series_uid": volume.series_uid,
        "modality": volume.modality,
        "unit": volume.unit,
        "size": list(volume.grid.size),
        "spacing_mm": spacing,
        "resampled": changed,
        "defects": [{"code": d.code, "text": d.text, "slices": list(d.slices)} for d in volume.defects],
    }
    if args.json:
        print(json.dumps(result, indent=1))
    elif not args.quiet:
        size = " x ".join(str(n) for n in volume.grid.size)
        shown = " x ".join(f"{v:g}" for v in spacing)
        print(f"{out}: {size} voxels of {shown} mm, {volume.unit}" + (", resampled" if changed else ""))
    return 0


def _regular(stack: Stack, resample: bool, *, quiet: bool) -> tuple[Volume, bool]:
    """The volume as it is, or resampled (True) where that is needed and asked for; Refused otherwise."""
    from measure.refusal import Refused
    from measure.resample import resampled
    from storage.dicom.load import load_stack

    if not stack.measurable and not resample:
        raise Refused(f"series {stack.series_uid}: not a regular volume: {stack.why_not}")
    volume = load_stack(stack, Bar("reading pixels", quiet=quiet))
    if volume.measurable:
        return volume, False
    if not resample:
        raise Refused(f"series {stack.series_uid}: not a regular volume: {volume.why_not}")
    return resampled(volume), True
