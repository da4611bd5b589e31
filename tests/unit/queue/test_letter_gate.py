"""Nothing leaves unreleased: who may get a letter now and why not, when it is queued and when it is sent."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, NamedTuple

import pytest

from adapter.errors import TryAgainLater
from adapter.fhir import FhirClient
from adapter.input.wire_json import Json, JsonValue
from mappings.codes import PLAN_KEY
from mappings.handover.release.clearance import why_not
from mappings.handover.release.release_codes import release_concept
from mappings.handover.release.released_parts import PARTS
from mappings.handover.release.signature import Clinician, Release, released, unreleased
from mappings.outbound.fingerprint import carried
from tests.unit.delivery.letters import NOON, PATIENT, PLAN, a_communication
from workers.delivery import LetterMessage, enqueue_communication
from workers.delivery.letter_store import LetterStore, WithheldLetter
from workers.delivery.message_content import name_of
from workers.ledger import Ledger, due_dates, open_ledger, outbox, reviews
from workers.ledger.outbox import Delivery, DeliveryState
from workers.queue.letter_gate import GatedLoad, queue_letters
from workers.review.review_outcome import OutcomeCode, ReviewOutcome, failed
from workers.sandbox import Sandbox

AT = "2026-01-05T12:00:00+01:00"
VERMEER = Clinician({"reference": "Practitioner/1"}, "Dr A. Vermeer", "internist")
Mark = Callable[[Json], Json]


def by_a_clinician(letter: Json) -> Json:
    return released(letter, Release(VERMEER, AT), "en")


def by_nobody(letter: Json) -> Json:
    return released(letter, Release(Clinician({"reference": "Practitioner/1"}, "", ""), AT), "en")


def by_a_name_alone(letter: Json) -> Json:
    return released(letter, Release(Clinician({}, "Dr A. Vermeer", ""), AT), "en")


def freely(letter: Json) -> Json:
    return unreleased(letter)


def unmarked(letter: Json) -> Json:
    return letter


class Case(NamedTuple):
    """A letter and its plan, and why it may not leave; None where it may."""

    kind: str  # the code of its category, which a plain letter has not
    mark: Mark
    letter: str
    plan: str | None
    reason: str | None
    about: str = "Patient/p1"  # the patient of the plan; the letter is about p1


LETTER, CORRECTION = "", "gp_correction_letter"
INTERIM, WITHDRAWAL = "gp_interim_letter", "gp_retraction_letter"
TABLE = (
    #    kind        released by      letter          plan                reason
    Case(LETTER,     by_a_clinician,  "in-progress",  "active",           None),
    Case(LETTER,     by_a_clinician,  "unknown",      "active",           None),
    Case(LETTER,     by_a_clinician,  "in-progress",  "on-hold",          None),
    Case(LETTER,     by_a_clinician,  "in-progress",  "completed",        None),
    Case(CORRECTION, by_a_clinician,  "in-progress",  "active",           None),
    Case(LETTER,     unmarked,        "in-progress",  "active",           "not-released"),
    Case(LETTER,     by_nobody,       "in-progress",  "active",           "not-released"),
    Case(LETTER,     by_a_name_alone, "in-progress",  "active",           "not-released"),
    Case(LETTER,     freely,          "in-progress",  "active",           "not-released"),
    Case(CORRECTION, freely,          "in-progress",  "active",           "not-released"),
    Case(LETTER,     by_a_clinician,  "preparation",  "active",           "not-released"),
    Case(LETTER,     by_a_clinician,  "completed",    "active",           "communication-closed"),
    Case(LETTER,     by_a_clinician,  "not-done",     "active",           "communication-closed"),
    Case(LETTER,     by_a_clinician,  "stopped",      "active",           "communication-closed"),
    Case(LETTER,     by_a_clinician,  "entered-in-error", "active",       "communication-closed"),
    Case(LETTER,     by_a_clinician,  "in-progress",  "draft",            "plan-not-released"),
    Case(LETTER,     by_a_clinician,  "in-progress",  "unknown",          "plan-not-released"),
    Case(CORRECTION, by_a_clinician,  "in-progress",  "draft",            "plan-not-released"),
    Case(LETTER,     by_a_clinician,  "in-progress",  "revoked",          "plan-revoked"),
    Case(LETTER,     by_a_clinician,  "in-progress",  "entered-in-error", "plan-revoked"),
    Case(LETTER,     by_a_clinician,  "in-progress",  None,               "plan-revoked"),
    Case(LETTER,     by_a_clinician,  "in-progress",  "active",           "another-patient", "Patient/p2"),
    Case(INTERIM,    freely,          "in-progress",  "draft",            None),
    Case(INTERIM,    freely,          "in-progress",  "active",           None),
    Case(INTERIM,    by_a_clinician,  "in-progress",  "draft",            None),
    Case(INTERIM,    unmarked,        "in-progress",  "draft",            "not-released"),
    Case(INTERIM,    by_nobody,       "in-progress",  "draft",            "not-released"),
    Case(INTERIM,    freely,          "preparation",  "draft",            "not-released"),
    Case(INTERIM,    freely,          "completed",    "draft",            "communication-closed"),
    Case(INTERIM,    freely,          "in-progress",  "revoked",          "plan-revoked"),
    Case(INTERIM,    freely,          "in-progress",  None,               "plan-revoked"),
    Case(INTERIM,    freely,          "in-progress",  "draft",            "another-patient", "Patient/p2"),
    Case(WITHDRAWAL, by_a_clinician,  "in-progress",  "revoked",          None),
    Case(WITHDRAWAL, by_a_clinician,  "in-progress",  None,               None),
    Case(WITHDRAWAL, unmarked,        "in-progress",  "revoked",          "not-released"),
    Case(WITHDRAWAL, freely,          "in-progress",  "revoked",          "not-released"),
    Case(WITHDRAWAL, by_a_clinician,  "preparation",  "revoked",          "not-released"),
    Case(WITHDRAWAL, by_a_clinician,  "completed",    "revoked",          "communication-closed"),
)  # fmt: skip


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    opened = open_ledger("sqlite://", "scope")
    yield opened
    opened.close()


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[FhirClient]:
    sandbox.load([PATIENT, {**PATIENT, "id": "p2"}])
    with FhirClient(sandbox.base_url) as opened:
        yield opened


def a_letter(case: Case = TABLE[0], **changes: JsonValue) -> Json:
    kinds = [release_concept(case.kind, "en")] if case.kind else []
    return case.mark(a_communication(category=kinds, status=case.letter, **changes))


def the_plan(case: Case) -> list[Json]:
    return [{**PLAN, "status": case.plan, "subject": {"reference": case.about}}] if case.plan else []


def outcome(*letters: Json, **more: Any) -> ReviewOutcome:
    """What a review says that leaves these letters to be sent."""
    names = tuple(str(carried(it, PLAN_KEY)) for it in letters)
    return ReviewOutcome("p1", OutcomeCode.PLANNED, outgoing=names, **more)


def queue(client: FhirClient, ledger: Ledger, *outcomes: ReviewOutcome, channel: str = "it") -> None:
    queue_letters(outcomes, client, ledger, lambda: NOON, channel)


def in_outbox(ledger: Ledger) -> tuple[Delivery, ...]:
    return outbox.deliveries_in_state(ledger, DeliveryState.QUEUED)


def gated(
    client: FhirClient, ledger: Ledger, letter: Json, case: Case = TABLE[0]
) -> LetterMessage | WithheldLetter:
    """What becomes of a letter that stands in the outbox, at the moment at which it would be sent."""
    enqueue_communication(ledger, letter, NOON, channel="it", retraction=case.kind == WITHDRAWAL)
    (entry,) = in_outbox(ledger)
    return GatedLoad(LetterStore(client).load, client)(entry)


def test_the_table_has_every_reason_for_every_kind_of_letter() -> None:
    reasons = {"not-released", "communication-closed", "plan-revoked", "another-patient", "plan-not-released"}

    assert {it.reason for it in TABLE if it.kind == LETTER} == {None, *reasons}
    assert {it.reason for it in TABLE if it.kind == INTERIM} == {None, *reasons} - {"plan-not-released"}
    assert {it.reason for it in TABLE if it.kind == WITHDRAWAL} == {
        None,
        "not-released",
        "communication-closed",
    }


@pytest.mark.parametrize("case", TABLE)
def test_who_may_be_sent_a_letter_now_and_why_not(case: Case) -> None:
    (plan,) = the_plan(case) or (None,)

    assert why_not(a_letter(case), plan) == case.reason


@pytest.mark.parametrize("case", TABLE)
def test_only_what_may_leave_is_queued(
    client: FhirClient, sandbox: Sandbox, ledger: Ledger, case: Case
) -> None:
    letter = a_letter(case)
    sandbox.load([letter, *the_plan(case)])

    queue(client, ledger, outcome(letter))

    held = [(it.communication, it.retraction) for it in in_outbox(ledger)]
    assert held == ([] if case.reason else [("c1", case.kind == WITHDRAWAL)])


@pytest.mark.parametrize("case", TABLE)
def test_what_stands_in_the_outbox_is_asked_the_same_once_more(
    client: FhirClient, sandbox: Sandbox, ledger: Ledger, case: Case
) -> None:
    letter = a_letter(case)
    sandbox.load([letter, *the_plan(case)])

    found = gated(client, ledger, letter, case)

    assert (found.reason if isinstance(found, WithheldLetter) else None) == case.reason


def test_pages_that_are_not_those_that_were_released_are_a_question_to_a_human(
    client: FhirClient, sandbox: Sandbox, ledger: Ledger
) -> None:
    pages = {"identifier": {"system": PARTS, "value": "of other pages"}}
    letter = a_letter(payload=[{"contentString": "a letter"}, {"contentReference": pages}])
    sandbox.load([letter, PLAN])

    assert gated(client, ledger, letter) == WithheldLetter(
        "content-changed", question="delivery_content_changed"
    )


@pytest.mark.parametrize(("mark", "authenticated"), [(by_a_clinician, True), (freely, False)])
def test_a_letter_that_nobody_released_does_not_say_that_somebody_did(
    client: FhirClient, sandbox: Sandbox, ledger: Ledger, mark: Mark, authenticated: bool
) -> None:
    case = Case(INTERIM, mark, "in-progress", "active", None)
    letter = a_letter(case)
    sandbox.load([letter, PLAN])

    found = gated(client, ledger, letter, case)

    assert isinstance(found, LetterMessage)
    assert found.authenticated is authenticated


def test_a_correction_names_the_document_in_whose_place_it_comes(
    client: FhirClient, sandbox: Sandbox, ledger: Ledger
) -> None:
    before = a_letter(id="c0", identifier=[{"system": PLAN_KEY, "value": "the-first"}])
    letter = a_letter(partOf=[{"reference": "CarePlan/plan1"}, {"reference": "Communication/c0"}])
    sandbox.load([before, letter, PLAN])

    found = gated(client, ledger, letter)

    assert isinstance(found, LetterMessage)
    assert found.replaces == name_of(before).document_id


def test_letters_go_by_their_own_plan_and_nobody_elses_are_queued(
    client: FhirClient, sandbox: Sandbox, ledger: Ledger
) -> None:
    mine, gone = a_letter(), a_letter(id="c2", basedOn=[{"reference": "CarePlan/plan2"}])
    gone["identifier"] = [{"system": PLAN_KEY, "value": "of-a-revoked-plan"}]
    not_asked = a_letter(id="c3", identifier=[{"system": PLAN_KEY, "value": "of-somebody-else"}])
    sandbox.load([mine, gone, not_asked, PLAN, {**PLAN, "id": "plan2", "status": "revoked"}])

    queue(client, ledger, outcome(mine), outcome(gone))

    assert [it.communication for it in in_outbox(ledger)] == ["c1"]


def test_a_second_call_does_nothing_new(client: FhirClient, sandbox: Sandbox, ledger: Ledger) -> None:
    sandbox.load([a_letter(), PLAN])

    for _ in range(2):
        queue(client, ledger, outcome(a_letter()))

    assert len(in_outbox(ledger)) == 1


def test_a_revoked_plan_calls_its_letters_back(client: FhirClient, sandbox: Sandbox, ledger: Ledger) -> None:
    sandbox.load([a_letter(), PLAN])
    queue(client, ledger, outcome(a_letter()))

    queue(client, ledger, outcome(revoked=("CarePlan/plan1",)))

    assert in_outbox(ledger) == ()


@pytest.mark.parametrize(
    "undecided",
    [failed("p1", TryAgainLater("busy")), ReviewOutcome("p1", OutcomeCode.AS_BEFORE)],
    ids=["failed", "as before"],
)
def test_of_whom_nothing_was_decided_what_is_due_stays_due(
    client: FhirClient, sandbox: Sandbox, ledger: Ledger, undecided: ReviewOutcome
) -> None:
    queue(client, ledger, outcome(next_due=date(2026, 1, 4)))

    queue(client, ledger, undecided)

    assert due_dates.late_patients(ledger, NOON.date()) == ("p1",)


def test_without_a_channel_no_letter_is_queued_and_the_rest_is_noted(
    client: FhirClient, sandbox: Sandbox, ledger: Ledger
) -> None:
    sandbox.load([a_letter(), PLAN])

    queue(client, ledger, outcome(a_letter(), next_due=date(2026, 1, 4), again=("p9", "p9")), channel="none")

    assert in_outbox(ledger) == ()
    assert due_dates.late_patients(ledger, NOON.date()) == ("p1",)
    assert reviews.count_unsettled(ledger) == 1
