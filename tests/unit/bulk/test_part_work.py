"""What a worker does with a part: whether it can; each machine decides by the settings of whoever asks."""

import os
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from tests.unit.bulk.test_bulk_run import DAY, by_type, order
from workers.bulk.bulk_chunk import BulkChunk
from workers.bulk.bulk_folder import INDEX, BulkProgress
from workers.bulk.bulk_run import BulkOrder, BulkWorkers, assess_files
from workers.bulk.part_work import UnfitWorker, WorkerView, assess_part, view_of
from workers.bulk.parts_folder import HANDED, ORDER, PartsFolder, PartsOrder, settings_of_order
from workers.queue.bootstrap import institution_of, ruleset_of
from workers.settings.all_settings import Settings
from workers.settings.setting_variables import variable_name
from workers.settings.settings_loader import load_settings

# Read for an institution, and without a bearing on what is decided, worded or written into a folder.
OF_NO_BEARING = {"search_size", "write_size", "dry_run", "read_unchanged"}


@contextmanager
def somebody_waits(folder: Path) -> Iterator[Path]:
    """A folder of results for which somebody waits for parts of two patients."""
    by_type(folder / "in")
    given: list[PartsOrder] = []

    def nobody(it: BulkOrder, progress: BulkProgress, _todo: range) -> Generator[BulkChunk, None, None]:
        given.append(PartsOrder.of(it, progress))
        yield from ()

    assess_files(order(folder / "in", folder / "out", chunk=2), lambda *_: None, BulkWorkers(nobody))
    with PartsFolder(folder / "out", 2).opened(given[0]):
        yield folder / "out"


@pytest.fixture
def waiting(tmp_path: Path) -> Iterator[Path]:
    with somebody_waits(tmp_path) as results:
        yield results


def test_a_part_is_kept_for_its_user_alone_and_done_once(waiting: Path) -> None:
    parts = PartsFolder(waiting, 2)

    assess_part(waiting, 2)
    found, kept = parts.take(2), parts.file(2).stat()
    assess_part(waiting, 2)

    assert found
    assert [it.patient for it in found.outcomes] == ["cora", "dirk"]
    assert kept.st_mode & 0o777 == 0o600
    assert parts.file(2).stat().st_ino == kept.st_ino
    assert parts.take(0) is None


def test_a_part_of_which_a_piece_was_kept_is_not_there(waiting: Path) -> None:
    parts = PartsFolder(waiting, 2)
    assess_part(waiting, 0)
    parts.file(0).write_bytes(parts.file(0).read_bytes()[:-1])

    assert parts.take(0) is None
    assess_part(waiting, 0)
    assert parts.take(0)


def test_where_nobody_waits_nothing_is_done(waiting: Path) -> None:
    (waiting / "parts" / ORDER).unlink()

    assess_part(waiting, 0)

    assert [*(waiting / "parts").iterdir()] == []


def folder_is_elsewhere(results: Path) -> None:
    results.rename(results.with_name("elsewhere"))


def file_is_gone(results: Path) -> None:
    (results.parent / "in" / "Observation.ndjson").unlink()


def file_is_another(results: Path) -> None:
    """Of the same length."""
    os.utime(results.parent / "in" / "Observation.ndjson", (1, 1))


def order_is_of_another_release(results: Path) -> None:
    file = results / "parts" / ORDER
    file.write_text(file.read_text().replace('"rules":"', '"rules":"0'))


def order_has_a_setting_that_nobody_knows(results: Path) -> None:
    file = results / "parts" / ORDER
    file.write_text(file.read_text().replace('"language"', '"tongue"'))


@pytest.mark.parametrize(
    ("change", "view"),
    [
        (folder_is_elsewhere, WorkerView.NO_FOLDER),
        (file_is_gone, WorkerView.NO_FILE),
        (file_is_another, WorkerView.NO_FILE),
        (order_is_of_another_release, WorkerView.OTHER_RULES),
        (order_has_a_setting_that_nobody_knows, WorkerView.OTHER_RULES),
    ],
)
def test_a_machine_that_cannot_do_a_part_says_why_and_names_no_file(
    change: Callable[[Path], None], view: WorkerView, waiting: Path
) -> None:
    assert view_of(waiting) == (WorkerView.READY, 0)
    change(waiting)

    with pytest.raises(UnfitWorker) as told:
        assess_part(waiting, 0)

    assert (told.value.view, view_of(waiting)[0]) == (view, view)
    assert str(waiting.parent) not in str(told.value)


def test_a_file_that_goes_away_later_is_no_fault_of_a_patient(waiting: Path) -> None:
    assess_part(waiting, 0)
    file_is_gone(waiting)

    with pytest.raises(UnfitWorker):
        assess_part(waiting, 2)
    assert PartsFolder(waiting, 2).take(2) is None
    assert (waiting / INDEX).exists()


class Asked:
    """Settings that note what is read of them."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.names = settings, set[str]()

    def __getattr__(self, name: str) -> Any:
        self.names.add(name)
        return getattr(self.settings, name)


def test_whatever_an_institution_is_made_of_is_handed_to_every_machine() -> None:
    asked = Asked(load_settings({variable_name("fhir_base_url"): "https://files.invalid/fhir"}))

    institution_of(cast("Settings", asked))

    assert asked.names & set(Settings.model_fields) - HANDED == OF_NO_BEARING


def test_settings_come_through_as_they_were(tmp_path: Path) -> None:
    given = {
        "fhir_base_url": "https://files.invalid/fhir", "language": "fr", "pathway": "antonius",
        "complete_lists": "conditions,fractures", "local_t_scores": "http://here|T=total_hip,L=body_site",
        "local_laboratory": "http://here|K=egfr", "test_labels": "http://here|TEST", "forearm_code_site": "total_hip",
        "organization": "Organization/here", "organization_name": "Here", "timezone": "Europe/Brussels",
        "send_without_release": "antonius", "write_mode": "conditional", "broker_url": "redis://:secret@127.0.0.1:1/0",
    }  # fmt: skip
    settings = load_settings({variable_name(name): value for name, value in given.items()})
    handed = PartsOrder.of(BulkOrder((), tmp_path, settings, DAY, 1), BulkProgress({})).settings

    came = settings_of_order(handed)

    assert {name: getattr(came, name) for name in HANDED} == {
        name: getattr(settings, name) for name in HANDED
    }
    assert ruleset_of(came, institution_of(came)) == ruleset_of(settings, institution_of(settings))
    assert "secret" not in str(handed)
