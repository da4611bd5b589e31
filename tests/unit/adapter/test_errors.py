"""Errors are sorted by who must act, and survive the trip between processes."""

import pickle

import pytest

from adapter.errors import (
    AnswerTooLarge,
    AnswerTooLate,
    ConfigurationFault,
    Deleted,
    Issue,
    NotThere,
    OsteoHandoverError,
    Outage,
    RecordFault,
    ServerStumbled,
    SoftwareFault,
    StartAgain,
    TryAgainLater,
    VersionConflict,
    who_must_act,
)

BRANCHES: dict[str, list[type[OsteoHandoverError]]] = {
    "TryAgainLater": [TryAgainLater, VersionConflict, ServerStumbled, AnswerTooLate, StartAgain, Outage],
    "ConfigurationFault": [ConfigurationFault],
    "RecordFault": [RecordFault, AnswerTooLarge, NotThere, Deleted],
    "SoftwareFault": [SoftwareFault],
}
KINDS = [kind for kinds in BRANCHES.values() for kind in kinds]


@pytest.mark.parametrize("kind", KINDS)
def test_one_root_catches_everything_that_is_raised_on_purpose(kind: type[OsteoHandoverError]) -> None:
    with pytest.raises(OsteoHandoverError, match="what to do"):
        raise kind("what to do")


def test_a_version_conflict_may_be_treated_as_weather() -> None:
    assert issubclass(VersionConflict, TryAgainLater)
    assert not issubclass(RecordFault, TryAgainLater)


@pytest.mark.parametrize("branch", BRANCHES)
def test_a_finer_fault_is_still_for_the_same_people(branch: str) -> None:
    assert {who_must_act(kind("what to do")) for kind in BRANCHES[branch]} == {branch}


def test_the_root_alone_hangs_on_no_branch() -> None:
    assert who_must_act(OsteoHandoverError("what to do")) == "OsteoHandoverError"


def test_an_error_knows_nothing_of_the_wire_unless_told() -> None:
    fault = RecordFault("unreadable")

    assert (fault.status, fault.issues, fault.entry, fault.resource_type) == (None, (), None, None)


def test_an_error_keeps_what_it_knows_through_pickling() -> None:
    issue = Issue("error", "throttled")
    fault = TryAgainLater("busy", retry_after=3.0, status=429, issues=(issue,), entry=2, resource_type="Task")

    copy = pickle.loads(pickle.dumps(fault))  # noqa: S301 - our own bytes

    assert str(copy) == "busy"
    assert copy.retry_after == 3.0
    assert (copy.status, copy.issues, copy.entry, copy.resource_type) == (429, (issue,), 2, "Task")


def test_an_issue_has_no_room_for_what_a_person_wrote() -> None:
    assert set(Issue.__slots__) == {"severity", "code", "expression"}
