"""The document Bundle: what is in it, how final it is, and that it stands alone."""

import json
from base64 import b64decode
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import orjson
import pytest
from fhir.resources.R4B import get_fhir_model_class

from adapter.clinical.decision import Category, Classification
from adapter.errors import RecordFault, SoftwareFault
from adapter.input.wire_json import Json, JsonValue
from mappings.codes import BASE, Loinc
from mappings.documents import DocumentMetadata, RenderedLetter, broken, document_bundle, metadata_of
from mappings.documents.composition import TYPE_OF
from mappings.documents.sections import LOINC_OF
from mappings.outbound import check
from mappings.texts import LANGUAGES
from tests.unit.documents.documents_at_hand import (
    CHANGED,
    DOCTOR,
    PATIENT,
    PDF,
    RELEASE,
    RELEASED,
    metadata,
    referring,
    released,
    rendered,
    rendered_for_patient,
)
from tests.unit.letter.patients import WHY, crowded, decision
from tests.unit.outbound.server_in_memory import CONTEXT, GP, OTHER_GP, drawn

HOSTILE = '</td><script>alert(1)</script>" onload="x'


def bundle(written: RenderedLetter | None = None, where: DocumentMetadata | None = None) -> Json:
    return document_bundle(written or rendered(), where or metadata())


def resources_in(document: Json, kind: str) -> list[Json]:
    return [it["resource"] for it in document["entry"] if it["resource"]["resourceType"] == kind]


def first(document: Json) -> Json:
    resource: Json = document["entry"][0]["resource"]
    return resource


def sections(value: Json) -> Iterator[Json]:
    for section in value.get("section", ()):
        yield section
        yield from sections(section)


def sections_with(document: Json, code: str) -> list[Json]:
    return [it for it in sections(first(document)) if code in {c["code"] for c in it["code"]["coding"]}]


def xhtml_of(xhtml: str) -> ET.Element:
    return ET.fromstring(xhtml)  # noqa: S314 - made by us a moment ago


CASES: dict[str, tuple[RenderedLetter, DocumentMetadata]] = {
    "proposed": (rendered(), metadata()),
    "released": released(),
    "corrected": released(2),
    "corrected again": released(3),
    "retracted": (rendered(retraction=True, **RELEASED), metadata(released=RELEASE, edition=2)),
    "patient": (rendered_for_patient(), metadata()),
    "referring": (rendered(), referring()),
    "crowded": (rendered(crowded()[0]), metadata(crowded()[0])),
    "no class": (
        rendered(decision(classification=Classification(Category.INDETERMINATE, WHY))),
        metadata(decision(classification=Classification(Category.INDETERMINATE, WHY))),
    ),
    **{f"in {language}": (rendered(language=language), metadata()) for language in LANGUAGES},
}
EVERY = pytest.mark.parametrize("case", CASES)


@EVERY
def test_every_document_is_valid_and_keeps_the_rules(case: str) -> None:
    document = bundle(*CASES[case])

    assert broken(document) == ()
    get_fhir_model_class("Bundle").model_validate(document)
    for entry in document["entry"]:
        get_fhir_model_class(entry["resource"]["resourceType"]).model_validate(entry["resource"])


@EVERY
def test_the_same_letter_gives_the_same_bytes(case: str) -> None:
    written, where = CASES[case]

    assert orjson.dumps(bundle(written, where)) == orjson.dumps(
        deepcopy(bundle(deepcopy(written), deepcopy(where)))
    )


@EVERY
def test_every_narrative_is_well_formed_and_nothing_is_fetched_or_run(case: str) -> None:
    for section in (first(bundle(*CASES[case])), *sections(first(bundle(*CASES[case])))):
        if "text" in section:
            tags = {it.tag.rpartition("}")[2]: it.attrib for it in xhtml_of(section["text"]["div"]).iter()}
            assert tags.keys() <= {"div", "p", "ul", "li", "table", "thead", "tbody", "tr", "th", "td", "img"}
            assert tags.get("img", {}).get("src", "data:").startswith("data:")


@pytest.mark.parametrize(
    ("case", "status"),
    [
        ("proposed", "preliminary"),
        ("patient", "preliminary"),
        ("released", "final"),
        ("corrected", "amended"),
        ("retracted", "amended"),
    ],
)
def test_the_document_is_as_final_as_its_release(case: str, status: str) -> None:
    composition = first(bundle(*CASES[case]))

    assert composition["status"] == status
    assert ("attester" in composition) == (status != "preliminary")
    assert ("relatesTo" in composition) == (status == "amended")


def test_the_author_is_software_and_the_clinician_attests() -> None:
    document = bundle(*released())
    (device,) = resources_in(document, "Device")
    author = first(document)["author"][0]["reference"]

    assert [it["resource"] for it in document["entry"] if it["fullUrl"] == author] == [device]
    assert first(document)["attester"] == [
        {
            "mode": "professional",
            "time": "2026-11-13T10:00:00Z",
            "party": {
                "type": "Practitioner",
                "identifier": {
                    "system": f"{BASE}/NamingSystem/source-reference",
                    "value": "Practitioner/internist",
                },
                "display": DOCTOR["display"],
            },
        }
    ]


def test_a_correction_replaces_the_edition_before_it_and_keeps_the_name_of_the_letter() -> None:
    one, two, three = (bundle(*released(edition)) for edition in (1, 2, 3))

    assert [first(it).get("relatesTo") for it in (two, three)] == [
        [{"code": "replaces", "targetIdentifier": one["identifier"]}],
        [{"code": "replaces", "targetIdentifier": two["identifier"]}],
    ]
    assert first(one)["identifier"] == first(two)["identifier"] == first(three)["identifier"]


def test_a_proposal_and_its_release_are_two_documents_of_one_letter() -> None:
    proposed, final = bundle(), bundle(*released())

    assert proposed["identifier"] != final["identifier"]
    assert first(proposed)["identifier"] == first(final)["identifier"]


def test_two_recipients_and_the_patient_get_documents_of_their_own() -> None:
    drafts = drawn(decision(), context=replace(CONTEXT, gp=(GP, OTHER_GP)))
    documents = [
        bundle(rendered(), metadata_of(drafts, PATIENT, 0)),
        bundle(rendered(), metadata_of(drafts, PATIENT, 1)),
        bundle(rendered_for_patient(), metadata_of(drafts, PATIENT, 0)),
    ]

    assert len({it["identifier"]["value"] for it in documents}) == 3
    assert len({first(it)["identifier"]["value"] for it in documents}) == 3


def test_the_document_is_dated_by_the_letter() -> None:
    assert bundle()["timestamp"] == "2026-11-12T00:00:00Z"
    assert first(bundle())["date"] == "2026-11-12"


def test_everything_that_the_letter_says_is_in_its_narratives() -> None:
    written = rendered()
    said = " ".join(it["text"]["div"] for it in sections(first(bundle(written))) if "text" in it)
    plain = " ".join(xhtml_of(f"<x>{said}</x>").itertext())

    for part in written.letter.parts:
        for block in part.blocks:
            for line in block.lines:
                assert all(cell in plain for cell in line.cells) if line.cells else line.text[1:] in plain


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


def test_the_pdf_travels_inside() -> None:
    (file,) = resources_in(bundle(), "Binary")

    assert b64decode(file["data"]) == PDF
    assert file["contentType"] == "application/pdf"


def test_the_steps_of_a_referring_plan_travel_along() -> None:
    document = bundle(rendered(), referring())
    (plan,) = resources_in(document, "CarePlan")
    urls = {it["fullUrl"] for it in document["entry"]}

    steps = {it["reference"]["reference"] for it in plan["activity"]}
    assert steps
    assert steps <= urls


def test_of_the_patient_only_who_it_is_leaves_the_house() -> None:
    (patient,) = resources_in(bundle(), "Patient")

    assert patient.keys() == {"resourceType", "identifier", "name", "gender", "birthDate"}


def test_what_we_do_not_hold_is_named_and_not_pointed_at() -> None:
    (plan,) = resources_in(bundle(), "CarePlan")

    sources = [
        it for it in plan["supportingInfo"] if "reference" not in it
    ]  # the patient, whom we do hold, has one
    assert len(sources) == len(plan["supportingInfo"]) - 1
    for source in sources:
        assert source["type"] == source["identifier"]["value"].partition("/")[0] == "Observation"


def test_what_we_hold_travels_along_without_the_marks_of_the_server() -> None:
    hospital = {
        "resourceType": "Organization",
        "id": "hospital",
        "meta": {"versionId": "9", "profile": ["http://example.org/p"]},
        "name": "Example Hospital",
        "partOf": {"reference": "Organization/group"},
        "endpoint": [{"reference": "https://elsewhere.example.org/fhir/Endpoint/1"}],
    }
    document = bundle(rendered(), metadata(enclosed={"Organization/hospital": hospital}))

    (sent,) = resources_in(document, "Organization")
    assert sent["meta"] == {"profile": ["http://example.org/p"]}
    assert sent["partOf"]["identifier"]["value"] == "Organization/group"
    assert sent["endpoint"][0] == {
        "type": "Endpoint",
        "identifier": {
            "system": f"{BASE}/NamingSystem/source-reference",
            "value": "https://elsewhere.example.org/fhir/Endpoint/1",
        },
    }


def test_the_patient_of_another_server_is_not_taken_for_ours() -> None:
    where = metadata(
        enclosed={
            "Organization/hospital": {
                "resourceType": "Organization",
                "id": "hospital",
                "name": "x",
                "partOf": {"reference": "https://elsewhere.example.org/fhir/Device/1"},
            },
            "Device/1": {"resourceType": "Device", "id": "1"},
        }
    )

    assert len(resources_in(bundle(rendered(), where), "Device")) == 1


def test_a_hostile_name_stays_a_name() -> None:
    document = bundle(rendered(patient_name=HOSTILE), metadata())

    divs = json.dumps([it["text"] for it in sections(first(document)) if "text" in it])
    assert "&lt;script&gt;" in divs
    assert "<script" not in divs


def test_codes_of_loinc_are_well_formed_and_each_section_has_one_of_ours() -> None:
    loinc = [it["code"] for it in (*TYPE_OF.values(), *LOINC_OF.values())]

    assert [Loinc(it).code for it in loinc] == loinc
    for case in CASES.values():
        for section in sections(first(bundle(*case))):
            assert section["code"]["coding"][-1]["system"] == f"{BASE}/CodeSystem/letter-section"


def test_the_enclosed_plan_still_passes_the_gate_of_writing() -> None:
    for kind in ("CarePlan", "Device"):
        (resource,) = resources_in(bundle(), kind)
        assert set(check(resource)) <= {"one-patient"}  # whose reference is a urn inside a document


@pytest.mark.parametrize(
    ("written", "where"),
    [(rendered(), metadata(released=RELEASE)), (rendered(**RELEASED), metadata())],
    ids=["says proposed, filed as final", "says released, filed as preliminary"],
)
def test_a_document_never_stands_higher_or_lower_than_its_own_words(
    written: RenderedLetter, where: DocumentMetadata
) -> None:
    with pytest.raises(SoftwareFault, match="cannot be filed as"):
        document_bundle(written, where)


def test_a_letter_about_one_patient_is_not_filed_with_another() -> None:
    with pytest.raises(RecordFault, match="about another patient"):
        metadata(patient=PATIENT | {"id": "18"})


def test_there_is_no_edition_before_the_first() -> None:
    with pytest.raises(SoftwareFault, match="counted from one"):
        metadata(edition=0)


def test_a_letter_to_nobody_is_not_filed() -> None:
    with pytest.raises(SoftwareFault, match="no letter to file"):
        metadata_of(drawn(decision(), context=replace(CONTEXT, gp=())), PATIENT)


def test_a_communication_of_somebody_else_is_not_filed() -> None:
    with pytest.raises(SoftwareFault, match="without a plan-key identifier"):
        document_bundle(rendered(), metadata(communication={"resourceType": "Communication", "id": "x"}))


def _without(document: Json, name: str) -> Json:
    del document[name]
    return document


def _entry(document: Json, **changes: JsonValue) -> Json:
    document["entry"][-1] |= changes
    return document


def _composition(document: Json, **changes: JsonValue) -> Json:
    first(document).update(changes)
    return document


STRAY: Json = {"fullUrl": "urn:uuid:1", "resource": {"resourceType": "Device", "id": "1"}}


@pytest.mark.parametrize(
    ("damage", "rule"),
    [
        (lambda it: {**it, "type": "collection"}, "document-type"),
        (lambda it: _entry(it, fullUrl=it["entry"][0]["fullUrl"]), "bdl-7"),
        (lambda it: _entry(it, fullUrl="http://x/Device/1/_history/2"), "bdl-8"),
        (lambda it: {**it, "identifier": {"value": "1"}}, "bdl-9"),
        (lambda it: _without(it, "timestamp"), "bdl-10"),
        (lambda it: {**it, "entry": it["entry"][::-1]}, "bdl-11"),
        (lambda it: _composition(it, section=[{"title": "x"}]), "cmp-1"),
        (lambda it: _composition(it, custodian={"reference": "Organization/1"}), "dangling"),
        (lambda it: {**it, "entry": [*it["entry"], STRAY]}, "unreached"),
        (lambda it: {**it, "entry": [e for e in it["entry"] if e["resource"]["resourceType"] != "Patient"]}, "one-patient"),
        (lambda it: _composition(it, status="final"), "attested"),
        (lambda it: _composition(it, status="amended", attester=[{}]), "attested"),
        (lambda it: _composition(it, attester=[{}]), "attested"),
        (lambda it: _composition(it, status="entered-in-error"), "attested"),
    ],
)  # fmt: skip
def test_a_damaged_document_is_found_out(damage: Any, rule: str) -> None:
    assert rule in broken(damage(deepcopy(bundle())))


def test_a_corrected_letter_says_so_in_its_first_section() -> None:
    document = bundle(rendered(**RELEASED, **CHANGED), metadata(released=RELEASE, edition=2))

    assert sections_with(document, "correction")
