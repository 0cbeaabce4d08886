"""DICOM files to ordered series, volumes, or refusals with reasons."""
