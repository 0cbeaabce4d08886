"""The program's version, as every signature, audit row and export carries it."""

PROGRAM_VERSION = "0.1.0"
PROGRAM = f"coread {PROGRAM_VERSION}"
