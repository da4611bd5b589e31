"""What a record does not speak of is answered at once: the same answers, without asking term by term."""

from dataclasses import replace
from decimal import Decimal
from types import ModuleType

import pytest

from adapter.clinical.case import no_evidence
from adapter.clinical.model import (
    Analyte,
    BoneRecord,
    Condition,
    ConditionKind,
    Frax,
    Lab,
    Lifestyle,
    Listing,
    MedicineKind,
    Procedure,
    Symptom,
    Vfa,
)
from adapter.clinical.terms import (
    CHAPTERS,
    SILENT,
    VOCABULARY,
    facts_of,
    fractures,
    labs,
    lifestyle,
    medicines,
)
from tests.unit.clinical.asking import (
    HIP,
    NOBODY,
    NONE_KNOWN,
    a_case,
    drug,
    of_conditions,
    of_fractures,
    of_medicines,
)

MEDICINE = of_medicines(drug(MedicineKind.CALCIUM))
SPEAKS: list[tuple[BoneRecord, set[ModuleType]]] = [
    (NOBODY, set()),
    (BoneRecord(fractures=NONE_KNOWN), set()),
    (BoneRecord(conditions=NONE_KNOWN), set()),
    (BoneRecord(medicines=NONE_KNOWN), set()),
    (BoneRecord(fractures=NONE_KNOWN, conditions=NONE_KNOWN, medicines=NONE_KNOWN), set()),
    (of_fractures(HIP), {fractures}),
    (BoneRecord(vfa=Vfa()), {fractures}),
    (MEDICINE, {medicines}),
    (replace(MEDICINE, medicines=replace(MEDICINE.medicines, complete=False)), {medicines}),
    (BoneRecord(procedures=(Procedure.GASTRIC_SURGERY,)), {medicines}),
    (BoneRecord(symptoms=(Symptom.RETROSTERNAL_PAIN,)), {medicines}),
    (BoneRecord(labs=(Lab(Analyte.EGFR, Decimal(60)),)), {labs}),
    (BoneRecord(frax=Frax()), {labs}),
    (of_conditions(Condition(ConditionKind.HYPOCALCAEMIA)), {labs}),
    (of_conditions(Condition(ConditionKind.HYPERCALCAEMIA)), {labs}),
    (of_conditions(Condition(ConditionKind.STROKE)), set()),
    (BoneRecord(lifestyle=Lifestyle(smoker=False)), {lifestyle}),
    (BoneRecord(falls_last_12m=Decimal(0)), {lifestyle}),
]  # fmt: skip


@pytest.mark.parametrize(("record", "speaking"), SPEAKS)
def test_where_the_record_is_silent_on_a_chapter_no_term_of_it_can_have_evidence(
    record: BoneRecord, speaking: set[ModuleType]
) -> None:
    heard = facts_of(a_case(record)).heard

    for chapter in (fractures, medicines, labs, lifestyle):
        assert chapter.TERMS.keys().isdisjoint(heard) is (chapter not in speaking)
    assert "conditions_known" in heard


@pytest.mark.parametrize(("record", "speaking"), SPEAKS)
def test_every_fact_is_what_its_term_says(record: BoneRecord, speaking: set[ModuleType]) -> None:
    case = a_case(record)
    facts = facts_of(case)

    assert facts.values.keys() == VOCABULARY.keys()
    for name, answer in facts.values.items():
        asked = VOCABULARY[name].value(case)
        assert (type(answer), answer) == (type(asked), asked), (name, speaking)
        assert name in facts.heard or asked is None or VOCABULARY[name].evidence(case) == (), name


@pytest.mark.parametrize(
    "record", [NOBODY, replace(MEDICINE, conditions=Listing.of([Condition(ConditionKind.STROKE)]))]
)
def test_only_what_is_asked_is_worked_out_and_that_as_ever(record: BoneRecord) -> None:
    asked = frozenset(
        {"age", "lowest_t", "hip_fracture", "ever_stroke", "taking_calcium", "calcium_low", "smoker"}
    )
    whole = facts_of(a_case(record)).values
    some = facts_of(a_case(record), asked).values

    assert asked <= some.keys() <= whole.keys()
    assert "bmi" not in some
    assert "suspected_stroke" not in some
    assert {name: whole[name] for name in some} == some


def test_every_chapter_is_in_the_vocabulary_and_no_name_stands_in_two() -> None:
    assert sum(len(chapter.TERMS) for chapter in CHAPTERS) == len(VOCABULARY)
    assert {chapter.__name__.rpartition(".")[2] for chapter in CHAPTERS} == {
        "person", "dxa", "fractures", "conditions", "medicines", "labs", "lifestyle",
    }  # fmt: skip


def test_only_terms_without_a_resource_of_their_own_are_never_cited() -> None:
    assert {name for name, term in VOCABULARY.items() if term.evidence is no_evidence} == SILENT
    assert {"age", "sex", "today"} <= SILENT
    assert SILENT.isdisjoint({"smoker", "lowest_t", "stroke"})
