"""Meanings that a patient's letter must carry, from the record through a real pathway to a line of English.

A meaning is there when one line of the letter holds all of its words.
"""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from adapter.clinical.decide import decide
from adapter.clinical.model import (
    BoneRecord,
    Condition,
    ConditionKind,
    Fracture,
    FractureSite,
    Lifestyle,
    Listing,
    Medicine,
    MedicineKind,
    Menopause,
    Relative,
    Sex,
    Site,
    StandardDeviations,
    TScore,
    VertebralFracture,
    Vfa,
)
from adapter.clinical.pathway.pathway import Pathway
from adapter.clinical.pathway.rules import Effect
from adapter.letter import People, letter
from adapter.letter.layout import FORBIDDEN, STATEMENTS
from mappings import pathways, texts

ON = date(2026, 11, 10)
LITTLE_WORDS = {"a", "be", "by", "in", "is", "of", "on", "the", "to", "and", "set"}


def a_woman_of(age: int, spine: str, neck: str, on: date = ON, **facts: Any) -> BoneRecord:
    scores = (
        TScore(Site.LUMBAR_SPINE, StandardDeviations(spine), on),
        TScore(Site.FEMORAL_NECK, StandardDeviations(neck), on),
    )
    born = date(2026 - age, 1, 1)
    return BoneRecord(sex=Sex.FEMALE, birth_date=born, menopause=Menopause.POST, t_scores=scores, **facts)


@cache
def loaded(name: str) -> Pathway:
    return pathways.load(name)


def lines(record: BoneRecord, pathway: str, **parameters: str) -> Iterator[str]:
    decision = decide(
        record, pathways.load(pathway, parameters) if parameters else loaded(pathway), date(2026, 11, 20)
    )
    for line in letter(decision, record, People("2026-11-20"), texts.load("en")).lines():
        yield line.text


def words(text: str) -> set[str]:
    return set(re.findall(r"-?\d+\.\d+|[\w-]+", text.lower())) - LITTLE_WORDS


def conditions(*kinds: ConditionKind) -> Listing[Condition]:
    return Listing.of(Condition(kind) for kind in kinds)


HANDOVER = a_woman_of(
    70, "-2.9", "-2.4", vfa=Vfa((VertebralFracture(2, "T11"),), ON), phone_appointment=date(2026, 12, 1)
)
WRIST = a_woman_of(
    66,
    "-1.8",
    "-1.2",
    vfa=Vfa(),
    fractures=Listing.of([Fracture(FractureSite.WRIST, date(2026, 9, 15), True)]),
)
NEW_FRACTURE = a_woman_of(
    74, "-2.8", "-2.3", date(2024, 5, 6), handover_sent=date(2024, 9, 12),
    fractures=Listing.of([Fracture(FractureSite.HUMERUS, date(2026, 10, 30), True)]),
)  # fmt: skip
FALLS = a_woman_of(
    78, "-2.0", "-2.2", falls_last_12m=Decimal(2),
    medicines=Listing.of([Medicine(frozenset({MedicineKind.FALL_RISK_DRUG}))]),
)  # fmt: skip
BENT = a_woman_of(
    75, "-2.7", "-2.0", conditions=conditions(ConditionKind.KYPHOSIS, ConditionKind.REDUCED_BALANCE)
)
RISKS = a_woman_of(
    58, "-1.4", "-1.1", age_at_menopause=Decimal(44), relatives=(Relative.OSTEOPOROSIS,),
    conditions=conditions(ConditionKind.RHEUMATOID_ARTHRITIS), lifestyle=Lifestyle(smoker=True),
)  # fmt: skip
CALLS = a_woman_of(70, "-1.6", "-1.2")

MEANINGS = [
    ("antonius", HANDOVER, "T-score lumbar spine -2.9"),
    ("antonius", HANDOVER, "T-score femoral neck -2.4"),
    ("antonius", HANDOVER, "VFA grade 2 T11"),
    ("antonius", HANDOVER, "lowest value decides"),
    ("antonius", HANDOVER, "proposal: clinician confirms"),
    ("antonius", HANDOVER, "new fracture: re-refer to fracture and osteoporosis clinic"),
    ("antonius", HANDOVER, "repeat DXA: interval to be set"),
    ("antonius", WRIST, "wrist fracture"),
    ("antonius", NEW_FRACTURE, "current osteoporosis medication not known"),
    ("etz", FALLS, "fall risk"),
    ("etz", FALLS, "medication review"),
    ("fysio", BENT, "T-score -2.7"),
    ("fysio", BENT, "kyphosis: vertebral fracture possible"),
    ("fysio", BENT, "contact GP/referrer"),
    ("etz", RISKS, "risk factors"),
]


@pytest.mark.parametrize(
    ("pathway", "record", "meaning"), MEANINGS, ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_meaning_stands_in_one_line(pathway: str, record: BoneRecord, meaning: str) -> None:
    said = [line for line in lines(record, pathway) if words(meaning) <= words(line)]

    assert said


def test_the_number_to_call_is_that_of_the_configured_location() -> None:
    said = list(lines(CALLS, "etz", etz_location="tweesteden"))

    assert any("013 221 03 80" in line for line in said)


@pytest.mark.parametrize("language", texts.LANGUAGES)
@pytest.mark.parametrize("pathway", pathways.PATHWAY_NAMES)
@pytest.mark.parametrize("record", [HANDOVER, WRIST, NEW_FRACTURE, FALLS, BENT, RISKS, CALLS, BoneRecord()])
def test_no_shipped_pathway_says_anything_that_nobody_has_worded(
    pathway: str, record: BoneRecord, language: str
) -> None:
    decision = decide(record, loaded(pathway), date(2026, 11, 20))
    spoken = texts.load(language)
    local = spoken.say("format.local", name="")

    said = "\n".join(line.text for line in letter(decision, record, People("2026-11-20"), spoken).lines())

    assert local.strip() not in said
    assert "_" not in said


SECTIONS = {
    "activity": "activity", "flag": "flag", "goal": "goal", "follow_up": "follow_up", "statement": "statement",
    "offer": "option", "wait": "check", "unknown": "fact", "computed": "computed", "route": "route",
}  # fmt: skip


def effects(pathway: str) -> Iterator[Effect]:
    return (effect for rule in loaded(pathway).rules for effect in rule.effects)


@pytest.mark.parametrize("pathway", pathways.PATHWAY_NAMES)
def test_every_code_a_shipped_pathway_can_emit_has_words(pathway: str) -> None:
    english = texts.load("en")

    emitted = [(SECTIONS[effect.kind], effect.code) for effect in effects(pathway) if effect.kind in SECTIONS]
    units = [("unit", str(e.attributes["unit"])) for e in effects(pathway) if e.kind == "goal"]
    reasons = [
        ("not_offered", e.attributes["because"]) for e in effects(pathway) if e.attributes.get("because")
    ]
    drugs = [("drug", drug) for effect in effects(pathway) for drug in effect.attributes.get("drugs") or ()]

    assert len(emitted) > 20
    assert [f"{s}.{c}" for s, c in emitted + units + reasons + drugs if not english.knows(s, c)] == []


@pytest.mark.parametrize("pathway", pathways.PATHWAY_NAMES)
def test_every_statement_of_a_shipped_pathway_has_a_paragraph(pathway: str) -> None:
    said = {effect.code for effect in effects(pathway) if effect.kind == "statement"}

    assert said - STATEMENTS.keys() == set()


@pytest.mark.parametrize("pathway", pathways.PATHWAY_NAMES)
def test_no_shipped_pathway_emits_what_no_letter_may_say(pathway: str) -> None:
    assert not FORBIDDEN & {effect.code for effect in effects(pathway)}


@pytest.mark.parametrize("language", ["nl", "en", "fr"])
@pytest.mark.parametrize("site", [Site.LUMBAR_SPINE, Site.FEMORAL_NECK])
def test_each_line_of_the_conclusion_is_a_sentence(site: Site, language: str) -> None:
    record = BoneRecord(
        sex=Sex.FEMALE, birth_date=date(1957, 3, 4), t_scores=(TScore(site, StandardDeviations("-2.7"), ON),)
    )
    found = letter(
        decide(record, loaded("antonius"), date(2026, 11, 20)), record, People("2026-11-20"), texts.load(language)
    )  # fmt: skip
    (conclusion,) = [block for part in found.parts for block in part.blocks if block.key == "conclusion"]

    assert any("never_measured" in line.key for line in conclusion.lines)
    assert all(line.text[0].isupper() and line.text.endswith(".") for line in conclusion.lines)
