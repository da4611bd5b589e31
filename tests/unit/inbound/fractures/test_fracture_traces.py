"""An operation or report that tells of an unrecorded fracture: named for a human, never a fracture."""

import base64

import pytest

from adapter.input.wire_json import Json, JsonValue
from mappings.codes import ICD10_CM, ICD10_WHO, INTAKE, LOINC
from mappings.inbound.medical_history.screening import speaks_of_broken_vertebra
from tests.unit.inbound.made_records import (
    SUBJECT,
    coded,
    condition,
    intake,
    medicine,
    observation,
    read,
    snomed,
)

HIP, WRIST, SPINE = snomed("263225007"), snomed("263199001"), coded((ICD10_WHO, "S22.0"))
NAIL = {"text": "Osteosynthese proximale femurfractuur, gammanail"}
COLLAPSE = "Inzakkingsfractuur van L1."


def operation(code: Json, **more: JsonValue) -> Json:
    done = {"status": "completed", "performedDateTime": "2026-03-11", "subject": SUBJECT}
    return {"resourceType": "Procedure", "id": "it", **done, "code": code, **more}


def report(conclusion: JsonValue = "", **more: JsonValue) -> Json:
    told = {"conclusion": conclusion} if conclusion else {}
    made = {
        "status": "final",
        "effectiveDateTime": "2026-09-02",
        "subject": SUBJECT,
        "code": {"text": "X-LWK"},
    }
    return {"resourceType": "DiagnosticReport", "id": "it", **made, **told, **more}


def named(*resources: Json) -> list[tuple[str, str]]:
    reading = read(*resources)
    assert [it.evidence for it in reading.record.fractures.items if it.evidence.endswith("/it")] == []
    return [(it.concerns, it.reason.value) for it in reading.needs_human if it.evidence.endswith("/it")]


def referral(reason: Json, **more: JsonValue) -> Json:
    made = {"status": "completed", "intent": "order", "subject": SUBJECT, "code": coded((LOINC, "38269-7"))}
    return {"resourceType": "ServiceRequest", "id": "it", **made, "reasonCode": [reason], **more}


def visit(*reasons: Json, **more: JsonValue) -> Json:
    came = {"status": "finished", "period": {"start": "2026-02-01"}, "subject": SUBJECT}
    return {"resourceType": "Encounter", "id": "it", **came, "reasonCode": list(reasons), **more}


def letter(written: str) -> Json:
    return {"contentType": "text/plain", "data": base64.b64encode(written.encode()).decode()}


ASKED = [("fracture", "fracture_like_unmapped")]


@pytest.mark.parametrize(
    "trace",
    [
        operation(NAIL),
        operation({"text": "Vertebroplastiek Th12"}),
        operation({"text": "Kyphoplastie"}, performedDateTime="2026"),
        operation({"text": "Operatie heup"}, reasonCode=[HIP]),
        operation(NAIL, status="unknown"),
        report(COLLAPSE),
        report(conclusionCode=[SPINE]),
        report("Bekende artrose. Wigvormige vervorming van Th8."),
        report("No change of the known wedge fracture of L2."),
        report("Geen nieuwe inzakkingsfracturen van de wervels."),
        report("Tassement vertébral L3", status="preliminary"),
        report("Deckplatteneinbruch LWK 2"),
        report("No spondylolisthesis, old compression fracture of T12."),
        report("Geen listhesis, wigvorm L1."),
        report("Geen listhesis\nFractuur L1"),
        referral(HIP),
        medicine(kind="MedicationRequest", id="it", reasonCode=[HIP]),
        medicine(kind="MedicationStatement", id="it", reasonCode=[{"text": "pijn bij ribfracturen"}]),
        referral({"text": "Status na collumfractuur"}, status="active"),
        referral(HIP, code=coded((LOINC, "36572-6"))),  # for what?
        referral({"text": "Revalidatie na heupfractuur links"}, code={"text": "Fysiotherapie"}),
        referral({"text": "Z.n. Schenkelhalsfraktur"}, code={"text": "Krankengymnastik"}),
        referral({}, reasonReference=[{"display": "Mediale collumfractuur"}]),
        operation({"text": "Operatie heup"}, reasonReference=[{"display": "Collumfractuur"}]),
        visit(HIP),
        visit({"text": "Fractuur enkel rechts"}),
        visit(reasonReference=[{"display": "Heupfractuur"}]),
        report(presentedForm=[letter("Vraag: artrose? Conclusie: inzakkingsfractuur L1")]),
    ],
)  # fmt: skip
def test_a_fracture_that_only_this_tells_of_is_for_a_human(trace: Json) -> None:
    assert named(trace) == ASKED


@pytest.mark.parametrize(
    "more",
    [{"conclusion": "\u2318?"}, {"conclusion": {"text": 7}}, {"conclusionCode": [{"\u2318": "?"}]}, {"conclusionCode": [{"text": "?"}]}, {"conclusionCode": "S22.0"}, {"conclusionCode": ["S22.0"]}],
)  # fmt: skip
def test_a_conclusion_that_nobody_can_read_may_tell_of_one(more: Json) -> None:
    assert named(report(**more)) == [("fracture", "unreadable")]


def test_a_reason_of_a_referral_that_nobody_can_read_may_tell_of_one() -> None:
    assert named(referral({"\u2318": "?"})) == [("fracture", "unreadable")]


@pytest.mark.parametrize(
    "nothing",
    [
        operation({"text": "Cataractextractie"}),
        operation({"text": "Correctie liesbreuk"}),
        operation(NAIL, status="not-done"),
        report("Geen inzakkingsfracturen. Artrose L4-L5."),
        report("No evidence of vertebral fracture."),
        report("Pas de fracture vertébrale."),
        report("Keine Wirbelkörperfraktur."),
        report("Wervelfractuur uitgesloten."),
        report("Distale radiusfractuur links."),  # a limb is treated and recorded
        report(COLLAPSE, status="entered-in-error"),
        report(conclusionCode=[WRIST]),
        referral({"text": "Screening osteoporose"}),
        referral(
            coded((ICD10_CM, "M81.0"), text="Age-related osteoporosis without current pathological fracture")
        ),
        medicine(kind="MedicationRequest", id="it", reasonCode=[{"text": "fractuurpreventie"}]),
        medicine(kind="MedicationRequest", id="it", reasonCode=[HIP], status="cancelled"),
        referral({"text": "Verhoogd fractuurrisico"}),
        referral({"text": "Fractuur?"}, code={"text": "X-thorax"}),  # it is asked for to find out
        referral({"text": "Pijn na val. Fractuur?"}, code={"text": "X-heup"}),
        visit({"text": "Val, fractuur pols?"}),
        visit({"text": "Controle bloeddruk"}),
        visit(HIP, status="entered-in-error"),
        report(presentedForm=[letter("Vraag: wervelfractuur L1? Conclusie: artrose")]),
        referral(HIP, status="draft"),
    ],
)
def test_what_tells_of_no_fracture_asks_nothing(nothing: Json) -> None:
    assert named(nothing) == []


@pytest.mark.parametrize(
    ("trace", "known", "asked"),
    [
        (operation(NAIL), condition(HIP, onsetDateTime="2026-03-10"), []),
        (operation(NAIL), condition(HIP), []),  # of no day: it can be this one
        (operation(NAIL), condition(HIP, onsetDateTime="2015-03-10"), ASKED),
        (operation(NAIL), condition(HIP, onsetDateTime="2026-03-10", sure="refuted"), ASKED),
        (report(COLLAPSE), condition(SPINE, onsetDateTime="2015-03-10"), []),  # it is seen ever after
        (report(COLLAPSE), condition(HIP, onsetDateTime="2026-09-01"), ASKED),
        (report(COLLAPSE), observation(intake("vfa"), valueCodeableConcept=coded((INTAKE, "none"))), ASKED),
    ],
)
def test_it_is_asked_where_no_fracture_on_record_can_be_the_one(
    trace: Json, known: Json, asked: list[tuple[str, str]]
) -> None:
    assert named(trace, known) == asked


def test_a_list_that_says_none_is_not_believed_beside_it() -> None:
    none = observation(intake("no-known-fractures"), id="none", valueBoolean=True)

    assert read(none).record.fractures.complete
    assert not read(none, operation(NAIL)).record.fractures.complete


def test_a_number_with_a_letter_is_a_vertebra_only_beside_a_collapse() -> None:
    assert not speaks_of_broken_vertebra("T-score L1-L4 -2.1")
    assert not speaks_of_broken_vertebra("Gebroken tand, tetanus gegeven")


IMAGING = [coded(("http://terminology.hl7.org/CodeSystem/observation-category", "imaging"))]


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ({"valueString": "Oude inzakkingsfractuur L1 met 40% hoogteverlies"}, "fracture_like_unmapped"),
        ({"valueCodeableConcept": snomed("42157000")}, "fracture_like_unmapped"),
        ({"valueString": "\u2318?"}, "unreadable"),
        ({"valueString": "Geen wervelfractuur"}, ""),
        ({"valueString": "Spondylose L4-L5"}, ""),
        ({"valueString": "Inzakkingsfractuur L1", "status": "entered-in-error"}, ""),
    ],
)
def test_what_an_image_showed_as_a_result_of_its_own_is_not_overheard(value: Json, why: str) -> None:
    found = observation(
        {"text": "MR lumbale wervelkolom"}, **{"id": "it", "meta": None, "category": IMAGING, **value}
    )

    assert [reason for concerns, reason in named(found) if concerns == "fracture"] == ([why] if why else [])
