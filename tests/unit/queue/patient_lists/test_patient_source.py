"""Whom the sweep looks at where a list says so, and that nobody of them is missed."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from adapter.errors import ConfigurationFault, TryAgainLater
from adapter.fhir.search import Page
from adapter.input.wire_json import Json, JsonValue
from tests.examples import examples
from tests.made_resources import a_patient, a_t_score
from tests.servers.without_http import LocalServer, SetClock, StraightClient
from workers.ledger import ReviewResult, ReviewState, open_ledger, passes, reviews
from workers.queue.patient_lists.patient_source import FileOfPatients, GroupOfPatients, PatientList
from workers.queue.sweep import SweepResult, sweep
from workers.queue.sweep_pages.page_reader import PageRetry, SweepPolicy, SweepTarget
from workers.sandbox import FaultEffect
from workers.settings.full_pass_rule import FullPassRule


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("anna\nbea\n", ("anna", "bea")),
        ("Patient/bea\r\n\r\n  anna  # comes on Monday\n# nobody\nbea", ("anna", "bea")),
        ("\ufeffanna\n", ("anna",)),
    ],
)
def test_a_file_names_patients_line_by_line(text: str, ids: tuple[str, ...], tmp_path: Path) -> None:
    file = tmp_path / "patients.txt"
    file.write_text(text, "utf-8")

    assert FileOfPatients(file).listed().ids == ids


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "names no patient"),
        ("# nobody\n", "names no patient"),
        ("anna\nAnna Jansen\n", "patients.txt:2: is not the id"),
        ("anna,bea\n", "patients.txt:1: is not the id"),
        ("Observation/x\n", "patients.txt:1: is not the id"),
    ],
)
def test_a_file_that_is_no_list_is_refused_without_its_words(text: str, says: str, tmp_path: Path) -> None:
    file = tmp_path / "patients.txt"
    file.write_text(text, "utf-8")

    with pytest.raises(ConfigurationFault, match=says) as raised:
        FileOfPatients(file).listed()
    assert "Jansen" not in str(raised.value)


class ServerInMemory:
    """A server with one Group."""

    def __init__(self, **group: Any) -> None:
        self.group = {"resourceType": "Group", "id": "g", **group}

    def read(self, resource_type: str, resource_id: str) -> Json:
        assert (resource_type, resource_id) == ("Group", "g")
        return self.group


def member(reference: str, **more: JsonValue) -> Json:
    return {"entity": {"reference": reference}, **more}


def test_the_active_members_of_a_group_are_looked_at() -> None:
    held = [
        member("Patient/bea"),
        member("http://here.test/r4/Patient/anna/_history/2"),
        member("Patient/carla", inactive=True),
        member("http://elsewhere.test/r4/Patient/dora"),
        member("Group/more"),
        {"entity": {"identifier": {"value": "1"}}},
    ]

    found = GroupOfPatients(ServerInMemory(member=held), "g", "http://here.test/r4").listed()

    assert found.ids == ("anna", "bea")
    assert found.notes == ("3 members of the Group are no patients of this server",)


@pytest.mark.parametrize("group", [{}, {"member": []}, {"member": "x"}, {"member": [member("Group/x")]}])
def test_a_group_that_shows_no_patients_is_a_fault(group: Json) -> None:
    with pytest.raises(ConfigurationFault, match="Group/g names no patient"):
        GroupOfPatients(ServerInMemory(**group), "g", "").listed()


MINUTE = timedelta(minutes=1)
POLICY = SweepPolicy(
    "rules-1",
    (SweepTarget("Patient"), SweepTarget("Observation")),
    overlap=MINUTE,
    margin=MINUTE,
    full_pass=FullPassRule(timedelta(days=365)),
    lease=MINUTE,
    retry=PageRetry(sleep=lambda _: None),
    search_size=2,
)


class OneByOne(StraightClient):
    """Gets no batches, so that a pass may break off at any of its searches."""

    def first_pages(self, searches: Sequence[Any]) -> list[Page | None]:
        return [None] * len(searches)


class Hospital:
    """A server that answers no search without a patient, a list, and a sweep that goes by it."""

    def __init__(self) -> None:
        self.clock = SetClock()
        self.server = LocalServer(self.clock)
        self.server.faults.add_rule(FaultEffect.PATIENT_ONLY)
        self.client = OneByOne(self.server)
        self.ledger = open_ledger("sqlite://", "scope")
        self.list: set[str] = set()
        self.by_list, self.search_size = True, 2
        self.refused_after: int | None = None
        self.server.busy = self._busy

    def _busy(self) -> int | None:
        if self.refused_after is None:
            return None
        self.refused_after -= 1
        return None if self.refused_after >= 0 else 503

    def writes(self, patient: str, value: float) -> None:
        self.clock.move(minutes=1)
        self.server.load(a_t_score(patient, value))

    def goes_by(self, source: str) -> None:
        """The setting; where it is the search, the server allows that."""
        self.by_list = source == "list"
        self.server.faults.clear()
        if self.by_list:
            self.server.faults.add_rule(FaultEffect.PATIENT_ONLY)

    def decides(self, event: str, what: Any) -> None:
        """Somebody changes the list, or a setting."""
        match event:
            case "enlists":
                self.list.add(what)
            case "drops" if self.list != {what}:
                self.list.discard(what)
            case "goes by":
                self.goes_by(what)
            case "names at once":
                self.search_size = what
            case _:
                pass

    @property
    def looked_at(self) -> set[str]:
        """Whom the settings want to be looked at."""
        return self.list if self.by_list else {*WARD}

    def sweeps(self, *, full: bool = False) -> SweepResult:
        """And whoever was found is worked."""
        self.clock.move(minutes=5)
        listed = PatientList(tuple(sorted(self.list))) if self.by_list else None
        policy = replace(POLICY, listed=listed, search_size=self.search_size)
        return sweep(self.client, self.ledger, policy, self.clock, full=full)

    def worked(self) -> set[str]:
        """Everybody who is due, and settled by being asked for."""
        found: set[str] = set()
        while claim := reviews.claim_patients(self.ledger, self.clock(), MINUTE, 100, 5):
            leases = reviews.begin_reviews(self.ledger, claim, self.clock(), MINUTE, 5)
            done = [ReviewResult(it, ReviewState.DONE) for it in leases]
            reviews.settle_reviews(self.ledger, done, self.clock())
            found |= {it.patient for it in leases}
        passes.advance_watermark(self.ledger, POLICY.ruleset)
        return found


@pytest.fixture
def hospital() -> Hospital:
    held = Hospital()
    held.server.load(*map(a_patient, WARD))
    return held


WARD = ("anna", "bea", "carla", "dora", "elin")


def test_the_first_pass_looks_at_everybody_on_the_list_and_at_nobody_else(hospital: Hospital) -> None:
    hospital.list = {"anna", "bea", "carla", "nobody"}

    result = hospital.sweeps()

    assert hospital.worked() == {"anna", "bea", "carla"}
    assert (result.full, result.notes[-1]) == (True, "patients on the list: 4; not on this server: 1")


def test_a_later_pass_finds_what_changed_and_who_is_new(hospital: Hospital) -> None:
    hospital.list = {"anna", "bea", "carla"}
    hospital.sweeps()
    hospital.worked()
    hospital.writes("bea", -2.7)
    hospital.writes("elin", -2.7)
    hospital.list |= {"dora"}

    assert not hospital.sweeps().full
    assert hospital.worked() == {"bea", "dora"}
    hospital.sweeps()
    assert hospital.worked() == set()


def test_who_left_the_list_and_came_back_is_new(hospital: Hospital) -> None:
    hospital.list = {"anna", "bea"}
    hospital.sweeps()
    hospital.list = {"bea"}
    hospital.sweeps()
    hospital.writes("anna", -2.7)
    hospital.clock.move(minutes=30)
    hospital.writes("bea", -2.7)
    hospital.sweeps()
    hospital.worked()
    hospital.list = {"anna", "bea"}

    hospital.sweeps()

    assert hospital.worked() == {"anna"}


def test_a_full_pass_that_was_asked_for_looks_at_the_list(hospital: Hospital) -> None:
    hospital.list = {"anna", "bea"}
    hospital.sweeps()
    hospital.worked()

    hospital.sweeps(full=True)

    assert hospital.worked() == {"anna", "bea"}


CHANGES: dict[str, Callable[[Hospital], None]] = {
    "more are named at once": lambda it: setattr(it, "search_size", 2),
    "the list is shorter": lambda it: it.list.discard("anna"),
    "a search says whom": lambda it: it.goes_by("search"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_pass_that_was_broken_off_begins_again_where_others_are_asked_for(
    change: str, hospital: Hospital
) -> None:
    hospital.list, hospital.search_size, hospital.refused_after = {*WARD}, 1, 3
    with pytest.raises(TryAgainLater):
        hospital.sweeps()
    found = hospital.worked()
    hospital.refused_after = None
    CHANGES[change](hospital)

    hospital.sweeps()

    assert len(found) < len(WARD)
    assert found | hospital.worked() >= hospital.looked_at


def test_a_search_after_a_list_looks_once_at_everybody(hospital: Hospital) -> None:
    hospital.list = {"anna"}
    hospital.sweeps()
    hospital.worked()
    hospital.clock.move(days=2)
    hospital.goes_by("search")

    hospital.sweeps()

    assert hospital.worked() == {*WARD}
    assert not hospital.sweeps().full


EVENTS = st.one_of(
    st.tuples(st.just("writes"), st.sampled_from(WARD)),
    st.tuples(st.just("enlists"), st.sampled_from(WARD)),
    st.tuples(st.just("drops"), st.sampled_from(WARD)),
    st.tuples(st.just("goes by"), st.sampled_from(("list", "search"))),
    st.tuples(st.just("names at once"), st.integers(1, 3)),
    st.tuples(st.just("sweeps"), st.none()),
    st.tuples(st.just("breaks off"), st.integers(0, 8)),
)


@given(st.lists(EVENTS, max_size=12))
@hypothesis_settings(max_examples=examples(60), deadline=None)
def test_whatever_happens_to_the_list_nobody_on_it_is_missed(events: list[tuple[str, Any]]) -> None:
    hospital = Hospital()
    hospital.server.load(*map(a_patient, WARD))
    hospital.list = {"anna"}
    owed = {*WARD}  # of whom something was never looked at
    for number, (event, what) in enumerate(events):
        if event == "writes":
            hospital.writes(what, -2 - number / 100)
            owed.add(what)
        elif event in ("sweeps", "breaks off"):
            hospital.refused_after = what
            with suppress(TryAgainLater):
                hospital.sweeps()
            owed -= hospital.worked()
        else:
            hospital.decides(event, what)
    hospital.refused_after = None
    for _ in range(2):
        hospital.sweeps()
        owed -= hospital.worked()

    assert owed & hospital.looked_at == set()
