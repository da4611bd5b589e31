"""By day what changed goes on, and a full pass that is due by time alone waits for the night."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.made_resources import a_gp, a_patient, a_t_score
from tests.servers.without_http import LocalServer, SetClock
from tests.unit.queue.runtime_in_memory import runtime_in_memory
from workers.ledger import passes
from workers.ledger.positions import NOWHERE
from workers.queue.patient_lists.configured_source import source_of
from workers.queue.patient_lists.exported_list import ExportedPatients
from workers.queue.patient_lists.patient_source import PatientList
from workers.queue.runtime import Runtime
from workers.queue.sweep import SweepResult
from workers.queue.sweep_run import work_here
from workers.settings.full_pass_rule import full_pass_rule_of

NINE = datetime(2026, 11, 29, 8, tzinfo=UTC)  # in the morning, in Amsterdam; by day
NEXT_MORNING = NINE + timedelta(hours=24, minutes=30)
WAITS = "a full pass is due since 2026-11-30 09:00, and waits for full_sweep_hours until 2026-11-30 22:00"


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NINE)


@pytest.fixture
def server(clock: SetClock) -> LocalServer:
    made = LocalServer(clock)
    made.load(a_gp(), *(it for one in "ab" for it in (a_patient(one), a_t_score(one))))
    return made


@pytest.fixture
def runtime(server: LocalServer, clock: SetClock) -> Runtime:
    return runtime_in_memory(server, clock, full_sweep_hours="22:00-06:00")


def swept_at(runtime: Runtime, clock: SetClock, now: datetime) -> SweepResult:
    clock.now = now
    return runtime.sweep()


@pytest.mark.hazard("H20")
def test_a_first_pass_begins_by_day(runtime: Runtime) -> None:
    assert runtime.sweep().full


@pytest.mark.hazard("H20")
def test_changed_rules_have_everybody_looked_at_by_day(runtime: Runtime, clock: SetClock) -> None:
    runtime.sweep()

    assert swept_at(replace(runtime, ruleset="changed"), clock, NINE + timedelta(minutes=5)).full


def test_by_day_only_what_changed_is_looked_at_and_at_night_everybody(
    runtime: Runtime, server: LocalServer, clock: SetClock
) -> None:
    for now in (NINE, NINE + timedelta(hours=1)):  # what is younger than ten minutes is found twice
        swept_at(runtime, clock, now)
        runtime.review(runtime.claim(10))
    clock.now = NEXT_MORNING - timedelta(minutes=5)
    server.load(a_t_score("b", -1.8, status="amended"))

    by_day = swept_at(runtime, clock, NEXT_MORNING)

    assert (by_day.full, by_day.patients) == (False, 1)
    assert not swept_at(runtime, clock, datetime(2026, 11, 30, 20, 59, tzinfo=UTC)).full
    assert swept_at(runtime, clock, datetime(2026, 11, 30, 21, tzinfo=UTC)).full


def test_a_human_waits_for_no_night(runtime: Runtime, clock: SetClock) -> None:
    runtime.sweep()
    clock.now = NEXT_MORNING

    assert runtime.sweep(full=True).full


@dataclass
class Asked:
    """A list of patients that keeps how it was asked for."""

    at_any_hour: list[bool] = field(default_factory=list)

    def listed(self, *, at_any_hour: bool = False) -> PatientList:
        self.at_any_hour.append(at_any_hour)
        return PatientList(("a", "b"))


def test_for_a_human_the_list_of_patients_waits_for_no_night_either(runtime: Runtime) -> None:
    asked = Asked()
    by_list = replace(runtime, source=asked)

    by_list.sweep()
    by_list.sweep(full=True)

    assert asked.at_any_hour == [False, True]


def test_an_export_that_lists_the_patients_has_the_same_hours(runtime: Runtime) -> None:
    settings = runtime.settings.model_copy(update={"patient_source": "export"})

    source = source_of(settings, runtime.client, runtime.ledger, runtime.clock)

    assert isinstance(source, ExportedPatients)
    assert (source.hours, source.max_age) == (full_pass_rule_of(settings).hours, timedelta(days=1))


@pytest.mark.hazard("H20")
def test_where_no_night_was_met_a_full_pass_begins_at_once_and_says_so(
    runtime: Runtime, clock: SetClock
) -> None:
    runtime.sweep()

    late = swept_at(runtime, clock, NINE + timedelta(days=2))

    assert late.full
    assert late.notes == ("the last full pass is too long ago to wait for full_sweep_hours",)


@pytest.mark.hazard("H20")
def test_what_may_have_missed_somebody_is_repeated_by_day(runtime: Runtime, clock: SetClock) -> None:
    runtime.sweep()
    half = passes.start_pass(runtime.ledger, runtime.ruleset, NEXT_MORNING, timedelta(minutes=1), full=True)
    assert half
    passes.finish_pass(runtime.ledger, half, NEXT_MORNING, NOWHERE, whole=False)

    assert not swept_at(runtime, clock, NEXT_MORNING + timedelta(minutes=59)).full
    assert swept_at(runtime, clock, NEXT_MORNING + timedelta(minutes=61)).full


def test_a_run_says_that_a_full_pass_waits_and_until_when(runtime: Runtime, clock: SetClock) -> None:
    runtime.sweep()
    clock.now = NEXT_MORNING

    assert WAITS in work_here(runtime, lambda _: None).notes


@pytest.mark.parametrize("later", [timedelta(hours=23), timedelta(hours=13), timedelta(days=2)])
def test_what_is_not_due_or_begins_now_does_not_wait(
    runtime: Runtime, clock: SetClock, later: timedelta
) -> None:
    runtime.sweep()
    clock.now = NINE + later

    assert runtime.why_full_pass_waits is None


def test_it_waits_no_longer_than_twice_the_interval(server: LocalServer, clock: SetClock) -> None:
    hours = "23:30-23:40"
    runtime = runtime_in_memory(server, clock, full_sweep_hours=hours, full_sweep_interval=12 * 3600)
    runtime.sweep()
    clock.now = NINE + timedelta(hours=14)

    assert runtime.why_full_pass_waits == (
        "a full pass is due since 2026-11-29 21:00, and waits for full_sweep_hours until 2026-11-29 23:30"
    )
    clock.now = NINE + timedelta(hours=14, minutes=45)
    assert str(runtime.why_full_pass_waits).endswith("until 2026-11-30 09:00")
