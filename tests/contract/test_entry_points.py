"""Through whichever entry point a new DXA comes, the plan is that of the sweep, and it comes once."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from adapter.input.wire_json import Json, parse, write
from mappings.handover.release.release_codes import code_in
from tests.contract.entry_points import ENTRY_POINTS, News, OpenInstitution, furnished
from tests.contract.reception import SYSTEM, standing
from tests.examples import sample
from tests.server_patients import admitted, versions_of, written_for
from workers.queue.sweep_run import work_here
from workers.sandbox import Sandbox

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
FIRST, CORRECTED = News(-2.8), News(-3.1, corrected=True)
OUR_TIMES = {"created", "authoredOn", "lastModified"}
Plans = dict[str, list[Json]]


def now() -> datetime:
    return NOW


@pytest.fixture
def server() -> Iterator[Sandbox]:
    with a_server() as running:
        yield running


@contextmanager
def a_server() -> Iterator[Sandbox]:
    with Sandbox(clock=now) as running:
        furnished(running.base_url, "anna", SYSTEM)
        running.recorder.clear()
        yield running


def without_meta(resources: list[Json]) -> list[Json]:
    """Without version and time, which the server gives."""
    kept = ({name: it for name, it in one.items() if name != "meta"} for one in resources)
    return sorted(kept, key=lambda it: str(it.get("id")))


def timeless(resources: list[Json]) -> list[Json]:
    """Without the times of ours as well: who asks for a day is answered as at its noon."""
    return [
        {name: it for name, it in one.items() if name not in OUR_TIMES} for one in without_meta(resources)
    ]


def brought(server: str) -> bytes:
    """What an entry point brought to the server."""
    found = [it for kind in ("Observation", "DiagnosticReport") for it in standing(server, "anna", kind)]
    return write({"brought": without_meta(found)})


def plans(server: str) -> Plans:
    return {kind: without_meta(held) for kind, held in written_for(server, "anna").items()}


def released(institution: OpenInstitution) -> None:
    """A clinician lets the letter go."""
    tasks = written_for(institution.server, "anna")["Task"]
    (asked,) = (it for it in tasks if code_in(it["code"]) == "release_letter" and it["status"] == "requested")
    admitted(
        institution.server, [{**asked, "status": "completed", "owner": {"reference": "Practitioner/doctor"}}]
    )
    institution.runtime.review_now(["anna"])


@cache
def by_the_sweep(stages: tuple[bytes, ...]) -> list[Plans]:
    """The plans where the same stands on another server, and nothing but the sweep looks."""
    found = []
    with (
        a_server() as server,
        TemporaryDirectory() as folder,
        OpenInstitution(server.base_url, Path(folder), "anna", now) as institution,
    ):
        work_here(institution.runtime, lambda _: None)
        for stage in stages:
            admitted(server.base_url, parse(stage)["brought"])
            work_here(institution.runtime, lambda _: None)
            found.append(plans(server.base_url))
            released(institution)
    return found


@pytest.mark.parametrize("entry_point", sample([*ENTRY_POINTS]))
def test_a_dxa_and_its_correction_come_to_what_the_sweep_makes_of_them(
    server: Sandbox, tmp_path: Path, entry_point: str
) -> None:
    """Byte for byte, ids and times of ours included; only the servers' own version and time may differ."""
    here, stages, found = server.base_url, list[bytes](), list[Plans]()
    with OpenInstitution(here, tmp_path, "anna", now) as institution:
        work_here(institution.runtime, lambda _: None)
        for news in (FIRST, CORRECTED):
            ENTRY_POINTS[entry_point](institution, news)
            institution.settled()
            assert institution.reviewed() == ["anna"]
            stages.append(brought(here))
            found.append(plans(here))
            released(institution)
        before = versions_of(written_for(here, "anna"))
        ENTRY_POINTS[entry_point](institution, CORRECTED)  # once more, and then the sweep looks at everybody
        institution.reviewed()
        work_here(institution.runtime, lambda _: None, full=True)

        assert versions_of(written_for(here, "anna")) == before
    assert found == by_the_sweep(tuple(stages))
    first, corrected = (str(it["Communication"]) for it in found)
    assert "-2.8" in first
    assert "-3.1" not in first
    assert "What changed and why" in corrected
    assert "-3.1" in corrected


def test_who_asks_with_the_record_is_answered_what_the_sweep_wrote(server: Sandbox, tmp_path: Path) -> None:
    here = server.base_url
    with OpenInstitution(here, tmp_path / "here", "anna", now) as institution:
        ENTRY_POINTS["MLLP"](institution, FIRST)
        read = institution.runtime.client.search
        record = [
            *read("Patient", [("_id", "anna")]).matches,
            *read("Practitioner", [("_id", "gp-anna")]).matches,
            *(it for kind in ("Observation", "DiagnosticReport") for it in standing(here, "anna", kind)),
        ]
        answer = institution.assessed(record, NOW.date().isoformat())
        (card,) = institution.cards()
        work_here(institution.runtime, lambda _: None)
    swept = plans(here)

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
def test_through_two_entry_points_at_once_it_comes_once(
    server: Sandbox, tmp_path: Path, pair: tuple[str, str], shared: bool
) -> None:
    here, together = server.base_url, threading.Barrier(2)

    def through(number: int) -> None:
        given = {"ledger_url": f"sqlite:///{tmp_path / 'ledger.sqlite'}"} if shared else {}
        with OpenInstitution(here, tmp_path / str(number), "anna", now, **given) as institution:
            institution.runtime.client.capabilities()
            together.wait(60)
            ENTRY_POINTS[pair[number]](institution, FIRST)
            institution.settled()
            institution.reviewed()

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(through, range(2)))

    written = written_for(here, "anna")
    assert [len(written[kind]) for kind in ("CarePlan", "Communication")] == [1, 1]
    assert set(versions_of(written).values()) == {"1"}
    assert {str(it["valueQuantity"]["value"]) for it in standing(here, "anna")} == {"-2.8"}
