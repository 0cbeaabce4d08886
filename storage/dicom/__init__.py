"""DICOM in and out: headers, series assembly, pixels, de-identification, writing."""

from __future__ import annotations

import logging
import sys
from types import ModuleType
from typing import cast

# pydicom imports every decoder package it finds. `libjpeg` (pylibjpeg-libjpeg) is GPL: where somebody has
# installed it beside coread it must not become part of the program, so its import is refused beforehand.
sys.modules.setdefault("libjpeg", cast(ModuleType, None))

# Its log quotes values of the headers, names of patients among them: they must reach no log file.
logging.getLogger("pydicom").disabled = True
