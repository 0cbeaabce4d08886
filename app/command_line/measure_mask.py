"""`coread measure`: axes, volume and statistics of a mask."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from app.command_line.progress import Bar

if TYPE_CHECKING:
    from measure.volume import Mask, Volume


def arguments(parser: argparse.ArgumentParser) -> None:
    """Series, mask, which label."""
    parser.add_argument("path", metavar="PATH", help="DICOM file or folder")
    parser.add_argument(
        "--mask", required=True, metavar="M.nii.gz|SEG.dcm|FOLDER", help="mask on the voxels of the series"
    )
    parser.add_argument("--label", type=int, metavar="N", help="one label or segment; all without it")
    parser.add_argument("--series", metavar="UID", help="the series, where PATH holds several")


def run(args: argparse.Namespace) -> int:
    """Measure; exit 1 with the reason when the series allows no millimetres."""
    from app.command_line.measures import print_measures
    from measure.mask_measures import measure_mask
    from storage.dicom.load import load_series

    volume = load_series(args.path, args.series, Bar("reading pixels", quiet=args.quiet))
    mask = _mask(Path(args.mask), volume, args.label)
    if not volume.in_plane_measurable:
        print(f"series {volume.series_uid}: no measuring: {volume.why_not}", file=sys.stderr)
        return 1
    found = measure_mask(volume, mask)
    if not volume.measurable and not args.quiet:
        print(f"series {volume.series_uid}: lengths in the slice only: {volume.why_not}", file=sys.stderr)
    print_measures(found, {}, as_json=args.json, quiet=args.quiet)
    return 0


def _mask(path: Path, volume: Volume, label: int | None) -> Mask:
    """The mask by what the path is: a NIfTI file, a DICOM segmentation, a folder of DICOM slices."""
    from measure.refusal import Refused
    from storage.dicom.mask_folder import load_mask_folder
    from storage.dicom.seg import is_seg, load_seg_mask
    from storage.nifti import read_nifti_mask

    if path.is_dir():
        if label is not None:
            raise Refused(f"{path}: --label is for NIfTI and SEG; in a folder every pixel above 0 is mask")
        return load_mask_folder(path, volume)
    if not path.is_file():
        raise Refused(f"{path}: there is no such file or folder")
    if path.name.endswith((".nii", ".nii.gz")):
        return read_nifti_mask(path, volume, label)
    if is_seg(path):
        return load_seg_mask(path, volume, label)
    raise Refused(f"{path}: not a mask; expected .nii, .nii.gz, a DICOM segmentation or a folder of slices")
