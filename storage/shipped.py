"""The protocols that ship with the program."""

from __future__ import annotations

from functools import cache

from measure.protocol import Protocol
from measure.refusal import Refused
from storage.places import shipped
from storage.protocol_file import read_protocol


def shipped_protocols() -> tuple[str, ...]:
    """Names of the shipped protocols, sorted."""
    files = (one.name for one in shipped("protocols").iterdir())
    return tuple(sorted(name[:-5] for name in files if name.endswith(".toml")))


@cache
def shipped_protocol(name: str) -> Protocol:
    """A shipped protocol by its name; raises Refused for an unknown one."""
    if name not in shipped_protocols():
        raise Refused(f"{name}: no such shipped protocol; there is: {', '.join(shipped_protocols())}")
    return read_protocol(shipped("protocols", f"{name}.toml").read_text("utf-8"), f"{name}.toml")
