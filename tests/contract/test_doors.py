"""Whichever door a new DXA comes through, the plan is that of the sweep; through two doors at once it comes once."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapter.wire_json import Json
from mappings.lifecycle.release.release_codes import code_in
from tests.contract.doors import DOORS, Hall, News, furnished
from tests.contract.reception import SYSTEM, standing
from tests.examples import sample
from tests.wards import admitted, versions_of, written_for
from workers.queue.sweep_run import work_here
from workers.sandbox import Sandbox

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
FIRST, CORRECTED = News(-2.8), News(-3.1, corrected=True)
OUR_TIMES = {"created", "authoredOn", "lastModified"}
Sandboxes = tuple[Sandbox, Sandbox]


def now() -> datetime:
    return NOW


@pytest.fixture
def both() -> Iterator[Sandboxes]:
    """A server for a door, and one for the sweep."""
    with Sandbox(clock=now) as one, Sandbox(clock=now) as other:
        for server in (one, other):
            furnished(server.base_url, "anna", SYSTEM)
        yield one, other


def without_meta(resources: list[Json]) -> list[Json]:
    """Without version and time, which the server gives."""
    kept = ({name: it for name, it in one.items() if name != "meta"} for one in resources)
    return sorted(kept, key=lambda it: str(it.get("id")))


def timeless(resources: list[Json]) -> list[Json]:
    """Without the times of ours as well: who asks for a day is answered as at its noon."""
    return [
        {name: it for name, it in one.items() if name not in OUR_TIMES} for one in without_meta(resources)
    ]


def handed_on(one: str, other: str) -> None:
    """What a door brought to one server stands on the other."""
    found = [it for kind in ("Observation", "DiagnosticReport") for it in standing(one, "anna", kind)]
    admitted(other, without_meta(found))


def plans(server: str) -> dict[str, list[Json]]:
    return {kind: without_meta(held) for kind, held in written_for(server, "anna").items()}


def released(hall: Hall) -> None:
    """A clinician lets the letter go."""
    tasks = written_for(hall.server, "anna")["Task"]
    (asked,) = (it for it in tasks if code_in(it["code"]) == "release_letter" and it["status"] == "requested")
    admitted(hall.server, [{**asked, "status": "completed", "owner": {"reference": "Practitioner/doctor"}}])
    hall.place.review_now(["anna"])


@pytest.mark.parametrize("door", sample([*DOORS]))
def test_a_dxa_and_its_correction_come_to_what_the_sweep_makes_of_them(
    both: Sandboxes, tmp_path: Path, door: str
) -> None:
    """Byte for byte, ids and times of ours included; only the servers' own version and time may differ."""
    here, there = (it.base_url for it in both)
    with (
        Hall(here, tmp_path / "here", "anna", now) as hall,
        Hall(there, tmp_path / "there", "anna", now) as beside,
    ):
        for it in (hall, beside):
            work_here(it.place, lambda _: None)
        letters = []
        for news in (FIRST, CORRECTED):
            DOORS[door](hall, news)
            hall.settled()
            assert hall.reviewed() == ["anna"]
            handed_on(here, there)
            work_here(beside.place, lambda _: None)

            assert plans(here) == plans(there)
            letters.append(str(plans(here)["Communication"]))
            released(hall)
            released(beside)
        before = versions_of(written_for(here, "anna"))
        DOORS[door](hall, CORRECTED)  # once more, and then the sweep looks at everybody
        hall.reviewed()
        work_here(hall.place, lambda _: None, full=True)

        assert versions_of(written_for(here, "anna")) == before
    assert "-2.8" in letters[0]
    assert "-3.1" not in letters[0]
    assert "What changed and why" in letters[1]
    assert "-3.1" in letters[1]


def test_who_asks_with_the_record_is_answered_what_the_sweep_wrote(both: Sandboxes, tmp_path: Path) -> None:
    server = both[0].base_url
    with Hall(server, tmp_path / "here", "anna", now) as hall:
        DOORS["MLLP"](hall, FIRST)
        read = hall.place.client.search
        record = [
            *read("Patient", [("_id", "anna")]).matches,
            *read("Practitioner", [("_id", "gp-anna")]).matches,
            *(it for kind in ("Observation", "DiagnosticReport") for it in standing(server, "anna", kind)),
        ]
        answer = hall.assessed(record, NOW.date().isoformat())
        (card,) = hall.cards()
        work_here(hall.place, lambda _: None)
    swept = plans(server)

    answered = {kind: [it for it in answer["resources"] if it["resourceType"] == kind] for kind in swept}
    assert {kind: timeless(held) for kind, held in answered.items()} == {
        kind: timeless(held) for kind, held in swept.items()
    }
    assert answer["letter"] == swept["Communication"][0]["payload"][0]["contentString"]
    assert answer["decision"]["classification"]["category"] == "osteoporosis"

    (plan,) = timeless(swept["CarePlan"])
    (offered,) = timeless([it["resource"] for it in card["suggestions"][0]["actions"]])
    # A server gives the id; and our Device may not be on it, so that the author is named and not referred to.
    changed = {name for name in offered.keys() | plan.keys() if offered.get(name) != plan.get(name)}
    assert changed == {"id", "author"}


PAIRS = [
    ("hint with the resource", "sweep"),
    ("folder, NDJSON", "hint of a topic"),
    ("folder, Bundle", "folder, transaction"),
    ("MLLP", "folder, HL7 v2"),
    ("MLLP", "empty hint"),
]


@pytest.mark.parametrize(
    ("pair", "shared"), sample([(pair, shared) for pair in PAIRS for shared in (True, False)])
)
def test_through_two_doors_at_once_it_comes_once(
    both: Sandboxes, tmp_path: Path, pair: tuple[str, str], shared: bool
) -> None:
    server, together = both[0].base_url, threading.Barrier(2)
    both[0].recorder.clear()

    def through(number: int) -> None:
        given = {"ledger_url": f"sqlite:///{tmp_path / 'ledger.sqlite'}"} if shared else {}
        with Hall(server, tmp_path / str(number), "anna", now, **given) as hall:
            hall.place.client.capabilities()
            together.wait(60)
            DOORS[pair[number]](hall, FIRST)
            hall.settled()
            hall.reviewed()

    with ThreadPoolExecutor(2) as doors:
        list(doors.map(through, range(2)))

    written = written_for(server, "anna")
    assert [len(written[kind]) for kind in ("CarePlan", "Communication")] == [1, 1]
    assert set(versions_of(written).values()) == {"1"}
    assert {str(it["valueQuantity"]["value"]) for it in standing(server, "anna")} == {"-2.8"}
