"""The Task by which a GP takes over is asked once per letter that leaves, and cancelled with its plan."""

from dataclasses import replace

import pytest

from adapter.input.wire_json import Json
from mappings.outbound.guides.profiles import load_profile
from mappings.outbound.resources.handover_task import HANDOVER
from mappings.outbound.server.withdrawals import code_of
from tests.unit.handover.plan_in_memory import GP, PlanInMemory, institution, released

CLINIC: Json = {
    "identifier": {"system": "http://fhir.nl/fhir/NamingSystem/ura", "value": "1"},
    "display": "Clinic",
}
ROLE: Json = {"reference": "PractitionerRole/clinic"}
IDENTIFIED: Json = {**GP, "identifier": {"system": "http://fhir.nl/fhir/NamingSystem/agb-z", "value": "2"}}


def handed_over() -> PlanInMemory:
    """A released plan of an institution that works with such Tasks."""
    ours = replace(institution(), profile=load_profile("scp"), organization=CLINIC, author_role=ROLE)
    return released(institution=ours, recipients=(IDENTIFIED,))


def handovers(plan: PlanInMemory) -> list[Json]:
    return [it for it in plan.of("Task") if code_of(it.get("code")) == HANDOVER]


def test_a_letter_that_leaves_asks_its_recipient_to_take_over() -> None:
    plan = handed_over()
    (task,) = handovers(plan)

    assert (task["status"], task["focus"]["reference"]) == (
        "requested",
        f"CarePlan/{plan.one('CarePlan')['id']}",
    )
    assert task["owner"]["identifier"] == IDENTIFIED["identifier"]
    assert plan.proposal().changes == ()


def test_an_institution_that_works_without_such_tasks_asks_for_none() -> None:
    assert handovers(released()) == []


@pytest.mark.parametrize(
    ("status", "afterwards"),
    [
        ("requested", "cancelled"),
        ("received", "cancelled"),
        ("accepted", "cancelled"),
        ("in-progress", "in-progress"),
        ("completed", "completed"),
        ("rejected", "rejected"),
    ],
)
def test_what_nobody_has_begun_is_cancelled_when_the_plan_ends(status: str, afterwards: str) -> None:
    plan = handed_over()
    (task,) = handovers(plan)
    plan.change(task, status=status)
    plan.patient = {**plan.patient, "deceasedBoolean": True}

    plan.review()

    assert [it["status"] for it in handovers(plan)] == [afterwards]
