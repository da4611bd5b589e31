"""FHIR resources as hospitals store them, with what each needs: id, version, subject, code, date, value."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from adapter.input.wire_json import Json, JsonValue
from mappings.codes import PLAN_KEY, SNOMED, UCUM
from mappings.valuesets import coding
from workers.authoring.cases.record.fact_codes import case_names, coded_concept, concept_of, named_concept

PATIENT = "patient"
GENERAL_PRACTITIONER = "Practitioner/general-practitioner"
SUBJECT = {"reference": f"Patient/{PATIENT}"}


def resource(kind: str, key: str, **content: JsonValue) -> Json:
    """A resource in its first version; what is ``None`` is left out."""
    held = {name: value for name, value in content.items() if value is not None}
    return {"resourceType": kind, "id": key.replace("_", "-"), "meta": {"versionId": "1"}, **held}


def observation(key: str, code: Json, on: date | str | None, **content: JsonValue) -> Json:
    """A final result, unless ``status`` says otherwise."""
    held = {"status": "final", **content}
    return resource("Observation", key, code=code, subject=SUBJECT, effectiveDateTime=_iso(on), **held)


def quantity(value: Decimal | float, unit: str) -> Json:
    """A number in a UCUM unit; without a unit it is a count."""
    return {"value": value, "unit": unit, "system": UCUM, "code": unit} if unit else {"value": value}


def condition(
    key: str, code: Json, *, active: bool = True, certainty: str = "confirmed", **content: JsonValue
) -> Json:
    """A problem, and how sure the record is of it."""
    return resource(
        "Condition",
        key,
        code=code,
        subject=SUBJECT,
        clinicalStatus=named_concept("state", "active" if active else "resolved"),
        verificationStatus=named_concept("certainty", certainty),
        **content,
    )


def complete_list(kind: str, places: Sequence[str], on: date) -> Json:
    """A current List of all there is (C-59): single resources never say that nothing is missing."""
    return _list(f"list-{kind}", kind, on, entry=[{"item": {"reference": place}} for place in places])


def empty_list(kind: str, on: date) -> Json:
    """A list that somebody looked at and declared empty (C-59)."""
    return _list(f"no-{kind}", kind, on, emptyReason={"coding": [coding("empty-none-known")]})


def _list(key: str, kind: str, on: date, **content: JsonValue) -> Json:
    return resource(
        "List",
        key,
        status="current",
        mode="snapshot",
        code=coded_concept("list", kind),
        subject=SUBJECT,
        date=_iso(on),
        **content,
    )


def relative(key: str, role: str, finding: Json) -> Json:
    """What is known of one relative."""
    return resource(
        "FamilyMemberHistory",
        key,
        status="completed",
        patient=SUBJECT,
        relationship=named_concept("relative", role),
        condition=[{"code": finding}],
    )


def sent_letter(on: str) -> Json:
    """An earlier handover of ours that a transport has delivered."""
    return resource(
        "Communication",
        "earlier-letter",
        identifier=[{"system": PLAN_KEY, "value": "earlier-letter"}],
        status="completed",
        subject=SUBJECT,
        sent=f"{on}T12:00:00Z",
    )


def appointment(key: str, service: Json, on: str) -> Json:
    """A booked contact."""
    participant = {"actor": SUBJECT, "status": "accepted"}
    return resource(
        "Appointment",
        key,
        status="booked",
        serviceType=[service],
        start=f"{on}T09:00:00Z",
        participant=[participant],
    )


def sided_code(code: str, side: str | None) -> Json:
    """A body structure, post-coordinated with its side where there is one."""
    laterality = coding("attribute-laterality")["code"]
    return concept_of(SNOMED, f"{code}:{laterality}={case_names('side')[side].code}" if side else code)


def patient(birth_date: str | None, gender: str | None) -> Json:
    """The person, registered with a general practitioner."""
    registered: Sequence[Json] = [{"reference": GENERAL_PRACTITIONER}]
    return resource("Patient", PATIENT, birthDate=birth_date, gender=gender, generalPractitioner=registered)


def general_practitioner() -> Json:
    """The one whom the letter goes to."""
    kind, key = GENERAL_PRACTITIONER.split("/")
    return resource(kind, key, active=True, name=[{"text": "General practitioner of the case"}])


def _iso(on: date | str | None) -> str | None:
    return on.isoformat() if isinstance(on, date) else on
