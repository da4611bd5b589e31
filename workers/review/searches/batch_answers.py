"""What the server has about a batch of patients, by patient: one request, a second for what it only names.

A search that fails fails the whole batch: a type that could not be read must never look like a type
without data. A type that the server does not offer at all is left out; reading then knows nothing
about it, which is not "none".
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from adapter.clinical.model import Reason
from adapter.errors import RecordFault
from adapter.fhir.search import SearchResult
from adapter.input.wire_json import Json
from mappings.handover.institution import Institution
from mappings.handover.review_basis import UNTOLD, versions_of
from mappings.inbound.former_records import former_ids
from workers.review.directory.recipients import named_by
from workers.review.directory.recipients import searches as recipient_searches
from workers.review.fhir_server import ReadingServer
from workers.review.references import patients_of, target
from workers.review.searches.includes import Search, links, not_brought, searched
from workers.review.searches.patient_searches import own_searches, plan_of, record_searches
from workers.review.searches.record_search import RecordAnswers, search_records

NOBODY = ""
Asking = Callable[[Search], Search]
GapsOf = Mapping[str, Mapping[str, frozenset[Reason]]]  # by patient and type


@dataclass(frozen=True, slots=True)
class BatchAnswers:
    """What came about a batch of patients, each resource whole or as much of it as was asked for."""

    base: str
    patients: Mapping[str, Json]
    record: Mapping[str, Sequence[Json]]  # by patient; what belongs to nobody under NOBODY
    existing: Mapping[str, Mapping[str, Json]]  # ours, by patient and location
    directory: Mapping[tuple[str, str], Json]  # the GPs whom the patients name
    former: Mapping[str, Sequence[Json]]  # by merged patient
    gaps: GapsOf
    strays: int  # resources that were not asked for; none is among the others
    # Whether all that came is of types of which the server keeps versions, and nothing else is odd about it.
    versioned: bool

    def versions(self, patient: str) -> str:
        """The digest of all versions that came about a patient; untold where they do not tell all."""
        if not self.versioned or self.strays or patient in self.gaps:
            return UNTOLD
        return versions_of(self._all_about(patient))

    def _all_about(self, patient: str) -> Iterator[Json]:
        own, whose = self.patients[patient], self.record[patient]
        yield own
        yield from whose
        yield from self.existing[patient].values()
        if shared := self.record[NOBODY]:
            named = {target(link, self.base) for it in whose for link in links(it)}
            for it in shared:
                if it["resourceType"] != "Medication" or (it["resourceType"], it.get("id")) in named:
                    yield it
        for location in filter(None, (target(it, self.base) for it in named_by(own))):
            if location in self.directory:
                yield self.directory[location]
        for former in former_ids(own, self.base):
            yield from self.former[former]


def as_it_is(search: Search) -> Search:
    """Whole resources."""
    return search


def answers_about(
    ids: Sequence[str],
    server: ReadingServer,
    institution: Institution,
    on: date,
    asking: Asking = as_it_is,
) -> BatchAnswers:
    """All that is there as of a day, asked in a way.

    Raises RecordFault when a patient is not on the server.
    """
    known, base = server.capabilities(), institution.reading.base_url
    answers = search_records(
        ids,
        institution.search_size,
        lambda some: [asking(search) for search in record_searches(some, known, institution, on)],
        [asking(search) for search in own_searches(ids, known, institution)],
        server,
    )
    record = _by_patient(answers.record, base)
    patients = {
        str(match["id"]): match
        for result in answers.record
        for match in result.matches
        if match["resourceType"] == "Patient"
    }
    if missing := len(ids) - len(patients):
        raise RecordFault(f"{missing} of {len(ids)} patients are not on the server.", resource_type="Patient")
    came = [it for result in answers.record for it in (*result.matches, *result.included)]
    unbrought = list(not_brought(came, frozenset(ids), base))
    directory, late = _beside(list(patients.values()), unbrought, server, base, asking)
    merged = {one: former_ids(patient, base) for one, patient in patients.items()}
    former = _former(
        sorted({it for named in merged.values() for it in named}), server, institution, on, asking
    )
    for whose, held_late in _by_patient(late, base).items():
        record[whose] += held_late
    everything = (*answers.record, *answers.own, *directory, *former.record, *late)
    kinds = {it["resourceType"] for result in everything for it in (*result.matches, *result.included)}
    return BatchAnswers(
        base,
        patients,
        record,
        existing_of(ids, answers.own, institution),
        {
            (match["resourceType"], str(match["id"])): match
            for result in directory
            for match in result.matches
        },
        _by_patient(former.record, base),
        _gaps(answers.gaps, former.gaps, merged),
        sum(len(result.foreign) for result in (*answers.record, *answers.own)),
        all(map(known.versioned, kinds)) and not any(it.gaps for it in (*directory, *late)),
    )


def existing_of(
    ids: Sequence[str], own: Sequence[SearchResult], institution: Institution
) -> dict[str, dict[str, Json]]:
    """What is ours, by patient and location. The Device is everybody's."""
    base, plans = institution.reading.base_url, {plan_of(id_, institution): id_ for id_ in ids}
    held: dict[str, dict[str, Json]] = {id_: {} for id_ in ids}
    for it in (match for result in own for match in result.matches):
        whose = {patient for patient in patients_of(it, base) if patient in held} | {
            plans.get(str(it["id"]), NOBODY)
        }
        for one in held if it["resourceType"] == "Device" else whose - {NOBODY}:
            held[one][f"{it['resourceType']}/{it['id']}"] = it
    return held


def _by_patient(record: Sequence[SearchResult], base: str) -> defaultdict[str, list[Json]]:
    """Resources by patient; what was included and belongs to nobody, such as a Medication, under NOBODY."""
    by_patient: defaultdict[str, list[Json]] = defaultdict(list)
    for result in record:
        for it in (*result.matches, *result.included):
            if it["resourceType"] != "Patient":
                for whose in patients_of(it, base) or (NOBODY,):
                    by_patient[whose].append(it)
    return by_patient


def _beside(
    patients: Sequence[Json],
    missing: Sequence[Search],
    server: ReadingServer,
    base: str,
    asking: Asking,
) -> tuple[list[SearchResult], list[SearchResult]]:
    """What the record only names, in one request: GPs, and what was not included."""
    named: list[Search] = list(recipient_searches(patients, base))
    asked = [*named, *missing]
    found = searched(server, [asking(it) for it in asked]) if asked else []
    return found[: len(named)], found[len(named) :]


def _former(
    merged: Sequence[str], server: ReadingServer, institution: Institution, on: date, asking: Asking
) -> RecordAnswers:
    """What still stands at patients who were merged into these: few have any; they are asked likewise."""
    if not merged:
        return RecordAnswers((), (), {})
    known = server.capabilities()
    return search_records(
        merged,
        institution.search_size,
        lambda some: [asking(search) for search in record_searches(some, known, institution, on)],
        (),
        server,
    )


def _gaps(own: GapsOf, former: GapsOf, merged: Mapping[str, Sequence[str]]) -> GapsOf:
    """By patient and type; what may be missing at a merged patient may be missing here."""
    found: defaultdict[str, dict[str, frozenset[Reason]]] = defaultdict(dict)
    for one, named in merged.items():
        for kind, reasons in (
            item for gaps in (own.get(one, {}), *(former.get(f, {}) for f in named)) for item in gaps.items()
        ):
            found[one][kind] = found[one].get(kind, frozenset()) | reasons
    return dict(found)
