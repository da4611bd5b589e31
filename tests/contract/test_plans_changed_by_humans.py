"""What a human does to a plan is news to the next sweep; what we wrote ourselves is none."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.wards import a_gp, a_patient, a_t_score, a_workplace, admitted, reviewed, written_for
from workers.ledger import reviews
from workers.queue.runtime import OUR_PLANS, Runtime
from workers.sandbox import Sandbox

BY_HAND: dict[str, dict[str, Any]] = {
    "set to active": {"status": "active"},
    "put on hold": {"status": "on-hold"},
    "given a note": {"note": [{"text": "Seen by me"}]},
}


@pytest.fixture
def ward(sandbox: Sandbox) -> Sandbox:
    admitted(sandbox.base_url, [a_gp(), a_patient("p"), a_t_score("p")])
    return sandbox


def settled(place: Runtime) -> Runtime:
    """Everybody was read once, and the ones with news until nothing was left."""
    for _ in range(2):
        place.sweep()
        place.review(["p"])
    assert reviews.unsettled(place.ledger) == 0
    return place


def test_our_own_writes_are_no_news(ward: Sandbox) -> None:
    with a_workplace(ward.base_url) as place:
        settled(place)
        found = place.sweep()

        assert found.resources > 0
        assert reviews.unsettled(place.ledger) == 0


@pytest.mark.parametrize("change", BY_HAND)
def test_a_change_by_hand_is_looked_at_after_the_next_sweep(ward: Sandbox, change: str) -> None:
    with a_workplace(ward.base_url) as place:
        settled(place)
        (plan,) = written_for(ward.base_url, "p")["CarePlan"]
        place.client.update({**plan, **BY_HAND[change]}, if_match=plan["meta"]["versionId"])

        assert place.sweep().full is False
        assert reviews.unsettled(place.ledger) == 1
        place.review(["p"])
        (plan,) = written_for(ward.base_url, "p")["CarePlan"]
        assert {name: plan[name] for name in BY_HAND[change]} == BY_HAND[change]
        place.sweep()
        assert reviews.unsettled(place.ledger) == 0


def test_each_server_finds_our_plans_by_their_system_alone(
    fhir_server: str, unique_id: Callable[[str], str]
) -> None:
    patient, gp = unique_id("p"), unique_id("gp")
    foreign = {
        "resourceType": "CarePlan",
        "id": unique_id("theirs"),
        "status": "active",
        "intent": "plan",
        "identifier": [{"system": "http://example.org/plans", "value": patient}],
        "subject": {"reference": f"Patient/{patient}"},
    }
    admitted(fhir_server, [a_gp(gp), a_patient(patient, gp), a_t_score(patient), foreign])
    with a_workplace(fhir_server, site=patient) as place:
        reviewed(place, patient)
        whose = ("subject", f"Patient/{patient}")
        found = place.client.search(OUR_PLANS.type, [*OUR_PLANS.params, whose])

    (ours,) = (it for it in written_for(fhir_server, patient)["CarePlan"] if it["id"] != foreign["id"])
    assert [it["id"] for it in found.matches] == [ours["id"]]
