"""Figures over rounds, and the page that is made of them; and once the whole of it, small."""

import json
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.command_page import require_form
from workers.bench import server_times, stage_times
from workers.bench.bench_patients import bench_records
from workers.bench.bench_report import BenchFigure, BenchReport, report_page, short_number
from workers.cli.root import root


def test_a_figure_shows_the_spread_of_its_rounds() -> None:
    assert BenchFigure.of("it", "x", [3.0, 1.0, 2.0, 9.0]) == BenchFigure("it", "x", 1.0, 2.5, 9.0)


@pytest.mark.parametrize(
    ("value", "shown"), [(0.01234, "0.0123"), (7.0, "7"), (99.96, "100"), (12345.6, "12,346")]
)
def test_a_number_has_three_digits_or_those_before_the_point(value: float, shown: str) -> None:
    assert short_number(value) == shown


def test_the_page_has_every_figure_in_a_table() -> None:
    figures = tuple(BenchFigure.of(name, "µs", [1.0]) for name in ("read", "decide"))
    report = BenchReport(date(2026, 11, 20), "0.1.0", "3.11.7", 2, 40, 18_000, 1, figures, figures, figures)

    assert report_page(report).count("| read | µs | 1 | 1 | 1 |") == 3


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
    assert all(it["minimum"] > 0 for kind in ("stages", "whole", "ratios") for it in told[kind])
    assert "raw replay against the first time" in target.read_text("utf-8")
