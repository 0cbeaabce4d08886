"""Everything that lasts: DICOM, image store, database, exports, strict readers for resources."""
