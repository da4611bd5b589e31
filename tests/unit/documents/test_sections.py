"""The sections of a document: the plan behind its own, each with a code."""

from mappings.codes import BASE, Loinc
from mappings.documents.composition import TYPE_OF
from mappings.documents.sections import LOINC_OF
from tests.unit.documents.documents_at_hand import (
    CHANGED,
    RELEASE,
    RELEASED,
    metadata,
    rendered,
)
from tests.unit.documents.opened_documents import (
    CASES,
    bundle,
    first,
    resources_in,
    sections,
    sections_with,
)
from tests.unit.letter.patients import decision


def test_the_plan_stands_behind_its_section_and_its_goals_are_told() -> None:
    document = bundle()
    (told,) = sections_with(document, "18776-5")
    (plan,) = resources_in(document, "CarePlan")
    (entry,) = [it for it in document["entry"] if it["resource"] is plan]

    assert told["entry"] == [{"reference": entry["fullUrl"]}]
    assert plan["intent"] == "proposal"
    assert "1100 mg/d" in sections_with(document, "61146-7")[0]["text"]["div"]


def test_a_retraction_hands_nothing_on_again() -> None:
    document = bundle(*CASES["retracted"])

    assert resources_in(document, "CarePlan") == []
    assert sections_with(document, "18776-5") == []


def test_the_patients_copy_carries_no_plan() -> None:
    document = bundle(*CASES["patient"])

    assert resources_in(document, "CarePlan") == []
    assert first(document)["type"]["coding"][0]["code"] == "51852-2"


def test_a_letter_without_a_paragraph_on_the_plan_still_carries_it() -> None:
    bare = decision(activities=(), follow_ups=())

    (told,) = sections_with(bundle(rendered(bare), metadata(bare)), "18776-5")

    assert told["entry"]


def test_codes_of_loinc_are_well_formed_and_each_section_has_one_of_ours() -> None:
    loinc = [it["code"] for it in (*TYPE_OF.values(), *LOINC_OF.values())]

    assert [Loinc(it).code for it in loinc] == loinc
    for case in CASES.values():
        for section in sections(first(bundle(*case))):
            assert section["code"]["coding"][-1]["system"] == f"{BASE}/CodeSystem/letter-section"


def test_a_corrected_letter_says_so_in_its_first_section() -> None:
    document = bundle(rendered(**RELEASED, **CHANGED), metadata(released=RELEASE, edition=2))

    assert sections_with(document, "correction")
