"""An export into a folder: whole, once, and on from wherever it was cut."""

import stat
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.errors import ConfigurationFault, OsteoHandoverError, RecordFault, StartAgain, TryAgainLater
from adapter.fhir.export import (
    ExportClient,
    ExportFile,
    ExportHosts,
    ExportLevel,
    ExportManifest,
    ExportProgress,
    ExportRequest,
)
from adapter.fhir.export.export_hosts import Sink
from tests.examples import examples
from tests.made_resources import a_gp, a_patient, a_t_score
from tests.unit.fhir.server import outcome
from workers.bulk.export.export_folder import NOTE, PART, ExportFolder
from workers.bulk.export.export_run import TRIES, ExportOrder, ExportPace, count_issues, export_to
from workers.bulk.record_files import files_in
from workers.sandbox import FaultEffect, Sandbox

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
TYPES = ("Patient", "Observation", "Practitioner")


@dataclass
class Day:
    """Time that passes while somebody waits."""

    now: datetime = NOON
    rests: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.rests.append(seconds)
        self.now += timedelta(seconds=seconds)

    @property
    def pace(self) -> ExportPace:
        return ExportPace(lambda: self.now, self.sleep)


def an_order(**changes: Any) -> ExportOrder:
    request = ExportRequest(ExportLevel.PATIENT, TYPES)
    plain = {"wait": timedelta(hours=1), "max_file_bytes": 10**6, "max_bytes": 10**6}
    return ExportOrder("http://server.test/r4", request, **{**plain, **changes})


@pytest.fixture
def ward(sandbox: Sandbox) -> Sandbox:
    sandbox.load([a_gp(), a_patient("anna"), a_t_score("anna"), a_patient("bea")])
    return sandbox


@pytest.fixture
def client(ward: Sandbox) -> Iterator[ExportClient]:
    opened = ExportClient(ExportHosts(ward.base_url, []))
    yield opened
    opened.close()


def ids_in(folder: Path) -> list[str]:
    """`Type/id` of everything that an assessment would read there."""
    found = [orjson.loads(line) for file in files_in([folder]) for line in file.read_bytes().splitlines()]
    return sorted(f"{it['resourceType']}/{it['id']}" for it in found)


EVERYTHING = ["Observation/anna-spine", "Patient/anna", "Patient/bea", "Practitioner/gp"]


def test_an_export_ends_in_private_files_and_leaves_nothing_on_the_server(
    client: ExportClient, ward: Sandbox, tmp_path: Path
) -> None:
    day, folder = Day(), tmp_path / "out"

    held = export_to(folder, client, an_order(), day.pace)

    assert ids_in(folder) == EVERYTHING
    assert {stat.S_IMODE(it.stat().st_mode) for it in folder.iterdir()} == {0o600}
    assert day.rests == [1.0]  # the Retry-After of the sandbox
    assert ward.recorder.requests["DELETE", ""] == 1
    with pytest.raises(TryAgainLater):
        client.status(held.note.status_url)


def test_the_same_order_again_asks_nothing(client: ExportClient, ward: Sandbox, tmp_path: Path) -> None:
    export_to(tmp_path, client, an_order(), Day().pace)
    ward.recorder.clear()

    export_to(tmp_path, client, an_order(), Day().pace)

    assert not ward.recorder.requests


def test_another_order_needs_another_folder(client: ExportClient, tmp_path: Path) -> None:
    export_to(tmp_path, client, an_order(), Day().pace)
    other = ExportOrder("http://other.test/r4", an_order().request, timedelta(hours=1), 1, 1)

    with pytest.raises(ConfigurationFault, match="something else"):
        export_to(tmp_path, client, other, Day().pace)


def test_a_file_that_was_touched_is_fetched_again(client: ExportClient, tmp_path: Path) -> None:
    export_to(tmp_path, client, an_order(), Day().pace)
    next(tmp_path.glob("Observation*")).write_bytes(b"")

    export_to(tmp_path, client, an_order(), Day().pace)

    assert ids_in(tmp_path) == EVERYTHING


def test_nobody_decides_about_half_an_export(client: ExportClient, ward: Sandbox, tmp_path: Path) -> None:
    with pytest.raises(RecordFault, match="larger"):
        export_to(tmp_path, client, an_order(max_bytes=300), Day().pace)

    (whole := tmp_path / "a.ndjson").write_text("{}")
    for named in (tmp_path.parent, tmp_path, whole):
        with pytest.raises(ConfigurationFault, match="not whole"):
            files_in([named])


def test_half_an_export_in_a_folder_beside_it_stops_no_file(tmp_path: Path) -> None:
    (mine := tmp_path / "mine.ndjson").write_text("{}")
    (half := tmp_path / "half").mkdir()
    (half / NOTE).write_bytes(b"{}")

    assert files_in([mine]) == [mine]


TROUBLE: dict[str, Callable[[Sandbox], object]] = {
    "a busy server": lambda it: it.faults.add_rule(FaultEffect.STATUS, 429, times=3, type="", retry_after=5),
    "a broken server": lambda it: it.faults.add_rule(FaultEffect.STATUS, 503, times=TRIES - 1, type=""),
    "a proxy": lambda it: it.faults.add_rule(FaultEffect.HTML, 502, times=2, type=""),
    "lost answers": lambda it: it.faults.add_rule(FaultEffect.DROP, times=2, type=""),
    "cut answers": lambda it: it.faults.add_rule(FaultEffect.TRUNCATE, times=3, type=""),
    "a status that expires": lambda it: it.faults.add_rule(FaultEffect.EXPIRED_EXPORT, times=1),
    "an export that fails": lambda it: it.faults.add_rule(FaultEffect.FAILED_EXPORT, "processing", times=1),
    "a passing failure": lambda it: it.faults.add_rule(FaultEffect.FAILED_EXPORT, "transient", times=2),
}


@pytest.mark.parametrize("name", TROUBLE)
def test_trouble_that_passes_costs_time_only(
    name: str, client: ExportClient, ward: Sandbox, tmp_path: Path
) -> None:
    TROUBLE[name](ward)

    export_to(tmp_path, client, an_order(), Day().pace)

    assert ids_in(tmp_path) == EVERYTHING
    assert not ward.faults.rules


LASTING: dict[str, tuple[Callable[[Sandbox], object], type[OsteoHandoverError], str]] = {
    "a server that stays busy": (
        lambda it: it.faults.add_rule(FaultEffect.STATUS, 429, type="", retry_after=600),
        TryAgainLater,
        "time of this run is up",
    ),
    "a server that stays broken": (
        lambda it: it.faults.add_rule(FaultEffect.STATUS, 503, type=""), TryAgainLater, "HTTP 503",
    ),
    "files that are always cut": (
        lambda it: it.faults.add_rule(FaultEffect.TRUNCATE, type=""), TryAgainLater, "was cut",
    ),
    "an export that always fails": (
        lambda it: it.faults.add_rule(FaultEffect.FAILED_EXPORT, "processing"), TryAgainLater, "gave up",
    ),
    "files on a foreign host": (
        lambda it: it.faults.add_rule(FaultEffect.FOREIGN_NEXT, "https://files.example.org"),
        ConfigurationFault,
        "https://files.example.org, which is neither",
    ),
    "an account without the right": (
        lambda it: it.faults.add_rule(FaultEffect.STATUS, 403, type="Patient"), ConfigurationFault, "right",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LASTING)
def test_trouble_that_stays_is_said_and_nothing_half_is_read(
    name: str, client: ExportClient, ward: Sandbox, tmp_path: Path
) -> None:
    cause, fault, says = LASTING[name]
    cause(ward)

    with pytest.raises(fault, match=says):
        export_to(tmp_path, client, an_order(), Day().pace)
    if (tmp_path / NOTE).exists():
        with pytest.raises(ConfigurationFault):
            files_in([tmp_path])

    ward.faults.clear()
    export_to(tmp_path, client, an_order(), Day().pace)
    assert ids_in(tmp_path) == EVERYTHING


def test_what_the_server_could_not_export_is_counted_and_stops_an_assessment(
    client: ExportClient, ward: Sandbox, tmp_path: Path
) -> None:
    ward.faults.add_rule(FaultEffect.WARNING, "exception", times=1)

    held = export_to(tmp_path, client, an_order(), Day().pace)

    assert count_issues(held) == Counter({"error: exception": 1})


# --- kills --------------------------------------------------------------------------------------------------


class Killed(BaseException):
    """What a kill looks like from within: nothing behind it runs."""


LINES = b'{"resourceType":"%b","id":"a"}\n{"resourceType":"%b","id":"b"}\n'


@dataclass
class Server:
    """A server with three files, that counts; each `kill` is how many steps the next life lasts."""

    kills: list[int]
    steps: int = 0
    kick_offs: int = 0
    whole: Counter[str] = field(default_factory=Counter)  # files that were given to their last byte

    def step(self) -> None:
        self.steps += 1
        if self.kills and self.steps >= self.kills[0]:
            raise Killed


# ruff: noqa: ARG002 - the signatures are inherited
class DyingClient(ExportClient):
    """Its process is killed before a request, in the middle of a file, or before the answer is used."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.looks = 0

    def kick_off(self, request: ExportRequest) -> str:
        self.server.step()
        self.server.kick_offs += 1
        return "status"

    def status(self, status_url: str) -> ExportProgress | ExportManifest:
        self.server.step()
        self.looks += 1
        if self.looks == 1:
            return ExportProgress(10)
        listed = [{"type": it, "url": f"http://x/{it}", "count": 2} for it in TYPES]
        return ExportManifest.parse(
            {"transactionTime": NOON.isoformat(), "requiresAccessToken": False, "output": listed}
        )

    def file(self, file: ExportFile, sink: Sink, *, needs_token: bool) -> None:
        content = LINES.replace(b"%b", file.type.encode())
        self.server.step()
        sink(content[:10])
        self.server.step()
        sink(content[10:])
        self.server.whole[file.type] += 1

    def delete(self, status_url: str) -> OsteoHandoverError | None:
        self.server.step()
        return None

    def close(self) -> None:
        pass


@given(st.lists(st.integers(1, 14), max_size=8))
@settings(max_examples=examples(120), deadline=None)
def test_a_killed_client_goes_on_and_loads_no_file_twice(kills: list[int]) -> None:
    server = Server(kills)
    with TemporaryDirectory() as place:
        folder = Path(place)
        while True:
            try:
                server.steps = 0
                export_to(folder, DyingClient(server), an_order(), Day().pace)
            except Killed:
                server.kills.pop(0)
            else:
                break
        assert ids_in(folder) == sorted(f"{kind}/{key}" for kind in TYPES for key in "ab")

    assert server.whole == Counter(TYPES)
    assert server.kick_offs == 1


FIRST = "Patient.0001.ndjson"
BEFORE_THE_SECOND_FILE = 6  # steps: the export, twice its status, the first file in two parts


@pytest.mark.parametrize("moment", ["before the note", "after the note", "after the name"])
def test_a_kill_around_the_note_of_a_file_loses_and_doubles_nothing(moment: str, tmp_path: Path) -> None:
    server = Server([BEFORE_THE_SECOND_FILE])
    with pytest.raises(Killed):
        export_to(tmp_path, DyingClient(server), an_order(), Day().pace)
    if moment != "after the name":
        (tmp_path / FIRST).rename(tmp_path / f"{FIRST}{PART}")
    if moment == "before the note":
        note = orjson.loads((tmp_path / NOTE).read_bytes())
        (tmp_path / NOTE).write_bytes(orjson.dumps({**note, "fetched": {}}))
    server.kills.clear()

    export_to(tmp_path, DyingClient(server), an_order(), Day().pace)

    assert len(ids_in(tmp_path)) == 6
    assert server.whole["Patient"] == (2 if moment == "before the note" else 1)


class ForgetfulClient(DyingClient):
    """Its first export is gone from the server after the first file; the second one holds others."""

    def status(self, status_url: str) -> ExportProgress | ExportManifest:
        if self.server.kick_offs == 1 and self.server.whole:
            raise StartAgain("gone", status=404)
        self.looks = 1
        return super().status(status_url)

    def file(self, file: ExportFile, sink: Sink, *, needs_token: bool) -> None:
        if self.server.kick_offs == 1 and self.server.whole:
            raise StartAgain("gone", status=410)
        of = str(self.server.kick_offs).encode()
        sink(LINES.replace(b"%b", file.type.encode()).replace(b'"a"', b'"a%b"' % of))
        self.server.whole[file.type] += 1


def test_nothing_of_an_export_that_is_gone_stays_beside_the_next(tmp_path: Path) -> None:
    server = Server([])

    export_to(tmp_path, ForgetfulClient(server), an_order(), Day().pace)

    assert server.kick_offs == 2
    assert ids_in(tmp_path) == sorted(f"{kind}/{key}" for kind in TYPES for key in ("a2", "b"))


def test_a_note_that_nobody_wrote_is_refused(tmp_path: Path) -> None:
    (tmp_path / NOTE).write_bytes(orjson.dumps(outcome()))

    with pytest.raises(ConfigurationFault, match="no export wrote this"):
        ExportFolder(tmp_path, "order")
