"""A shadow run over files gives what single runs give, wherever resources lie, on however many processes."""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest

from adapter.clinical.model import Side, Site
from mappings.inbound import ReadingConfig, read_record
from mappings.pathways import load
from tests.made_resources import a_t_score
from tests.record_readings import read_by
from tests.unit.bulk.test_bulk_run import DAY, LAYOUTS, PEOPLE, by_type, lines, record, shared
from workers.authoring.shadow_files import FilesShadow, shadow_of_files
from workers.authoring.shadow_run import Person, ShadowRun, run_shadow

READING = ReadingConfig(base_url="https://files.invalid/fhir")


def over_files(folder: Path, processes: int = 1, reading: ReadingConfig = READING) -> ShadowRun:
    return shadow_of_files(
        FilesShadow([folder], "etz", "antonius", reading, DAY, processes), nullcontext(lambda *_: None)
    )


def one_by_one() -> ShadowRun:
    held = {key: record(key) for key in PEOPLE}
    people = (
        Person(key, DAY, read_record(who, (*rest, *shared()), read_by(READING, "etz"), on=DAY).record)
        for key, (who, *rest) in held.items()
    )
    return run_shadow(people, load("etz"), load("antonius"))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_people_in_files_are_decided_as_one_by_one(layout: Callable[[Path], None], tmp_path: Path) -> None:
    layout(tmp_path / "in")

    found = over_files(tmp_path / "in")

    assert found == one_by_one()
    assert found.changed


@pytest.mark.slow
def test_two_processes_come_to_what_one_comes_to(tmp_path: Path) -> None:
    by_type(tmp_path / "in")

    assert over_files(tmp_path / "in", processes=2) == one_by_one()


def test_who_cannot_be_read_is_named_beside_the_others(tmp_path: Path) -> None:
    by_type(tmp_path / "in")
    lines(tmp_path / "in" / "lost.ndjson", [a_t_score("nobody")])

    found = over_files(tmp_path / "in")

    assert (found.people, [*found.unread]) == (len(PEOPLE), ["nobody"])
    assert "lost.ndjson:1: 0 Patients" in found.unread["nobody"]


class Trap(dict[tuple[str, str], tuple[Site | None, Side | None]]):
    """A house's codes, at which our code stumbles over the first person, with the record in the error's text.

    Twice: where all are decided together, and where each is alone.
    """

    times = 2

    def __iter__(self) -> Iterator[tuple[str, str]]:
        if self.times:
            self.times -= 1
            raise ValueError("what the record says")
        return super().__iter__()


def test_a_mistake_of_ours_about_one_person_is_no_end_of_the_others(tmp_path: Path) -> None:
    by_type(tmp_path / "in")
    reading = replace(READING, local_t_scores=Trap())

    found = over_files(tmp_path / "in", reading=reading)

    assert (found.people, len(found.unread)) == (len(PEOPLE) - 1, 1)
    (why,) = found.unread.values()
    assert why.endswith(": ValueError in our own code")


def test_nothing_is_left_of_the_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    by_type(tmp_path / "in")

    over_files(tmp_path / "in")

    assert [it.name for it in tmp_path.iterdir()] == ["in"]
