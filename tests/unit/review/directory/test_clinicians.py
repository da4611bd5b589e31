"""By whose name a letter may go: the Task names somebody, and the directory has to confirm it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from adapter.input.wire_json import Json, JsonValue
from mappings.handover.institution import Institution
from mappings.handover.release.release_codes import release_concept
from mappings.handover.release.signature import Clinician, Release, released
from mappings.outbound.fingerprint import seal
from tests.made_resources import a_gp
from tests.servers.without_http import BASE, LocalServer, StraightClient
from tests.unit.handover.plan_in_memory import NOON
from tests.unit.review.hospital_in_memory import reading_institution
from workers.review.directory.clinicians import clinicians, known, unknown_releasers

BIG = "https://big.example/register"
ANYBODY = reading_institution()
CLINIC = replace(ANYBODY, release_owner={"reference": "Organization/clinic"})
TASK = "Task/question"


def a_person(key: str, **changes: JsonValue) -> Json:
    return {**a_gp(key), "identifier": [{"system": BIG, "value": key}], **changes}


def a_role(name: str, at: str, **changes: JsonValue) -> Json:
    return {
        "resourceType": "PractitionerRole",
        "id": f"{name}-role",
        "practitioner": {"reference": f"Practitioner/{name}"},
        "organization": {"reference": f"Organization/{at}"},
        **changes,
    }


def the_house() -> Iterator[Json]:
    yield from ({"resourceType": "Organization", "id": it, "name": it} for it in ("clinic", "kitchen"))
    yield a_person("doctor", qualification=[{"code": {"text": "internist"}}])
    yield from (
        a_person("cleaner"),
        a_person("nameless", name=[{"use": "official"}]),
        a_person("left", active=False),
    )
    yield from (a_role("doctor", "clinic"), a_role("cleaner", "kitchen"), a_role("left", "clinic"))
    yield a_role("ended", "clinic", active=False, practitioner={"reference": "Practitioner/doctor"})
    shown = {"display": "Dr Shown"}
    yield a_role("shown", "clinic", practitioner=shown, code=[{"coding": [{"display": "nurse"}]}])
    yield a_role("empty", "clinic", practitioner=None)


@pytest.fixture
def server() -> LocalServer:
    made = LocalServer()
    made.load(*the_house())
    return made


def at(place: str) -> Json:
    return {"reference": place}


def numbered(name: str, **more: str) -> Json:
    return {"type": "Practitioner", "identifier": {"system": BIG, "value": name}, **more}


def signed(reference: Json, server: LocalServer, institution: Institution = ANYBODY) -> str | None:
    who = known(reference, StraightClient(server), institution, NOON.date())
    return who.signed if who else None


@pytest.mark.parametrize(
    ("reference", "anybody", "clinic"),
    [
        (at("Practitioner/doctor"), "Dr Example, internist", "Dr Example, internist"),
        (at(f"{BASE}/Practitioner/doctor"), "Dr Example, internist", "Dr Example, internist"),
        (at("PractitionerRole/doctor-role"), "Dr Example", "Dr Example"),
        (numbered("doctor"), "Dr Example, internist", "Dr Example, internist"),
        (at("Practitioner/cleaner"), "Dr Example", None),
        (at("PractitionerRole/cleaner-role"), "Dr Example", None),
        (numbered("cleaner"), "Dr Example", None),
        (at("Practitioner/left"), None, None),
        (at("PractitionerRole/left-role"), None, None),
        (at("PractitionerRole/ended-role"), None, None),
        (at("PractitionerRole/shown-role"), "Dr Shown, nurse", None),  # the team goes by who has the role
        (at("PractitionerRole/empty-role"), None, None),
        (at("Practitioner/nameless"), None, None),
        (at("Practitioner/invented"), None, None),
        (at("https://elsewhere.test/Practitioner/doctor"), None, None),
        (numbered("kept-elsewhere", display="Dr Elsewhere"), "Dr Elsewhere", None),
        (numbered("kept-elsewhere", display=" "), None, None),
        (numbered("left", display="Dr Left"), None, None),  # known here, and gone
        ({"type": "Practitioner", "display": "Dr Somebody"}, None, None),
        ({**at("Practitioner/invented"), **numbered("doctor", display="Dr Two")}, None, None),
    ],
)
def test_a_name_is_taken_from_the_directory_and_only_of_whoever_may_release(
    server: LocalServer, reference: Json, anybody: str | None, clinic: str | None
) -> None:
    assert signed(reference, server) == anybody
    assert signed(reference, server, CLINIC) == clinic


# --- what completed Tasks say -------------------------------------------------------------------------------


def a_task(**changes: Any) -> Json:
    plain = {
        "resourceType": "Task",
        "id": "question",
        "status": "completed",
        "code": release_concept("release_letter", "en"),
        "owner": at("Practitioner/doctor"),
    }
    return {name: it for name, it in {**plain, **changes}.items() if it is not None}


def said_by(*places: str) -> list[Json]:
    return [{"type": {"text": "by"}, "valueReference": at(it)} for it in places]


ANSWERS: dict[str, tuple[Json, bool]] = {
    "completed": (a_task(), True),
    "its owner is the institution, its output the doctor": (
        a_task(owner=at("Organization/clinic"), output=said_by("Practitioner/doctor")),
        True,
    ),
    "a cleaner first and the doctor after that": (a_task(output=said_by("Practitioner/cleaner")), True),
    "still open": (a_task(status="requested"), False),
    "rejected": (a_task(status="rejected"), False),
    "another question": (a_task(code={"text": "something else"}), False),
    "nobody": (a_task(owner=None), False),
    "the institution": (a_task(owner=at("Organization/clinic")), False),
    "the patient": (a_task(owner=at("Patient/p")), False),
    "a cleaner": (a_task(owner=at("Practitioner/cleaner")), False),
}


@pytest.mark.parametrize("what", ANSWERS)
def test_a_task_is_answered_by_a_member_of_the_team_who_completed_it(server: LocalServer, what: str) -> None:
    task, answered = ANSWERS[what]

    found = clinicians({TASK: task}, StraightClient(server), CLINIC, NOON.date())

    assert {place: who.signed for place, who in found.items()} == (
        {TASK: "Dr Example, internist"} if answered else {}
    )


@pytest.mark.parametrize("what", ["still open", "another question", "nobody", "the institution"])
def test_where_no_task_names_anybody_nothing_is_asked(server: LocalServer, what: str) -> None:
    task, _ = ANSWERS[what]

    clinicians({TASK: task}, StraightClient(server), CLINIC, NOON.date())

    assert unknown_releasers({TASK: task}, BASE) == {}
    assert server.asked == 0


# --- whom we wrote on a plan ourselves ----------------------------------------------------------------------

GONE = Clinician(at("Practitioner/gone"), "Dr Gone", "surgeon")


def a_released_plan(task: str = TASK, **edits: JsonValue) -> Json:
    plain: Json = {"resourceType": "CarePlan", "status": "active", "subject": at("Patient/p")}
    release = Release(GONE, "2026-11-20T12:00:00+01:00", task)
    return seal(released(plain, release, "en"), "plan").resource | edits


@pytest.mark.parametrize(
    ("plan", "task", "found"),
    [
        (a_released_plan(), a_task(owner=GONE.reference), {TASK: "Dr Gone, surgeon"}),
        (a_released_plan(title="rewritten"), a_task(owner=GONE.reference), {}),  # no longer what we wrote
        (a_released_plan(), a_task(owner=GONE.reference, status="requested"), {}),
        (a_released_plan("Task/another"), a_task(owner=GONE.reference), {}),
        (a_released_plan(), a_task(owner=at("Practitioner/cleaner")), {}),  # the Task names somebody else
    ],
)
def test_who_left_since_stays_whom_we_wrote_down_and_nobody_else(
    server: LocalServer, plan: Json, task: Json, found: dict[str, str]
) -> None:
    existing = {"CarePlan/plan": plan, TASK: task}

    named = clinicians(existing, StraightClient(server), CLINIC, NOON.date())

    assert {place: who.signed for place, who in named.items()} == found
    assert bool(server.asked) is (not found and task["status"] == "completed")


def test_who_was_written_down_is_known_by_the_place_in_the_directory(server: LocalServer) -> None:
    existing = {"CarePlan/plan": a_released_plan(), TASK: a_task(owner=GONE.reference)}

    (who,) = clinicians(existing, StraightClient(server), CLINIC, NOON.date()).values()

    assert who.known_as == {"Practitioner/gone"}
