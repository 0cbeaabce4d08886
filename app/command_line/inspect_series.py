"""`coread inspect`: what is there, what is wrong with it, what was left out and why."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from app.command_line import shown
from app.command_line.progress import Bar

if TYPE_CHECKING:
    from storage.dicom.facts import LeftOut
    from storage.dicom.load import Scan
    from storage.dicom.stack import Stack


def arguments(parser: argparse.ArgumentParser) -> None:
    """Files and folders."""
    parser.add_argument("path", nargs="+", metavar="PATH", help="DICOM files, folders, ZIP archives or a DICOMDIR")


def run(args: argparse.Namespace) -> int:
    """List studies, series, geometry, defects and what was left out. Exit 1 when there is not one image
    series.
    """
    from storage.dicom.load import scan

    report: Callable[[int, int], None] = Bar("reading headers", quiet=args.quiet)
    found = scan(args.path, report)
    if args.json:
        print(json.dumps(listing(found), indent=1, ensure_ascii=False))
    else:
        _print(found)
    return 0 if found.stacks else 1


def listing(found: Scan) -> dict[str, Any]:
    """The result as formats.md has it."""
    return {
        "series": [_series(stack) for stack in found.stacks] + _not_images(found),
        "left_out": [{"file": one.path, "reason": one.reason} for one in found.left_out],
    }


def _series(stack: Stack) -> dict[str, Any]:
    first, grid = stack.images[0], stack.grid
    direction = origin = None
    if grid is not None:
        axes = (grid.row_axis, grid.column_axis, tuple(float(v) for v in grid.normal))
        direction = [axes[column][row] + 0.0 for row in range(3) for column in range(3)]
        origin = list(grid.slice_origins[0])
    spacing = None
    if first.spacing_mm is not None:
        spacing = [first.spacing_mm[1], first.spacing_mm[0], _rounded(stack.slice_mm)]
    return {
        "series_uid": stack.series_uid,
        "study_uid": first.study_uid,
        "modality": stack.modality,
        "description": first.origin.series_description,
        "kind": stack.kind,
        "size": [first.columns, first.rows, len(stack.images)],
        "spacing_mm": spacing,
        "direction": direction,
        "origin_lps": origin,
        "frame_of_reference": first.frame_of_reference,
        "files": len({image.path for image in stack.images}),
        "defects": [{"code": d.code, "text": d.text, "slices": list(d.slices)} for d in stack.defects],
        "measurable": stack.measurable,
        "in_plane_measurable": stack.in_plane_measurable,
        "why_not": stack.why_not,
        "part": stack.part,
        "parts": stack.parts,
        "split_by": stack.split_by or None,
    }


def _rounded(step: float | None) -> float | None:
    """Distances without the dust of subtracting written positions."""
    return None if step is None else round(step, 6)


def _not_images(found: Scan) -> list[dict[str, Any]]:
    """One entry for each series of objects that are no images."""
    grouped: dict[tuple[str, str], list[LeftOut]] = {}
    for one in found.left_out:
        if one.code == "not-an-image" and one.series_uid:
            grouped.setdefault((one.study_uid, one.series_uid), []).append(one)
    return [
        {
            "series_uid": series,
            "study_uid": study,
            "modality": members[0].modality,
            "description": members[0].description,
            "kind": "not-an-image",
            "size": None,
            "spacing_mm": None,
            "direction": None,
            "origin_lps": None,
            "frame_of_reference": "",
            "files": len(members),
            "defects": [],
            "measurable": False,
            "in_plane_measurable": False,
            "why_not": members[0].reason,
            "part": 1,
            "parts": 1,
            "split_by": None,
        }
        for (study, series), members in grouped.items()
    ]


def _print(found: Scan) -> None:
    """The same for a person."""
    for study, stacks in found.studies.items():
        print(f"study {study}")
        for stack in stacks:
            entry = _series(stack)
            size = " x ".join(str(n) for n in entry["size"])
            steps = entry["spacing_mm"]
            spacing = " x ".join("?" if v is None else f"{v:g}" for v in steps) + " mm" if steps else "no spacing"
            name = f"{stack.series_uid}{f'#{stack.part}' if stack.parts > 1 else ''}"
            said = shown(entry["description"])
            print(f"  {stack.modality or '??'} {stack.kind} {size}, {spacing}  {name}  {said}")
            for defect in stack.defects:
                print(f"    {defect.code}: {defect.text}")
            if not stack.measurable:
                print(f"    not measurable: {stack.why_not}")
    if found.left_out:
        print("left out")
        for one in found.left_out:
            print(f"  {shown(one.path)}: {shown(one.reason)}")
