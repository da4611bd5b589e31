"""Letters of the made decisions, and the lines of a block of them."""

from typing import Any

from adapter.clinical.decision import (
    NotOffered,
    Option,
    Treatment,
    TreatmentDecision,
)
from adapter.letter import Letter, letter
from mappings.texts import load
from tests.unit.letter.patients import (
    WHY,
    decision,
    people,
    record,
)

ENGLISH = load("en")


def written(
    *,
    language: str = "en",
    by: dict[str, Any] | None = None,
    of: dict[str, Any] | None = None,
    **changes: Any,
) -> Letter:
    return letter(decision(**changes), record(**of or {}), people(**by or {}), load(language))


def texts_of(it: Letter, block: str) -> list[str]:
    return [
        line.text for part in it.parts for held in part.blocks if held.key == block for line in held.lines
    ]


def keys_of(it: Letter) -> list[str]:
    return [line.key for line in it.lines()]


def treated(choice: TreatmentDecision, *options: Option, gone: tuple[NotOffered, ...] = ()) -> dict[str, Any]:
    return {"treatment": Treatment(choice, "C-57", WHY, options, gone)}
