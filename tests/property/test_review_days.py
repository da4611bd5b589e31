"""A review that left nothing to do comes to the same on every later day before the one that it names.

Of everybody whose record comes with the program or its tests: before any plan, while a plan waits for a
clinician, and after one released it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.fhir import FhirClient
from adapter.input.wire_json import Json
from mappings.handover.institution import Institution
from mappings.handover.patient_record import PatientRecord
from mappings.handover.propose import Proposal, propose
from mappings.handover.release.release_codes import code_in
from mappings.handover.release.release_task import ASKS_RELEASE
from mappings.handover.release.signature import Clinician
from mappings.texts import load
from tests.examples import examples
from tests.property.people import Person, people
from workers.review.review_outcome import ReviewOutcome
from workers.review.write import write

GP: Json = {"reference": "Practitioner/gp", "display": "Dr Made-up"}
CLINICIAN = Clinician({"reference": "Practitioner/clinician"}, "Dr A. Made-up", "internist")
PEOPLE = st.sampled_from(people())
AHEAD = st.one_of(st.integers(0, 400), st.integers(0, 3000))
SERVER = FhirClient("http://127.0.0.1:9")  # never asked
FAR = 4000  # days
# Of these something was made on a day that nobody tells, which each new day may have been.
MAY_HAVE_BEEN_TODAY = {
    "FR-108": "a T-score of this year",
    "FF-704": "a document without a day",
    "FF-730": "a T-score of this month",
}
SHARES = st.lists(st.floats(0, 1), min_size=1, max_size=4)


@dataclass
class Stay:
    """One person, and a server in memory."""

    person: Person
    server: dict[str, Json] = field(default_factory=dict)
    answered: dict[str, Clinician] = field(default_factory=dict)

    def proposal(self, on: date) -> Proposal:
        who = self.person
        record = PatientRecord(
            str(who.patient["id"]), who.patient, who.resources, self.server, (GP,), self.answered
        )
        return propose(record, self.institution, datetime.combine(on, time(12), UTC), {})

    def outcome(self, proposal: Proposal) -> ReviewOutcome:
        (found,) = write([proposal], SERVER, self.institution)
        return found

    def written(self, on: date) -> bool:
        """What is proposed stands on the server; whether anything was."""
        changes = self.proposal(on).changes
        meta = {"versionId": "1", "lastUpdated": f"{on}T12:00:00Z"}
        self.server |= {it.location: {**it.draft.resource, "meta": meta} for it in changes}
        return bool(changes)

    @property
    def institution(self) -> Institution:
        pathway = self.person.pathway
        texts = load("en").extend(pathway.texts.get("en", {}))
        return Institution("site", "1", pathway, self.person.config, texts, dry_run=True)

    def settled(self, on: date) -> None:
        """Until a review has nothing left to write."""
        for _ in range(5):
            if not self.written(on):
                break


def answered(stay: Stay) -> None:
    """A clinician says yes to whatever waits."""
    for location, it in stay.server.items():
        if it["resourceType"] == "Task" and code_in(it["code"]) in ASKS_RELEASE:
            stay.server[location] = {**it, "status": "completed", "owner": CLINICIAN.reference}
            stay.answered[location] = CLINICIAN


def sent(stay: Stay) -> None:
    """And the letters arrive."""
    for location, it in stay.server.items():
        if it["resourceType"] == "Communication" and it["status"] == "in-progress":
            moment = "2026-11-20T13:00:00Z"
            stay.server[location] = {**it, "status": "completed", "sent": moment, "received": moment}


STAGES: dict[str, tuple[Callable[[Stay], None], ...]] = {
    "before any plan": (),
    "proposed": (lambda _: None,),
    "released": (lambda _: None, answered),
    "sent": (lambda _: None, answered, sent),
}


def standing(proposal: Proposal) -> list[tuple[str, str, str]]:
    return sorted((it.location, it.action.value, it.draft.fingerprint) for it in proposal.writes)


@settings(max_examples=examples(300), deadline=None)
@given(PEOPLE, AHEAD, st.sampled_from(sorted(STAGES)), SHARES)
def test_until_then_a_review_comes_to_the_same(
    person: Person, ahead: int, stage: str, shares: list[float]
) -> None:
    stay, today = Stay(person), person.on + timedelta(days=ahead)
    for happens in STAGES[stage]:
        happens(stay)
        stay.settled(today)

    found = stay.proposal(today)
    outcome, until = stay.outcome(found), found.until

    assert until > today
    last = min((until - today).days, FAR) - 1
    for days in {last, *(round(last * it) for it in shares)}:
        later = stay.proposal(today + timedelta(days=days))
        assert stay.outcome(later) == outcome
        assert standing(later) == standing(found)


@settings(max_examples=examples(60), deadline=None)
@given(PEOPLE.filter(lambda it: it.id not in MAY_HAVE_BEEN_TODAY), st.sampled_from(["sent", "proposed"]))
def test_who_waits_for_nothing_is_not_decided_anew_every_day(person: Person, stage: str) -> None:
    stay = Stay(person)
    for happens in STAGES[stage]:
        happens(stay)
        stay.settled(person.on)

    found = stay.proposal(person.on)

    if stay.outcome(found).idle:
        assert found.until > person.on + timedelta(days=1)
