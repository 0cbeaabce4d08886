"""Names that look unused to the dead-code check and are not, each with who asks for it."""

from __future__ import annotations

trace = None  # sys.excepthook hands the traceback over as its third argument (app/desktop.py)
trace  # noqa: B018
