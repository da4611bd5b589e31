"""One patient who cannot be helped harms no other one, and the server's trouble is nobody's fault."""

from collections.abc import Sequence

import pytest

from adapter.errors import (
    AnswerTooLate,
    ConfigurationFault,
    OsteoHandoverError,
    Outage,
    RecordFault,
    ServerStumbled,
    SoftwareFault,
    TryAgainLater,
    VersionConflict,
)
from workers.review.isolation import isolated
from workers.review.review_outcome import OutcomeCode

CONFLICT = VersionConflict("somebody else was first", status=409)
BROKEN_FOR_ONE = ServerStumbled("the server stumbled", status=500)


def test_nobody_is_asked_about_nobody() -> None:
    def action(items: Sequence[str]) -> list[str]:
        raise AssertionError(items)

    assert isolated([], action) == ([], [])


@pytest.mark.parametrize(
    "raised", [RecordFault("odd"), SoftwareFault("ours"), CONFLICT, BROKEN_FOR_ONE, KeyError("x")]
)
def test_one_who_fails_is_kept_apart(raised: Exception) -> None:
    def action(items: Sequence[str]) -> list[str]:
        if "bad" in items:
            raise raised
        return list(items)

    done, failures = isolated(["a", "b", "bad", "c", "d"], action)

    assert done == ["a", "b", "c", "d"]
    assert [it.patient for it in failures] == ["bad"]


@pytest.mark.parametrize(
    "raised", [ConfigurationFault("no right"), TryAgainLater("down"), TryAgainLater("x", status=503)]
)
def test_a_fault_that_hits_everybody_is_not_tried_again_on_each(raised: OsteoHandoverError) -> None:
    calls = []

    def action(items: Sequence[str]) -> list[str]:
        calls.append(items)
        raise raised

    _, failures = isolated(["a", "b", "c"], action)

    assert len(calls) == 1
    assert [it.patient for it in failures] == ["a", "b", "c"]


ALIKE = [RecordFault("400", status=400), ServerStumbled("500", status=500), KeyError("nonsense")]


@pytest.mark.parametrize("raised", ALIKE)
def test_a_fault_counts_against_nobody_while_the_server_serves_nobody(raised: Exception) -> None:
    calls = []

    def action(items: Sequence[str]) -> list[str]:
        calls.append(items)
        raise raised

    _, failures = isolated([str(it) for it in range(50)], action, serves=lambda: False)

    assert len(calls) == 1
    assert {type(it.fault) for it in failures} == {Outage}
    assert {it.code for it in failures} == {OutcomeCode.RETRY}


def test_who_are_too_many_at_once_come_through_by_halves() -> None:
    asked = []

    def action(items: Sequence[str]) -> list[str]:
        asked.append(len(items))
        if len(items) > 10:
            raise AnswerTooLate("too slow for so many")
        return list(items)

    done, failures = isolated([str(it) for it in range(40)], action, serves=lambda: True)

    assert (len(done), failures) == (40, [])
    assert asked == [40, 20, 10, 10, 20, 10, 10]


def test_what_is_written_too_late_is_not_tried_on_the_halves() -> None:
    """Each of them may take a minute, and nobody is to blame."""
    calls = []

    def action(items: Sequence[str]) -> list[str]:
        calls.append(items)
        raise AnswerTooLate("too slow")

    _, failures = isolated(["a", "b"], action, by_witness=True)

    assert len(calls) == 1
    assert {type(it.fault) for it in failures} == {Outage}


def test_three_who_fail_alike_while_nobody_succeeds_bear_witness_against_the_server() -> None:
    calls = []

    def action(items: Sequence[str]) -> list[str]:
        calls.append(items)
        raise ServerStumbled("500", status=500)

    _, failures = isolated([str(it) for it in range(50)], action, by_witness=True)

    assert len(calls) < 15
    assert [it.patient for it in failures] == [str(it) for it in range(50)]
    assert {type(it.fault) for it in failures} == {Outage}


@pytest.mark.parametrize("bad", [{"0"}, {"0", "1"}, {"3", "17", "44"}, {"0", "1", "2", "25"}])
def test_those_who_fail_while_others_are_served_are_found_one_by_one(bad: set[str]) -> None:
    def action(items: Sequence[str]) -> list[str]:
        if bad & set(items):
            raise RecordFault("422", status=422)
        return list(items)

    done, failures = isolated([str(it) for it in range(50)], action, serves=lambda: True)

    assert {it.patient for it in failures} == bad
    assert len(done) == 50 - len(bad)


def test_who_fails_differently_bears_no_witness() -> None:
    faults = {"a": RecordFault("422", status=422), "b": RecordFault("413", status=413), "c": CONFLICT}

    def action(items: Sequence[str]) -> list[str]:
        raise faults[items[0]]

    _, failures = isolated(["a", "b", "c"], action, by_witness=True)

    assert [it.fault for it in failures] == [*faults.values()]


def test_our_own_mistake_is_told_by_its_type_and_not_by_its_words(caplog: pytest.LogCaptureFixture) -> None:
    def action(items: Sequence[str]) -> list[str]:
        if "bad" in items:
            raise KeyError("what the patient is called")
        return list(items)

    done, (failure,) = isolated(["good", "bad"], action)

    assert (done, failure.code) == (["good"], OutcomeCode.FAILED)
    assert str(failure.fault) == "KeyError in our own code"
    assert [it.message for it in caplog.records] == ["a mistake in our own code"]


def test_who_was_overtaken_is_looked_at_again_and_says_nothing_about_the_server() -> None:
    def action(items: Sequence[str]) -> list[str]:
        raise CONFLICT

    _, failures = isolated(["a", "b", "c", "d"], action, lambda: False, by_witness=True)

    assert {type(it.fault) for it in failures} == {VersionConflict}
