"""The last gate before writing: what must hold for every resource of ours, as a table of cheap checks.

A full validator is for the tests; this one runs in production, on every resource, and knows what a validator
cannot: that we only propose, and that one resource speaks of one patient.
"""

from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha1
from types import MappingProxyType

from adapter.input.wire_json import Json
from mappings.codes import BASE
from mappings.outbound.ids import location_of, references

STATUSES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "CarePlan": frozenset({"draft", "revoked", "active"}),
        "Communication": frozenset({"preparation", "not-done", "in-progress"}),
        "Task": frozenset({"requested", "cancelled"}),
        "Device": frozenset({"active"}),
        "Provenance": frozenset(),
        "ServiceRequest": frozenset({"draft", "revoked"}),
        "MedicationRequest": frozenset({"draft", "cancelled"}),
        "CommunicationRequest": frozenset({"draft", "revoked"}),
        "DocumentReference": frozenset({"current", "superseded", "entered-in-error"}),
    }
)
_STEP = ("status", "identifier", "subject", "requester", "authoredOn", "note")
_PROPOSED = (*_STEP, "intent", "instantiatesCanonical", "instantiatesUri")
REQUIRED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "CarePlan": (
            "status",
            "intent",
            "subject",
            "identifier",
            "category",
            "author",
            "instantiatesCanonical",
        ),
        "Communication": ("status", "identifier", "subject", "recipient", "sender"),
        "Task": ("status", "intent", "identifier", "code", "for", "requester", "authoredOn"),
        "Device": ("status", "identifier", "deviceName", "version"),
        "Provenance": ("target", "recorded", "agent", "entity"),
        "ServiceRequest": (*_PROPOSED, "code", "requisition"),
        "MedicationRequest": (*_PROPOSED, "medicationCodeableConcept", "groupIdentifier"),
        "CommunicationRequest": (*_STEP, "category", "payload", "groupIdentifier"),
        "DocumentReference": ("masterIdentifier", "identifier", "docStatus", "subject", "author", "content"),
    }
)
ACTIVITY_KINDS = frozenset(
    {"Appointment", "CommunicationRequest", "NutritionOrder", "ServiceRequest", "Task"}
)
STEPS = frozenset({"ServiceRequest", "MedicationRequest", "CommunicationRequest"})
DOCUMENT_STATUSES = frozenset({"preliminary", "final", "amended", "entered-in-error"})
RECIPIENTS = frozenset(
    {"Practitioner", "PractitionerRole", "Organization", "RelatedPerson", "HealthcareService", "CareTeam"}
)
RELEASED_BY = f"{BASE}/StructureDefinition/released-by"
SENT_FREELY = f"{BASE}/StructureDefinition/sent-without-release"
_TOLD = {"CommunicationRequest": RECIPIENTS | {"Patient"}}


def check(resource: Json) -> tuple[str, ...]:
    """The names of the rules that a resource breaks, none if it may be written; names only, no values."""
    return broken(resource, frozenset(references(resource)))


def broken(resource: Json, cited: frozenset[str]) -> tuple[str, ...]:
    """As ``check``, for a resource whose references are known."""
    kind = str(resource.get("resourceType"))
    if kind not in REQUIRED:
        return ("type-not-ours",)
    missing = [f"{name}-missing" for name in REQUIRED[kind] if not resource.get(name)]
    own = [name for name, holds in RULES[kind].items() if not holds(resource)]
    return (*missing, *own, *[name for name, holds in OF_REFERENCES.items() if not holds(resource, cited)])


def _status(resource: Json) -> bool:
    allowed = STATUSES[resource["resourceType"]]
    return resource.get("status") in allowed if allowed else "status" not in resource


def _only_proposes(resource: Json) -> bool:
    return bool(resource.get("intent", "proposal") == "proposal")


def _details(plan: Json) -> bool:
    return all(map(_activity, plan.get("activity", ())))


def _activity(activity: Json) -> bool:
    if ("detail" in activity) == ("reference" in activity):
        return False
    if "reference" in activity:
        literal = str(activity["reference"].get("reference"))
        return literal.startswith("urn:uuid:") or _type_of(activity["reference"]) in STEPS
    detail = activity["detail"]
    return detail.get("kind", "Task") in ACTIVITY_KINDS and detail.get("status") == "not-started"


def _traceable(plan: Json) -> bool:
    details = (activity["detail"] for activity in plan.get("activity", ()) if "detail" in activity)
    return all(detail.get("instantiatesUri") and detail.get("instantiatesCanonical") for detail in details)


def _goals(resource: Json) -> bool:
    return all(_goal(it) for it in resource.get("contained", ()) if it["resourceType"] == "Goal")


def _goal(goal: Json) -> bool:
    measured = all(
        "measure" in target or not any(name.startswith("detail") for name in target)
        for target in goal.get("target", ())
    )
    return measured and goal.get("lifecycleStatus") == "proposed" and "description" in goal


def _contained(resource: Json, cited: frozenset[str]) -> bool:
    inside = {f"#{inner['id']}" for inner in resource.get("contained", ())}
    return inside == {reference for reference in cited if reference.startswith("#")}


def _one_patient(resource: Json, cited: frozenset[str]) -> bool:
    people = {
        location_of(reference)
        for reference in cited
        if "Patient/" in reference and not reference.startswith(("#", "urn:"))
    }
    spoken_of = {person for person in people if person.startswith("Patient/")}
    subject = resource.get("subject") or resource.get("for") or {}
    return len(spoken_of) <= 1 and (not subject or spoken_of == {location_of(str(subject.get("reference")))})


def _inputs(task: Json) -> bool:
    return all("type" in input_ and _starting(input_, "value") == 1 for input_ in task.get("input", ()))


def _payload(message: Json) -> bool:
    return all(_starting(payload, "content") == 1 for payload in message.get("payload", ()))


def _starting(element: Json, kind: str) -> int:
    return sum(name.startswith(kind) for name in element)


def _never_sent(resource: Json) -> bool:
    return not {"sent", "received"} & resource.keys()


def _plan_released(plan: Json) -> bool:
    """A plan is in force only with the name of who released it written on it."""
    return plan.get("status") != "active" or RELEASED_BY in _marks(plan)


def _letter_released(letter: Json) -> bool:
    """So is a letter on its way, but for what pathway and settings let go without anybody, which says so."""
    return letter.get("status") != "in-progress" or bool({RELEASED_BY, SENT_FREELY} & _marks(letter))


def _marks(resource: Json) -> set[str]:
    return {str(extension.get("url")) for extension in resource.get("extension", ())}


def _recipients(resource: Json) -> bool:
    """A letter goes to professionals; advice may be meant for the patient, whose own it is by another rule.

    Reference.type is optional: a GP who is named by an identifier alone is told by it.
    """
    told = _TOLD.get(resource["resourceType"], RECIPIENTS)
    named = ((_type_of(recipient), recipient) for recipient in resource.get("recipient", ()))
    return all(kind in told or (not kind and it.get("identifier")) for kind, it in named)


def _type_of(reference: Json) -> str:
    return str(reference.get("type") or location_of(str(reference.get("reference", ""))).partition("/")[0])


def _dates(resource: Json) -> bool:
    """Inv-1 of Task."""
    return in_order(resource.get("authoredOn"), resource.get("lastModified"))


def in_order(begun: object, changed: object) -> bool:
    """Whether a moment is not later than another; what is no moment with a time zone is no objection.

    Not by their texts: in the night when summer time ends, 02:30+02:00 comes before 02:10+01:00.
    """
    first, second = _moment(begun), _moment(changed)
    return first is None or second is None or first <= second


def _moment(text: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return found if found and found.tzinfo else None


def _entities(trail: Json) -> bool:
    complete = all(entity.get("role") and entity.get("what") for entity in trail.get("entity", ()))
    return complete and all(agent.get("who") for agent in trail.get("agent", ()))


def _attachments(document: Json) -> bool:
    """What a DocumentReference says of its files is true: a receiver checks size and hash."""
    files = [content["attachment"] for content in document.get("content", ())]
    return document.get("docStatus") in DOCUMENT_STATUSES and all(_true_of(file) for file in files)


def _true_of(attachment: Json) -> bool:
    content = b64decode(attachment.get("data", ""))
    digest = b64encode(sha1(content, usedforsecurity=False).digest()).decode()
    return bool(content) and (attachment.get("size"), attachment.get("hash")) == (len(content), digest)


Rules = dict[str, Callable[[Json], bool]]
OF_ALL: Rules = {
    "status-list": _status,
    "proposal-only": _only_proposes,
    "gol-1": _goals,
    "never-sent": _never_sent,
    "recipient": _recipients,
    "inv-1": _dates,
}
OF_TYPE: Mapping[str, Rules] = MappingProxyType(
    {
        "CarePlan": {"cpl-3": _details, "activity-without-rule": _traceable, "released": _plan_released},
        "Communication": {"one-value": _payload, "released": _letter_released},
        "CommunicationRequest": {"one-value": _payload},
        "Task": {"one-value": _inputs},
        "Provenance": {"provenance": _entities},
        "DocumentReference": {"attachment": _attachments},
    }
)
RULES: Mapping[str, Rules] = MappingProxyType({kind: OF_ALL | OF_TYPE.get(kind, {}) for kind in REQUIRED})
OF_REFERENCES: Mapping[str, Callable[[Json, frozenset[str]], bool]] = MappingProxyType(
    {
        "dom-3": _contained,
        "one-patient": _one_patient,
    }
)
