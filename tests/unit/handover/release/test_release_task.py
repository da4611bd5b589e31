"""What each answer to the question means, by the table of the module, one Task at a time."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from adapter.input.wire_json import Json
from mappings.handover.release.release_codes import code_in, release_concept
from mappings.handover.release.release_task import (
    ReleaseQuestion,
    ReleaseVerdict,
    answer,
    answered_at,
    attempts,
    content_of,
    due_of,
    named_in,
)
from mappings.handover.release.signature import Clinician
from mappings.outbound.draft import Draft
from mappings.outbound.fingerprint import seal
from mappings.outbound.server.server_view import ServerView
from tests.factories import a_decision, a_follow_up, an_option

DOCTOR = Clinician({"reference": "Practitioner/1"}, "Dr A. Vermeer", "internist")
TEMPLATE = seal({"resourceType": "Task", "status": "requested", "intent": "order", "input": []}, "template")
QUESTION = ReleaseQuestion("release_letter", "key", "digest", TEMPLATE, options=(an_option(),))
WAITING = answer(QUESTION, ServerView({}, {}), {})
AT = "2026-11-20T12:00:00+01:00"


def a_task(question: ReleaseQuestion = QUESTION, number: int = 1, **changes: Any) -> Json:
    """The Task as it stands on the server once somebody did something to it."""
    drawn = question.draft(WAITING, "en")
    named = drawn if number == 1 else seal(drawn.resource, f"{question.task_key}|{number}")
    return {**named.resource, "meta": {"lastUpdated": AT}, **changes}


def said(*tasks: Json, by: Clinician | None = DOCTOR, question: ReleaseQuestion = QUESTION) -> Any:
    held = {f"Task/{it['id']}": it for it in tasks}
    return answer(question, ServerView(held, {}), dict.fromkeys(held, by) if by else {})


def saying(*codes: str) -> list[Json]:
    return [{"type": {"text": "x"}, "valueCodeableConcept": release_concept(it, "en")} for it in codes]


NOT_OFFERED: Json = {"type": release_concept("note_for_letter", "en"), "valueString": "x" * 400}
ROWS: list[tuple[str, Json, Clinician | None, ReleaseVerdict]] = [
    ("requested", a_task(), DOCTOR, ReleaseVerdict.WAITING),
    ("in progress", a_task(status="in-progress"), DOCTOR, ReleaseVerdict.WAITING),
    ("cancelled", a_task(status="cancelled"), DOCTOR, ReleaseVerdict.WAITING),
    ("completed", a_task(status="completed"), DOCTOR, ReleaseVerdict.RELEASED),
    ("completed by nobody", a_task(status="completed"), None, ReleaseVerdict.WAITING),
    ("an interim letter", a_task(status="completed", output=saying("send_interim_letter")), DOCTOR, ReleaseVerdict.WAITING),
    ("a choice that is none", a_task(status="completed", output=[NOT_OFFERED]), DOCTOR, ReleaseVerdict.WAITING),
    ("rejected", a_task(status="rejected"), DOCTOR, ReleaseVerdict.REJECTED),
    ("rejected by nobody", a_task(status="rejected"), None, ReleaseVerdict.REJECTED),
    ("rejected and kept", a_task(status="rejected", output=saying("keep_plan")), DOCTOR, ReleaseVerdict.KEPT),
    ("kept by a reason", a_task(status="rejected", statusReason=release_concept("keep_plan", "en")), DOCTOR, ReleaseVerdict.KEPT),
    ("about another content", a_task(replace(QUESTION, content="other"), status="completed"), DOCTOR, ReleaseVerdict.WAITING),
]  # fmt: skip


@pytest.mark.parametrize(("task", "by", "verdict"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_an_answer_means_what_the_table_says(
    task: Json, by: Clinician | None, verdict: ReleaseVerdict
) -> None:
    assert said(task, by=by).verdict is verdict


def test_every_verdict_has_a_row() -> None:
    assert {row[3] for row in ROWS} == set(ReleaseVerdict)


def test_the_first_answer_counts() -> None:
    found = said(a_task(status="completed"), a_task(number=2, status="rejected"))

    assert found.verdict is ReleaseVerdict.RELEASED
    assert found.task == f"Task/{a_task()['id']}"


def test_what_could_not_be_carried_out_is_told_in_the_next_task() -> None:
    nobody, ahead, unknown = (
        said(a_task(status="completed"), by=None),
        said(a_task(status="completed", output=saying("send_interim_letter"))),
        said(a_task(status="completed", output=[NOT_OFFERED])),
    )

    assert told(QUESTION.draft(nobody, "en")) == {"answered_without_name"}
    assert told(QUESTION.draft(ahead, "en")) == {"interim_letter_not_offered"}
    assert told(replace(QUESTION, interim=True).draft(ahead, "en")) == {"interim_letter_sent"}
    assert told(QUESTION.draft(unknown, "en")) == {"answered_with_unknown_choice"}


def told(task: Draft) -> set[str | None]:
    return {code_in(it["type"]) for it in task.resource["input"] if "valueReference" in it}


def test_a_question_carries_what_it_asks_about() -> None:
    matter = seal({"resourceType": "Task", "code": release_concept("keep_plan", "en")}, "matter")
    plain = QUESTION.draft(WAITING, "en").resource
    urgent = (
        replace(QUESTION, matters=(matter,), priority="asap", due="2027-01-31").draft(WAITING, "en").resource
    )

    assert (content_of(plain), code_in(plain["code"])) == ("digest", "release_letter")
    assert code_in(urgent["code"]) == "clarify_before_release"
    assert (urgent["priority"], urgent["restriction"]) == ("asap", {"period": {"end": "2027-01-31"}})
    assert "priority" not in plain


def test_a_closed_task_is_followed_by_another_and_never_opened_again() -> None:
    first, second, fourth = a_task(status="completed"), a_task(number=2), a_task(number=4)
    held = {f"Task/{it['id']}": it for it in (fourth, second, first)}

    assert list(attempts(QUESTION.task_key, ServerView(held, {}))) == [
        f"Task/{first['id']}",
        f"Task/{second['id']}",
    ]


@pytest.mark.parametrize(
    ("task", "moment"),
    [
        ({"meta": {"lastUpdated": AT}, "lastModified": "2020-01-01"}, AT),
        ({"executionPeriod": {"end": "2026-01-01"}, "lastModified": "2020-01-01"}, "2026-01-01"),
        ({"lastModified": "2020-01-01"}, "2020-01-01"),
        ({}, ""),
    ],
)
def test_an_answer_was_given_when_the_server_stored_it(task: Json, moment: str) -> None:
    assert answered_at(task) == moment


@pytest.mark.parametrize(
    ("task", "named"),
    [
        ({"owner": {"reference": "Practitioner/1"}}, ["Practitioner/1"]),
        ({"owner": {"reference": "https://h/r4/Practitioner/1"}}, ["https://h/r4/Practitioner/1"]),
        ({"owner": {"reference": "PractitionerRole/1/"}}, ["PractitionerRole/1/"]),
        ({"owner": {"type": "Practitioner", "reference": "urn:uuid:1"}}, ["urn:uuid:1"]),
        ({"owner": {"reference": "Organization/1"}}, []),
        ({"owner": {"reference": "Organization/1"}, "output": [{"valueReference": {"reference": "Practitioner/2"}}]}, ["Practitioner/2"]),
        ({"owner": {"reference": "Practitioner/1"}, "output": [{"valueReference": {"reference": "Practitioner/2"}}]}, ["Practitioner/2", "Practitioner/1"]),
        ({"owner": "Practitioner/1"}, []),
        ({}, []),
    ],
)  # fmt: skip
def test_a_person_is_named_by_an_output_before_the_owner(task: Json, named: list[str]) -> None:
    assert [it["reference"] for it in named_in(task)] == named


def test_a_letter_is_due_when_the_pathway_wants_it_to_go() -> None:
    control = a_follow_up("clinician_release", due=date(2027, 1, 31))

    assert due_of(a_decision(follow_ups=(control, replace(control, due=date(2027, 1, 1))))) == "2027-01-01"
    assert due_of(a_decision()) is None
