"""A decision on file comes back as it was, and what cannot come back in full is refused with its place."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import orjson
import pytest

from adapter.clinical.model import Listing, Medicine, MedicineKind
from adapter.errors import ConfigurationFault
from mappings.stored_decision import (
    Difference,
    StoredDecision,
    UnusableRecord,
    canonical_bytes,
    differences,
    dump,
    load,
)
from tests.factories import TODAY, a_bone_record, a_classification, a_decision, a_flag, a_goal, a_why

PARAMETERS = {
    "coffee_max": 2,
    "normal_from": Decimal("-1.00"),
    "alcohol": {"advice_max": 1},
    "sites": ["hip"],
}


def stored(**changes: Any) -> StoredDecision:
    return replace(StoredDecision("etz", TODAY, a_bone_record(), a_decision(), PARAMETERS), **changes)


def test_what_is_dumped_is_loaded_again() -> None:
    assert load(dump(stored())) == stored()


def test_digits_stay_as_they_were_reported() -> None:
    record = a_bone_record(bmi=Decimal("18.50"), falls_last_12m=Decimal("1E+1"))

    back = load(dump(stored(record=record))).record

    assert (str(back.bmi), str(back.falls_last_12m)) == ("18.50", "1E+1")


def test_sets_are_written_in_order() -> None:
    kinds = [MedicineKind.VITAMIN_D, MedicineKind.CALCIUM, MedicineKind.DENOSUMAB]

    texts = {
        canonical_bytes(a_bone_record(medicines=Listing.of([Medicine(frozenset(some))])))
        for some in (kinds, kinds[::-1])
    }

    assert len(texts) == 1
    assert b'["calcium","denosumab","vitamin_d"]' in texts.pop()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "not JSON, line 1"),
        (b"[]", 'no decision on file: "format" must be'),
        (b'{"format": "osteo-handover decision 9"}', 'no decision on file: "format" must be'),
        (
            b'{"format": "osteo-handover decision 1"}',
            "a decision on file has exactly these fields: format, pathway",
        ),
    ],
)
def test_what_is_no_decision_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(UnusableRecord, match=message) as caught:
        load(content)

    assert isinstance(caught.value, ConfigurationFault)


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (("record", "birth_date"), "1956", "cannot be read: record.birth_date"),
        (("record", "t_scores", 0, "site"), "elbow", "cannot be read: record.t_scores.0.site"),
        (("record", "shoe_size"), 41, "not known to this version: record.shoe_size"),
        (("decision", "treatment", "dose"), "10 mg", "not known to this version: decision.treatment.dose"),
        (("on",), "20-11-2026", "cannot be read: on"),
    ],
)
def test_a_place_that_cannot_be_read_is_named_and_never_quoted(
    place: tuple[str | int, ...], value: object, message: str
) -> None:
    content = orjson.loads(dump(stored()))
    *way, last = place
    held = content
    for step in way:
        held = held[step]
    held[last] = value

    with pytest.raises(UnusableRecord) as caught:
        load(orjson.dumps(content))

    assert str(caught.value) == message


def test_equal_decisions_do_not_differ() -> None:
    assert differences(a_decision(), a_decision()) == ()


def test_outputs_are_compared_by_code_and_not_by_where_they_stand() -> None:
    goals = (a_goal("calcium"), a_goal("vitamin_d", "ug"))

    found = differences(a_decision(goals=goals), a_decision(goals=goals[1:]))

    assert Difference("goals[calcium].low", "1000", None) in found
    assert {it.place.partition(".")[0] for it in found} == {"goals[calcium]"}


def test_one_changed_leaf_is_one_difference() -> None:
    before = a_decision(on=date(2026, 11, 20))

    assert differences(before, replace(before, on=date(2026, 11, 21))) == (
        Difference("on", "2026-11-20", "2026-11-21"),
    )


def test_another_order_of_the_same_outputs_is_a_difference_of_bytes() -> None:
    flags = (a_flag("a"), a_flag("b"))

    assert canonical_bytes(a_decision(flags=flags)) != canonical_bytes(a_decision(flags=flags[::-1]))


def test_a_class_on_file_keeps_the_rules_and_evidence_behind_it() -> None:
    judged = a_classification(why=a_why("C-01", evidence=("Observation/1/_history/2",)))

    assert load(dump(stored(decision=a_decision(classification=judged)))).decision.classification == judged
