"""PID as a Patient: names, birth date and sex, and nothing that a plan or a letter does not need.

An identifier of ours marks a patient who came by HL7 v2. Its period begins when the message was made.
"""

from collections.abc import Sequence

from adapter.input.wire_json import Json
from mappings.hl7v2.er7_reader import Hl7Segment
from mappings.hl7v2.input.oru_result import RECEIVED
from mappings.hl7v2.input.patient_key import PatientKey
from mappings.hl7v2.input.sender_map import SenderMap
from mappings.hl7v2.input.v2_times import fhir_time
from mappings.outbound.ids import resource_id
from mappings.outbound.invariants import in_order
from mappings.valuesets import concept_map

_GENDER = {target.code: gender for (_, gender), target in concept_map("v2-sex").items()}
_YES = "Y"


def patient_draft(pid: Hl7Segment, keys: Sequence[PatientKey], sender: SenderMap, made: str) -> Json:
    """Without an id: the server gives one, or finds the same person by the first identifier."""
    name = resource_id("Patient", f"{sender.id}|{keys[0].system}|{keys[0].value}")
    own = {"system": RECEIVED, "value": name}
    return updated({"resourceType": "Patient", "identifier": [own, *map(_identifier, keys)]}, pid, made)


def updated(patient: Json, pid: Hl7Segment, made: str) -> Json:
    """With what PID says; what it does not say stays as it is.

    All of it stays when newer news were heard before.
    """
    if not in_order(_shown_since(patient), made):
        return patient
    given = [it for it in (pid.value(5, 2).strip(), *pid.value(5, 3).split()) if it]
    family = pid.value(5, 1).strip()
    name = {**({"family": family} if family else {}), **({"given": given} if given else {})}
    born = fhir_time(pid.value(7), "UTC")
    died = fhir_time(pid.value(29), "UTC")
    told = {
        "name": [{"use": "official", **name}] if name else None,
        "birthDate": born[:10] if born else None,
        "gender": _GENDER.get(pid.value(8).strip().upper()),
        **(
            {"deceasedDateTime": died}
            if died
            else {"deceasedBoolean": True}
            if pid.value(30).strip() == _YES
            else {}
        ),
    }
    kept = {name: it for name, it in patient.items() if name not in ("meta", "text")}
    if any(remark.startswith("deceased") for remark in told):
        kept = {name: it for name, it in kept.items() if not name.startswith("deceased")}
    return {**kept, **{name: it for name, it in told.items() if it}, "identifier": _since(patient, made)}


def _shown_since(patient: Json) -> str | None:
    """When the message was made whose PID this record shows, where that is known."""
    periods = (
        identifier.get("period")
        for identifier in patient.get("identifier", ())
        if identifier.get("system") == RECEIVED
    )
    return next((period.get("start") for period in periods if period), None)


def _since(patient: Json, made: str) -> list[Json]:
    named: list[Json] = patient.get("identifier", [])
    return [
        {**it, "period": {"start": made}} if made and it.get("system") == RECEIVED else it for it in named
    ]


def merged_into(patient: Json, other: str) -> Json:
    """A record that is no longer used, and which one is."""
    link = {"other": {"reference": f"Patient/{other}"}, "type": "replaced-by"}
    return {**{name: it for name, it in patient.items() if name != "meta"}, "active": False, "link": [link]}


def renumbered(patient: Json, keys: Sequence[PatientKey], former: Sequence[PatientKey]) -> Json:
    """With the new identifiers; the former ones stay, marked as old."""
    gone = {(identifier.system, identifier.value) for identifier in former}
    held = [
        {**identifier, "use": "old"}
        if (identifier.get("system"), identifier.get("value")) in gone
        else identifier
        for identifier in patient.get("identifier", ())
    ]
    there = {(it.get("system"), it.get("value")) for it in held}
    added = [_identifier(key) for key in keys if (key.system, key.value) not in there]
    return {**{name: it for name, it in patient.items() if name != "meta"}, "identifier": [*held, *added]}


def _identifier(key: PatientKey) -> Json:
    return {"system": key.system, "value": key.value}
