"""What a cell of the lesion table says: number, word and state letter (design 5), from a finding."""

from __future__ import annotations

from dataclasses import dataclass

from measure.read import Finding, Lesion, Mark, ZoneForm

LETTER = {
    "absent": "0",
    "too-small": "M",
    "split": "S",
    "merged": "G",
    "not-evaluable": "X",
    "resected": "X",
    "ablated": "X",
    "not-imaged": "X",
    "equivocal": "E",
}
WORD = {
    "present": "present",
    "increased": "increased",
    "unequivocal-progression": "progression",
    "equivocal": "",
}
ZONE_WORD = {
    "no local tumour": "complete",
    "equivocal": "equivocal",
    "residual tumour": "residual",
    "local tumour progression": "progression",
    "not evaluable": "",
}


@dataclass(frozen=True)
class CellText:
    """One cell: number or word at the right, the letter slot beside it, and what its tool tip says."""

    text: str = ""
    letter: str = ""
    is_word: bool = False
    proposal: bool = False
    tip: str = ""


def lesion_cell(
    lesion: Lesion, finding: Finding | None, mark: Mark | None, *, now: bool, proposed: str = ""
) -> CellText:
    """The cell of one lesion at one time point; open ones of the current time point carry `O`, or `P` with what is
    proposed."""
    if finding is None and now and proposed:
        return CellText(proposed, "P", proposal=True, tip=f"{lesion.label} is open; {proposed} mm is proposed")
    if finding is None:
        return CellText(letter="O", tip=f"{lesion.label} is open") if now else CellText()
    letter = LETTER.get(finding.state, "")
    tip = _tip(lesion, finding, mark)
    if lesion.role in ("non-target", "new-non-target") and finding.state in WORD:
        word = WORD[finding.state]
        return CellText(
            word, "U" if finding.state == "unequivocal-progression" else letter, is_word=bool(word), tip=tip
        )
    if finding.state in ("absent", "merged") and lesion.role in ("target", "new-target"):
        return CellText("0.0", letter, tip=tip)
    if letter == "X":
        return CellText("", letter, tip=tip)
    return CellText(finding.diameter_mm, letter, tip=tip)


def _tip(lesion: Lesion, finding: Finding, mark: Mark | None) -> str:
    parts = [f"{lesion.label}, {lesion.site}: {finding.state.replace('-', ' ')}"]
    if finding.long_axis_mm:
        short = f" × {finding.short_axis_mm}" if finding.short_axis_mm else ""
        counts = ", the short axis counts" if lesion.nodal else ""
        parts.append(f"{finding.long_axis_mm}{short} mm{counts}")
    if mark is not None:
        parts.append(f"drawn by {finding.method.replace('-', ' ')}")
    if finding.reason:
        parts.append(finding.reason)
    return "; ".join(parts)


def zone_cell(form: ZoneForm | None, *, now: bool, imaged: bool) -> CellText:
    """The cell of one zone at one time point."""
    if not imaged:
        return CellText()
    if form is None or not form.judgement:
        return CellText(letter="O") if now else CellText()
    word = ZONE_WORD[form.judgement]
    return CellText(word, "" if word else "X", is_word=True, tip=form.judgement)
