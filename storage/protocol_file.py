"""Read a trial protocol (TOML) strictly: what is unknown, wrong or dangling is refused by line, key and cure.

Tables merge with the defaults key by key, lists of tables replace the default as a whole. A rule key may
stand in its table or, quoted with its dotted name, at the top of the file (`"scope.treated_exclusion" =
"from-treatment"`, the only way beside `[[scope]]`).
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, TypeVar

from measure import protocol as p
from measure.protocol_keys import Key, checked, keys_of, near
from measure.refusal import Refused
from measure.rules import RULE_KEYS, Rules, RuleValue

T = TypeVar("T")

SINGLE: dict[str, type] = {
    "trial": p.Trial,
    "calendar": p.Calendar,
    "baseline": p.Baseline,
    "visits": p.Visits,
    "reading": p.Reading,
    "qc": p.Qc,
    "precision": p.Precision,
    "ablation": p.Ablation,
    "simon": p.Simon,
    "pro": p.Pro,
    "toxicity": p.Toxicity,
    "surgery": p.Surgery,
    "censoring": p.Censoring,
    "export": p.Export,
}
LISTS: dict[str, tuple[str, type]] = {
    "arm": ("arms", p.Arm),
    "cutoff": ("cutoffs", p.Cutoff),
    "visit": ("visit_list", p.Visit),
    "scope": ("scopes", p.Scope),
    "criterion": ("criteria", p.Criterion),
    "endpoint": ("endpoints", p.Endpoint),
    "import": ("imports", p.ImportTable),
}
RULE_TABLES = {dotted.split(".")[0] for dotted in RULE_KEYS if "." in dotted}

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?")
_ASSIGNED = re.compile(r"""^\s*("[^"]*"|'[^']*'|[A-Za-z0-9_-]+(?:\s*\.\s*[A-Za-z0-9_-]+)*)\s*=""")


class _Places:
    """On which line a key stands; good enough for a message, never used for reading."""

    def __init__(self, text: str, name: str) -> None:
        self.name = name
        self._lines: dict[str, int] = {}
        table, counts = "", dict[str, int]()
        for number, line in enumerate(text.splitlines(), 1):
            if header := _HEADER.match(line):
                table = header[2].replace('"', "")
                if header[1] == "[[":
                    number_of = counts.get(table, 0)
                    counts[table] = number_of + 1
                    table = f"{table}#{number_of}"
                self._lines.setdefault(table, number)
            elif assigned := _ASSIGNED.match(line):
                word = re.sub(r"\s", "", assigned[1].strip("\"'"))
                self._lines.setdefault(f"{table}.{word}" if table else word, number)

    def refusal(self, place: str, shown: str, text: str) -> Refused:
        """The refusal of a key; place is `table.key`, `table#2.key` or a table alone."""
        line = self._lines.get(place) or self._lines.get(place.rsplit(".", 1)[0], 1)
        return Refused(f"{self.name}:{line}: {shown}: {text}")


def read_protocol(text: str, name: str) -> p.Protocol:
    """The protocol of a file's text; `name` is used in refusals. Raises Refused.

    A line for each thing wrong.
    """
    try:
        tables = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as wrong:
        line = re.search(r"line (\d+)", str(wrong))
        raise Refused(f"{name}:{line[1] if line else 1}: this is not TOML: {wrong}") from None
    return _Reading(tables, text, name).protocol()


class _Reading:
    """One pass over one file; problems are gathered so that all are said at once."""

    def __init__(self, tables: Mapping[str, Any], text: str, name: str) -> None:
        self.tables, self.text = tables, text
        self.places = _Places(text, name)
        self.problems: list[str] = []

    def wrong(self, place: str, shown: str, text: str) -> None:
        self.problems.extend(self.places.refusal(place, shown, text).lines)

    def protocol(self) -> p.Protocol:
        self._top()
        parts: dict[str, Any] = {}
        for table, cls in SINGLE.items():
            parts[table] = self._single(table, cls)
        for table, (attribute, cls) in LISTS.items():
            if isinstance(self.tables.get(table), list):
                parts[attribute] = tuple(self._items(table, cls, self.tables[table]))
        parts["rules"] = self._rules()
        if self.problems:
            raise Refused(*self.problems)
        made = p.Protocol(**parts, text=self.text, sha256=hashlib.sha256(self.text.encode("utf-8")).hexdigest())
        made = _with_names(made)
        for place, shown, text in checks(made):
            self.wrong(place, shown, text)
        if self.problems:
            raise Refused(*self.problems)
        return made

    def _top(self) -> None:
        known = {"schema", *SINGLE, *LISTS, *RULE_TABLES, *RULE_KEYS}
        for word, value in self.tables.items():
            if word not in known:
                self.wrong(word, word, f"there is no such table or key{near(word, known)}")
            elif word in LISTS and isinstance(value, Mapping) and word in RULE_TABLES:
                continue  # [scope] treated_exclusion
            elif word in LISTS and not (isinstance(value, list) and all(isinstance(v, Mapping) for v in value)):
                self.wrong(word, word, f"is a list of tables, write [[{word}]]")
            elif word not in LISTS and (word in SINGLE or word in RULE_TABLES) and not isinstance(value, Mapping):
                self.wrong(word, word, f"is a table, write [{word}]")
        schema = self.tables.get("schema")
        if schema is None:
            self.wrong("", "schema", "is missing, expected schema = 1")
        elif schema != 1 or isinstance(schema, bool):
            self.wrong("schema", "schema", f"{schema!r} is not allowed, expected 1")

    def _value(self, place: str, shown: str, what: Key, value: object) -> object:
        try:
            return self._settings(place, shown, value) if what.kind == "settings" else checked(value, what)
        except ValueError as wrong:
            self.wrong(place, shown, str(wrong))
            return None

    def _settings(self, place: str, shown: str, value: object) -> tuple[tuple[str, RuleValue], ...]:
        if not isinstance(value, Mapping):
            raise ValueError(f"{value!r} is not allowed, expected a table of quoted rule keys")  # noqa: TRY004
        kept = []
        for dotted, one in value.items():
            named = f'{shown}."{dotted}"'
            if dotted not in RULE_KEYS:
                self.wrong(place, named, f"there is no such rule key{near(dotted, RULE_KEYS)}")
            else:
                kept.append((dotted, self._value(place, named, RULE_KEYS[dotted][1], one)))
        return tuple(kept)  # type: ignore[arg-type]

    def _filled(self, cls: Callable[..., T], place: str, shown: str, given: Mapping[str, Any]) -> T:
        keys = keys_of(cls)  # type: ignore[arg-type]
        values: dict[str, Any] = {}
        for word, value in given.items():
            if word in keys:
                attribute, what = keys[word]
                values[attribute] = self._value(f"{place}.{word}", f"{shown}.{word}", what, value)
            elif f"{shown}.{word}" not in RULE_KEYS:
                known = [*keys, *(k.split(".", 1)[1] for k in RULE_KEYS if k.startswith(shown + "."))]
                self.wrong(f"{place}.{word}", f"{shown}.{word}", f"there is no such key{near(word, known)}")
        for word, (_, what) in keys.items():
            if what.required and not given.get(word):
                self.wrong(place, f"{shown}.{word}", f"is missing, expected {what.allowed}")
        return cls(**values)

    def _single(self, table: str, cls: type) -> Any:
        given = self.tables.get(table, {})
        return self._filled(cls, table, table, given if isinstance(given, Mapping) else {})

    def _items(self, table: str, cls: type, items: list[Any]) -> Iterable[Any]:
        first = next(iter(keys_of(cls)))
        seen: set[str] = set()
        for number, item in enumerate(one for one in items if isinstance(one, Mapping)):
            place = f"{table}#{number}"
            made = self._filled(cls, place, table, item)
            if getattr(made, first) in seen and first in item:
                self.wrong(f"{place}.{first}", f"{table}.{first}", f"{item[first]!r} is used twice")
            seen.add(getattr(made, first))
            yield made

    def _rules(self) -> Rules:
        settings: dict[str, object] = {}
        for dotted, (_, what) in RULE_KEYS.items():
            table, _, word = dotted.rpartition(".")
            given = self.tables.get(table, {}) if table else {}
            if isinstance(given, Mapping) and word in given:
                settings[dotted] = self._value(dotted, dotted, what, given[word])
            if dotted in self.tables:
                if dotted in settings:
                    self.wrong(dotted, dotted, "is given twice")
                settings[dotted] = self._value(dotted, dotted, what, self.tables[dotted])
        for table in RULE_TABLES - set(SINGLE):
            given = self.tables.get(table, {})
            for word in given if isinstance(given, Mapping) else ():
                if f"{table}.{word}" not in RULE_KEYS:
                    self.wrong(
                        f"{table}.{word}",
                        f"{table}.{word}",
                        f"there is no such key{near(f'{table}.{word}', RULE_KEYS)}",
                    )
        return Rules() if self.problems else Rules().with_settings(settings)


def _with_names(made: p.Protocol) -> p.Protocol:
    """Fill what defaults to an id: titles, labels, reader labels, the seed of the case order."""
    return replace(
        made,
        trial=replace(made.trial, title=made.trial.title or made.trial.id),
        reading=replace(made.reading, case_order_seed=made.reading.case_order_seed or made.trial.id),
        arms=tuple(replace(one, label=one.label or one.id) for one in made.arms),
        visit_list=tuple(replace(one, reader_label=one.reader_label or one.id) for one in made.visit_list),
        scopes=tuple(replace(one, label=one.label or one.id) for one in made.scopes),
        endpoints=tuple(replace(one, title=one.title or one.id) for one in made.endpoints),
    )


LONGEST_SEARCH = 300
"""Patients up to which a two-stage design is searched for; beyond it the search would take minutes."""


def protocol_warnings(made: p.Protocol) -> tuple[str, ...]:
    """What is allowed and yet not what it says: a Simon design that its kind, rates and errors do not give.

    A search of about a second, so it is asked for where a file is taken in, not at every reading.
    """
    simon = made.simon
    given = (simon.r1, simon.n1, simon.r, simon.n)
    if not simon.enabled or simon.kind == "given" or None in given or simon.p0 is None or simon.p1 is None:
        return ()
    from measure.statistics.simon import minimax_design, optimal_design

    longest = max(110, (simon.n or 0) + 60)
    if longest > LONGEST_SEARCH:
        return (f"simon: n = {simon.n} is too large to check the design by search",)
    search = optimal_design if simon.kind == "optimal" else minimax_design
    found = search(float(simon.p0), float(simon.p1), float(simon.alpha), float(simon.power), longest)
    wanted = f"p0 = {simon.p0}, p1 = {simon.p1}, alpha = {simon.alpha}, power = {simon.power}"
    if found is None:
        return (f"simon: there is no {simon.kind} design of up to {longest} patients for {wanted}",)
    if (found.r1, found.n1, found.r, found.n) == given:
        return ()
    return (
        (
            f"simon: {given[0]}/{given[1]}, {given[2]}/{given[3]} is not the {simon.kind} design for {wanted}, "
            f"which is {found.r1}/{found.n1}, {found.r}/{found.n}"
        ),
    )


def checks(made: p.Protocol) -> list[tuple[str, str, str]]:
    """What does not fit together, as (place, key, text): dangling references and contradictions."""
    return [*_references(made), *_unconfirmed(made), *_contradictions(made)]


def _unconfirmed(made: p.Protocol) -> Iterable[tuple[str, str, str]]:
    """`trial.unconfirmed` names `table`, `table.key` or `table.id.key`, and nothing that does not exist."""
    known = {"trial.unconfirmed", *RULE_KEYS, *RULE_TABLES, *SINGLE, *LISTS}
    known.update(f"{table}.{word}" for table, cls in SINGLE.items() for word in keys_of(cls))
    for table, (attribute, cls) in LISTS.items():
        words = keys_of(cls)
        known.update(f"{table}.{word}" for word in words)
        for item in getattr(made, attribute):
            named = getattr(item, next(iter(words)))
            known.update((f"{table}.{named}", *(f"{table}.{named}.{word}" for word in words)))
    for name in made.trial.unconfirmed:
        if name not in known:
            yield "trial.unconfirmed", "trial.unconfirmed", f"{name!r} is no table or key{near(name, known)}"


def _references(made: p.Protocol) -> Iterable[tuple[str, str, str]]:
    def dangling(place: str, shown: str, value: str, known: Iterable[str]) -> Iterable[tuple[str, str, str]]:
        names = list(known)
        if value not in names:
            listed = ", ".join(repr(n) for n in names) or "none is defined"
            yield place, shown, f"{value!r} does not exist{near(value, names)}; there is: {listed}"

    scopes = [one.id for one in made.scopes]
    criteria = [one.id for one in made.criteria]
    visits = [one.id for one in made.visit_list]
    endpoints = [one.id for one in made.endpoints]
    for number, criterion in enumerate(made.criteria):
        yield from dangling(f"criterion#{number}.scope", "criterion.scope", criterion.scope, scopes)
    for number, endpoint in enumerate(made.endpoints):
        place = f"endpoint#{number}"
        yield from dangling(f"{place}.criterion", "endpoint.criterion", endpoint.criterion, ["", *criteria])
        yield from dangling(f"{place}.cutoff", "endpoint.cutoff", endpoint.cutoff, [one.id for one in made.cutoffs])
    yield from dangling(
        "ablation.zone_baseline",
        "ablation.zone_baseline",
        made.ablation.zone_baseline,
        ["first-adequate-scan", *visits],
    )
    if made.simon.enabled or made.simon.endpoint:
        yield from dangling("simon.endpoint", "simon.endpoint", made.simon.endpoint, endpoints)
    for one in made.reading.adjudicate_criteria:
        yield from dangling("reading.adjudicate_criteria", "reading.adjudicate_criteria", one, criteria)


def _contradictions(made: p.Protocol) -> Iterable[tuple[str, str, str]]:
    for number, visit in enumerate(made.visit_list):
        if (visit.days is None) == (visit.months is None):
            given = "neither" if visit.days is None else "both"
            yield (
                f"visit#{number}",
                "visit.days",
                f"exactly one of days and months is expected, {given} is given",
            )
    for number, scope in enumerate(made.scopes):
        if scope.exclude_treated and scope.only_treated:
            yield f"scope#{number}", "scope.only_treated", "cannot stand together with exclude_treated = true"
    if made.reading.readers == 1 and made.reading.adjudication:
        yield (
            "reading.readers",
            "reading.readers",
            "one reader forbids adjudication, set adjudication = false",
        )
    if not made.reading.stages:
        yield "reading.stages", "reading.stages", "at least one stage is expected"
    yield from _simon(made.simon)
    if made.surgery.day_max < made.surgery.day_min:
        yield "surgery.day_max", "surgery.day_max", f"expected at least day_min = {made.surgery.day_min}"
    if made.pro.min_answered > made.pro.items:
        yield "pro.min_answered", "pro.min_answered", f"expected at most items = {made.pro.items}"


def _simon(simon: p.Simon) -> Iterable[tuple[str, str, str]]:
    if simon.enabled:
        needed = ["p0", "p1", *(["r1", "n1", "r", "n"] if simon.kind == "given" else [])]
        for word in needed:
            if getattr(simon, word) is None:
                yield "simon", f"simon.{word}", "is missing, it is required when simon.enabled is true"
        if simon.p0 is not None and simon.p1 is not None and simon.p1 <= simon.p0:
            yield "simon.p1", "simon.p1", f"{simon.p1} is not allowed, expected more than p0 = {simon.p0}"
        if simon.n is not None and simon.n1 is not None and simon.n <= simon.n1:
            yield "simon.n", "simon.n", f"{simon.n} is not allowed, expected more than n1 = {simon.n1}"
        if simon.r is not None and simon.r1 is not None and simon.r < simon.r1:
            yield "simon.r", "simon.r", f"{simon.r} is not allowed, expected at least r1 = {simon.r1}"
