"""Figures over rounds, and the page that is made of them; and once the whole of it, small."""

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.command_page import require_form
from workers.bench import server_times, stage_times
from workers.bench.bench_page import TABLES, report_page, short_number
from workers.bench.bench_patients import bench_records
from workers.bench.bench_report import (
    BenchFigure,
    BenchReport,
    CrowdTimes,
    crowd_figures,
    letter_figures,
    memory_figures,
)
from workers.bench.letter_times import AS_PDF, AS_TEXT
from workers.bench.memory_growth import RunCost
from workers.bench.stage_times import StageRound
from workers.bench.thread_times import ThreadChoice, ThreadRound, ThreadTime, fewest, fewest_threads
from workers.cli.root import root


def test_a_figure_shows_the_spread_of_its_rounds() -> None:
    assert BenchFigure.of("it", "x", [3.0, 1.0, 2.0, 9.0]) == BenchFigure("it", "x", 1.0, 2.5, 9.0)


@pytest.mark.parametrize(
    ("value", "shown"), [(0.01234, "0.0123"), (7.0, "7"), (99.96, "100"), (12345.6, "12,346")]
)
def test_a_number_has_three_digits_or_those_before_the_point(value: float, shown: str) -> None:
    assert short_number(value) == shown


def a_report(choice: ThreadChoice) -> BenchReport:
    tables = {name: (BenchFigure.of(f"of {name}", "µs", [1.0]),) for name in TABLES}
    day = date(2026, 11, 20)
    return BenchReport(day, "0.1.0", "3.11.7", 2, 40, 18_000, 1, thread_choice=choice, **tables)


@pytest.mark.parametrize("table", TABLES)
def test_the_page_has_every_figure_once(table: str) -> None:
    assert report_page(a_report(ThreadChoice(4, 2))).count(f"| of {table} | µs | 1 | 1 | 1 |") == 1


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        (ThreadChoice(1, 1), "**Begin with `threads` = 1 and 1 process** "),
        (ThreadChoice(4, 2), "**Begin with `threads` = 4 and 2 processes** "),
    ],
)
def test_the_page_says_which_threads_and_processes_to_choose(choice: ThreadChoice, said: str) -> None:
    assert said in report_page(a_report(choice))


def a_round(*walls: float, cpu: float = 4.0) -> ThreadRound:
    return {threads: ThreadTime(wall, cpu) for threads, wall in zip((1, 2, 4, 8), walls, strict=True)}


@pytest.mark.parametrize(
    ("times", "chosen"),
    [
        ({1: 9.0, 2: 6.0, 4: 5.0, 8: 5.0}, 4),
        ({1: 9.0, 2: 6.0, 4: 5.2, 8: 5.0}, 4),  # within 5 % of the shortest
        ({1: 9.0, 2: 6.0, 4: 5.4, 8: 5.0}, 8),
        ({1: 9.0, 2: 8.0, 4: 9.0, 8: 9.0}, 2),  # more may be slower
        ({1: 5.0}, 1),
    ],
)
def test_the_smallest_number_near_the_shortest_time_is_enough(times: dict[int, float], chosen: int) -> None:
    assert fewest(times) == chosen


def test_threads_are_chosen_by_the_medians_of_their_rounds() -> None:
    slow, quick = a_round(9.0, 5.0, 5.0, 5.0), a_round(1.0, 5.0, 5.0, 5.0)

    assert fewest_threads([slow, quick, slow]) == 2
    assert fewest_threads([slow, quick, quick]) == 1


def middles(figures: Iterable[BenchFigure]) -> dict[tuple[str, str], float]:
    return {(it.name, it.unit): it.middle for it in figures}


def test_threads_and_processes_are_shown_by_their_time() -> None:
    rounds = [a_round(9.0, 6.0, 5.0, 4.0), a_round(7.0, 6.0, 5.0, 4.0)]

    seen = middles(crowd_figures(CrowdTimes(rounds, 4, {1: 5.0, 2: 3.0})))

    assert seen["first time, threads = 1", "ms on the wall"] == 8.0
    assert seen["first time, threads = 8", "ms of processor time"] == 4.0
    assert seen["first time, threads = 4, 2 processes", "ms on the wall"] == 3.0
    assert len(seen) == 9


def test_letters_are_shown_by_their_time_and_how_many_a_core_prints() -> None:
    rounds = [StageRound({}, {AS_TEXT: 500.0, AS_PDF: took}) for took in (20_000.0, 25_000.0, 40_000.0)]

    assert middles(letter_figures(rounds)) == {
        (AS_TEXT, "ms of processor time"): 0.5,
        (AS_PDF, "ms of processor time"): 25.0,
        (AS_PDF, "a second and core"): 40.0,
    }


def test_memory_is_shown_at_its_peak_and_by_how_much_more_many_patients_need() -> None:
    few = [RunCost("empty", 0, 0.0, 100.0), RunCost("first time", 500, 4.0, 150.0)]
    many = [RunCost("empty", 0, 0.0, 102.0), RunCost("first time", 2500, 4.0, 154.0)]

    assert middles(memory_figures(few, many)) == {
        ("nobody on the server", "MiB"): 101.0,
        ("500 patients, first time", "MiB"): 150.0,
        ("2,500 patients, first time", "MiB"): 154.0,
        ("2,500 patients against 500", "x"): 154 / 150,
    }


def test_copies_have_ids_of_their_own_and_name_nobody_else() -> None:
    copies = bench_records("x", 60)

    ids = [f"{it['resourceType']}/{it['id']}" for one in copies for it in one]
    assert len(ids) == len(set(ids))
    for index, (who, *others) in enumerate(copies):
        assert who["id"] == f"x-{index}"
        assert {it["subject"]["reference"] for it in others if "subject" in it} <= {f"Patient/x-{index}"}


@pytest.mark.slow
def test_the_whole_of_it_in_one_small_round(tmp_path: Path) -> None:
    target = tmp_path / "performance.md"

    result = CliRunner().invoke(
        root, ["bench", "--patients", "10", "--rounds", "1", "--json", "--write", str(target)]
    )

    told = json.loads(result.stdout)
    require_form("bench", told)
    assert {it["name"] for it in told["stages"]} >= {
        stage_times.ORJSON,
        *stage_times.WAY,
        stage_times.DRAFT,
        stage_times.ENCODE,
    }
    whole = {(it["name"], it["unit"]): it["middle"] for it in told["whole"]}
    assert (
        whole[server_times.AGAIN, "ms of processor time"] < whole[server_times.FIRST, "ms of processor time"]
    )
    assert all(it["minimum"] > 0 for kind in TABLES if kind != "memory" for it in told[kind])
    assert told["memory"][0]["minimum"] > 10
    assert told["thread_choice"]["processes"] in {1, 2, 4, 8}
    assert result.stderr.count("Left out: cql-execution") == 1
    assert not any(it["name"].startswith("cql-execution") for it in told["stages"])
    assert "raw replay against the first time" in target.read_text("utf-8")
