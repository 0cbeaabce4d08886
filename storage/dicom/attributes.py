"""The attributes (PS3.6) that facts are made of, by the names used here."""

from __future__ import annotations

Texts = dict[str, str]
"""Values of one header as texts, by the names of this module."""
TEXTS = {
    "character_set": 0x00080005,
    "image_type": 0x00080008,
    "sop_class": 0x00080016,
    "sop_uid": 0x00080018,
    "study_date": 0x00080020,
    "acquisition_date": 0x00080022,
    "acquisition_time_at": 0x0008002A,
    "acquisition_time": 0x00080032,
    "content_time": 0x00080033,
    "modality": 0x00080060,
    "study_description": 0x00081030,
    "series_description": 0x0008103E,
    "patient_name": 0x00100010,
    "patient_id": 0x00100020,
    "trial_subject_id": 0x00120040,
    "trial_timepoint_id": 0x00120050,
    "contrast_agent": 0x00180010,
    "body_part": 0x00180015,
    "scanning_sequence": 0x00180020,
    "thickness": 0x00180050,
    "echo_time": 0x00180081,
    "inversion_time": 0x00180082,
    "echo_number": 0x00180086,
    "protocol_name": 0x00181030,
    "trigger_time": 0x00181060,
    "imager_spacing": 0x00181164,
    "kernel": 0x00181210,
    "effective_echo_time": 0x00189082,
    "inversion_times": 0x00189079,
    "b_value": 0x00189087,
    "gradient": 0x00189089,
    "study_uid": 0x0020000D,
    "series_uid": 0x0020000E,
    "series_number": 0x00200011,
    "acquisition_number": 0x00200012,
    "instance_number": 0x00200013,
    "position": 0x00200032,
    "orientation": 0x00200037,
    "frame_of_reference": 0x00200052,
    "temporal_position": 0x00200100,
    "temporal_index": 0x00209128,
    "stack_id": 0x00209056,
    "photometric": 0x00280004,
    "frame_count": 0x00280008,
    "pixel_spacing": 0x00280030,
    "burned_in": 0x00280301,
    "lossy": 0x00282110,
    "intercept": 0x00281052,
    "slope": 0x00281053,
    "rescale_type": 0x00281054,
    "concatenation": 0x00209161,
}
WORDS = {
    "samples": 0x00280002,
    "rows": 0x00280010,
    "columns": 0x00280011,
    "bits_allocated": 0x00280100,
    "bits_stored": 0x00280101,
    "high_bit": 0x00280102,
    "signed": 0x00280103,
    "padding": 0x00280120,
    "concatenation_number": 0x00209162,
    "concatenation_total": 0x00209163,
}
INSIDE = frozenset((0x52009229, 0x52009230, 0x00283000))
"""Functional groups and Modality LUT: files with these are for the thorough reader."""
NAME_OF = {tag: name for name, tag in (TEXTS | WORDS).items()}
WANTED = frozenset(NAME_OF) | INSIDE
FREE_TEXT = (
    "study_description",
    "series_description",
    "patient_name",
    "patient_id",
    "protocol_name",
    "contrast_agent",
)

# The order is the order in which a split is tried (interop S2, step 4).
DISTINCTIONS = (
    ("image type", "image_type"),
    ("stack", "stack_id"),
    ("echo number", "echo_number"),
    ("echo time", "echo_time"),
    ("acquisition number", "acquisition_number"),
    ("temporal position", "temporal_position"),
    ("trigger time", "trigger_time"),
    ("inversion time", "inversion_time"),
    ("b-value", "b_value"),
    ("gradient direction", "gradient"),
    ("contrast agent", "contrast_agent"),
    ("reconstruction kernel", "kernel"),
    ("scanning sequence", "scanning_sequence"),
    ("slice thickness", "thickness"),
    ("acquisition time", "acquired_at"),
)
