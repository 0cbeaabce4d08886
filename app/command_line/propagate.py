"""`coread propagate`: points of one series found again in another of the same patient."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from app.command_line.progress import Bar


def arguments(parser: argparse.ArgumentParser) -> None:
    """Two series, points in, points out."""
    parser.add_argument("fixed", metavar="FROM", help="DICOM file or folder the points belong to")
    parser.add_argument("moving", metavar="TO", help="DICOM file or folder in which they are sought")
    parser.add_argument("--points", required=True, metavar="P.csv", help="lesion,x_mm,y_mm,z_mm (LPS)")
    parser.add_argument("--out", required=True, metavar="Q.csv", help="the same with quality, similarity, note")
    parser.add_argument("--series", metavar="UID", help="the series, where FROM holds several")
    parser.add_argument("--to-series", metavar="UID", help="the series, where TO holds several")


def run(args: argparse.Namespace) -> int:
    """Register once body to body, then once round every point."""
    from measure.pyramid import pyramid_of
    from measure.refusal import Refused
    from measure.register import find_again, register_rigid
    from storage.dicom.load import load_series
    from storage.points_file import read_points, write_found

    out = Path(args.out)
    if not out.parent.is_dir():
        raise Refused(f"{out}: the folder does not exist")
    points = read_points(Path(args.points))
    fixed = load_series(args.fixed, args.series, Bar("reading FROM", quiet=args.quiet))
    moving = load_series(args.moving, args.to_series, Bar("reading TO", quiet=args.quiet))
    for name, volume in ((args.fixed, fixed), (args.moving, moving)):
        if not volume.in_plane_measurable or volume.grid.size[2] < 2:
            raise Refused(f"{name}: cannot be laid over another scan: {volume.why_not or 'one slice only'}")
    first, second = pyramid_of(fixed), pyramid_of(moving)
    whole = register_rigid(first, second)
    report = Bar("finding points", quiet=args.quiet)
    found = []
    for number, (lesion, point) in enumerate(points):
        found.append((lesion, find_again(first, second, point, start=whole)))
        report(number + 1, len(points))
    write_found(out, found)
    result = {
        "file": str(out),
        "points": len(found),
        "registration": {
            "quality": whole.quality,
            "error_mm": round(whole.error_mm, 2),
            "similarity": round(whole.similarity, 3),
            "matrix": [[round(float(v), 6) for v in row] for row in whole.matrix],
        },
        "found": [
            {
                "lesion": lesion,
                "point_lps": list(one.point),
                "error_mm": round(one.error_mm, 2),
                "quality": one.quality,
                "similarity": round(one.similarity, 3),
                "note": one.note,
            }
            for lesion, one in found
        ],
    }
    if args.json:
        print(json.dumps(result, indent=1))
    elif not args.quiet:
        counts = {q: sum(one.quality == q for _, one in found) for q in ("good", "doubtful", "failed")}
        print(f"{out}: {len(found)} points: " + ", ".join(f"{n} {q}" for q, n in counts.items()))
    return 0
