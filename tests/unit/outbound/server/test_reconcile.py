"""Drafts against what is on the server: nothing twice, nothing lost, no human's hand overwritten."""

from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from adapter.clinical.decision import Category
from adapter.clinical.model import Reason
from adapter.input.wire_json import Json
from mappings.outbound import Action, Write
from mappings.outbound.ids import CONTENT_FINGERPRINT
from tests.factories import a_classification, a_decision, a_goal, a_rejected, a_t_score, an_activity
from tests.unit.outbound.server_in_memory import CONTEXT, GP, LATER, OTHER_GP, SUBJECT, ServerInMemory, drawn

OSTEOPENIA = a_decision(
    classification=a_classification(
        Category.OSTEOPENIA, deciding=a_t_score("-2.0"), study=(a_t_score("-2.0"),)
    ),
    activities=(an_activity(), an_activity("fall_prevention")),
)
NO_GP = replace(CONTEXT, gp=())
UNREADABLE = replace(SUBJECT, needs_human=(a_rejected(),))
TYPES = ("CarePlan", "Communication", "Device", "Provenance", "Task")

SERVERS = pytest.mark.parametrize(
    "kind",
    [
        {},
        {"strips_versions": True},
        {"own_ids": True},
        {"own_ids": True, "strips_versions": True},
    ],
    ids=["our ids", "our ids, versions stripped", "its ids", "its ids, versions stripped"],
)


def actions(writes: tuple[Write, ...]) -> dict[str, str]:
    return {write.draft.type: write.action for write in writes}


def counts(server: ServerInMemory) -> dict[str, int]:
    return dict(Counter(it["resourceType"] for it in server.resources.values()))


def task_codes(server: ServerInMemory, status: str = "requested") -> list[str]:
    return sorted(it["code"]["coding"][0]["code"] for it in server.of("Task") if it["status"] == status)


@SERVERS
@pytest.mark.parametrize("ledger", [None, {}], ids=["with ledger", "ledger lost"])
@pytest.mark.hazard(id="H21")
def test_a_second_review_writes_nothing_not_even_a_provenance(
    kind: dict[str, bool], ledger: dict[str, str] | None
) -> None:
    server = ServerInMemory(**kind)
    server.review(drawn(subject=UNREADABLE, context=replace(CONTEXT, gp=(GP, OTHER_GP))))
    written = server.written

    again = server.review(drawn(subject=UNREADABLE, context=replace(LATER, gp=(GP, OTHER_GP))), ledger=ledger)

    assert {write.action for write in again} == {Action.UNCHANGED}
    assert server.written == written == 6
    assert counts(server) == {"Device": 1, "CarePlan": 1, "Communication": 2, "Task": 1, "Provenance": 1}


@SERVERS
def test_new_evidence_updates_the_same_plan_under_its_old_date_of_birth(kind: dict[str, bool]) -> None:
    server = ServerInMemory(**kind)
    server.review(drawn())

    writes = server.review(drawn(OSTEOPENIA, context=LATER), ledger={})

    assert actions(writes)["CarePlan"] == Action.UPDATE
    (plan,) = server.of("CarePlan")
    assert plan["meta"]["versionId"] == "2"
    assert plan["created"] == CONTEXT.now
    assert "Osteopenia" in plan["title"]
    assert counts(server) == {"Device": 1, "CarePlan": 1, "Communication": 1, "Provenance": 2}


def test_an_update_names_the_version_that_it_replaces() -> None:
    server = ServerInMemory()
    server.review(drawn())

    writes = server.review(drawn(OSTEOPENIA))

    assert {it.draft.type: it.if_match for it in writes if it.action is Action.UPDATE} == {
        "CarePlan": 'W/"1"',
        "Communication": 'W/"1"',
    }


def test_the_provenance_of_an_update_targets_only_what_was_written() -> None:
    server = ServerInMemory()
    server.review(drawn(context=replace(CONTEXT, letters="first")))

    writes = server.review(drawn(context=replace(LATER, letters="second")))

    trail = next(it.draft.resource for it in writes if it.draft.type == "Provenance")
    (letter,) = server.of("Communication")
    assert trail["target"] == [{"reference": f"Communication/{letter['id']}"}]
    assert trail["activity"]["coding"][0]["code"] == "UPDATE"


@pytest.mark.hazard(id="H21")
def test_a_replayed_first_write_writes_the_very_same_ids() -> None:
    first, replay = ServerInMemory(), ServerInMemory()

    first.review(drawn())
    replay.review(drawn(context=LATER))

    assert first.resources.keys() == replay.resources.keys()


@SERVERS
@pytest.mark.parametrize(
    "edit",
    [
        {"title": "My own plan"},
        {"note": [{"text": "Discussed with the patient"}]},
        {"text": {"status": "additional", "div": "<div xmlns='http://www.w3.org/1999/xhtml'>mine</div>"}},
        {"addresses": [{"reference": "Condition/1"}]},
        {"activity": []},
        {"author": {"reference": "Practitioner/1"}},
    ],
    ids=lambda edit: next(iter(edit)),
)
@pytest.mark.parametrize("ledger", [None, {}], ids=["with ledger", "ledger lost"])
def test_a_plan_that_a_human_edited_is_left_alone(
    kind: dict[str, bool], edit: Json, ledger: dict[str, str] | None
) -> None:
    server = ServerInMemory(**kind)
    server.review(drawn())
    server.edit("CarePlan", **edit)
    (edited,) = server.of("CarePlan")

    writes = server.review(drawn(OSTEOPENIA, context=LATER), ledger=ledger)

    assert actions(writes)["CarePlan"] == Action.RESPECT
    assert server.of("CarePlan") == [edited]
    assert task_codes(server) == ["plan_edited_by_human"]


def test_a_plan_without_our_identifier_under_our_id_counts_as_edited() -> None:
    server = ServerInMemory()
    server.review(drawn())
    server.edit("CarePlan", identifier=[])

    assert actions(server.review(drawn()))["CarePlan"] == Action.RESPECT


def test_an_edited_plan_without_news_calls_nobody() -> None:
    server = ServerInMemory()
    server.review(drawn())
    server.edit("CarePlan", title="My own plan")
    written = server.written

    writes = server.review(drawn(context=LATER))

    assert actions(writes)["CarePlan"] == Action.RESPECT
    assert server.written == written


def test_the_task_about_an_edited_plan_says_what_would_change_and_no_values() -> None:
    server = ServerInMemory()
    server.review(drawn(a_decision(activities=(an_activity(), an_activity("home_safety")))))
    server.edit("CarePlan", title="My own plan")

    server.review(drawn(OSTEOPENIA))

    (task,) = server.of("Task")
    said = [(it["type"]["coding"][0]["code"], _value(it)) for it in task["input"]]
    assert ("element_differs", "description") in said
    assert ("activity_added", "fall_prevention") in said
    assert ("activity_removed", "home_safety") in said
    assert "-2.0" not in str(task)


def test_while_a_humans_plan_differs_no_letter_of_ours_is_changed_or_begun() -> None:
    server = ServerInMemory()
    server.review(drawn())
    server.edit("CarePlan", title="My own plan")
    letters = server.of("Communication")

    both = replace(LATER, gp=(GP, OTHER_GP), letters="another letter")
    writes = server.review(drawn(OSTEOPENIA, context=both))

    assert server.of("Communication") == letters
    assert [(it.action, it.outdated) for it in writes if it.draft.type == "Communication"] == [
        (Action.RESPECT, True)
    ]


def test_what_a_server_tidies_up_is_no_human_edit_as_long_as_the_ledger_knows_the_version() -> None:
    server = ServerInMemory()
    server.review(drawn())
    server.edit("CarePlan", title="tidied by the server on storing")
    server.ledger = {place: it["meta"]["versionId"] for place, it in server.resources.items()}

    assert actions(server.review(drawn(OSTEOPENIA)))["CarePlan"] == Action.UPDATE


@pytest.mark.parametrize(
    "status", ["active", "on-hold", "completed", "revoked", "entered-in-error", "unknown"]
)
@pytest.mark.hazard(id="H24")
def test_a_plan_that_is_no_longer_a_draft_is_left_alone_and_news_is_told(status: str) -> None:
    server = ServerInMemory()
    server.review(drawn())
    server.edit("CarePlan", status=status)
    (released,) = server.of("CarePlan")

    same = server.review(drawn(context=LATER))
    news = server.review(drawn(OSTEOPENIA, context=LATER))

    assert actions(same)["CarePlan"] == actions(news)["CarePlan"] == Action.RELEASED
    assert server.of("CarePlan") == [released]
    assert task_codes(server) == ["released_plan_outdated"]


@pytest.mark.parametrize(
    "status", ["in-progress", "completed", "stopped", "on-hold", "not-done", "entered-in-error"]
)
def test_a_letter_that_left_is_not_written_again_but_marked_as_outdated(status: str) -> None:
    server = ServerInMemory()
    server.review(drawn())
    server.edit("Communication", status=status)
    letters = server.of("Communication")

    writes = server.review(drawn(context=replace(LATER, letters="corrected")))

    (letter,) = (it for it in writes if it.draft.type == "Communication")
    assert (letter.action, letter.outdated) == (Action.RELEASED, True)
    assert server.of("Communication") == letters


@SERVERS
def test_a_task_without_its_reason_is_cancelled_and_says_why(kind: dict[str, bool]) -> None:
    server = ServerInMemory(**kind)
    server.review(drawn(context=NO_GP))

    server.review(drawn(context=LATER), ledger={})

    (task,) = server.of("Task")
    assert task["status"] == "cancelled"
    assert task["statusReason"]["coding"][0]["code"] == "reason_gone"
    assert counts(server)["Communication"] == 1


@pytest.mark.parametrize("status", ["received", "accepted", "in-progress", "completed", "rejected"])
def test_a_task_in_a_humans_hands_is_left_alone(status: str) -> None:
    server = ServerInMemory()
    server.review(drawn(context=NO_GP))
    server.edit("Task", status=status)
    tasks = server.of("Task")

    with_gp, without = server.review(drawn(context=LATER)), server.review(drawn(context=NO_GP))

    assert server.of("Task") == tasks
    assert "Task" not in actions(with_gp)
    assert actions(without)["Task"] == Action.RELEASED


def test_a_task_that_a_human_edited_is_not_cancelled() -> None:
    server = ServerInMemory()
    server.review(drawn(context=NO_GP))
    server.edit("Task", note=[{"text": "I am calling the patient"}])

    server.review(drawn(context=LATER))

    assert task_codes(server) == ["no_general_practitioner"]


def test_a_reason_that_comes_back_asks_again_however_often() -> None:
    server = ServerInMemory()

    for _ in range(3):
        server.review(drawn(context=NO_GP))
        assert task_codes(server) == ["no_general_practitioner"]
        server.review(drawn())
        assert task_codes(server) == []

    assert len(server.of("Task")) == 3


def test_a_closed_task_stays_closed_about_the_same_inputs_and_asks_again_about_others() -> None:
    server = ServerInMemory()
    server.review(drawn(subject=UNREADABLE))
    server.edit("Task", status="completed")

    server.review(drawn(subject=UNREADABLE, context=LATER))
    assert task_codes(server) == []

    server.review(drawn(subject=replace(SUBJECT, needs_human=(a_rejected(Reason.UNIT_MISMATCH),))))
    assert task_codes(server) == ["input_needs_human"]
    assert len(server.of("Task")) == 2


def test_a_letter_to_somebody_who_is_no_longer_the_gp_is_taken_back() -> None:
    server = ServerInMemory()
    server.review(drawn())

    server.review(drawn(context=replace(LATER, gp=(OTHER_GP,))))

    states = {it["recipient"][0].get("display", "other"): it["status"] for it in server.of("Communication")}
    assert states == {"Huisartsenpraktijk De Linde": "not-done", "other": "preparation"}


@SERVERS
def test_when_nothing_warrants_a_plan_any_more_plan_letter_and_task_are_taken_back(
    kind: dict[str, bool],
) -> None:
    server = ServerInMemory(**kind)
    server.review(drawn(context=NO_GP))
    server.review(drawn())

    server.review(drawn(a_decision(warranted=False)), ledger={})

    assert {
        kind: [it["status"] for it in server.of(kind)] for kind in ("CarePlan", "Communication", "Task")
    } == {
        "CarePlan": ["revoked"],
        "Communication": ["not-done"],
        "Task": ["cancelled"],
    }


@SERVERS
def test_a_plan_that_we_took_back_ourselves_is_drafted_again_when_there_is_reason(
    kind: dict[str, bool],
) -> None:
    server = ServerInMemory(**kind)
    server.review(drawn())
    server.review(drawn(a_decision(warranted=False)))

    server.review(drawn(), ledger={})

    assert [it["status"] for it in (*server.of("CarePlan"), *server.of("Communication"))] == [
        "draft",
        "preparation",
    ]
    assert "statusReason" not in server.of("Communication")[0]


@pytest.mark.hazard(id="H21")
def test_withdrawing_twice_writes_once() -> None:
    server = ServerInMemory()
    server.review(drawn())
    server.review(drawn(a_decision(warranted=False)))
    written = server.written

    server.review(drawn(a_decision(warranted=False), context=LATER), ledger={})

    assert server.written == written


def test_the_task_of_another_maker_about_the_plan_is_not_ours_to_cancel() -> None:
    server = ServerInMemory()
    server.review(drawn(context=NO_GP))
    release = {
        **server.of("Task")[0],
        "code": {"coding": [{"system": "http://example.org", "code": "release"}]},
    }
    server.edit("Task", **release)
    server.ledger = {place: it["meta"]["versionId"] for place, it in server.resources.items()}

    server.review(drawn())

    assert [it["status"] for it in server.of("Task")] == ["requested"]


def test_of_two_plans_that_a_race_left_behind_the_older_one_goes_on() -> None:
    server = ServerInMemory(own_ids=True)
    server.review(drawn())
    (place,) = (place for place in server.resources if place.startswith("CarePlan/"))
    twin = server.resources[place]
    server.resources["CarePlan/twin"] = {
        **twin,
        "id": "twin",
        "meta": {"versionId": "1", "lastUpdated": "2027-01-01T00:00:00Z"},
    }

    writes = server.review(drawn(OSTEOPENIA))

    assert [it.location for it in writes if it.draft.type == "CarePlan"] == [place]


def test_a_known_device_is_not_written_again() -> None:
    server = ServerInMemory()
    server.review(drawn())
    writes = server.review(drawn(OSTEOPENIA, subject=replace(SUBJECT, patient_reference="Patient/18")))

    assert actions(writes)["Device"] == Action.UNCHANGED
    assert counts(server)["Device"] == 1


def test_numbers_that_come_back_as_decimals_and_references_made_absolute_are_no_edit() -> None:
    server = ServerInMemory()
    decision = a_decision(goals=(a_goal("vitamin_d_ug", "ug/d", low=Decimal("12.50")),))
    server.review(drawn(decision))
    server.edit("CarePlan", **_as_another_server_says_it(server.of("CarePlan")[0]))

    writes = server.review(drawn(decision, context=LATER), ledger={})

    assert {write.action for write in writes} == {Action.UNCHANGED}


def test_the_fingerprint_travels_as_an_identifier_and_not_as_a_tag() -> None:
    server = ServerInMemory()
    server.review(drawn(context=NO_GP))

    for kind in set(TYPES) - {"Provenance", "Communication"}:
        for resource in server.of(kind):
            assert CONTENT_FINGERPRINT in {it["system"] for it in resource["identifier"]}
            assert "tag" not in resource["meta"]


def test_a_plan_is_the_same_however_late_it_is_decided() -> None:
    server = ServerInMemory()
    server.review(drawn())
    written = server.written

    server.review(drawn(a_decision(on=date(2027, 5, 1), age=71), context=LATER))

    assert server.written == written


def _value(task_input: Json) -> str:
    if "valueString" in task_input:
        return str(task_input["valueString"])
    return str(task_input["valueCodeableConcept"]["coding"][0]["code"])


def _as_another_server_says_it(value: Any) -> Any:
    match value:
        case {"reference": str(literal), **rest} if not literal.startswith("#"):
            return {"reference": f"https://fhir.hospital.example/r4/{literal}", **rest}
        case dict():
            return {name: _as_another_server_says_it(held) for name, held in value.items()}
        case list():
            return [_as_another_server_says_it(held) for held in value]
        case float():
            return Decimal(str(value)).quantize(Decimal("0.0001"))
        case _:
            return value


def test_a_task_of_a_clock_that_was_fast_is_still_changed_when_the_clock_is_right_again() -> None:
    more = replace(UNREADABLE, needs_human=(a_rejected(), a_rejected(Reason.FUTURE_DATE)))
    server = ServerInMemory()
    server.review(drawn(subject=UNREADABLE, context=LATER))
    first = server.of("Task")

    writes = server.review(drawn(subject=more, context=CONTEXT))

    assert actions(writes)["Task"] == Action.UPDATE
    assert [it["authoredOn"] for it in server.of("Task")] == [it["authoredOn"] for it in first]
    assert {it["lastModified"] for it in server.of("Task")} == {LATER.now}
