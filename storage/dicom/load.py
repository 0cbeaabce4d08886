"""From folders and files to stacks, and from a stack to a volume."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from measure.geometry import Grid
from measure.refusal import Refused
from measure.volume import Defect, Volume
from storage.dicom import elements
from storage.dicom.facts import ImageFacts, LeftOut
from storage.dicom.header import read_images
from storage.dicom.pixels import Values, decoded, same_bytes
from storage.dicom.series import assemble
from storage.dicom.slice_names import SliceNames
from storage.dicom.sources import sources
from storage.dicom.stack import Stack
from storage.dicom.syntaxes import SYNTAXES, is_supported
from storage.dicom.workers import decode_all

Report = Callable[[int, int], None]
"""Called with (done, total); an exception it raises ends the work (cancel)."""

_PLAIN = (elements.IMPLICIT_LITTLE, elements.EXPLICIT_LITTLE)
_BLACK_HU = -1024
_INT16 = np.iinfo(np.int16)
_READERS = 2
_MOST_VOXELS = 1 << 31


@dataclass(frozen=True)
class Scan:
    """What lies in some folders: stacks in a stable order, and every file that is not part of one, with the
    reason.
    """

    stacks: tuple[Stack, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def studies(self) -> dict[str, tuple[Stack, ...]]:
        """Stacks by Study Instance UID."""
        found: dict[str, list[Stack]] = {}
        for stack in self.stacks:
            found.setdefault(stack.images[0].study_uid, []).append(stack)
        return {uid: tuple(stacks) for uid, stacks in found.items()}

    @property
    def series(self) -> dict[str, tuple[Stack, ...]]:
        """Stacks by Series Instance UID."""
        found: dict[str, list[Stack]] = {}
        for stack in self.stacks:
            found.setdefault(stack.series_uid, []).append(stack)
        return {uid: tuple(stacks) for uid, stacks in found.items()}


def scan(paths: Iterable[str | Path] | str | Path, report: Report | None = None) -> Scan:
    """Read every header below the paths and sort the images into stacks.

    ZIP archives are unpacked (storage.dicom.archives); a DICOMDIR named stands for the files it lists. Raises
    Refused for a path that does not exist; a file that cannot be used is left out with its reason.
    """
    given = sources([paths] if isinstance(paths, (str, Path)) else list(paths), report)
    files = list(given.files)
    images: list[ImageFacts] = []
    left_out: list[LeftOut] = []
    for done, file in enumerate(files):
        if report is not None and done % 16 == 0:
            report(done, len(files))
        found = read_images(file)
        if isinstance(found, LeftOut):
            left_out.append(found)
        else:
            images.extend(found)
    stacks = [_with_left_out(stack, left_out) for stack in assemble(images, equal_pixels)]
    used = {image.path for stack in stacks for image in stack.images}
    resent = dict.fromkeys(image.path for image in images if image.path not in used)
    left_out.extend(LeftOut(path, "the same image came twice with equal pixels", "duplicate") for path in resent)
    left_out = [replace(one, path=given.names.get(one.path, one.path)) for one in (*left_out, *given.left_out)]
    if report is not None:
        report(len(files), len(files))
    return Scan(tuple(replace(stack, kept=given.kept) for stack in stacks), tuple(left_out))


def _with_left_out(stack: Stack, left_out: Sequence[LeftOut]) -> Stack:
    """Name the damaged files of the series: the stack without them is not the whole series."""
    damaged = [one for one in left_out if one.code in ("truncated", "corrupt") and one.series_uid]
    own = [one for one in damaged if one.series_uid == stack.series_uid]
    if not own or stack.kind == "localizer":
        return stack
    defects = []
    for code in ("truncated", "corrupt"):
        count = sum(one.code == code for one in own)
        if count:  # without file names: the text goes with the series, and left_out names the files
            defects.append(Defect(code, f"{count} file(s) of the series are {code} and left out"))
    why = "; ".join(defect.text for defect in defects)
    return replace(
        stack,
        defects=stack.defects + tuple(defects),
        measurable=False,
        why_not=f"{stack.why_not}; {why}" if stack.why_not else why,
    )


def equal_pixels(a: ImageFacts, b: ImageFacts) -> bool:
    """Two images hold the same values after rescale; damaged ones are never equal."""
    if same_bytes(a, b):
        return True
    if not (is_supported(a.transfer_syntax) and is_supported(b.transfer_syntax)):
        return False
    found = dict(decode_each([a, b]))
    first, second = found[0], found[1]
    if isinstance(first, str) or isinstance(second, str):
        return False
    return bool(np.array_equal(first, second))


def chosen_stack(found: Scan, series_uid: str | None = None) -> Stack:
    """The one stack meant: by series UID (`UID#2` for the second part of a series), or the only one there is.

    Raises Refused, naming what there is to choose from.
    """
    stacks = list(found.stacks)
    if series_uid is not None:
        stacks = [s for s in stacks if series_uid in (s.series_uid, f"{s.series_uid}#{s.part}")]
        if not stacks:
            raise Refused(f"series {series_uid} is not there; there are {_listed(found.stacks)}")
        if len(stacks) > 1:
            stacks = [s for s in stacks if s.kind != "localizer"] or stacks
    else:
        for kinds in (("volume", "multi-volume"), ("single",)):
            wanted = [s for s in stacks if s.kind in kinds]
            if wanted:
                stacks = wanted
                break
    if not stacks:
        reasons = [f"{Path(one.path).name}: {one.reason}" for one in found.left_out[:3]]
        raise Refused("no image series found" + (": " + "; ".join(reasons) if reasons else ""))
    if len(stacks) > 1:
        raise Refused(f"{len(stacks)} series found, name one with --series: {_listed(stacks)}")
    return stacks[0]


def _listed(stacks: Sequence[Stack]) -> str:
    words = [f"{s.series_uid}{f'#{s.part}' if s.parts > 1 else ''} ({len(s.images)} images)" for s in stacks[:8]]
    return ", ".join(words) + (", ..." if len(stacks) > 8 else "") if words else "no image series"


def load_series(
    folder_or_files: str | Path | Iterable[str | Path],
    series_uid: str | None = None,
    report: Report | None = None,
) -> Volume:
    """Open one series of a folder or of files as a volume with its defects.

    Raises Refused when there is no series, more than one without series_uid, or none of its pixels can be
    decoded.
    """
    return load_stack(chosen_stack(scan(folder_or_files), series_uid), report)


def load_stack(stack: Stack, report: Report | None = None, known_broken: Mapping[int, str] | None = None) -> Volume:
    """Read the pixels of a stack: rescaled, int16 where exact, else float32. See `Volume` for shape and
    frame.

    known_broken: slice indices that are not to be read, with the reason. A slice that cannot be decoded is
    black, named in a `corrupt` defect, and the volume is not measurable. Raises Refused when images differ
    in size, no decoder is named for their syntax, or not one can be decoded.
    """
    images = stack.images
    first = images[0]
    if any((f.rows, f.columns) != (first.rows, first.columns) for f in images):
        raise Refused(f"series {stack.series_uid}: {stack.why_not}")
    if first.rows * first.columns * len(images) > _MOST_VOXELS:
        size = f"{first.columns} x {first.rows} x {len(images)}"
        raise Refused(f"series {stack.series_uid}: {size} voxels are more than can be opened")
    unknown = [d.text for d in stack.defects if d.code == "unsupported-syntax"]
    if unknown:
        raise Refused(f"series {stack.series_uid}: {unknown[0]}")
    broken = dict(known_broken or {})
    array = None if broken else _plainly(images, report)
    if array is None:
        array = _decoded(images, report, broken)
    if len(broken) == len(images):
        raise Refused(f"series {stack.series_uid}: no image can be decoded; {next(iter(broken.values()))}")
    return _volume(stack, array, broken)


def _volume(stack: Stack, array: NDArray[np.generic], broken: dict[int, str]) -> Volume:
    defects = list(stack.defects)
    reasons = [stack.why_not] if stack.why_not else []
    if broken:
        slices = tuple(sorted(broken))
        named = SliceNames.of(stack.images, stack.grid is not None).listed(slices)
        text = f"{len(slices)} slice(s) cannot be decoded, shown black: {named}; {broken[slices[0]]}"
        defects.append(Defect("corrupt", text, slices))
        reasons.append(text)
    first = stack.images[0]
    padding = None
    if first.padding is not None:
        rescaled_padding = first.padding * first.slope + first.intercept
        if rescaled_padding == int(rescaled_padding):
            padding = int(rescaled_padding)
    return Volume(
        array=array,
        grid=stack.grid or _unplaced_grid(stack.images),
        modality=stack.modality,
        unit="HU" if stack.modality == "CT" and all(f.hounsfield for f in stack.images) else "a.u.",
        series_uid=stack.series_uid,
        instance_uids=tuple(image.sop_uid for image in stack.images),
        defects=tuple(defects),
        measurable=stack.measurable and not broken,
        in_plane_measurable=stack.in_plane_measurable,
        why_not="; ".join(reasons) or None,
        padding=padding,
        missing_after=stack.missing_after,
    )


def _unplaced_grid(images: Sequence[ImageFacts]) -> Grid:
    """Somewhere to show images whose place in the patient is unknown; such a volume is never measurable."""
    first = images[0]
    rows, columns = first.spacing_mm or (1.0, 1.0)
    size = (first.columns, first.rows, len(images))
    return Grid.regular(size, (columns, rows, 1.0))


def _plainly(images: Sequence[ImageFacts], report: Report | None) -> NDArray[np.generic] | None:
    """Native 16-bit slices straight into one int16 array; None when any needs the careful way."""
    if not all(_is_plain(image) for image in images):
        return None
    first = images[0]
    array = np.empty((len(images), first.rows, first.columns), np.int16)

    def read(start: int) -> bool:
        return all(_read_plain(images[k], array[k]) for k in range(start, len(images), _READERS))

    if len(images) < 4 * _READERS:
        fine = all(_read_plain(image, array[k]) for k, image in enumerate(images))
    else:
        with ThreadPoolExecutor(_READERS) as readers:
            fine = all(list(readers.map(read, range(_READERS))))
    if fine and report is not None:
        report(len(images), len(images))
    return array if fine else None


def _is_plain(image: ImageFacts) -> bool:
    return (
        image.transfer_syntax in _PLAIN
        and image.bits_allocated == 16
        and image.high_bit == image.bits_stored - 1
        and image.slope == 1
        and image.intercept == int(image.intercept)
        and abs(image.intercept) <= _INT16.max
        and image.pixel_offset > 0
    )


def _read_plain(image: ImageFacts, into: NDArray[np.int16]) -> bool:
    """Read one slice in place and rescale it; False when its values do not fit (the careful way decides)."""
    with Path(image.path).open("rb", buffering=0) as opened:
        opened.seek(image.pixel_offset + (image.frame - 1) * image.frame_bytes)
        if opened.readinto(memoryview(into.data).cast("B")) != image.frame_bytes:
            return False
    if not np.little_endian:
        into.byteswap(inplace=True)
    stored = image.bits_stored
    seen = into if image.signed else into.view(np.uint16)
    low, high = int(seen.min()), int(seen.max())
    smallest, largest = (-(1 << (stored - 1)), (1 << (stored - 1)) - 1) if image.signed else (0, (1 << stored) - 1)
    intercept = int(image.intercept)
    if low < smallest or high > largest or low + intercept < _INT16.min or high + intercept > _INT16.max:
        return False
    if intercept:
        shifted = into.view(np.uint16)
        shifted += np.uint16(intercept & 0xFFFF)  # modulo 2^16, exact because the result was seen to fit
    return True


def _decoded(images: Sequence[ImageFacts], report: Report | None, broken: dict[int, str]) -> NDArray[np.generic]:
    """Every slice by its decoder, from the middle outward; adds the reasons of those that cannot be
    decoded.
    """
    wanted = [k for k in range(len(images)) if k not in broken]
    first = images[0]
    array: NDArray[np.generic] = np.empty((len(images), first.rows, first.columns), np.int16)
    done: list[int] = []
    for turn, result in decode_each([images[k] for k in wanted], report):
        k = wanted[turn]
        if isinstance(result, str):
            broken[k] = result
            continue
        if result.dtype == np.float32 and array.dtype != np.float32:
            wider = np.empty(array.shape, np.float32)
            for earlier in done:
                wider[earlier] = array[earlier]
            array = wider
        array[k] = result
        done.append(k)
    for k in broken:
        array[k] = _BLACK_HU if first.modality == "CT" else 0
    return array


def decode_each(images: Sequence[ImageFacts], report: Report | None = None) -> Iterator[tuple[int, Values | str]]:
    """Every image decoded: native ones here, compressed ones in the workers."""
    if all(SYNTAXES[image.transfer_syntax][1] == "native" for image in images):
        return _here(images, report)
    return decode_all(images, report)


def _here(images: Sequence[ImageFacts], report: Report | None) -> Iterator[tuple[int, Values | str]]:
    for k, image in enumerate(images):
        yield k, decoded([image])[0]
        if report is not None:
            report(k + 1, len(images))
