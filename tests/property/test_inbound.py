"""Whatever a server sends, reading gives facts and reasons: it never raises, leaks or depends on order."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.clinical.model import TScore
from adapter.input.wire_json import Json, JsonValue
from mappings.codes import ATC, INTAKE, LOINC, PLAN_KEY, SNOMED
from mappings.inbound import RecordReading, read_record
from tests.examples import examples
from tests.record_readings import a_record_reading

repeatably = settings(derandomize=True, deadline=None, max_examples=examples(150))
ON = date(2026, 11, 20)
THO = "http://terminology.hl7.org/CodeSystem"
SUBJECT = {"reference": "Patient/anna"}
PATIENT: Json = {"resourceType": "Patient", "id": "anna", "gender": "female", "birthDate": "1954"}

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.decimals(allow_nan=True, allow_infinity=True)
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(
        ["2026-11-10", "2026-02-30", "final", "-2,6", "Patient/anna", "http://loinc.org", "38267-1", "L1"]
    )
)
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["coding", "system", "code", "value", "reference", "text", "start", "end", "unit", "url"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


def concept(system: str, code: str) -> Json:
    return {"coding": [{"system": system, "code": code}]}


def whole(kind: str, **more: JsonValue) -> Json:
    return {"resourceType": kind, "id": kind.lower(), "status": "final", "subject": SUBJECT, **more}


WHOLE = [
    whole(
        "Observation",
        code=concept(LOINC, "38263-0"),
        effectiveDateTime="2026-11-10",
        bodySite=concept(SNOMED, "29627003:272741003=7771000"),
        valueQuantity={"value": Decimal("-2.6"), "code": "1"},
        note=[{"text": "ok"}],
    ),
    whole(
        "Observation",
        code=concept(INTAKE, "vfa"),
        issued="2026-11-10T10:00:00Z",
        component=[{"code": concept(INTAKE, "T12"), "valueInteger": 2}],
    ),
    whole(
        "Observation",
        code=concept(INTAKE, "calcium-portions"),
        effectiveDateTime="2026",
        component=[{"code": concept(INTAKE, "glass-milk"), "valueQuantity": {"value": 1}}],
    ),
    whole(
        "Observation",
        code=concept(LOINC, "62238-1"),
        effectivePeriod={"start": "2026-11"},
        valueQuantity={"value": 60, "code": "mL/min", "comparator": ">"},
        interpretation=[concept(f"{THO}/v3-ObservationInterpretation", "L")],
        referenceRange=[{"low": {"value": 1}}],
    ),
    whole(
        "Observation",
        code=concept(LOINC, "90265-0"),
        effectiveTiming={"event": ["2026-11-10"]},
        valueQuantity={"value": 12, "code": "%"},
    ),
    whole(
        "Observation",
        code=concept(INTAKE, "fracture-energy"),
        effectiveDateTime="2026-11-10",
        focus=[{"reference": "Condition/condition"}],
        valueCodeableConcept=concept(INTAKE, "low"),
    ),
    whole(
        "DiagnosticReport",
        code=concept(LOINC, "83311-1"),
        result=[{"reference": "Observation/observation"}],
        contained=[
            {
                "resourceType": "Observation",
                "id": "in",
                "status": "final",
                "code": concept(LOINC, "38267-1"),
                "valueQuantity": {"value": -1},
            }
        ],
    ),
    whole(
        "Condition",
        code=concept(SNOMED, "443165006"),
        onsetAge={"value": 51, "code": "a"},
        bodySite=[concept(SNOMED, "66794005")],
        verificationStatus=concept(f"{THO}/condition-ver-status", "confirmed"),
        clinicalStatus=concept(f"{THO}/condition-clinical", "active"),
        extension=[{"url": "x"}],
    ),
    whole(
        "MedicationStatement",
        status="active",
        medicationCodeableConcept=concept(ATC, "M05BX04"),
        effectivePeriod={"start": "2024", "end": "2026"},
        dosage=[
            {
                "timing": {"event": ["2026"], "repeat": {"boundsPeriod": {"start": "2020"}}},
                "route": concept(INTAKE, "route-oral"),
            }
        ],
        statusReason=[concept(INTAKE, "kyphosis")],
    ),
    whole(
        "MedicationRequest",
        status="active",
        intent="order",
        medicationReference={"reference": "#m"},
        contained=[{"resourceType": "Medication", "id": "m", "code": concept(ATC, "H02AB06")}],
    ),
    whole(
        "Procedure",
        status="completed",
        code=concept(INTAKE, "hip-replacement"),
        bodySite=[concept(SNOMED, "7771000")],
    ),
    whole("AllergyIntolerance", patient=SUBJECT, code=concept(ATC, "M05BA04")),
    whole(
        "FamilyMemberHistory",
        patient=SUBJECT,
        status="completed",
        relationship=concept(f"{THO}/v3-RoleCode", "MTH"),
        condition=[{"code": concept(SNOMED, "64859006")}],
    ),
    whole(
        "RiskAssessment",
        occurrenceDateTime="2026",
        prediction=[{"outcome": concept(LOINC, "90265-0"), "probabilityDecimal": 3}],
    ),
    whole(
        "List",
        status="current",
        mode="working",
        code=concept(INTAKE, "fractures"),
        emptyReason=concept(f"{THO}/list-empty-reason", "nilknown"),
    ),
    whole("Flag", status="active", code=concept(INTAKE, "veil")),
    whole("Communication", status="completed", sent="2024-01-01", identifier=[{"system": PLAN_KEY}]),
    whole(
        "Appointment",
        status="booked",
        start="2026",
        participant=[{"actor": SUBJECT}],
        serviceType=[concept(INTAKE, "phone-appointment-fop")],
    ),
    whole("Medication", code=concept(ATC, "M05BA04")),
]


def paths(node: JsonValue, path: tuple[JsonValue, ...] = ()) -> list[tuple[JsonValue, ...]]:
    """Every place in a document."""
    keys = list(node) if isinstance(node, dict) else list(range(len(node))) if isinstance(node, list) else []
    return [p for key in keys for p in ((*path, key), *paths(node[key], (*path, key)))]


def changed(node: JsonValue, path: tuple[JsonValue, ...], value: JsonValue) -> JsonValue:
    """The document with another value in one place."""
    if not path:
        return value
    head, *rest = path
    if isinstance(node, dict):
        return {**node, head: changed(node[head], tuple(rest), value)}
    return [changed(v, tuple(rest), value) if i == head else v for i, v in enumerate(node)]


@st.composite
def mangled(draw: st.DrawFn) -> object:
    """A whole resource with up to three places replaced by anything."""
    document: object = draw(st.sampled_from(WHOLE))
    for _ in range(draw(st.integers(1, 3))):
        places = paths(document)
        if not places:
            break
        document = changed(document, draw(st.sampled_from(places)), draw(anything))
    return document


CONFIGS = [
    a_record_reading(),
    a_record_reading(complete_lists=frozenset({"conditions"}), base_url="https://our.example/fhir"),
]


@repeatably
@given(st.lists(mangled(), max_size=4), st.sampled_from(CONFIGS))
def test_mangled_resources_never_raise_and_never_give_a_number_that_is_none(
    documents: JsonValue, config: RecordReading
) -> None:
    reading = read_record(PATIENT, documents, config, on=ON)

    for score in reading.record.t_scores:
        assert isinstance(score, TScore)
        assert score.value.is_finite()
        assert abs(score.value) <= 10
        assert score.on <= ON


@repeatably
@given(st.lists(mangled() | st.sampled_from(WHOLE), max_size=4), st.randoms(use_true_random=False))
def test_the_order_of_resources_makes_no_difference(documents: JsonValue, random: JsonValue) -> None:
    shuffled = list(documents)
    random.shuffle(shuffled)

    before, after = (repr(read_record(PATIENT, d, a_record_reading(), on=ON)) for d in (documents, shuffled))

    assert before == after


@repeatably
@given(anything, st.lists(anything, max_size=3))
def test_anything_at_all_can_be_handed_in(patient: JsonValue, documents: JsonValue) -> None:
    read_record(patient, documents, a_record_reading(), on=ON)


@repeatably
@given(mangled())
def test_a_mangled_patient_is_read_as_far_as_it_goes(odd: JsonValue) -> None:
    read_record(odd, WHOLE, a_record_reading(), on=ON)


@repeatably
@given(st.sampled_from(WHOLE), st.text(max_size=12))
@pytest.mark.hazard(id="H11")
def test_nothing_of_another_patient_is_ever_used(document: JsonValue, other: str) -> None:
    if document["resourceType"] == "Medication" or other == "anna":
        return
    theirs = {"reference": f"Patient/{other}"}
    foreign = {**document, "subject": theirs, "patient": theirs, "participant": [{"actor": theirs}]}

    reading = read_record(PATIENT, [foreign], a_record_reading(), on=ON)

    assert reading.sources == ("Patient/anna",)
    assert reading.foreign == 1
