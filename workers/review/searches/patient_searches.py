"""What is asked about a batch of patients: the searches of the record, and those for what is ours."""

from collections.abc import Iterator, Sequence
from datetime import date

from adapter.fhir.capabilities import Capabilities
from adapter.input.wire_json import Json
from mappings.codes import PLAN_KEY
from mappings.handover.institution import Institution
from mappings.handover.plan.replacement import SERIES
from mappings.inbound import queries
from mappings.outbound import WriteContext, resource_id
from mappings.outbound.ids import OUTPUT, plan_key
from mappings.outbound.resources.provenance import device
from workers.review.references import patients_of
from workers.review.searches.includes import Search

STEPS = ("ServiceRequest", "MedicationRequest", "CommunicationRequest")
FILED = ("identifier", "masterIdentifier", "status", "subject", "context")


def record_searches(
    ids: Sequence[str], known: Capabilities, institution: Institution, on: date
) -> Iterator[Search]:
    """Everything that stands in the record of these patients, of the types that the server offers."""
    wanted, base = frozenset(ids), institution.reading.base_url
    asked = queries(ids, institution.reading, institution.record_reading.uncoded_since(on))
    if not any(query.type == "Patient" for query in asked):
        yield "Patient", [("_id", ",".join(ids))], lambda it: it.get("id") in wanted
    for query in asked:
        if offered(known, query.type):
            yield query.type, query.params, lambda it: not wanted.isdisjoint(patients_of(it, base))


def own_searches(ids: Sequence[str], known: Capabilities, institution: Institution) -> Iterator[Search]:
    """Everything of ours about these patients, and the Device.

    Which ids it has does not matter, whose it is does.
    """
    wanted, base = frozenset(ids), institution.reading.base_url
    plans = {plan_of(id_, institution) for id_ in ids}
    subjects = ",".join(f"Patient/{id_}" for id_ in ids)

    def theirs(resource: Json) -> bool:
        return not wanted.isdisjoint(patients_of(resource, base))

    # Every plan of the occasion: the first by its key, and those that took its place by their series.
    names = (f"{system}|{plan}" for system in (PLAN_KEY, SERIES) for plan in sorted(plans))
    yield "CarePlan", [("identifier", ",".join(names))], theirs
    yield "Communication", [("subject", subjects), ("category", f"{OUTPUT}|gp_handover_letter")], theirs
    yield "Task", [("group-identifier", ",".join(f"{PLAN_KEY}|{plan}" for plan in sorted(plans)))], theirs
    for kind in STEPS:
        if offered(known, kind):
            yield kind, [("subject", subjects), ("identifier", f"{PLAN_KEY}|")], theirs
    # What is filed is known by its standing: its pages are looked at by nobody here.
    filed = [("subject", subjects), ("identifier", f"{PLAN_KEY}|"), ("_elements", ",".join(FILED))]
    yield "DocumentReference", filed, theirs
    machine = device(WriteContext(institution.site, institution.version, "")).location.partition("/")[2]
    yield "Device", [("identifier", f"{PLAN_KEY}|{machine}")], None


def offered(known: Capabilities, kind: str) -> bool:
    """Whether a type can be searched; a server that declares nothing is asked."""
    return known.offers(kind, "search-type").worth_asking and (not known.types or kind in known.types)


def plan_of(patient: str, institution: Institution) -> str:
    """The id of the one plan for this patient here."""
    return resource_id(
        "CarePlan", plan_key(institution.site, f"Patient/{patient}", institution.pathway.ref.id)
    )
