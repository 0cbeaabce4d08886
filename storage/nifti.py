"""Small reader and writer of NIfTI-1 volumes (.nii, .nii.gz): true geometry, same input same bytes.

Voxels lie column fastest, so `[slice, row, column]` arrays are written as they are. NIfTI's patient space
is RAS: DICOM's LPS with the first two axes turned. The affine is written as sform and, being free of shear,
as qform.
"""

from __future__ import annotations

import gzip
import io
import os
import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from measure.geometry import Floats, Grid
from measure.refusal import Refused
from measure.volume import Mask, Volume
from storage.atomic import write_beside

_HEADER = 348
_CODES = {"uint8": (2, 8), "int16": (4, 16), "int32": (8, 32), "float32": (16, 32), "uint16": (512, 16)}
_KINDS = {
    2: "u1",
    4: "i2",
    8: "i4",
    16: "f4",
    64: "f8",
    256: "i1",
    512: "u2",
    768: "u4",
    1024: "i8",
    1280: "u8",
}
_LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])
_SAME_INDEX = 0.05  # voxels a mask may lie off the series before it is another grid
_MOST_VOXELS = 1 << 33


def affine_ras(grid: Grid) -> Floats:
    """Voxel index (column, row, slice, 1) to RAS mm, shape (4, 4); only meaningful for an even stack."""
    affine = np.eye(4)
    affine[:3, 0] = np.asarray(grid.row_axis) * grid.spacing_mm[0]
    affine[:3, 1] = np.asarray(grid.column_axis) * grid.spacing_mm[1]
    count = grid.size[2]
    step = (grid.origins[-1] - grid.origins[0]) / (count - 1) if count > 1 else grid.normal
    affine[:3, 2] = step
    affine[:3, 3] = grid.origins[0]
    return np.asarray(_LPS_TO_RAS @ affine, float)


def write_nifti(path: str | Path, array: NDArray[np.generic], grid: Grid, *, note: str = "") -> None:
    """Write an array, shape (slices, rows, columns), on its grid; compressed when the name ends with .gz.

    int16, uint16, int32, uint8, float32; bool is written as uint8. The bytes depend on nothing but the input.
    """
    values = array.astype(np.uint8) if array.dtype == bool else array
    if values.dtype.name not in _CODES:
        raise ValueError(f"no NIfTI type for {values.dtype}")
    if values.shape != grid.size[::-1]:
        raise ValueError(f"array {values.shape} does not fit the grid {grid.size[::-1]}")
    body = _header(values, affine_ras(grid), note) + b"\0" * 4
    body += values.astype(values.dtype.newbyteorder("<"), copy=False).tobytes()
    if str(path).endswith(".gz"):
        packed = io.BytesIO()
        with gzip.GzipFile(filename="", mode="wb", compresslevel=1, fileobj=packed, mtime=0) as stream:
            stream.write(body)
        body = packed.getvalue()
    write_beside(Path(path), body)


def _header(values: NDArray[np.generic], affine: Floats, note: str) -> bytes:
    code, bits = _CODES[values.dtype.name]
    columns = affine[:3, :3]
    lengths = np.linalg.norm(columns, axis=0)
    lengths[lengths == 0] = 1.0
    (b, c, d), sign = _quaternion(columns / lengths)
    slices, rows, across = values.shape
    header = bytearray(_HEADER)
    struct.pack_into("<i", header, 0, _HEADER)
    struct.pack_into("<8h", header, 40, 3, across, rows, slices, 1, 1, 1, 1)
    struct.pack_into("<hh", header, 70, code, bits)
    struct.pack_into("<8f", header, 76, sign, *lengths, 0, 0, 0, 0)
    struct.pack_into("<fff", header, 108, 352.0, 1.0, 0.0)
    header[123] = 2  # millimetres
    header[148:228] = note.encode("ascii", "replace")[:79].ljust(80, b"\0")
    struct.pack_into("<hh", header, 252, 1, 1)  # scanner space
    struct.pack_into("<6f", header, 256, b, c, d, *affine[:3, 3])
    for row in range(3):
        struct.pack_into("<4f", header, 280 + 16 * row, *affine[row])
    header[344:348] = b"n+1\0"
    return bytes(header)


def _quaternion(rotation: Floats) -> tuple[tuple[float, float, float], float]:
    """Quaternion (b, c, d) and the sign of the third axis of an orthogonal matrix (NIfTI-1, method 2)."""
    from scipy.spatial.transform import Rotation

    turned = rotation.copy()
    sign = 1.0 if np.linalg.det(rotation) > 0 else -1.0
    turned[:, 2] *= sign
    left, _, right = np.linalg.svd(turned)
    b, c, d, a = Rotation.from_matrix(left @ right).as_quat()
    flip = -1.0 if a < 0 else 1.0
    return (float(b * flip), float(c * flip), float(d * flip)), sign


def read_nifti(path: str | Path) -> tuple[NDArray[np.generic], Floats]:
    """Values, shape (slices, rows, columns), scaled if the file says so, and the affine to RAS mm, shape
    (4, 4).

    Raises Refused for what is not a NIfTI-1 volume of three dimensions with a stated geometry.
    """
    name = os.fspath(path)
    try:
        body = Path(path).read_bytes()
        if body[:2] == b"\x1f\x8b":
            body = gzip.decompress(body)
    except OSError as problem:
        raise Refused(f"{name}: cannot be read ({problem.strerror or problem})") from problem
    except (EOFError, zlib.error) as problem:
        raise Refused(f"{name}: the compressed file is damaged") from problem
    if len(body) < _HEADER or body[344:347] not in (b"n+1", b"ni1"):
        raise Refused(f"{name}: not a NIfTI-1 volume")
    order = "<" if struct.unpack_from("<i", body)[0] == _HEADER else ">"
    shape = struct.unpack_from(order + "8h", body, 40)
    code = struct.unpack_from(order + "h", body, 70)[0]
    if code not in _KINDS:
        raise Refused(f"{name}: NIfTI data type {code} is not supported")
    if shape[0] < 3 or any(size > 1 for size in shape[4 : shape[0] + 1]) or min(shape[1:4]) < 1:
        raise Refused(f"{name}: a volume of three dimensions is expected, this has {shape[1 : shape[0] + 1]}")
    count = shape[1] * shape[2] * shape[3]
    start = int(struct.unpack_from(order + "f", body, 108)[0]) or 352
    kind = np.dtype(order + _KINDS[code])
    if count > _MOST_VOXELS or len(body) < start + count * kind.itemsize:
        raise Refused(f"{name}: truncated, {len(body)} bytes for {count} voxels")
    values = np.frombuffer(body, kind, count, start).reshape(shape[3], shape[2], shape[1])
    slope, intercept = struct.unpack_from(order + "ff", body, 112)
    scaled: NDArray[np.generic] = values.astype(kind.newbyteorder("="))
    if slope not in (0.0, 1.0) or (slope == 1.0 and intercept != 0.0):
        scaled = (scaled.astype(np.float64) * slope + intercept).astype(np.float32)
    return scaled, _affine(body, order, name)


def _affine(body: bytes, order: str, name: str) -> Floats:
    qform, sform = struct.unpack_from(order + "hh", body, 252)
    affine = np.eye(4)
    if sform > 0:
        for row in range(3):
            affine[row] = struct.unpack_from(order + "4f", body, 280 + 16 * row)
        return affine
    if qform > 0:
        from scipy.spatial.transform import Rotation

        b, c, d, x, y, z = struct.unpack_from(order + "6f", body, 256)
        a = max(0.0, 1.0 - (b * b + c * c + d * d)) ** 0.5
        sign, *lengths = struct.unpack_from(order + "4f", body, 76)
        rotation = Rotation.from_quat([b, c, d, a]).as_matrix()
        rotation[:, 2] *= -1.0 if sign < 0 else 1.0
        affine[:3, :3] = rotation * np.asarray(lengths)
        affine[:3, 3] = (x, y, z)
        return affine
    raise Refused(f"{name}: the file states no position in the patient (sform and qform codes are 0)")


def read_nifti_mask(path: str | Path, volume: Volume, label: int | None = None) -> Mask:
    """Read a mask on the voxels of a volume: shape (slices, rows, columns), true where the label is (any,
    if None).

    Axes may be turned or exchanged, as other programs do; raises Refused when the voxels are not those of
    the series.
    """
    values, affine = read_nifti(path)
    own = affine_ras(volume.grid)
    way = np.linalg.inv(own) @ affine  # mask index to series index
    turn = np.rint(way[:3, :3])
    corner = np.asarray(values.shape[::-1], float)
    signed_permutation = (np.abs(turn).sum(axis=0) == 1).all() and (np.abs(turn).sum(axis=1) == 1).all()
    drift = np.abs(way[:3, :3] - turn) @ corner
    offset = way[:3, 3]
    mask: Mask = np.asarray(values == label if label is not None else values != 0, bool)
    if signed_permutation and (drift < _SAME_INDEX).all():
        axes = [int(np.argmax(np.abs(turn[axis]))) for axis in range(3)]
        turned = np.transpose(mask, (2, 1, 0))  # to (column, row, slice)
        turned = np.transpose(turned, axes)
        expected = np.zeros(3)
        for axis in range(3):
            if turn[axis, axes[axis]] < 0:
                turned = np.flip(turned, axis)
                expected[axis] = turned.shape[axis] - 1
        if turned.shape == tuple(volume.grid.size) and (np.abs(offset - expected) < _SAME_INDEX).all():
            return np.ascontiguousarray(np.transpose(turned, (2, 1, 0)))
    size, there = " x ".join(map(str, volume.grid.size)), " x ".join(map(str, values.shape[::-1]))
    raise Refused(
        f"{os.fspath(path)}: the mask ({there} voxels) does not lie on the voxels of the series ({size}); "
        "expected: same size, spacing, position and orientation"
    )
