"""What was decided comes to the server whole or not at all, and over nobody's writing."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from adapter.errors import OsteoHandoverError, VersionConflict
from adapter.fhir.bundles import Entry, EntryResult
from adapter.input.wire_json import Json
from mappings.handover.situation import NotFollowed
from tests.made_resources import a_gp, a_patient, a_t_score
from tests.unit.review.hospital_in_memory import (
    CarelessClient,
    CarelessSingleWritesClient,
    HospitalInMemory,
    SingleWritesClient,
    WatchedClient,
    reading_institution,
)
from workers.review.review_outcome import OutcomeCode
from workers.review.write import NOT_FOLLOWED, outcome_code, write
from workers.sandbox import FaultEffect

CLIENTS = (WatchedClient, CarelessClient, SingleWritesClient, CarelessSingleWritesClient)


def written(hospital: HospitalInMemory, *ids: str) -> dict[str, OutcomeCode]:
    outcomes = write(hospital.proposals(*ids), hospital.client, hospital.institution)
    return {it.patient: it.code for it in outcomes}


@pytest.mark.parametrize(("size", "transactions"), [(25, [3]), (2, [2, 1]), (1, [1, 1, 1])])
def test_as_many_patients_as_the_setting_says_share_a_transaction(size: int, transactions: list[int]) -> None:
    hospital = HospitalInMemory(("a", "b", "c"), reading_institution(write_size=size))

    assert set(written(hospital).values()) == {OutcomeCode.PLANNED}
    assert hospital.client.transactions == transactions
    assert len(hospital.server.all("Device")) == 1


@pytest.mark.parametrize("own_ids", [True, False])
@pytest.mark.parametrize("client", CLIENTS)
def test_the_same_stands_there_in_each_way_of_writing(client: type[WatchedClient], own_ids: bool) -> None:
    institution = reading_institution(update_create=own_ids)
    hospital = HospitalInMemory(institution=institution, client_of=client)

    (outcome,) = write(hospital.proposals(), hospital.client, institution)

    assert outcome.code is OutcomeCode.PLANNED
    standing = hospital.versions()
    assert set(standing.values()) == {"1"}
    assert outcome.written == {
        at: it for at, it in standing.items() if not at.startswith("Device") or not own_ids
    }
    (based_on,) = hospital.one("Communication")["basedOn"]
    assert based_on["reference"].partition("/_history")[0] == f"CarePlan/{hospital.one('CarePlan')['id']}"


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("own_ids", [True, False])
def test_writing_the_same_again_makes_no_second_version(client: type[WatchedClient], own_ids: bool) -> None:
    hospital = HospitalInMemory(institution=reading_institution(update_create=own_ids), client_of=client)
    late = hospital.proposals()
    write(late, hospital.client, hospital.institution)
    before = hospital.versions()

    write(late, hospital.client, hospital.institution)

    assert hospital.versions() == before


def test_a_dry_run_says_what_it_would_write_and_writes_nothing() -> None:
    hospital = HospitalInMemory(institution=reading_institution(dry_run=True))

    (outcome,) = write(hospital.proposals(), hospital.client, hospital.institution)

    assert outcome.proposed == ("create CarePlan", "create Communication", "create Task", "create Provenance")
    assert (outcome.code, outcome.written) == (OutcomeCode.PLANNED, {})
    assert hospital.versions() == {}


def test_where_nothing_changes_nothing_is_asked() -> None:
    hospital = HospitalInMemory()
    written(hospital)
    proposals = hospital.proposals()
    before = hospital.server.asked

    (outcome,) = write(proposals, hospital.client, hospital.institution)

    assert (outcome.code, outcome.proposed) == (OutcomeCode.UNCHANGED, ())
    assert hospital.server.asked == before


# --- somebody else writes -----------------------------------------------------------------------------------


@pytest.mark.parametrize("client", CLIENTS)
def test_who_was_overtaken_waits_alone_and_what_stands_there_stays(client: type[WatchedClient]) -> None:
    hospital = HospitalInMemory(("a", "b", "c"), client_of=client)
    late = hospital.proposals()
    written(hospital, "b")
    hospital.server.load(hospital.one("CarePlan") | {"status": "active"})

    outcomes = {it.patient: it for it in write(late, hospital.client, hospital.institution)}

    assert [outcomes[it].code for it in "ac"] == [OutcomeCode.PLANNED, OutcomeCode.PLANNED]
    assert isinstance(outcomes["b"].fault, VersionConflict)
    assert outcomes["b"].written == {}
    assert {it["subject"]["reference"]: it["status"] for it in hospital.server.all("CarePlan")} == {
        "Patient/a": "draft",
        "Patient/b": "active",
        "Patient/c": "draft",
    }


def test_a_change_names_the_version_that_it_replaces() -> None:
    hospital = HospitalInMemory()
    written(hospital)
    hospital.server.load(a_t_score("p", -1.8, status="amended"))
    late = hospital.proposals()
    hospital.server.load(hospital.one("CarePlan") | {"title": "as discussed"})

    (outcome,) = write(late, hospital.client, hospital.institution)

    assert isinstance(outcome.fault, VersionConflict)
    assert hospital.one("CarePlan")["title"] == "as discussed"


def twin_of(resource: Json) -> Json:
    return {name: it for name, it in resource.items() if name != "meta"} | {"id": "twin"}


def test_duplicates_are_marked_before_anything_is_added() -> None:
    hospital = HospitalInMemory()
    written(hospital)
    hospital.server.load(twin_of(hospital.one("CarePlan")))

    (outcome,) = write(hospital.proposals(), hospital.client, hospital.institution)

    assert outcome.alarms == ("duplicates_on_server",)
    assert {it["id"] == "twin": it["status"] for it in hospital.server.all("CarePlan")} == {
        True: "entered-in-error",
        False: "draft",
    }


class TwinnedClient(WatchedClient):
    """Another writer makes the same plan at the same moment, on a server that gives the ids."""

    def transaction(self, entries: Sequence[Entry], **how: Any) -> list[EntryResult]:
        answers = super().transaction(entries, **how)
        (elder,) = (it for it in self.server.all("CarePlan") if it["subject"]["reference"] == "Patient/a")
        self.server.load(twin_of(elder))
        return answers


def test_a_twin_that_was_made_meanwhile_is_marked_and_told_of_its_patient_alone() -> None:
    institution = reading_institution(update_create=False)
    hospital = HospitalInMemory(("a", "b"), institution, TwinnedClient)

    outcomes = write(hospital.proposals(), hospital.client, hospital.institution)

    assert [it.alarms for it in outcomes] == [("duplicates_on_server",), ()]
    assert {it["id"]: it["status"] for it in hospital.server.all("CarePlan")}["twin"] == "entered-in-error"
    assert [it["status"] for it in hospital.server.all("CarePlan")].count("draft") == 2


def sent(hospital: HospitalInMemory) -> None:
    """A doctor completes the question, a review files the pages of the letter, and a transport brings it."""
    hospital.server.load(a_gp("doctor"))
    hospital.review()
    task = hospital.one("Task")
    hospital.server.load(task | {"status": "completed", "owner": {"reference": "Practitioner/doctor"}})
    hospital.review()
    moment = "2026-11-20T13:00:00Z"
    letter = hospital.one("Communication")
    hospital.server.load(letter | {"status": "completed", "sent": moment, "received": moment})


def test_what_was_filed_is_withdrawn_with_its_pages_though_they_were_not_read() -> None:
    hospital = HospitalInMemory()
    sent(hospital)
    before = hospital.one("DocumentReference")
    hospital.server.load(a_t_score("p", status="entered-in-error"))

    (outcome,) = hospital.review()

    after = hospital.one("DocumentReference")
    assert (before["status"], after["status"]) == ("current", "entered-in-error")
    assert after["content"] == before["content"]
    assert outcome.fault is None


# --- trouble ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("client", [WatchedClient, SingleWritesClient])
def test_without_the_right_to_write_everybody_fails_alike(client: type[WatchedClient]) -> None:
    hospital = HospitalInMemory(("a", "b"), client_of=client)
    proposals = hospital.proposals()
    hospital.server.faults.add_rule(FaultEffect.READ_ONLY)

    outcomes = write(proposals, hospital.client, hospital.institution)

    assert [(it.patient, it.code) for it in outcomes] == [
        ("a", OutcomeCode.FAILED),
        ("b", OutcomeCode.FAILED),
    ]
    assert all(isinstance(it.fault, OsteoHandoverError) and it.fault.status == 403 for it in outcomes)
    assert hospital.versions() == {}


def test_what_broke_off_between_single_writes_is_finished_by_the_next_review() -> None:
    hospital = HospitalInMemory(client_of=SingleWritesClient)
    proposals = hospital.proposals()
    rule = hospital.server.faults.add_rule(FaultEffect.FORBIDDEN, type="Communication", method="PUT")
    (broken,) = write(proposals, hospital.client, hospital.institution)
    assert broken.code is OutcomeCode.FAILED
    assert [it.partition("/")[0] for it in hospital.versions()] == ["CarePlan", "Device"]

    hospital.server.faults.remove_rule(rule)
    (outcome,) = hospital.review()

    assert "create Communication" in outcome.proposed
    assert "create CarePlan" not in outcome.proposed
    assert {it.partition("/")[0] for it in hospital.versions()} == {
        *("CarePlan", "Communication", "Task", "Provenance", "Device"),
    }


# --- how a review is said to have ended ---------------------------------------------------------------------


def test_each_reason_not_to_follow_somebody_has_an_outcome_of_its_own() -> None:
    assert NOT_FOLLOWED.keys() == set(NotFollowed)
    assert {it.value for it in NOT_FOLLOWED} == {it.value for it in NOT_FOLLOWED.values()}


REPLACED = {"link": [{"type": "replaced-by", "other": {"reference": "Patient/other"}}]}


@pytest.mark.parametrize(
    ("patient", "expected"),
    [
        ({}, OutcomeCode.PLANNED),
        ({"deceasedDateTime": "2025-11-01"}, OutcomeCode.DECEASED),
        ({"active": False}, OutcomeCode.INACTIVE),
        (REPLACED, OutcomeCode.MERGED),
    ],
)
def test_who_is_not_followed_is_said_to_be_that(patient: Json, expected: OutcomeCode) -> None:
    hospital = HospitalInMemory()
    hospital.server.load(a_patient("p", **patient))

    (proposal,) = hospital.proposals()

    assert outcome_code(proposal) is expected


def test_nothing_to_propose_is_said_where_nothing_is_warranted() -> None:
    hospital = HospitalInMemory()
    (proposal,) = hospital.proposals()
    calm = replace(proposal, decision=replace(proposal.decision, warranted=False))

    assert outcome_code(calm) is OutcomeCode.NOTHING_TO_PROPOSE


def test_a_plan_that_a_human_changed_is_respected() -> None:
    hospital = HospitalInMemory()
    written(hospital)
    hospital.server.load(hospital.one("CarePlan") | {"title": "as discussed with her"})

    assert written(hospital) == {"p": OutcomeCode.RESPECTED}
    assert hospital.one("CarePlan")["title"] == "as discussed with her"
