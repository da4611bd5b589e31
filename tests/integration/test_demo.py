"""What the demo shows, in its three forms, of one run."""

import json
from collections.abc import Iterator

import pytest

from tests.command_page import require_form
from workers import demo
from workers.cli.demo import DemoResult, demo_output, show_patients, work_demo
from workers.cli.output import show_json

Said = pytest.CaptureFixture[str]
pytestmark = [pytest.mark.worker, pytest.mark.slow]


@pytest.fixture(scope="module")
def done() -> Iterator[DemoResult]:
    with demo.demo_environment("antonius", "nl") as environment:
        yield work_demo(environment)


def test_the_letter_and_its_correction_reach_the_gp_and_are_accepted(done: DemoResult) -> None:
    first, last = done.loop.letters

    assert "-2,7" in first
    assert "-3,4" in last
    assert "-3,4" in done.loop.changed
    assert [it.happened for it in done.loop.steps if "accepts" in it.happened] == [
        "The GP's system accepts it, and the hospital knows"
    ] * 2


def test_everybody_is_listed_in_full_with_what_was_written(done: DemoResult, capsys: Said) -> None:
    show_patients(done)

    out = capsys.readouterr().out
    assert "demo-b" in out
    assert "femoral_neck -2.5" in out
    assert "CarePlan/" in out
    assert all(letter in out for letter in done.loop.letters)


def test_programs_get_one_object(done: DemoResult, capsys: Said) -> None:
    show_json(demo_output(done))

    told = json.loads(capsys.readouterr().out)
    require_form("demo", told)
    assert told["written_again"] == 0
    assert {it["class"] for it in told["patients"] if it["patient"] == "demo-q"} == {"osteoporosis"}
