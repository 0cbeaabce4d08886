"""Windows are opened off screen, whatever the machine has; properties have no deadline on a busy one."""

from __future__ import annotations

import os

from hypothesis import settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

settings.register_profile("coread", deadline=None)
settings.load_profile("coread")
