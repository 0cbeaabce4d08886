"""What is known of one image before its pixels are read, and of one file that is left out."""

from __future__ import annotations

from dataclasses import dataclass, field

from measure.geometry import Point


@dataclass(frozen=True, slots=True)
class Origin:
    """What the sending site wrote: for the manager's side and for import, never for a reader."""

    patient_key: str = ""
    """Digest of patient name and ID: tells patients apart without naming them."""
    patient_id: str = ""
    trial_subject_id: str = ""
    trial_timepoint_id: str = ""
    study_date: str = ""
    acquisition_date: str = ""
    study_description: str = ""
    series_description: str = ""
    protocol_name: str = ""
    contrast_agent: str = ""
    series_number: str = ""
    body_part: str = ""
    burned_in: str = ""


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """One image: a file, or one frame of a multi-frame file.

    spacing_mm: (between rows, between columns) as in Pixel Spacing, None when unknown.
    position: centre of the first pixel, LPS mm. row_axis, column_axis: unit vectors.
    pixel_bytes: length of the pixel data of the whole file, -1 when encapsulated.
    distinctions: the attributes that may tell phases, echoes or dynamics apart (PS3.3), by name.
    """

    path: str
    frame: int
    frames: int
    sop_class: str
    sop_uid: str
    study_uid: str
    series_uid: str
    frame_of_reference: str
    modality: str
    image_type: tuple[str, ...]
    rows: int
    columns: int
    photometric: str
    bits_allocated: int
    bits_stored: int
    high_bit: int
    signed: bool
    transfer_syntax: str
    pixel_offset: int
    pixel_bytes: int
    spacing_mm: tuple[float, float] | None
    imager_spacing_only: bool
    position: Point | None
    row_axis: Point | None
    column_axis: Point | None
    slope: float
    intercept: float
    padding: int | None
    lossy: bool
    thickness_mm: float | None
    instance_number: int | None
    kernel: str
    distinctions: tuple[tuple[str, str], ...]
    time_order: tuple[str, str, int]
    extra_bytes: int = 0
    """Pixel data longer than the image needs, by so many bytes."""
    hounsfield: bool = True
    """A CT whose rescale is written and gives Hounsfield units (Rescale Type empty or HU)."""
    part_of: tuple[str, int, int] | None = None
    """UID, number and count of the concatenation this file is a part of."""
    origin: Origin = field(default_factory=Origin, repr=False)

    @property
    def is_localizer(self) -> bool:
        """Image Type says that this is an overview for planning."""
        return any(word in ("LOCALIZER", "SCOUT", "TOPOGRAM") for word in self.image_type)

    @property
    def frame_bytes(self) -> int:
        """Bytes of one native frame."""
        return self.rows * self.columns * (self.bits_allocated // 8)

    @property
    def name(self) -> str:
        """File name, with the frame where there are several."""
        from pathlib import PurePath

        return PurePath(self.path).name + (f" frame {self.frame}" if self.frames > 1 else "")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file that holds no usable image, and why. For DICOM objects that are not images the series is
    known.
    """

    path: str
    reason: str
    code: str = ""
    """`truncated`, `unsupported-syntax`, `corrupt`, `not-an-image`, `duplicate`, or empty for what is not
    DICOM.
    """
    series_uid: str = ""
    study_uid: str = ""
    modality: str = ""
    description: str = ""
    patient_key: str = ""


def normal_of(image: ImageFacts) -> Point | None:
    """Unit normal of an image's plane (row x column), None when its orientation is unknown."""
    if image.row_axis is None or image.column_axis is None:
        return None
    (a, b, c), (d, e, f) = image.row_axis, image.column_axis
    return (b * f - c * e, c * d - a * f, a * e - b * d)
