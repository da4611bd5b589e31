"""The entries of one transaction, and the gate in front of them."""

from dataclasses import replace
from typing import Any

import pytest

from adapter.input.wire_json import Json, JsonValue
from mappings.codes import PLAN_KEY
from mappings.outbound import TransactionEntry, check, entries, reconcile
from tests.factories import a_decision, a_goal, an_activity
from tests.unit.outbound.server_in_memory import CONTEXT, ServerInMemory, drawn, every

NO_GP = replace(CONTEXT, gp=())


def sent(*, update_create: bool) -> dict[str, TransactionEntry]:
    writes = reconcile(drawn(), {}, {})
    return {entry.resource["resourceType"]: entry for entry in entries(writes, update_create=update_create)}


def references(value: object) -> list[str]:
    if isinstance(value, dict):
        own = [value["reference"]] if "reference" in value else []
        return own + [it for held in value.values() for it in references(held)]
    return [it for held in value for it in references(held)] if isinstance(value, list) else []


def test_a_server_that_takes_our_ids_gets_a_put_for_each_resource() -> None:
    for kind, entry in sent(update_create=True).items():
        assert (entry.method, entry.url) == ("PUT", f"{kind}/{entry.resource['id']}")
        assert entry.if_none_exist is entry.full_url is None


def test_a_server_with_ids_of_its_own_gets_conditional_creates_that_refer_to_each_other() -> None:
    posts = sent(update_create=False)

    plan = posts["CarePlan"]
    assert (plan.method, plan.url) == ("POST", "CarePlan")
    assert plan.if_none_exist == f"identifier={PLAN_KEY}|{plan.resource['identifier'][0]['value']}"
    assert "id" not in plan.resource
    assert posts["Communication"].resource["basedOn"] == [{"reference": plan.full_url}]
    assert plan.resource["author"] == {"reference": posts["Device"].full_url}


def test_a_provenance_which_has_no_identifier_is_found_by_a_tag() -> None:
    trail = sent(update_create=False)["Provenance"]

    (tag,) = trail.resource["meta"]["tag"]
    assert trail.if_none_exist == f"_tag={tag['system']}|{tag['code']}"
    assert "id" not in trail.resource
    assert "meta" not in sent(update_create=True)["Provenance"].resource


@pytest.mark.parametrize("own_ids", [False, True])
def test_each_kind_is_sent_so_that_it_is_made_once(own_ids: bool) -> None:
    for kind, entry in sent(update_create=not own_ids).items():
        assert (entry.method == "PUT" and entry.resource["id"]) or entry.if_none_exist, kind


def test_what_comes_back_after_it_was_taken_back_has_a_provenance_of_its_own() -> None:
    server, names = ServerInMemory(), []
    for warranted in (True, False, True, False, True):
        (trail,) = (
            it
            for it in server.review(drawn(a_decision(warranted=warranted)))
            if it.draft.type == "Provenance"
        )
        names.append(trail.draft.resource["id"])

    assert len({*names}) == len(names)


@pytest.mark.parametrize("own_ids", [False, True])
def test_what_is_already_there_is_referred_to_where_it_is(own_ids: bool) -> None:
    server = ServerInMemory(own_ids=own_ids)
    server.review(drawn())
    known = {place: it for place, it in server.resources.items() if it["resourceType"] != "Provenance"}
    changed = drawn(context=replace(CONTEXT, letters="corrected"))

    (letter, trail) = entries(reconcile(changed, known, server.ledger), update_create=not own_ids)

    assert letter.method == "PUT"
    assert letter.if_match == 'W/"1"'
    assert {it for it in references([letter.resource, trail.resource]) if "/_history/" not in it} <= {
        *server.resources, "Patient/17", "Organization/hospital",
    }  # fmt: skip


def test_a_transaction_stays_small() -> None:
    many = a_decision(
        goals=tuple(a_goal() for _ in range(9)), activities=tuple(an_activity() for _ in range(30))
    )

    assert len(entries(reconcile(drawn(many), {}, {}), update_create=True)) == 4


def test_nothing_to_write_is_no_entry() -> None:
    server = ServerInMemory()
    server.review(drawn())
    known = {place: it for place, it in server.resources.items() if it["resourceType"] != "Provenance"}

    assert entries(reconcile(drawn(), known, {}), update_create=True) == []


def broken(kind: str, **changes: JsonValue) -> Json:
    draft = next(it for it in (*every(drawn()), *every(drawn(context=NO_GP))) if it.type == kind)
    return {name: value for name, value in {**draft.resource, **changes}.items() if value is not None}


DETAIL = {"status": "not-started", "instantiatesUri": ["x"], "instantiatesCanonical": ["y"]}


@pytest.mark.parametrize(
    ("resource", "rule"),
    [
        ({"resourceType": "Condition", "subject": {"reference": "Patient/17"}}, "type-not-ours"),
        ({"resourceType": "Condition", "intent": "order"}, "type-not-ours"),
        ({"resourceType": "MedicationRequest", "intent": "order"}, "proposal-only"),
        (broken("CarePlan", status="completed"), "status-list"),
        (broken("CarePlan", status="active"), "released"),
        (broken("Communication", status="in-progress"), "released"),
        (broken("CarePlan", intent="order"), "proposal-only"),
        (broken("CarePlan", subject=None), "subject-missing"),
        (broken("CarePlan", activity=[{"detail": DETAIL, "reference": {"reference": "Task/1"}}]), "cpl-3"),
        (broken("CarePlan", activity=[{}]), "cpl-3"),
        (broken("CarePlan", activity=[{"detail": DETAIL | {"kind": "MedicationRequest"}}]), "cpl-3"),
        (broken("CarePlan", activity=[{"detail": DETAIL | {"status": "completed"}}]), "cpl-3"),
        (broken("CarePlan", activity=[{"detail": {"status": "not-started"}}]), "activity-without-rule"),
        (broken("CarePlan", goal=[]), "dom-3"),
        (broken("CarePlan", contained=[]), "dom-3"),
        (
            broken(
                "CarePlan", contained=[{"resourceType": "Goal", "id": "g", "target": [{"detailString": "x"}]}]
            ),
            "gol-1",
        ),
        (broken("CarePlan", supportingInfo=[{"reference": "Patient/18/_history/1"}]), "one-patient"),
        (broken("CarePlan", subject={"reference": "Group/17"}), "one-patient"),
        (broken("Communication", status="completed"), "status-list"),
        (broken("Communication", sent="2026-11-20T08:00:00Z"), "never-sent"),
        (broken("Communication", recipient=[{"display": "the GP"}]), "recipient"),
        (broken("Communication", recipient=[{"reference": "Patient/17"}]), "recipient"),
        (broken("Communication", payload=[{}]), "one-value"),
        (broken("Task", intent="order"), "proposal-only"),
        (broken("Task", status="in-progress"), "status-list"),
        (broken("Task", input=[{"type": {"text": "x"}}]), "one-value"),
        (broken("Task", lastModified="2026-11-19T08:00:00Z"), "inv-1"),
        (
            broken("Task", **{"for": {"reference": "Patient/18"}, "focus": {"reference": "Patient/17"}}),
            "one-patient",
        ),
        (broken("Provenance", target=[]), "target-missing"),
        (broken("Provenance", entity=[{"role": "source"}]), "provenance"),
        (broken("Provenance", agent=[{"type": {"text": "x"}}]), "provenance"),
        (broken("Provenance", status="final"), "status-list"),
        (broken("Device", version=[]), "version-missing"),
    ],
)
def test_the_gate_names_the_rule_that_a_resource_breaks(resource: Json, rule: str) -> None:
    assert rule in check(resource)


@pytest.mark.parametrize("draft", [*every(drawn()), *every(drawn(context=NO_GP))], ids=lambda it: it.type)
def test_the_gate_lets_every_draft_of_ours_pass(draft: Any) -> None:
    assert check(draft.resource) == ()
