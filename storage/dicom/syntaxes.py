"""The transfer syntaxes that are opened, and the decoder of each: named here, never found by chance.

No decoder is discovered through installed plug-ins: a GPL `libjpeg` plug-in that happens to lie in the
environment is neither asked nor loaded. Measured choices: reference interop T.
"""

from __future__ import annotations

# By UID: its name, the decoder, and whether the syntax itself loses information.
SYNTAXES: dict[str, tuple[str, str, bool]] = {
    "1.2.840.10008.1.2": ("Implicit VR Little Endian", "native", False),
    "1.2.840.10008.1.2.1": ("Explicit VR Little Endian", "native", False),
    "1.2.840.10008.1.2.1.99": ("Deflated Explicit VR Little Endian", "native", False),
    "1.2.840.10008.1.2.2": ("Explicit VR Big Endian", "native", False),
    "1.2.840.10008.1.2.5": ("RLE Lossless", "rle", False),
    "1.2.840.10008.1.2.4.50": ("JPEG Baseline (Process 1)", "pillow", True),
    "1.2.840.10008.1.2.4.51": ("JPEG Extended (Process 2 and 4)", "simpleitk", True),
    "1.2.840.10008.1.2.4.53": ("JPEG Spectral Selection (Process 6 and 8)", "simpleitk", True),
    "1.2.840.10008.1.2.4.55": ("JPEG Full Progression (Process 10 and 12)", "simpleitk", True),
    "1.2.840.10008.1.2.4.57": ("JPEG Lossless (Process 14)", "ljpeg", False),
    "1.2.840.10008.1.2.4.70": ("JPEG Lossless (Process 14, Selection Value 1)", "ljpeg", False),
    "1.2.840.10008.1.2.4.80": ("JPEG-LS Lossless", "jpegls", False),
    "1.2.840.10008.1.2.4.81": ("JPEG-LS Near-Lossless", "jpegls", True),
    "1.2.840.10008.1.2.4.90": ("JPEG 2000 Lossless", "openjpeg", False),
    "1.2.840.10008.1.2.4.91": ("JPEG 2000", "openjpeg", True),
    "1.2.840.10008.1.2.4.201": ("HTJ2K Lossless", "openjpeg", False),
    "1.2.840.10008.1.2.4.202": ("HTJ2K Lossless RPCL", "openjpeg", False),
    "1.2.840.10008.1.2.4.203": ("HTJ2K", "openjpeg", True),
}


def is_supported(uid: str) -> bool:
    """A decoder is named for this transfer syntax."""
    return uid in SYNTAXES


def is_lossy(uid: str) -> bool:
    """The syntax itself throws information away; unknown syntaxes count as not lossy, they are not opened."""
    return uid in SYNTAXES and SYNTAXES[uid][2]


def syntax_name(uid: str) -> str:
    """The name of a transfer syntax for a message, its UID when it is not known here."""
    return SYNTAXES[uid][0] if uid in SYNTAXES else uid
