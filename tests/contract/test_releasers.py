"""By whose name a letter may leave, and by whose not, whatever stands in the Task or on the letter."""

from collections.abc import Callable
from typing import Any

import pytest

from adapter.fhir import FhirClient
from adapter.input.wire_json import Json, JsonValue
from mappings.codes import BASE
from tests.made_resources import a_gp
from tests.patient_care import Care, admit
from tests.server_patients import admitted

BIG = "https://big.example/register"


def team(care: Care) -> list[Json]:
    """The clinic: its doctor, a nurse whose role ended, outsiders, and the GP in two shapes."""
    p = care.patient
    clinic, kitchen = {"reference": f"Organization/clinic-{p}"}, {"reference": f"Organization/kitchen-{p}"}

    def person(name: str, **more: JsonValue) -> Json:
        return {**a_gp(f"{name}-{p}"), "identifier": [{"system": BIG, "value": f"{name}-{p}"}], **more}

    def role(name: str, at: Json, **more: JsonValue) -> Json:
        whose = {"reference": f"Practitioner/{name}-{p}"}
        return {
            "resourceType": "PractitionerRole",
            "id": f"{name}-role-{p}",
            "practitioner": whose,
            "organization": at,
            **more,
        }

    places = [{"resourceType": "Organization", "id": f"{it}-{p}", "name": it} for it in ("clinic", "kitchen")]
    people = [person(it) for it in ("doctor", "nurse", "cleaner", "former")] + [person("left", active=False)]
    roles = [
        role("doctor", clinic),
        role("nurse", clinic),
        role("cleaner", kitchen),
        role("former", clinic, period={"end": "2020-01-01"}),
        role("left", clinic),
        {
            "resourceType": "PractitionerRole",
            "id": f"gp-role-{p}",
            "practitioner": {"reference": f"Practitioner/{care.gp}"},
            "organization": clinic,
        },
    ]
    return [*places, *people, *roles]


def by(kind: str, name: str) -> Callable[[Care], Json]:
    return lambda care: {"owner": {"reference": f"{kind}/{name}-{care.patient}"}}


def identified(name: str, **more: Any) -> Callable[[Care], Json]:
    who = {"type": "Practitioner", **more}
    return lambda care: {"owner": {**who, "identifier": {"system": BIG, "value": f"{name}-{care.patient}"}}}


HONEST: dict[str, Callable[[Care], Json]] = {
    "a doctor of the clinic": by("Practitioner", "doctor"),
    "their role": by("PractitionerRole", "doctor-role"),
    "their number in the register": identified("doctor"),
    "a nurse of the clinic": by("Practitioner", "nurse"),
    "a doctor in the output, the institution as the owner": lambda care: {
        "owner": {"reference": f"Organization/clinic-{care.patient}"},
        "output": [
            {"type": {"text": "by"}, "valueReference": {"reference": f"Practitioner/doctor-{care.patient}"}}
        ],
    },
    "a cleaner first and a doctor after that": lambda care: {
        "owner": {"reference": f"Practitioner/doctor-{care.patient}"},
        "output": [
            {"type": {"text": "by"}, "valueReference": {"reference": f"Practitioner/cleaner-{care.patient}"}}
        ],
    },
}
FORGED: dict[str, Callable[[Care], Json]] = {
    "nobody": lambda _care: {"owner": None},
    "the receiving GP": lambda care: {"owner": {"reference": f"Practitioner/{care.gp}"}},
    "the receiving GP by a role at the clinic": by("PractitionerRole", "gp-role"),
    "a cleaner": by("Practitioner", "cleaner"),
    "the role of a cleaner": by("PractitionerRole", "cleaner-role"),
    "a cleaner by number": identified("cleaner"),
    "somebody whose role has ended": by("Practitioner", "former"),
    "a role that has ended": by("PractitionerRole", "former-role"),
    "somebody who has left": by("Practitioner", "left"),
    "an invented number with a name": identified("invented", display="Dr A. Vermeer"),
    "an invented person": by("Practitioner", "invented"),
    "an invented role": by("PractitionerRole", "invented-role"),
    "a name alone": lambda _care: {"owner": {"type": "Practitioner", "display": "Dr A. Vermeer"}},
    "the institution": by("Organization", "clinic"),
    "the patient": lambda care: {"owner": {"reference": f"Patient/{care.patient}"}},
}


@pytest.fixture
def care(fhir_server: str, unique_id: Callable[[str], str]) -> Care:
    plain = admit(fhir_server, unique_id)
    admitted(fhir_server, team(plain))
    known = iter((plain.patient, plain.gp, plain.clinician))
    return admit(fhir_server, lambda _kind: next(known), release_owner=f"Organization/clinic-{plain.patient}")


@pytest.mark.parametrize("name", HONEST)
def test_a_member_of_the_team_releases(care: Care, name: str) -> None:
    care.put(care.task(), status="completed", **HONEST[name](care))
    care.review()

    assert care.plan()["status"] == "active"
    assert care.plan()["note"][-1]["authorString"] == "Dr Example", "no role is on record, so none is told"
    assert [it.communication for it in care.queued()] == [care.letter("in-progress")["id"]]


@pytest.mark.parametrize("name", FORGED)
def test_nobody_else_releases_and_the_question_stays(
    care: Care, name: str, request: pytest.FixtureRequest
) -> None:
    if name.startswith("an invented") and "[hapi" in request.node.name:
        pytest.skip("HAPI refuses a reference to somebody who is not there")
    care.put(care.task(), status="completed", **FORGED[name](care))
    care.review()

    assert (care.plan()["status"], care.letter()["status"], care.queued()) == ("draft", "preparation", [])
    assert care.task()["status"] == "requested"


def a_mark(care: Care, task: str | None = None) -> Json:
    """What a release looks like on a resource, written by hand."""
    parts: list[Json] = [
        {
            "url": "who",
            "valueReference": {"reference": f"Practitioner/doctor-{care.patient}", "display": "Dr D."},
        },
        {"url": "role", "valueString": "internist"},
        {"url": "on", "valueDateTime": "2026-11-20T12:00:00+01:00"},
    ]
    if task:
        parts.append({"url": "task", "valueReference": {"reference": task}})
    return {"url": f"{BASE}/StructureDefinition/released-by", "extension": parts}


def open_task(care: Care) -> str:
    return f"Task/{care.task()['id']}"


def rejected_task(care: Care) -> str:
    care.put(care.task(), status="rejected", owner={"reference": f"Practitioner/doctor-{care.patient}"})
    return f"Task/{care.tasks('release_letter')[0]['id']}"


def task_of_a_cleaner(care: Care) -> str:
    care.put(care.task(), status="completed", owner={"reference": f"Practitioner/cleaner-{care.patient}"})
    return f"Task/{care.tasks('release_letter')[0]['id']}"


MARKS: dict[str, Callable[[Care], str | None]] = {
    "a mark without a task": lambda _care: None,
    "a mark of a task that nobody has": lambda _care: "Task/invented",
    "a mark of the open task": open_task,
    "a mark of a task that was rejected": rejected_task,
    "a mark of a task that a cleaner completed": task_of_a_cleaner,
}


@pytest.mark.parametrize("name", MARKS)
def test_what_is_only_written_on_plan_and_letter_is_no_release(care: Care, name: str) -> None:
    mark = a_mark(care, MARKS[name](care))
    plan, letter = care.plan(), care.letter()
    care.put(plan, status="active", extension=[*plan.get("extension", ()), mark])
    care.put(letter, status="in-progress", extension=[*letter.get("extension", ()), mark])

    care.review()
    care.review()

    assert care.queued() == []


def test_a_letter_that_says_it_needs_no_release_stays_where_the_settings_do_not_allow_it(care: Care) -> None:
    free = {"url": f"{BASE}/StructureDefinition/sent-without-release", "valueBoolean": True}
    ahead = {"coding": [{"system": f"{BASE}/CodeSystem/release", "code": "gp_interim_letter"}]}
    letter = care.letter()
    care.put(letter, status="in-progress", extension=[free], category=[*letter["category"], ahead])

    care.review()

    assert care.queued() == []


def test_the_date_of_a_release_is_the_servers(care: Care) -> None:
    doctor = {"reference": f"Practitioner/doctor-{care.patient}"}
    dates = {"executionPeriod": {"end": "2031-01-01T00:00:00Z"}, "lastModified": "2032-01-01T00:00:00Z"}
    care.put(care.task(), status="completed", owner=doctor, **dates)
    care.review()

    (mark,) = [it for it in care.plan("active")["extension"] if it["url"].endswith("released-by")]
    (at,) = [it["valueDateTime"] for it in mark["extension"] if it["url"] == "on"]
    with FhirClient(care.base) as client:
        (task,) = [it for it in care.tasks("release_letter") if it["status"] == "completed"]
        assert at == client.read("Task", task["id"])["meta"]["lastUpdated"]
