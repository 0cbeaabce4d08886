"""The makers' names of CT reconstruction kernels, reduced to the words readers see: soft, lung, bone,
other.
"""

from __future__ import annotations

import re

_NAMES = (
    ("lung", re.compile(r"lung|pulm|^l$|^ya$|^yb$")),
    ("bone", re.compile(r"bone|os$|detail|edge|ear|^d$")),
    ("soft", re.compile(r"soft|stand|std|smooth|abdo|body|brain|^a$|^b$|^c$")),
)
_NUMBERED = re.compile(r"^(?:b|br|bf|bl|bv|hr|hf|hc|h|i|j|q|qr|bd|sa|d|t)(\d{2})")
_FC = re.compile(r"^fc(\d{2})")


def kernel_word(written: str) -> str:
    """`soft`, `lung`, `bone` or `other` for what a maker calls a kernel; `other` when nothing is written."""
    name = written.split("\\", maxsplit=1)[0].strip().lower()
    if not name:
        return "other"
    numbered = _NUMBERED.match(name)
    if numbered:  # sharper with the number: body kernels to 49, lung from 50, bone from 65
        sharpness = int(numbered.group(1))
        return "soft" if sharpness < 50 else "lung" if sharpness < 65 else "bone"
    numbered = _FC.match(name)
    if numbered:
        number = int(numbered.group(1))
        return "soft" if number < 20 else "bone" if 30 <= number < 40 else "lung" if 50 <= number < 60 else "other"
    for word, pattern in _NAMES:
        if pattern.search(name):
            return word
    return "other"
