"""Every identifier that a response may carry has its sentence and its source."""

from __future__ import annotations

import re
from pathlib import Path

import measure.criteria
from storage.rule_texts import rule_texts


def test_every_rule_the_engine_cites_is_explained_and_no_other() -> None:
    folder = Path(measure.criteria.__file__).parent
    source = "\n".join(one.read_text("utf-8") for one in folder.rglob("*.py"))
    cited = set(re.findall(r'"((?:R11|IR|SC|AB|MR|HC)-\d\d)"', source))
    assert cited == set(rule_texts())


def test_texts_are_sentences_with_a_source() -> None:
    for one in rule_texts().values():
        assert one.text.endswith(".")
        assert one.source
