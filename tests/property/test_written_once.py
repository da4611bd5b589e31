"""Nothing is done twice and nothing is left out, wherever an answer or a request is lost on the way.

Each row of `WORK` writes something, as often as whoever does it would try. It is done once without a fault,
and then once for each of its writes: the server does that write and its answer is lost, or the request is
lost itself. What stands there afterwards is of the same types, and as often, in all cases.
"""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from itertools import product
from typing import Any

import pytest

from adapter.errors import TryAgainLater, VersionConflict
from adapter.fhir.capabilities import Capabilities, Declared
from adapter.fhir.http import RawAnswer
from adapter.input.wire_json import Json
from mappings import pathways
from mappings.outbound.guides.profiles import load_profile
from mappings.outbound.resources.subscription import Subscriptions
from mappings.publication import publication
from tests.examples import sample
from tests.made_resources import a_gp, a_patient, a_t_score
from tests.server_patients import settings_for
from tests.servers.without_http import BASE, LocalServer
from tests.unit.delivery.letters import a_communication, a_message
from tests.unit.delivery.test_fhir_channel import DOCUMENT
from tests.unit.delivery.test_letter_store import entry_for
from tests.unit.handover.test_handover_request import CLINIC, ROLE
from tests.unit.hl7v2.messages import obx, oru, read, sender
from tests.unit.queue.test_access_rights import EVERYTHING
from tests.unit.review.hospital_in_memory import HospitalInMemory, WatchedClient, reading_institution
from workers.authoring.publish import publish_resources
from workers.delivery.channels.endpoints import EndpointDirectory
from workers.delivery.channels.fhir_channel import FhirChannel
from workers.delivery.message import SendOutcome
from workers.delivery.questions import ask_question
from workers.doctor.rights_check import write_device
from workers.intake.patient_writer import PatientWriter
from workers.intake.record_writer import RecordWriter
from workers.intake.result_writer import ResultWriter
from workers.queue.access_rights import Verb, rights_of
from workers.queue.bootstrap import reading_of
from workers.sandbox.query.search_parameters import PARAMETERS
from workers.server.subscriptions import subscribe_searches
from workers.settings.intake_settings import FILE_TYPES

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
GP: Json = {
    "type": "Practitioner",
    "identifier": {"system": "http://fhir.nl/fhir/NamingSystem/agb-z", "value": "2"},
}
DELIVERED = {"status": "completed", "sent": "2026-11-20T13:00:00Z", "received": "2026-11-20T13:00:00Z"}


@dataclass
class LossyServer(LocalServer):
    """One write of all is done and its answer lost, or is lost itself; asked again, it answers."""

    lost: int | None = None
    done: bool = True
    writes: int = 0

    def answer(self, method: str, url: str, headers: dict[str, str], body: bytes | None) -> RawAnswer:
        if method == "GET" or url.endswith("_search") or b'"type":"batch"' in (body or b""):
            return super().answer(method, url, headers, body)
        self.writes += 1
        if self.writes - 1 != self.lost:
            return super().answer(method, url, headers, body)
        if self.done:
            super().answer(method, url, headers, body)
        return RawAnswer(504, {}, b"")

    def standing(self) -> Counter[str]:
        """What stands there, by type."""
        return Counter(type_ for type_ in PARAMETERS for _ in self.all(type_))


class LossyClient(WatchedClient):
    """Of a server that takes ids of ours or does not, and transactions or none."""

    own_ids, at_once = True, True

    def capabilities(self) -> Capabilities:
        said = super().capabilities()
        own_ids = Declared.YES if self.own_ids else Declared.NO
        types = {name: replace(it, update_create=own_ids) for name, it in said.types.items()}
        at_once = said.system_interactions if self.at_once else frozenset({"batch"})
        return replace(said, types=types, system_interactions=at_once)


Work = Callable[[LossyClient], None]


def tried(step: Callable[[], object]) -> None:
    """Done, and done again after a fault that passes, as the queue and the inbox do it."""
    for _ in range(3):
        try:
            step()
        except (TryAgainLater, VersionConflict):
            continue
        else:
            return
    pytest.fail("it never came to an end")


def settled(hospital: HospitalInMemory) -> None:
    """Reviewed until nothing is left to write, as the queue looks again after what it wrote."""
    for _ in range(6):
        (outcome,) = hospital.review()
        if not (outcome.fault or outcome.proposed):
            return
    pytest.fail("it is never settled")


def released(client: LossyClient, **how: Any) -> HospitalInMemory:
    """A plan is proposed and released."""
    institution = reading_institution(update_create=client.own_ids, **how)
    hospital = HospitalInMemory(institution=institution, client_of=lambda _: client, server=client.server)
    client.server.load(a_gp("doctor"), a_patient("p") | {"generalPractitioner": [GP]})
    settled(hospital)
    (task,) = client.server.all("Task")
    client.server.load(task | {"status": "completed", "owner": {"reference": "Practitioner/doctor"}})
    settled(hospital)
    return hospital


def reviews(client: LossyClient) -> None:
    """A plan is proposed, released, sent, corrected and taken back."""
    hospital, load = released(client), client.server.load
    load(*(it | DELIVERED for it in client.server.all("Communication")))
    settled(hospital)
    load(a_t_score("p", -1.8, status="amended"))
    settled(hospital)
    load(a_t_score("p", status="entered-in-error"))
    settled(hospital)


def reviews_with_requests(client: LossyClient) -> None:
    """A plan of which each step is a request of its own, and by which the GP is asked to take over."""
    released(client, profile=load_profile("scp"), organization=CLINIC, author_role=ROLE)


def results(client: LossyClient) -> None:
    """A message of an unknown patient, and its correction."""
    for value, control_id in (("-2,8", "M1"), ("-2,1", "M2")):
        content = read(oru(obx("TLS^T^L", value, status="F" if control_id == "M1" else "C")))
        writer = ResultWriter(client, BASE, lambda: NOON, client.own_ids)
        patients = PatientWriter(client, create=True)
        tried(partial(patients.introduce_patients, content, sender()))
        tried(partial(writer.write_results, content, sender(), control_id))


def files(client: LossyClient) -> None:
    """One resource of each type that a file may hold."""
    for kind in FILE_TYPES:
        content = json.dumps({"resourceType": kind, "id": kind.lower(), "language": "nl"}).encode()
        tried(partial(RecordWriter(client, BASE).write_record, content))


def questions(client: LossyClient) -> None:
    """A letter that could not be delivered."""
    entry = entry_for(a_communication())
    tried(lambda: ask_question(client, entry, "delivery_failed", NOON, update_create=client.own_ids))


def letters(client: LossyClient) -> None:
    """A letter on the server of its recipient."""
    client.server.load(a_gp("gp"))
    directory = EndpointDirectory(client, {"Organization/gp": BASE})
    channel = FhirChannel(directory, lambda _: client, "https://hospital.example/fhir")
    message = a_message(attached=[DOCUMENT])

    def sent() -> None:
        if channel.send(message).outcome is SendOutcome.TRANSIENT:
            raise TryAgainLater("not now")

    tried(sent)


def subscriptions(client: LossyClient) -> None:
    """One for each search of the sweep."""
    wanted = Subscriptions(
        (("Observation", ()), ("Patient", ())), "https://h.example/hints/x", "secret", True
    )
    tried(lambda: subscribe_searches(client, wanted))


def device(client: LossyClient) -> None:
    """Our Device, as the doctor writes it."""
    settings = settings_for(BASE)
    tried(lambda: write_device(client, client.capabilities(), settings))


def pathway(client: LossyClient) -> None:
    """A pathway for others to read."""
    published = publication(pathways.load("antonius"))
    tried(lambda: publish_resources(published, client))


WORK: dict[str, Work] = {
    it.__name__: it
    for it in (
        reviews, reviews_with_requests, results, files, questions, letters, subscriptions, device, pathway,
    )
}  # fmt: skip
# A Provenance goes last. Where there are no transactions, what broke off before it has none.
MAY_BE_MISSING: dict[bool, set[str]] = {True: set(), False: {"Provenance"}}
OTHER_WAYS_ARE_REFUSED: dict[Work, set[tuple[bool, bool]]] = {  # (ids of ours, in transactions)
    files: {(True, True), (True, False)},
    pathway: {(True, True), (True, False)},
    letters: {(True, True), (True, False), (False, True)},
}


def done(
    work: Work, own_ids: bool, at_once: bool, lost: int | None = None, *, answer_lost: bool = True
) -> LossyServer:
    server = LossyServer(lost=lost, done=answer_lost)
    client = LossyClient(server)
    client.own_ids, client.at_once = own_ids, at_once
    work(client)
    return server


WAYS = tuple(product((True, False), repeat=2))  # ids of ours, in transactions


@pytest.mark.parametrize(("own_ids", "at_once"), WAYS)
@pytest.mark.parametrize("name", WORK)
def test_the_same_stands_there_whatever_is_lost_on_the_way(name: str, own_ids: bool, at_once: bool) -> None:
    work = WORK[name]
    if (own_ids, at_once) not in OTHER_WAYS_ARE_REFUSED.get(work, WAYS):
        return
    whole = done(work, own_ids, at_once)
    for answer_lost, lost in sample(list(product((True, False), range(whole.writes)))):
        found = done(work, own_ids, at_once, lost, answer_lost=answer_lost)

        twice, missing = found.standing() - whole.standing(), whole.standing() - found.standing()
        assert twice == Counter(), f"write {lost}, done: {answer_lost}"
        assert missing.keys() <= MAY_BE_MISSING[at_once], f"write {lost}, done: {answer_lost}"


@pytest.mark.parametrize("name", WORK)
def test_in_each_way_of_writing_the_same_stands_there(name: str) -> None:
    work = WORK[name]
    standing = [done(work, *way).standing() for way in OTHER_WAYS_ARE_REFUSED.get(work, WAYS)]

    assert standing == [standing[0]] * len(standing)


def test_there_is_no_kind_that_we_write_and_that_is_not_tried() -> None:
    tried_here = {kind for work in WORK.values() for kind in done(work, True, True).standing()}

    settings = settings_for(BASE, **EVERYTHING)
    written = {it.type for it in rights_of(settings, reading_of(settings)) if it.verb is Verb.WRITE}

    assert written <= tried_here
