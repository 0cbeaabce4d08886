"""What a protocol key may hold: kind, bounds and words beside the field.

And one function that checks a value.

TOML has no null: `"none"` means null where a key may be null. Lengths and rates are exact decimals and may be
written `5`, `5.0` or `"5"`. Source of the keys: the trial protocol format, sections 1 and 2.
"""

# ruff: noqa: TRY004 -- whatever is wrong with a value, it is one kind of refusal
from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any, TypeVar

T = TypeVar("T")

_DECIMAL = re.compile(r"^\d+(\.\d+)?$")


@dataclass(frozen=True, slots=True)
class Key:
    """One key: its kind, whether null is allowed, words or bounds, and its name where Python forbids it."""

    kind: str  # text, flag, count, decimal, date, words, texts, settings
    null: bool = False
    words: tuple[str, ...] = ()
    pattern: str = ""
    low: Decimal | None = None
    high: Decimal | None = None
    above_low: bool = False
    required: bool = False
    name: str = ""

    @property
    def allowed(self) -> str:
        """What is allowed, in words, for a refusal."""
        if self.words:
            text = ("a list of " if self.kind in ("words", "texts") else "one of ") + ", ".join(
                repr(word) for word in self.words
            )
        else:
            text = {
                "text": "text in quotes",
                "flag": "true or false",
                "count": "a whole number",
                "decimal": "a decimal number",
                "date": "an ISO date such as 2026-03-31",
                "words": "a list of texts",
                "texts": "a list of texts",
                "settings": 'a table of quoted rule keys, such as { "confirmation.required" = false }',
            }[self.kind]
        if self.pattern:
            text += f" ({self.pattern})"
        if self.low is not None:
            text += f", {'above' if self.above_low else 'at least'} {self.low}"
        if self.high is not None:
            text += f", at most {self.high}"
        return text + (', or "none"' if self.null else "")


def key(
    default: T,
    kind: str,
    words: str = "",
    *,
    low: str | None = None,
    high: str | None = None,
    above_low: bool = False,
    null: bool = False,
    required: bool = False,
    name: str = "",
    pattern: str = "",
) -> T:
    """A dataclass field with its default and what it may hold; words are written with blanks between them."""
    what = Key(
        kind,
        null,
        tuple("" if word == "''" else word for word in words.split()),
        pattern,
        None if low is None else Decimal(low),
        None if high is None else Decimal(high),
        above_low,
        required,
        name,
    )
    made: Any = field(default=default, metadata={"key": what})
    return made  # type: ignore[no-any-return]


def keys_of(cls: type) -> dict[str, tuple[str, Key]]:
    """The keys of a settings class as they are written in the file: name -> (attribute, what it may hold)."""
    return {
        (one.metadata["key"].name or one.name): (one.name, one.metadata["key"])
        for one in fields(cls)
        if "key" in one.metadata
    }


def near(word: str, known: object) -> str:
    """`, did you mean 'x'?` where a known word is near, else nothing."""
    names = [str(name) for name in known]  # type: ignore[attr-defined]
    found = get_close_matches(word, names, 1, 0.6)
    if not found:  # a forgotten or wrong table before the key
        found = [name for name in names if name.rsplit(".", 1)[-1] == word.rsplit(".", 1)[-1]][:1]
    return f", did you mean {found[0]!r}?" if found else ""


def as_decimal(value: object) -> Decimal:
    """An exact decimal of a TOML number or text; raises ValueError for anything else."""
    if isinstance(value, bool):
        raise ValueError
    if not isinstance(value, (int, Decimal)) and not (isinstance(value, str) and _DECIMAL.match(value)):
        raise ValueError
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError
    return number


def _text(value: object, what: Key) -> str:
    if not isinstance(value, str) or (what.words and value not in what.words):
        raise ValueError
    if what.pattern and not re.fullmatch(what.pattern, value):
        raise ValueError
    return value


def _flag(value: object, _what: Key) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


def _within(number: Decimal, what: Key) -> None:
    if what.low is not None and (number < what.low or (what.above_low and number == what.low)):
        raise ValueError
    if what.high is not None and number > what.high:
        raise ValueError


def _count(value: object, what: Key) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError
    _within(Decimal(value), what)
    return value


def _decimal(value: object, what: Key) -> Decimal:
    try:
        number = as_decimal(value)
    except InvalidOperation:
        raise ValueError from None
    _within(number, what)
    return number


def _date(value: object, _what: Key) -> date | None:
    if isinstance(value, datetime):
        raise ValueError
    if isinstance(value, date):
        return value
    if value == "":
        return None
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        raise ValueError
    return date.fromisoformat(value)


def _words(value: object, what: Key) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(word, str) for word in value):
        raise ValueError
    for word in value:
        if what.words and word not in what.words and not (what.pattern and re.fullmatch(what.pattern, word)):
            raise ValueError
    if len(set(value)) != len(value):
        raise ValueError
    return tuple(value)


_CHECKS: dict[str, Callable[[object, Key], object]] = {
    "text": _text,
    "flag": _flag,
    "count": _count,
    "decimal": _decimal,
    "date": _date,
    "words": _words,
    "texts": _words,
}


def checked(value: object, what: Key) -> object:
    """The value as the program keeps it; raises ValueError saying what is allowed."""
    if what.null and (value is None or value == "none"):
        return None
    try:
        return _CHECKS[what.kind](value, what)
    except ValueError:
        shown = str(value) if isinstance(value, Decimal) else repr(value)
        raise ValueError(f"{shown} is not allowed, expected {what.allowed}") from None
