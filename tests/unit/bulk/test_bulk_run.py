"""Deciding about everybody in files: the same as singly, whatever the files and wherever a run was cut."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from adapter.errors import ConfigurationFault, SoftwareFault
from adapter.input.input_files import json_in
from adapter.input.wire_json import Json, write
from tests.made_resources import a_gp, a_hip_fracture, a_patient, a_t_score
from workers.assessment.record_assessment import assess_resources
from workers.bulk.bulk_chunk import BulkChunk
from workers.bulk.bulk_folder import NOTE, OUTCOMES, RESOURCES, BulkFolder, BulkProgress
from workers.bulk.bulk_run import BulkOrder, OnProgress, assess_files, processes_here, processes_worth
from workers.bulk.process_pool import core_count
from workers.queue.bootstrap import institution_of
from workers.settings.setting_variables import environment_without_settings, variable_name
from workers.settings.settings_loader import load_settings

DAY = date(2026, 11, 20)
SETTINGS = load_settings(
    {variable_name("fhir_base_url"): "https://files.invalid/fhir", variable_name("language"): "en"}
)
PEOPLE = ("anna", "bert", "cora", "dirk", "elsa")


def record(key: str) -> list[Json]:
    """A patient with a GP who is somebody else's GP too, a score with all its digits, and a drug in a box."""
    score = json_in(json.dumps(a_t_score(key, 0)).replace('"value": 0', '"value": -2.70'), "test")
    ordered = {
        "resourceType": "MedicationRequest", "id": f"{key}-order", "status": "active", "intent": "order",
        "subject": {"reference": f"Patient/{key}"}, "authoredOn": "2026-01-02",
        "medicationReference": {"reference": "Medication/box"},
    }  # fmt: skip
    return [a_patient(key), score, a_hip_fracture(key), ordered]


def shared() -> list[Json]:
    drug = {"system": "http://www.whocc.no/atc", "code": "M05BA04", "display": "alendronic acid"}
    return [a_gp(), {"resourceType": "Medication", "id": "box", "code": {"coding": [drug]}}]


def lines(file: Path, resources: Iterable[Json]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"".join(write(it) + b"\n" for it in resources))


def bundle(resources: Iterable[Json]) -> Json:
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": it} for it in resources]}


def by_type(folder: Path) -> None:
    everything = [*shared(), *(it for key in PEOPLE for it in record(key))]
    for kind in {it["resourceType"] for it in everything}:
        lines(folder / f"{kind}.ndjson", (it for it in everything if it["resourceType"] == kind))


def a_bundle_each(folder: Path) -> None:
    for key in PEOPLE:
        folder.mkdir(exist_ok=True)
        (folder / f"{key}.json").write_bytes(write(bundle([*record(key), *shared()])))


def one_bundle_of_all(folder: Path) -> None:
    lines(folder / "all.ndjson", [bundle([*shared(), *(it for key in PEOPLE for it in record(key))])])


def a_bundle_each_and_the_rest_beside(folder: Path) -> None:
    lines(folder / "people.jsonl", [bundle(record(key)) for key in PEOPLE])
    lines(folder / "others" / "shared.ndjson", shared())


LAYOUTS = (by_type, a_bundle_each, one_bundle_of_all, a_bundle_each_and_the_rest_beside)


def order(folder: Path, target: Path, **more: Any) -> BulkOrder:
    given: dict[str, Any] = {"on": DAY, "processes": 1} | more
    return BulkOrder((folder,), target, SETTINGS, **given)


def ran(folder: Path, target: Path, watch: OnProgress = lambda *_: None, **more: Any) -> BulkProgress:
    ordered = order(folder, target, **more)
    with processes_here(ordered) as workers:
        return assess_files(ordered, watch, workers)


def rows(target: Path) -> list[dict[str, str]]:
    with (target / OUTCOMES).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def written(target: Path) -> list[Json]:
    return [json.loads(it) for it in (target / RESOURCES).read_bytes().splitlines()]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_everybody_gets_what_one_alone_gets(layout: Callable[[Path], None], tmp_path: Path) -> None:
    layout(tmp_path / "in")
    alone = [assess_resources([*record(key), *shared()], institution_of(SETTINGS), DAY) for key in PEOPLE]

    progress = ran(tmp_path / "in", tmp_path / "out")

    expected = {it["id"]: json.loads(write(it)) for one in alone for it in one.resources}
    assert {it["id"]: it for it in written(tmp_path / "out")} == expected
    assert [(it["patient"], it["outcome"]) for it in rows(tmp_path / "out")] == [
        (it.patient, "planned") for it in alone
    ]
    assert (progress.done, progress.strays, progress.finished) == (len(PEOPLE), 0, True)


def test_the_machine_that_all_plans_name_is_written_once(tmp_path: Path) -> None:
    by_type(tmp_path / "in")

    ran(tmp_path / "in", tmp_path / "out", chunk=2)

    names = [(it["resourceType"], it["id"]) for it in written(tmp_path / "out")]
    assert len(names) == len(set(names))
    assert [kind for kind, _ in names].count("Device") == 1


class CutOffError(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("chunks", [0, 1, 2])
@pytest.mark.parametrize("noted", [True, False])
def test_a_run_that_was_cut_off_goes_on_and_ends_the_same(chunks: int, noted: bool, tmp_path: Path) -> None:
    """Cut behind a noted chunk, or amid the next, some bytes of which are already on disk."""
    by_type(tmp_path / "in")
    ran(tmp_path / "in", tmp_path / "whole", chunk=2)

    def cut(done: int, _total: int) -> None:
        if done == 2 * chunks:
            raise CutOffError

    with pytest.raises(CutOffError):
        ran(tmp_path / "in", tmp_path / "cut", cut, chunk=2)
    if not noted:
        for name in (RESOURCES, OUTCOMES):
            with (tmp_path / "cut" / name).open("ab") as file:
                file.write((tmp_path / "whole" / name).read_bytes()[file.tell() :][:40])
    progress = ran(tmp_path / "in", tmp_path / "cut", chunk=2)

    assert progress.finished
    for name in (RESOURCES, OUTCOMES):
        assert (tmp_path / "cut" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    by_type(tmp_path / "in")
    ran(tmp_path / "in", tmp_path / "out")
    before = {it.name: it.read_bytes() for it in (tmp_path / "out").iterdir()}

    ran(tmp_path / "in", tmp_path / "out")

    assert {it.name: it.read_bytes() for it in (tmp_path / "out").iterdir()} == before


@pytest.mark.parametrize("change", ["day", "files", "index"])
def test_the_results_of_another_run_are_not_gone_on_with(change: str, tmp_path: Path) -> None:
    by_type(tmp_path / "in")
    ran(tmp_path / "in", tmp_path / "out")
    if change == "files":
        lines(tmp_path / "in" / "more.ndjson", record("fien"))
    if change == "index":
        noted = json.loads((tmp_path / "out" / NOTE).read_text())
        noted["inputs"]["index"] -= 1
        (tmp_path / "out" / NOTE).write_text(json.dumps(noted))

    with pytest.raises(ConfigurationFault, match="another folder"):
        ran(tmp_path / "in", tmp_path / "out", on=date(2026, 11, 21) if change == "day" else DAY)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"resourceType": 1}',
        '{"resourceType": "Bundle", "entry": [1]}',
        '{"resourceType": "OperationOutcome", "issue": [{"severity": "warning", "code": "incomplete"}]}',
    ],
)
def test_a_line_that_nobody_can_read_stops_everything_and_is_named(text: str, tmp_path: Path) -> None:
    by_type(tmp_path / "in")
    with (tmp_path / "in" / "Observation.ndjson").open("a") as file:
        file.write(f"\n{text}\n")

    with pytest.raises(ConfigurationFault, match=r"Observation\.ndjson:7: "):
        ran(tmp_path / "in", tmp_path / "out")
    assert not (tmp_path / "out" / OUTCOMES).exists()


def test_one_record_that_must_not_be_believed_is_one_row(tmp_path: Path) -> None:
    by_type(tmp_path / "in")
    file = tmp_path / "in" / "Observation.ndjson"
    file.write_text(file.read_text().replace('"id":"bert-spine"', '"id":"bert-spine","status":"final"'))
    lines(tmp_path / "in" / "lost.ndjson", [a_t_score("nobody")])

    ran(tmp_path / "in", tmp_path / "out")

    failed = {it["patient"]: it["fault"] for it in rows(tmp_path / "out") if it["outcome"] == "failed"}
    assert failed.keys() == {"bert", "nobody"}
    assert "Observation.ndjson:2" in failed["bert"]
    assert "lost.ndjson:1: 0 Patients" in failed["nobody"]


def test_resources_of_nobody_are_counted(tmp_path: Path) -> None:
    by_type(tmp_path / "in")
    lines(tmp_path / "in" / "more.ndjson", [{"resourceType": "Observation", "id": "x"}])

    assert ran(tmp_path / "in", tmp_path / "out").strays == 1


def test_what_is_written_is_for_the_user_alone(tmp_path: Path) -> None:
    by_type(tmp_path / "in")
    ran(tmp_path / "in", tmp_path / "out")

    assert {it.stat().st_mode & 0o777 for it in (tmp_path / "out").iterdir()} == {0o600}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size", "worth"), [(0, 1), (3_999_999, 1), (4_000_000, 2), (4_000_000 * core_count(), core_count())]
)
def test_no_process_is_begun_that_the_files_do_not_keep_busy(tmp_path: Path, size: int, worth: int) -> None:
    file = tmp_path / "records.ndjson"
    file.touch()
    os.truncate(file, size)  # a hole: nothing is read

    assert processes_worth([file]) == min(worth, core_count())


def test_two_processes_write_what_one_writes(tmp_path: Path) -> None:
    by_type(tmp_path / "in")
    for processes in (1, 2):
        ran(tmp_path / "in", tmp_path / str(processes), processes=processes, chunk=1)

    for name in (RESOURCES, OUTCOMES):
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()


def test_a_page_of_a_search_whose_next_page_did_not_come_stops_everything(tmp_path: Path) -> None:
    page = bundle(it for key in PEOPLE for it in record(key))
    page |= {"type": "searchset", "link": [{"relation": "next", "url": "https://example.org/2"}]}
    lines(tmp_path / "in" / "page.ndjson", [page])

    with pytest.raises(ConfigurationFault, match=r"page\.ndjson:1: says that not everything came"):
        ran(tmp_path / "in", tmp_path / "out")


@pytest.mark.slow
def test_a_second_run_into_one_folder_waits_outside(tmp_path: Path) -> None:
    by_type(tmp_path / "in")
    second = [
        sys.executable,
        "-m",
        "workers",
        "assess",
        str(tmp_path / "in"),
        "--out",
        str(tmp_path / "out"),
        "--on=2026-11-20",
    ]
    environ = environment_without_settings() | {variable_name("language"): "en"}
    told: list[subprocess.CompletedProcess[str]] = []

    def beside(done: int, total: int) -> None:
        if 0 < done < total and not told:
            told.append(subprocess.run(second, env=environ, capture_output=True, text=True, check=False))

    ran(tmp_path / "in", tmp_path / "out", beside, chunk=2)

    assert (told[0].returncode, "Another run writes into" in told[0].stderr) == (3, True)
    assert len(rows(tmp_path / "out")) == len(PEOPLE)


def test_a_folder_that_nobody_opened_is_a_mistake_of_ours(tmp_path: Path) -> None:
    with pytest.raises(SoftwareFault):
        BulkFolder(tmp_path, BulkProgress({})).add_chunk(BulkChunk((), b""), last=True)
