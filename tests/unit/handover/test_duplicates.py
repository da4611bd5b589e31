"""Of resources that were made twice the eldest stays, whoever looks."""

from collections.abc import Iterable

import pytest

from adapter.input.wire_json import Json
from mappings.codes import PLAN_KEY
from mappings.handover.duplicates import HAVE_IT, duplicates_of, unmarked


def made(key: str, updated: str = "2026-11-20T10:00:00Z", status: str = "draft", **more: object) -> Json:
    named = {"identifier": [{"system": PLAN_KEY, "value": "plan"}], "meta": {"lastUpdated": updated}}
    return {"resourceType": "CarePlan", "id": key, "status": status, **named, **more}


def younger(held: Iterable[Json]) -> set[str]:
    return set(duplicates_of({f"{it['resourceType']}/{it['id']}": it for it in held}))


OLD = made("old", "2026-11-20T09:00:00Z")
NEW = made("new")


@pytest.mark.parametrize(
    ("held", "found"),
    [
        ([OLD], set()),
        ([OLD, NEW], {"CarePlan/new"}),
        ([NEW, OLD], {"CarePlan/new"}),
        ([made("a"), made("b")], {"CarePlan/b"}),
        ([made("b"), made("a")], {"CarePlan/b"}),
        ([NEW, made("undated", meta={})], {"CarePlan/new"}),
        ([NEW, made("undated", meta=None)], {"CarePlan/new"}),
        ([made("old", "2026-11-20T09:00:00Z", "entered-in-error"), NEW], {"CarePlan/old"}),
        ([OLD, made("other", identifier=[{"system": PLAN_KEY, "value": "another plan"}])], set()),
        ([OLD, {**NEW, "resourceType": "Task"}], set()),
        ([made("a", identifier=[]), made("b", identifier=None)], set()),
        ([made("a", identifier=[{"system": "https://other", "value": "plan"}]), OLD], set()),
    ],
)
def test_all_but_the_eldest_of_one_key_are_duplicates(held: list[Json], found: set[str]) -> None:
    assert younger(held) == found


def test_one_that_is_marked_needs_no_second_mark() -> None:
    assert unmarked([NEW, {**NEW, "status": "entered-in-error"}]) == [NEW]


@pytest.mark.parametrize(
    "kind",
    ["CarePlan", "Communication", "Task", "Device", "ServiceRequest", "MedicationRequest", "CommunicationRequest"],
)  # fmt: skip
def test_of_every_type_that_has_the_status_the_younger_is_marked(kind: str) -> None:
    second = {**NEW, "resourceType": kind}

    assert unmarked([second]) == [second]


def test_what_is_read_in_part_is_not_marked() -> None:
    assert "DocumentReference" not in HAVE_IT
    assert unmarked([{**NEW, "resourceType": "DocumentReference"}]) == []
