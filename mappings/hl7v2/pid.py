"""A FHIR Patient as PID: enough to find the person, and nothing that a letter does not need."""

import re
from collections.abc import Iterator, Mapping

from adapter.input.wire_json import JsonValue, ReadOnlyJson
from mappings.hl7v2.er7 import components, segment, subcomponents, text
from mappings.valuesets import coding, concept_map

_OWN_ID = coding("v2-internal-identifier")
IDENTIFIER_TYPES = _OWN_ID["system"]
_SEX = {gender: target.code for (_, gender), target in concept_map("v2-sex").items()}
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_OID = re.compile(r"urn:oid:([0-2](\.\d+)+)")
_NO_NAME = components(*[""] * 6, coding("v2-name-unknown")["code"])  # PID-5 is required


def pid(patient: ReadOnlyJson, opaque_id: str) -> str:
    """PID with the known identifiers, name, birth date and sex; our own id if there is no identifier."""
    known = list(_identifiers(patient)) or [components(text(opaque_id), "", "", "", _OWN_ID["code"])]
    birth = patient.get("birthDate")
    born = birth.replace("-", "") if isinstance(birth, str) and _DATE.fullmatch(birth) else ""
    sex = _SEX.get(str(patient.get("gender")), _SEX["unknown"])
    return segment("PID", "1", "", "~".join(known), "", name(patient) or _NO_NAME, "", born, sex)


def name(person: ReadOnlyJson) -> str:
    """XPN of the official name, else of the first; empty when there is none."""
    names = [label for label in _list_of(person.get("name")) if isinstance(label, Mapping)]
    found: ReadOnlyJson = next((it for it in names if it.get("use") == "official"), names[0] if names else {})
    given = [it for it in _list_of(found.get("given")) if isinstance(it, str)]
    family = found.get("family") or (found.get("text") if not given else "") or ""
    return components(text(family), text(given[0] if given else ""), text(" ".join(given[1:])))


def authority(system: str) -> str:
    """An identifier system as assigning authority (HD): the namespace is unknown, the universal id is not."""
    if oid := _OID.fullmatch(system):
        return subcomponents("", text(oid[1]), "ISO")
    return subcomponents("", text(system), "URI") if system else ""


def _identifiers(patient: ReadOnlyJson) -> Iterator[str]:
    for identifier in _list_of(patient.get("identifier")):
        if (
            isinstance(identifier, Mapping)
            and isinstance(identifier.get("value"), str)
            and identifier.get("use") != "old"
        ):
            yield components(
                text(identifier["value"]),
                "",
                "",
                authority(str(identifier.get("system") or "")),
                _type_of(identifier),
            )


def _type_of(identifier: ReadOnlyJson) -> str:
    kind = identifier.get("type")
    codings = _list_of(kind.get("coding")) if isinstance(kind, Mapping) else []
    ours = (it for it in codings if isinstance(it, Mapping) and it.get("system") == IDENTIFIER_TYPES)
    return next((text(it.get("code", "")) for it in ours), "")


def _list_of(value: object) -> list[JsonValue]:
    return value if isinstance(value, list) else []
