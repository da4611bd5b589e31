"""A list of patients from an export: nobody waits for it, no fault drops anybody, a kill costs a file."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from adapter.errors import (
    ConfigurationFault,
    OsteoHandoverError,
    RecordFault,
    StartAgain,
    TryAgainLater,
)
from adapter.fhir.export import (
    ExportClient,
    ExportFile,
    ExportGivenUp,
    ExportLevel,
    ExportManifest,
    ExportProgress,
    ExportRequest,
)
from adapter.fhir.export.export_hosts import Sink
from tests.examples import examples
from tests.unit.fhir.server import outcome
from workers.host.daily_hours import ANY_TIME, DailyHours
from workers.ledger import Ledger, open_ledger
from workers.queue.patient_lists.exported_list import ExportedPatients

# ruff: noqa: ARG002 - the signatures are inherited
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Killed(BaseException):
    """What a kill looks like from within."""


def lines(*ids: str) -> bytes:
    return b"".join(json.dumps({"resourceType": "Patient", "id": it}).encode() + b"\n" for it in ids)


@dataclass
class Server(ExportClient):
    """A server whose exports hold these files of ids; `trouble` is raised by the next requests, in order."""

    files: list[Sequence[str]] = field(default_factory=lambda: [["anna", "bea"], ["carla"]])
    looks_until_done: int = 1
    errors: list[str] = field(default_factory=list)
    trouble: list[BaseException | None] = field(default_factory=list)
    kick_offs: int = 0
    looks: int = 0
    read: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    cut: int = 0  # so many files come cut

    def _step(self) -> None:
        if self.trouble and (trouble := self.trouble.pop(0)):
            raise trouble

    def kick_off(self, request: ExportRequest) -> str:
        self._step()
        self.kick_offs, self.looks = self.kick_offs + 1, 0
        return f"job-{self.kick_offs}"

    def status(self, status_url: str) -> ExportProgress | ExportManifest:
        self._step()
        self.looks += 1
        if self.looks <= self.looks_until_done:
            return ExportProgress(40, 30.0)
        output = [{"type": "Patient", "url": str(it), "count": len(ids)} for it, ids in enumerate(self.files)]
        other = {"type": "Observation", "url": "never-read"}
        error = [{"type": "OperationOutcome", "url": f"!{code}"} for code in self.errors]
        made = (NOON + self.kick_offs * HOUR).isoformat()
        told: Any = {
            "transactionTime": made,
            "requiresAccessToken": True,
            "output": [*output, other],
            "error": error,
        }
        return ExportManifest.parse(told)

    def file(self, file: ExportFile, sink: Sink, *, needs_token: bool) -> None:
        if file.url.startswith("!"):
            sink(json.dumps(outcome(file.url[1:])).encode())
            return
        content = lines(*self.files[int(file.url)])
        sink(content[:11])
        self._step()
        if self.cut:
            self.cut -= 1
            sink(content[11:-20])
            return
        sink(content[11:])
        self.read.append(file.url)

    def delete(self, status_url: str) -> OsteoHandoverError | None:
        self.deleted.append(status_url)
        return None

    def close(self) -> None:
        pass


@dataclass
class Sweeper:
    """Whoever looks at the list every five minutes."""

    server: Server = field(default_factory=Server)
    ledger: Ledger = field(default_factory=lambda: open_ledger("sqlite://", "scope"))
    now: datetime = NOON
    hours: DailyHours = ANY_TIME

    @property
    def source(self) -> ExportedPatients:
        request = ExportRequest(ExportLevel.PATIENT, ("Patient",))
        return ExportedPatients(
            self.ledger,
            lambda: self.server,
            "order",
            request,
            lambda: self.now,
            24 * HOUR,
            6 * HOUR,
            self.hours,
        )

    def looks(self, *, after: timedelta = timedelta(minutes=5)) -> tuple[str, ...] | None:
        self.now += after
        return self.source.listed().ids

    def looks_until_known(self, most: int = 30) -> tuple[str, ...] | None:
        for _ in range(most):
            if (found := self.looks()) is not None:
                return found
        return None


def test_nobody_waits_for_an_export_and_each_sweep_looks_once() -> None:
    sweeper = Sweeper(Server(looks_until_done=2))

    assert [sweeper.looks() for _ in range(4)] == [None, None, None, ("anna", "bea", "carla")]
    assert sweeper.server.kick_offs == 1
    assert sweeper.server.deleted == ["job-1"]


def test_what_is_known_meanwhile_is_how_far_it_is_and_when_to_look() -> None:
    sweeper = Sweeper()
    sweeper.looks()
    sweeper.looks()

    found = sweeper.source.listed()

    assert found.notes == ("the list of patients: the export is under way, 40 % done",)
    assert found.wait == 30


def test_nobody_looks_before_the_server_asked_for_it() -> None:
    sweeper = Sweeper()
    sweeper.looks()
    sweeper.looks()

    sweeper.looks(after=timedelta(seconds=29))
    assert sweeper.server.looks == 1
    sweeper.looks(after=timedelta(seconds=1))
    assert sweeper.server.looks == 2


def test_a_list_that_is_too_old_is_made_again_and_serves_until_then() -> None:
    sweeper = Sweeper()
    sweeper.looks_until_known()
    sweeper.server.files = [["bea", "dora"]]

    assert sweeper.looks(after=23 * HOUR) == ("anna", "bea", "carla")
    assert sweeper.server.kick_offs == 1
    assert sweeper.looks(after=HOUR) == ("anna", "bea", "carla")
    assert sweeper.server.kick_offs == 2
    sweeper.looks()
    assert sweeper.looks() == ("bea", "dora")


@pytest.mark.parametrize(
    "fault", [ConfigurationFault("no right"), TryAgainLater("no right", status=503), RecordFault("no right")]
)
def test_a_list_serves_while_another_one_cannot_be_had(fault: OsteoHandoverError) -> None:
    sweeper = Sweeper()
    sweeper.looks_until_known()
    sweeper.server.trouble = [fault]

    assert sweeper.looks(after=24 * HOUR) == ("anna", "bea", "carla")
    sweeper.server.trouble = [fault]
    sweeper.now += HOUR
    assert sweeper.source.listed().notes == ("the list of patients: no right",)
    sweeper.looks()
    assert sweeper.server.kick_offs == 2


def test_another_order_is_another_list() -> None:
    sweeper = Sweeper()
    sweeper.looks_until_known()

    other = ExportedPatients(
        sweeper.ledger, lambda: sweeper.server, "other", ExportRequest(ExportLevel.SYSTEM), lambda: sweeper.now, HOUR, HOUR
    )  # fmt: skip

    assert other.listed().ids is None


TROUBLE: dict[str, Callable[[], OsteoHandoverError]] = {
    "busy": lambda: TryAgainLater("busy", status=429, retry_after=10),
    "broken": lambda: TryAgainLater("broken", status=503),
    "lost": lambda: TryAgainLater("no answer"),
    "forgotten": lambda: StartAgain("gone", status=404),
    "given up": lambda: ExportGivenUp("given up", status=500),
}


@given(st.lists(st.sampled_from([None, "killed", *TROUBLE]), max_size=12), st.integers(0, 2))
@hypothesis_settings(max_examples=examples(150), deadline=None)
def test_whatever_happens_on_the_way_the_list_is_whole_in_the_end(
    troubles: list[str | None], cut: int
) -> None:
    sweeper = Sweeper()
    sweeper.server.trouble = [
        Killed() if it == "killed" else TROUBLE[it]() if it else None for it in troubles
    ]
    sweeper.server.cut = cut
    for _ in range(40):
        try:
            found = sweeper.looks(after=HOUR)
        except Killed:
            continue
        assert found in (None, ("anna", "bea", "carla"))
        if found:
            break

    assert sweeper.looks() == ("anna", "bea", "carla")


def test_a_kill_between_two_files_costs_neither_of_them() -> None:
    sweeper = Sweeper(Server(files=[["anna"], ["bea"], ["carla"]]))
    sweeper.server.trouble = [None, None, None, None, Killed()]  # in the second file
    sweeper.looks()
    sweeper.looks()
    with pytest.raises(Killed):
        sweeper.looks()

    assert sweeper.looks() == ("anna", "bea", "carla")
    assert sweeper.server.read == ["0", "1", "2"]
    assert sweeper.server.kick_offs == 1


def test_no_file_of_an_export_is_taken_for_one_of_another() -> None:
    sweeper = Sweeper(Server(files=[["anna"], ["bea"]]))
    sweeper.server.trouble = [None, None, None, None, StartAgain("gone", status=404)]  # in the second file
    for _ in range(3):
        sweeper.looks()
    sweeper.server.files = [["carla"], ["dora"]]

    found = sweeper.looks_until_known()

    assert found == ("carla", "dora")


def test_an_export_that_was_made_again_at_the_same_place_is_read_from_its_beginning() -> None:
    sweeper = Sweeper(Server(files=[["anna"], ["bea"]]))
    sweeper.server.trouble = [None, None, None, None, TryAgainLater("busy", status=503)]
    for _ in range(3):
        sweeper.looks()
    sweeper.server.kick_offs += 1  # another moment stands in the manifest now
    sweeper.server.files = [["carla"], ["dora"]]

    assert sweeper.looks_until_known() == ("carla", "dora")


def test_who_is_missing_from_an_export_with_faults_stays_and_it_is_made_again_soon() -> None:
    sweeper = Sweeper()
    sweeper.looks_until_known()
    sweeper.server.files, sweeper.server.errors = [["dora"]], ["exception"]
    sweeper.looks(after=24 * HOUR)
    sweeper.looks()
    sweeper.looks()

    found = sweeper.source.listed()

    assert found.ids == ("anna", "bea", "carla", "dora")
    assert found.notes == (
        "the list of patients: it may lack somebody (answer_incomplete, exception) and is made again soon",
    )
    sweeper.looks(after=HOUR)
    assert sweeper.server.kick_offs == 3


def test_a_line_that_cannot_be_read_is_somebody_who_may_be_missing() -> None:
    sweeper = Sweeper(Server(files=[["anna", "not an id", "bea"]]))

    assert sweeper.looks_until_known() == ("anna", "bea")
    assert "unreadable" in sweeper.source.listed().notes[0]


def test_an_export_that_takes_too_long_is_given_up_and_begun_again() -> None:
    sweeper = Sweeper(Server(looks_until_done=10**6))
    sweeper.looks()

    sweeper.looks(after=7 * HOUR)
    sweeper.looks()

    assert sweeper.server.deleted == ["job-1"]
    assert sweeper.server.kick_offs == 2


@pytest.mark.parametrize(
    ("looks", "fault"),
    [
        (1, ExportGivenUp("given up", status=500)),
        (1, StartAgain("forgotten", status=404)),
        (3, StartAgain("no right to a file", status=403)),
    ],
)
def test_after_an_export_that_failed_another_is_not_begun_at_once(
    looks: int, fault: OsteoHandoverError
) -> None:
    sweeper = Sweeper()
    sweeper.server.trouble = [*[None] * looks, fault]
    for _ in range(3):
        sweeper.looks()
    assert sweeper.server.deleted == ["job-1"]

    sweeper.looks(after=HOUR - timedelta(minutes=11))
    assert sweeper.server.kick_offs == 1
    sweeper.looks(after=timedelta(minutes=11))
    assert sweeper.server.kick_offs == 2


def test_an_export_of_nobody_is_a_fault() -> None:
    sweeper = Sweeper(Server(files=[]))

    with pytest.raises(ConfigurationFault, match="names no patient"):
        sweeper.looks_until_known()


def test_a_wrong_setting_is_said_and_the_next_look_does_not_wait_for_the_lease() -> None:
    sweeper = Sweeper()
    sweeper.server.trouble = [ConfigurationFault("no right")]

    with pytest.raises(ConfigurationFault):
        sweeper.looks()
    sweeper.looks()

    assert sweeper.server.kick_offs == 1


NIGHT = DailyHours.of_text("22:00-06:00", ZoneInfo("UTC"))


def test_a_list_is_made_for_the_first_time_by_day_and_anew_by_night() -> None:
    sweeper = Sweeper(hours=NIGHT)
    assert sweeper.looks_until_known() == ("anna", "bea", "carla")

    sweeper.looks(after=25 * HOUR)
    assert (f"{sweeper.now:%H}", sweeper.server.kick_offs) == ("13", 1)
    sweeper.looks(after=9 * HOUR)
    assert (f"{sweeper.now:%H}", sweeper.server.kick_offs) == ("22", 2)


def test_an_export_that_was_begun_by_night_is_looked_at_and_tried_again_by_day() -> None:
    sweeper = Sweeper(hours=NIGHT)
    sweeper.looks_until_known()
    sweeper.looks(after=34 * HOUR)
    sweeper.server.trouble = [ExportGivenUp("given up", status=500)]
    sweeper.looks(after=9 * HOUR)
    assert sweeper.server.deleted == ["job-1", "job-2"]

    sweeper.looks(after=HOUR + timedelta(minutes=1))

    assert (f"{sweeper.now:%H}", sweeper.server.kick_offs) == ("08", 3)


@pytest.mark.hazard("H20")
def test_a_list_that_may_lack_somebody_is_made_again_by_day() -> None:
    sweeper = Sweeper(Server(errors=["exception"]), hours=NIGHT)
    sweeper.looks_until_known()

    sweeper.looks(after=HOUR + timedelta(minutes=1))

    assert sweeper.server.kick_offs == 2


@pytest.mark.hazard("H20")
def test_where_no_night_was_met_for_two_days_the_list_is_made_by_day() -> None:
    sweeper = Sweeper(hours=NIGHT)
    sweeper.looks_until_known()

    sweeper.looks(after=48 * HOUR)

    assert sweeper.server.kick_offs == 2


def test_a_human_who_asks_for_everybody_gets_the_list_by_day() -> None:
    sweeper = Sweeper(hours=NIGHT)
    sweeper.looks_until_known()
    sweeper.now += 25 * HOUR

    sweeper.source.listed(at_any_hour=True)

    assert sweeper.server.kick_offs == 2
