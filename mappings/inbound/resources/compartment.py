"""One patient's resources, sorted out before anyone reads them.

Another patient's resources are refused and counted, of several versions the newest counts, and
what cannot be told apart or referred to is refused as malformed. The result does not depend on the
order in which resources came.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field

from adapter.clinical.model import Reason, Rejected
from adapter.input.fhir_id import is_fhir_id
from adapter.input.wire_json import JsonValue, ReadOnlyJson
from adapter.read_only import read_only
from mappings.inbound.resources.codings import concept_of
from mappings.inbound.resources.datatypes import identifier, obj, objs, reference, text
from mappings.inbound.resources.refusals import RESOURCE
from mappings.inbound.resources.resource_status import with_modifiers

_SUBJECT = {
    "AdverseEvent": "subject",
    "AllergyIntolerance": "patient",
    "Communication": "subject",
    "Condition": "subject",
    "DetectedIssue": "patient",
    "Device": "patient",
    "Encounter": "subject",
    "ImagingStudy": "subject",
    "DiagnosticReport": "subject",
    "DocumentReference": "subject",
    "FamilyMemberHistory": "patient",
    "Flag": "subject",
    "List": "subject",
    "MedicationAdministration": "subject",
    "MedicationDispense": "subject",
    "MedicationRequest": "subject",
    "MedicationStatement": "subject",
    "Observation": "subject",
    "QuestionnaireResponse": "subject",
    "Procedure": "subject",
    "RiskAssessment": "subject",
    "ServiceRequest": "subject",
}
_OTHERS = frozenset({"Appointment", "Medication"})  # have participants, or belong to nobody
READ = frozenset(_SUBJECT) | _OTHERS


class SourceResource:
    """A resource and the versioned reference that stands for it; contained ones go by their container.

    Every reader asks for its ``code`` (what it is, in most types) and its ``location`` (``Type/id``, as other
    resources refer to it), so they are found once.
    """

    __slots__ = ("body", "code", "evidence", "location")

    def __init__(self, body: ReadOnlyJson, evidence: str) -> None:
        self.body = body
        self.evidence = evidence
        self.location = f"{body.get('resourceType')}/{body.get('id')}"
        self.code = concept_of(body.get("code"))


@read_only
class Compartment:
    """Everything of one patient that may be read."""

    entries: Mapping[str, tuple[SourceResource, ...]] = field(default_factory=dict)
    rejected: tuple[Rejected, ...] = ()
    foreign: int = 0
    own: frozenset[str] = frozenset()  # the references that mean this patient
    locations: frozenset[str] = frozenset()  # ``Type/id`` of every entry

    def of(self, kind: str) -> tuple[SourceResource, ...]:
        """The entries of a resource type, by reference."""
        return self.entries.get(kind, ())

    def holds(self, reference: str) -> bool:
        """Whether what a reference means is here; its address may be given in full."""
        return "/".join(reference.split("/")[-2:]) in self.locations


def sort_out(patient_id: str, resources: Iterable[JsonValue], base_url: str) -> Compartment:
    """The patient's own resources; ``patient_id`` must be a FHIR id."""
    own = _own(patient_id, base_url)
    newest: dict[str, dict[str, SourceResource]] = defaultdict(dict)  # by type and location
    rejected: set[Rejected] = set()
    foreign = 0
    for body in resources:
        if not _is_resource(body):
            rejected.add(Rejected(Reason.MALFORMED, RESOURCE))
        elif body["resourceType"] not in READ:
            continue
        elif not _belongs(body, own):
            foreign += 1
            rejected.add(Rejected(Reason.WRONG_PATIENT, RESOURCE))  # names nobody's resource
        else:
            entry = SourceResource(with_modifiers(body), versioned(body))
            found = newest[body["resourceType"]]
            held = found.get(entry.location)
            if held is None or _age(entry.body) > _age(held.body):
                found[entry.location] = entry
    entries = {kind: tuple([found[it] for it in sorted(found)]) for kind, found in newest.items()}
    return Compartment(entries, tuple(rejected), foreign, own, frozenset[str]().union(*newest.values()))


def versioned(body: ReadOnlyJson) -> str:
    """``Type/id/_history/version``, or ``Type/id`` where the server gives no usable version."""
    location, meta = f"{body['resourceType']}/{body['id']}", body.get("meta")
    version = identifier(meta.get("versionId")) if isinstance(meta, dict) else ""
    return f"{location}/_history/{version}" if version else location


def contained(entry: SourceResource, kind: str) -> Iterator[SourceResource]:
    """The resources of a type inside another, with the evidence of the outer one."""
    for body in objs(entry.body.get("contained")):
        if body.get("resourceType") == kind:
            yield SourceResource(with_modifiers({"id": "", **body}), entry.evidence)


def _is_resource(body: object) -> bool:
    """Whether it has a type and an id that a reference can name."""
    if not (isinstance(body, dict) and is_fhir_id(body.get("id"))):
        return False
    kind = body.get("resourceType")
    return isinstance(kind, str) and (kind in READ or is_fhir_id(kind))


def _belongs(body: ReadOnlyJson, own: frozenset[str]) -> bool:
    """Only a literal reference to this patient on this server will do (H11)."""
    kind = body["resourceType"]
    if (subject := _SUBJECT.get(kind)) and subject in body:
        return reference(body[subject]) in own
    if (
        kind != "Appointment"
    ):  # a scanner belongs to nobody, nor does an implant that only its operation names
        return kind in {"Device", "Medication"}
    actors = [reference(p.get("actor")) for p in objs(body.get("participant"))]
    named = [actor for actor in actors if actor.startswith("Patient/") or "/Patient/" in actor]
    return bool(named) and own.issuperset(named)


def _own(patient_id: str, base_url: str) -> frozenset[str]:
    # Seen in a vendor's samples: `subject` as an absolute address of the same server.
    location = f"Patient/{patient_id}"
    return frozenset({location, f"{base_url.rstrip('/')}/{location}"} if base_url else {location})


def _age(body: ReadOnlyJson) -> tuple[int, str, str]:
    """Later is greater: by version, by lastUpdated, then by content so that order never decides."""
    meta = obj(body.get("meta"))
    version = text(meta.get("versionId"))
    numbered = int(version) if version.isascii() and version.isdigit() and len(version) < 20 else -1
    return numbered, text(meta.get("lastUpdated")), json.dumps(body, sort_keys=True, default=str)
