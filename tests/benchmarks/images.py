"""How fast series open from files, beside other readers, on the same 400 slices made for the run.

python -m tests.benchmarks.images [--slices N] [--runs N] [--kind KIND] [--many]

Every reader runs in a process of its own, after one pass over the files; ratios to the raw read of the bytes in the
same run are what counts. dcm2niix is asked where it is installed. --many adds 2 000 slices and a folder of 20 000
files.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

SYNTAXES = {
    "uncompressed": "1.2.840.10008.1.2.1",
    "JPEG lossless": "1.2.840.10008.1.2.4.70",
    "JPEG 2000": "1.2.840.10008.1.2.4.90",
}
KINDS = tuple(SYNTAXES)
READERS = (
    "raw read",
    "coread",
    "coread with hashes",
    "pydicom loop",
    "SimpleITK",
    "dcm2niix",
    "two-worker decoder",
)
SEED = 7


# --- the files --------------------------------------------------------------------------------------------


def _slice(k: int) -> np.ndarray:
    """A made slice of an abdomen, 512 x 512, 12 bits: body, organs, noise of about 11 HU."""
    luck = np.random.default_rng(SEED + k)
    y, x = np.mgrid[0:512, 0:512].astype(np.float32)
    body = ((x - 256) / 200) ** 2 + ((y - 260) / 150) ** 2 < 1
    liver = ((x - 190) / 90) ** 2 + ((y - 240) / 80) ** 2 < 1
    spine = ((x - 256) / 28) ** 2 + ((y - 350) / 30) ** 2 < 1
    values = np.where(body, 1024 + 40, 24).astype(np.float32)
    values[liver] = 1024 + 110 + 10 * np.sin(k / 9)
    values[spine] = 1024 + 300
    values += luck.normal(0, 11, values.shape).astype(np.float32)
    return np.clip(values, 0, 4095).astype(np.uint16)


def _made(place: tuple[str, int, int, str]) -> None:
    """Write one slice in one kind."""
    import imagecodecs
    from pydicom.dataset import FileMetaDataset
    from pydicom.encaps import encapsulate
    from pydicom.uid import UID

    from tests.build.dicom import ct_slice

    folder, k, name, kind = place
    values = _slice(k)
    ds = ct_slice(0, z=float(k), uid=f"2.25.{10**9 + k}", rows=512, columns=512, series="benchmark")
    ds.InstanceNumber = k + 1
    ds.PixelRepresentation, ds.BitsStored, ds.HighBit = 0, 12, 11
    syntax = SYNTAXES[kind]
    if kind == KINDS[0]:
        ds.PixelData = values.tobytes()
    else:
        code = (
            imagecodecs.ljpeg_encode(values, bitspersample=12)
            if kind == KINDS[1]
            else imagecodecs.jpeg2k_encode(values, level=0, reversible=True, codecformat="j2k")
        )
        ds.PixelData = encapsulate([bytes(code)])
        ds["PixelData"].is_undefined_length = True
        ds["PixelData"].VR = "OB"
    ds.file_meta = FileMetaDataset()
    ds.file_meta.MediaStorageSOPClassUID, ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPClassUID, ds.SOPInstanceUID
    ds.file_meta.TransferSyntaxUID = UID(syntax)
    ds.save_as(Path(folder) / f"{name:06d}.dcm", enforce_file_format=True)


def make(folder: Path, kind: str, slices: int) -> Path:
    """Write a series under names in no order."""
    folder.mkdir(parents=True)
    places = [(str(folder), k, (k * 7919) % 1_000_003, kind) for k in range(slices)]
    with ProcessPoolExecutor(2) as makers:
        list(makers.map(_made, places, chunksize=8))
    return folder


# --- the readers: each gives the number of slices and the sum of all HU ------------------------------------


def raw_read(folder: str) -> tuple[int, int]:
    total = 0
    for file in sorted(Path(folder).iterdir()):
        total += len(file.read_bytes())
    return len(list(Path(folder).iterdir())), total


def coread(folder: str) -> tuple[int, int]:
    from storage.dicom.load import load_series

    array = load_series(folder).array
    return len(array), int(array.sum(dtype=np.int64))


def coread_with_hashes(folder: str) -> tuple[int, int]:
    import hashlib
    from concurrent.futures import ThreadPoolExecutor

    def digest(file: Path) -> str:
        return hashlib.sha256(file.read_bytes()).hexdigest()

    with ThreadPoolExecutor(2) as readers:
        list(readers.map(digest, sorted(Path(folder).iterdir())))
    return coread(folder)


def pydicom_loop(folder: str) -> tuple[int, int]:
    import pydicom

    found = [pydicom.dcmread(file) for file in Path(folder).iterdir()]
    found.sort(key=lambda ds: float(ds.ImagePositionPatient[2]))
    for ds in found:
        if ds.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.4.70":
            raise LookupError("no decoder among the plug-ins installed")
    array = np.stack([ds.pixel_array * float(ds.RescaleSlope) + float(ds.RescaleIntercept) for ds in found])
    return len(array), int(array.sum())


def simpleitk(folder: str) -> tuple[int, int]:
    import SimpleITK as sitk  # noqa: N813

    (uid,) = sitk.ImageSeriesReader.GetGDCMSeriesIDs(folder)
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(sitk.ImageSeriesReader.GetGDCMSeriesFileNames(folder, uid))
    array = sitk.GetArrayFromImage(reader.Execute())
    return len(array), int(array.sum(dtype=np.int64))


def dcm2niix(folder: str) -> tuple[int, int]:
    if shutil.which("dcm2niix") is None:
        raise LookupError("not installed")
    from storage.nifti import read_nifti

    with tempfile.TemporaryDirectory() as out:
        subprocess.run(
            ["dcm2niix", "-z", "n", "-b", "n", "-o", out, folder], check=True, capture_output=True
        )  # fmt: skip
        (file,) = Path(out).glob("*.nii")
        array, _ = read_nifti(file)
    return len(array), int(array.sum(dtype=np.int64))


def _half(files: list[str]) -> int:
    import imagecodecs
    import pydicom
    from pydicom.encaps import get_frame

    total = 0
    for file in files:
        ds = pydicom.dcmread(file)
        code = get_frame(ds.PixelData, 0, number_of_frames=1)
        values = imagecodecs.jpeg2k_decode(code) if code[:2] == b"\xff\x4f" else imagecodecs.ljpeg_decode(code)
        total += int((values.astype(np.int32) - 1024).sum(dtype=np.int64))
    return total


_pool: list[ProcessPoolExecutor] = []


def two_worker_decoder(folder: str) -> tuple[int, int]:
    """imagecodecs in two processes that give back sums only: the floor for compressed series."""
    files = sorted(str(file) for file in Path(folder).iterdir())
    if b"1.2.840.10008.1.2.1\0" in Path(files[0]).read_bytes()[:400]:
        raise LookupError("nothing to decode")
    if not _pool:
        _pool.append(ProcessPoolExecutor(2))
    return len(files), sum(_pool[0].map(_half, (files[::2], files[1::2])))


FUNCTIONS: dict[str, Callable[[str], tuple[int, int]]] = {
    "raw read": raw_read,
    "coread": coread,
    "coread with hashes": coread_with_hashes,
    "pydicom loop": pydicom_loop,
    "SimpleITK": simpleitk,
    "dcm2niix": dcm2niix,
    "two-worker decoder": two_worker_decoder,
}


def child(name: str, folder: str, runs: int) -> None:
    """Run one reader; prints times, what it read and the peak memory of the process and of its children."""
    read = FUNCTIONS[name]
    times, got = [], (0, 0)
    try:
        for _ in range(runs):
            begun = time.perf_counter()
            got = read(folder)
            times.append(time.perf_counter() - begun)
    except (LookupError, NotImplementedError, RuntimeError) as problem:
        print(json.dumps({"problem": " ".join(str(problem).split())[:80]}))
        return
    status = Path("/proc/self/status").read_text().splitlines()  # ru_maxrss would count what started this process
    peak = int(next(line.split()[1] for line in status if line.startswith("VmHWM"))) / 1024
    print(json.dumps({"times": times, "got": got, "peak_mb": peak}))


def measured(name: str, folder: Path, runs: int) -> dict[str, Any]:
    """Run one reader in a process of its own."""
    words = [sys.executable, "-m", "tests.benchmarks.images", "--child", name, str(folder), "--runs", str(runs)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    return json.loads(lines[-1]) if lines else {"problem": (done.stderr.strip().splitlines() or ["no answer"])[-1][:80]}


def table(place: Path, kind: str, slices: int, runs: int) -> None:
    """Print one kind: median of the warm runs, ratio to the raw read, first run, peak memory."""
    folder = make(place / kind.replace(" ", "-"), kind, slices)
    raw_read(str(folder))
    print(f"\n{kind}, {slices} slices")
    print(f"{'reader':<22}{'warm s':>9}{'x raw':>8}{'first s':>9}{'peak MB':>9}")
    floor, sums = 0.0, {}
    for name in READERS:
        got = measured(name, folder, runs)
        if "problem" in got:
            print(f"{name:<22}{got['problem']}")
            continue
        warm = sorted(got["times"][1:] or got["times"])[len(got["times"][1:] or [0]) // 2]
        floor = floor or warm
        if name != "raw read":
            sums[name] = got["got"][1]
        print(f"{name:<22}{warm:>9.3f}{warm / floor:>8.1f}{got['times'][0]:>9.3f}{got['peak_mb']:>9.0f}")
    print("all read the same HU" if len(set(sums.values())) == 1 else f"the HU DIFFER: {sums}")
    stored(place / f"store-{kind.replace(' ', '-')}", folder)


def stored(workspace: Path, folder: Path) -> None:
    """Print what an import of the series costs, and opening it from the store with every hash checked."""
    from storage.dicom.load import chosen_stack, scan
    from storage.images import ImageStore

    store = ImageStore(workspace)
    stack = chosen_stack(scan(folder))
    begun = time.perf_counter()
    manifest = store.store_stack(stack, key=b"k" * 32, subject="01-001")
    imported = time.perf_counter()
    first = store.open_volume(manifest)
    opened = time.perf_counter()
    store.open_volume(manifest)
    again = time.perf_counter()
    assert first.measurable
    print(f"stored: import {imported - begun:.2f} s, opened verified {opened - imported:.3f} s", end="")
    print(f", again {again - opened:.3f} s")


def many(place: Path) -> None:
    """Print 2 000 slices, and a folder of 20 000 files of which few are images."""
    from storage.dicom.load import load_series, scan

    folder = make(place / "long", KINDS[0], 2000)
    raw_read(str(folder))
    begun = time.perf_counter()
    raw_read(str(folder))
    floor = time.perf_counter() - begun
    begun = time.perf_counter()
    volume = load_series(folder)
    took = time.perf_counter() - begun
    print(f"\n2000 slices: {took:.2f} s, {took / floor:.1f} x raw read, {volume.array.nbytes >> 20} MB")
    del volume
    full = place / "full"
    full.mkdir()
    for k, file in enumerate(sorted(folder.iterdir())[:400]):
        (full / f"{k}.dcm").write_bytes(file.read_bytes())
    for k in range(19_600):
        (full / f"n{k}.txt").write_bytes(b"no image, some other file of a disc " * 8)
    begun = time.perf_counter()
    found = scan(full)
    took = time.perf_counter() - begun
    print(f"20000 files: {took:.2f} s, {len(found.stacks)} series, {len(found.left_out)} left out")


def main() -> int:
    """Make the files, run every reader on every kind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--slices", type=int, default=400)
    parser.add_argument("--runs", type=int, default=4)
    parser.add_argument("--kind", action="append", choices=KINDS, help="only these kinds")
    parser.add_argument("--many", action="store_true")
    parser.add_argument("--child", nargs=2, metavar=("READER", "FOLDER"))
    args = parser.parse_args()
    if args.child:
        child(args.child[0], args.child[1], args.runs)
        return 0
    with tempfile.TemporaryDirectory(prefix="coread-benchmark-") as place:
        for kind in args.kind or KINDS:
            table(Path(place), kind, args.slices, args.runs)
        if args.many:
            many(Path(place))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
