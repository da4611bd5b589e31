"""Read: everything about a batch of patients in one request, and their GPs in a second one.

A search that fails fails the whole batch: a type that could not be read must never look like a type without data.
A type that the server does not offer at all is left out; reading then knows nothing about it, which is not "none".
"""

import logging
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date

from adapter.errors import OsteoHandoverError, RecordFault
from adapter.fhir.capabilities import Capabilities
from adapter.fhir.search import SearchResult
from adapter.wire_json import Json
from mappings.codes import PLAN_KEY
from mappings.inbound import queries
from mappings.inbound.former_records import former_ids
from mappings.inbound.gaps import NO_GAPS
from mappings.lifecycle.duplicates import duplicates_of
from mappings.lifecycle.institution import Institution
from mappings.lifecycle.patient_record import PatientRecord
from mappings.lifecycle.plan.replacement import SERIES
from mappings.outbound import WriteContext, resource_id
from mappings.outbound.ids import OUTPUT, plan_key
from mappings.outbound.resources.provenance import device
from workers.review.directory.clinicians import clinicians
from workers.review.directory.recipients import named_by, recipients
from workers.review.directory.recipients import searches as recipient_searches
from workers.review.directory.release_team import receives
from workers.review.fhir_server import ReadingServer
from workers.review.includes import Search, not_brought, searched
from workers.review.record_search import search_records
from workers.review.references import patients_of

log = logging.getLogger(__name__)


NOBODY = ""
STEPS = ("ServiceRequest", "MedicationRequest", "CommunicationRequest")
FILED = ("identifier", "masterIdentifier", "status", "subject", "context")


def duplicates_on_server(ids: Sequence[str], server: ReadingServer, institution: Institution) -> list[Json]:
    """Resources of ours about these patients that have an elder with the same plan key: asked after writing, where ids are the server's."""
    own = server.batch_searches(list(_own(ids, server.capabilities(), institution)))
    existing = _existing(ids, own, institution)
    return [it for held in existing.values() for it in duplicates_of(held).values()]


def read(
    ids: Sequence[str], server: ReadingServer, institution: Institution, on: date
) -> list[PatientRecord]:
    """One record per patient as of a day, in order. Raises RecordFault when one of them is not on the server."""
    known = server.capabilities()
    answers = search_records(
        ids,
        institution.search_size,
        lambda some: list(_record(some, known, institution, on)),
        list(_own(ids, known, institution)),
        server,
    )
    own = answers.own
    by_patient = _by_patient(answers.record, institution.reading.base_url)
    patients = {
        str(it["id"]): it
        for result in answers.record
        for it in result.matches
        if it["resourceType"] == "Patient"
    }
    if missing := len(ids) - len(patients):
        raise RecordFault(f"{missing} of {len(ids)} patients are not on the server.", resource_type="Patient")
    base = institution.reading.base_url
    came = [it for result in answers.record for it in (*result.matches, *result.included)]
    unbrought = list(not_brought(came, frozenset(ids), base))
    directory, former, brought = _beside(list(patients.values()), unbrought, server, institution, on)
    for whose, held_late in brought.items():
        by_patient[whose] += held_late
    strays = sum(len(result.foreign) for result in (*answers.record, *own))
    if strays:
        log.warning("the server returned %d resources that were not asked for; none is used", strays)
    existing = _existing(ids, own, institution)
    doubles = {one: duplicates_of(held) for one, held in existing.items()}
    existing = {
        one: {at: it for at, it in held.items() if at not in doubles[one]} for one, held in existing.items()
    }
    held = {at: it for several in existing.values() for at, it in several.items()}
    answered = clinicians(held, server, institution, on)
    return [
        PatientRecord(
            one,
            patients[one],
            (*by_patient[one], *by_patient[NOBODY]),
            existing[one],
            recipients(patients[one], directory, base, on),
            {
                location: who
                for location, who in answered.items()
                if location in existing[one] and not receives(who, named_by(patients[one]), directory, base)
            },
            tuple(doubles[one].values()),
            strays,
            {id_: tuple(former[id_]) for id_ in former_ids(patients[one], base) if former[id_]},
            answers.gaps.get(one, NO_GAPS),
        )
        for one in ids
    ]


NOT_A_PATIENT = "osteo-handover-asks-whether-you-serve"


def serves(server: ReadingServer, institution: Institution, on: date) -> bool:
    """Whether the server answers the searches of a review at all: about nobody, and for any patient that it has."""
    asked = list(_record([NOT_A_PATIENT], server.capabilities(), institution, on))
    try:
        anybody, *_ = server.batch_searches(
            [("Patient", [("_count", "1"), ("_elements", "id")], None), *asked]
        )
    except OsteoHandoverError:
        return False
    return bool(anybody.matches)


def _by_patient(record: Sequence[SearchResult], base: str) -> defaultdict[str, list[Json]]:
    """Resources by patient; what was included and belongs to nobody, such as a Medication, under NOBODY."""
    by_patient: defaultdict[str, list[Json]] = defaultdict(list)
    for result in record:
        for it in (*result.matches, *result.included):
            if it["resourceType"] != "Patient":
                for whose in patients_of(it, base) or (NOBODY,):
                    by_patient[whose].append(it)
    return by_patient


def _record(ids: Sequence[str], known: Capabilities, institution: Institution, on: date) -> Iterator[Search]:
    wanted, base = frozenset(ids), institution.reading.base_url
    asked = queries(ids, institution.reading, on)
    if not any(query.type == "Patient" for query in asked):
        yield "Patient", [("_id", ",".join(ids))], lambda it: it.get("id") in wanted
    for query in asked:
        if offered(known, query.type):
            yield query.type, query.params, lambda it: not wanted.isdisjoint(patients_of(it, base))


def offered(known: Capabilities, kind: str) -> bool:
    """Whether a type can be searched; a server that declares nothing is asked."""
    return known.offers(kind, "search-type") is not False and (not known.types or kind in known.types)


def _own(ids: Sequence[str], known: Capabilities, institution: Institution) -> Iterator[Search]:
    """Everything of ours about these patients, and the Device. Which ids it has does not matter, whose it is does."""
    wanted, base = frozenset(ids), institution.reading.base_url
    plans = {plan_of(one, institution) for one in ids}
    subjects = ",".join(f"Patient/{one}" for one in ids)

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


def plan_of(patient: str, institution: Institution) -> str:
    """The id of the one plan for this patient here."""
    return resource_id(
        "CarePlan", plan_key(institution.site, f"Patient/{patient}", institution.pathway.ref.id)
    )


def _existing(
    ids: Sequence[str], own: Sequence[SearchResult], institution: Institution
) -> dict[str, dict[str, Json]]:
    """What is ours, by patient and location. The Device is everybody's."""
    base, plans = institution.reading.base_url, {plan_of(one, institution): one for one in ids}
    held: dict[str, dict[str, Json]] = {one: {} for one in ids}
    for it in (it for result in own for it in result.matches):
        whose = {one for one in patients_of(it, base) if one in held} | {plans.get(str(it["id"]), NOBODY)}
        for one in held if it["resourceType"] == "Device" else whose - {NOBODY}:
            held[one][f"{it['resourceType']}/{it['id']}"] = it
    return held


def _beside(
    patients: Sequence[Json],
    missing: Sequence[Search],
    server: ReadingServer,
    institution: Institution,
    on: date,
) -> tuple[dict[tuple[str, str], Json], defaultdict[str, list[Json]], defaultdict[str, list[Json]]]:
    """What the record only names, in one request: GPs, what stands at patients who were merged, what was not included."""
    base, known = institution.reading.base_url, server.capabilities()
    named: list[Search] = list(recipient_searches(patients, base))
    merged = sorted({former for patient in patients for former in former_ids(patient, base)})
    asked = [*named, *missing, *(_record(merged, known, institution, on) if merged else ())]
    found = searched(server, asked) if asked else []
    directory = {
        (it["resourceType"], str(it["id"])): it for result in found[: len(named)] for it in result.matches
    }
    late, former = found[len(named) : len(named) + len(missing)], found[len(named) + len(missing) :]
    return directory, _by_patient(former, base), _by_patient(late, base)
