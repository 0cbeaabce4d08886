"""`coread segment`: the one click or one stroke of the windows, written as a mask."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from time import perf_counter

from app.command_line.progress import Bar


def arguments(parser: argparse.ArgumentParser) -> None:
    """Series, click or stroke, output."""
    parser.add_argument("path", metavar="PATH", help="DICOM file or folder")
    how = parser.add_mutually_exclusive_group(required=True)
    how.add_argument("--click", metavar="X,Y,Z", help="a point inside the lesion, LPS mm")
    how.add_argument("--stroke", metavar="X1,Y1,Z1,X2,Y2,Z2", help="across its longest diameter, LPS mm")
    parser.add_argument("--out", required=True, metavar="M.nii.gz", help="mask to write (.nii or .nii.gz)")
    parser.add_argument("--candidate", type=int, metavar="K", help="1 is the smallest size; default the best")
    parser.add_argument("--series", metavar="UID", help="the series, where PATH holds several")


def run(args: argparse.Namespace) -> int:
    """Outline, measure, write; exit 1 with the reason when the series allows no millimetres."""
    from app.command_line.measures import print_measures
    from measure.mask_measures import measure_mask
    from measure.refusal import Refused
    from measure.segment.candidate import best_of
    from measure.segment.click import segment_click
    from measure.segment.stroke import segment_stroke
    from storage.dicom.load import load_series
    from storage.nifti import write_nifti

    out = Path(args.out)
    if not out.name.endswith((".nii", ".nii.gz")):
        raise Refused(f"{out}: the name must end with .nii or .nii.gz")
    if not out.parent.is_dir():
        raise Refused(f"{out}: the folder does not exist")
    values = _numbers("--click", args.click, 3) if args.click else _numbers("--stroke", args.stroke, 6)
    volume = load_series(args.path, args.series, Bar("reading pixels", quiet=args.quiet))
    if not volume.in_plane_measurable:
        print(f"series {volume.series_uid}: no measuring: {volume.why_not}", file=sys.stderr)
        return 1
    began = perf_counter()
    if args.click:
        candidates = segment_click(volume, values)
    else:
        candidates = segment_stroke(volume, values[:3], values[3:])
    seconds = perf_counter() - began
    chosen = best_of(candidates) if args.candidate is None else args.candidate - 1
    if not 0 <= chosen < len(candidates):
        raise Refused(f"--candidate: {args.candidate}: there are {len(candidates)}, expected 1 to that")
    mask = candidates[chosen].mask
    found = measure_mask(volume, mask)
    write_nifti(out, mask, volume.grid)
    more = {
        "seconds": round(seconds, 3),
        "candidates": len(candidates),
        "candidate": chosen + 1,
        "quality": candidates[chosen].quality,
        "quality_q": round(candidates[chosen].quality_q, 3),
    }
    print_measures(found, more, as_json=args.json, quiet=args.quiet)
    return 0


def _numbers(option: str, text: str, count: int) -> list[float]:
    from math import isfinite

    from measure.refusal import Refused

    try:
        values = [float(part) for part in text.split(",")]
    except ValueError:
        values = []
    if len(values) != count or not all(isfinite(value) for value in values):
        raise Refused(f"{option}: {text}: expected {count} numbers with commas between, LPS mm")
    return values
