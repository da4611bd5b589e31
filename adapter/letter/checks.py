"""What was checked, with its value and its day: a check without a day is not known, so none is claimed."""

from collections.abc import Iterator
from datetime import date
from types import MappingProxyType

from adapter.clinical.decision import Decision
from adapter.clinical.model import Analyte, BoneRecord, Lab, LabMark
from adapter.letter.parts import Block, BlockStyle, Line
from adapter.letter.text_entries import Texts

ORDER = {analyte: at for at, analyte in enumerate(Analyte)}
# The fact that a value stands for: while the fact counts as unknown, the value is shown as too old.
FACT_OF = MappingProxyType(
    {
        Analyte.EGFR: "renal_function",
        Analyte.CREATININE_CLEARANCE: "renal_function",
        Analyte.CREATININE: "renal_function",
        Analyte.CALCIUM: "calcium",
        Analyte.VITAMIN_D_25OH: "vitamin_d",
    }
)


def known_checks(decision: Decision, record: BoneRecord, texts: Texts) -> Block:
    """Laboratory values, then the lists and answers that somebody gave, each with its day."""
    lines = (*_values(decision, record, texts), *_answers(record, texts))
    return Block("checks", texts.say("block.checks"), lines, BlockStyle.RUN)


def lab(measured: Lab, texts: Texts, *, inside: bool = False) -> str:
    """``eGFR 62 mL/min/1.73 m² (3 November 2026)``, or the mark if there is no number.

    ``inside`` another pair of brackets it has none of its own.
    """
    name = texts.name("lab", measured.analyte)
    mark = texts.say(f"lab_mark.{measured.mark}") if measured.mark in (LabMark.LOW, LabMark.HIGH) else ""
    if measured.value is None and not mark:
        return ""
    unit = texts.say(f"lab_unit.{measured.analyte}")
    value = f"{texts.measured(measured.value)} {unit}" if measured.value is not None else ""
    about = ", ".join(filter(None, (mark if value else "", _day(measured.on, texts))))
    return f"{name} {value or mark}, {about}" if inside else f"{name} {value or mark} ({about})"


def _values(decision: Decision, record: BoneRecord, texts: Texts) -> Iterator[Line]:
    for value in sorted(record.labs, key=lambda it: ORDER[it.analyte]):
        if said := lab(value, texts):
            stale = FACT_OF.get(value.analyte) in decision.unknown
            yield Line(f"lab.{value.analyte}", texts.say("line.stale", what=said) if stale else said)


def _answers(record: BoneRecord, texts: Texts) -> Iterator[Line]:
    lists = (
        ("conditions", record.conditions),
        ("medications", record.medicines),
        ("fractures", record.fractures),
    )
    for name, listing in lists:
        if listing.complete and listing.on:
            yield Line(
                f"list.{name}",
                texts.say("line.list_of", what=texts.name("fact", name), date=texts.day(listing.on)),
            )
    days = dict(record.days)
    if record.exclusion_screen_negative:
        on = _day(days.get("exclusion_screen_negative"), texts)
        yield Line("list.exclusion_screen", texts.say("line.causes_excluded", date=on))
    if record.frax and (record.frax.mof_pct is not None or record.frax.hip_pct is not None):
        pairs = (("frax_major", record.frax.mof_pct), ("frax_hip", record.frax.hip_pct))
        said = ", ".join(
            texts.say(f"line.{key}", value=texts.number(it)) for key, it in pairs if it is not None
        )
        yield Line("frax", texts.say("line.frax", values=said, date=_day(record.frax.on, texts)))


def _day(on: date | None, texts: Texts) -> str:
    return texts.day(on) if on else texts.say("line.date_unknown")
