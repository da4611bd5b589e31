"""Two processes that watch one folder: whoever is late at a file leaves nothing and takes nothing away."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from workers.host.private_files import write_private
from workers.intake.inbox import ArrivalInbox
from workers.intake.inbox_cipher import cipher_of, new_key
from workers.intake.watched_folder import WatchedFolder


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[WatchedFolder]:
    (key := tmp_path / "key").write_bytes(new_key())
    (root := tmp_path / "in").mkdir()
    inbox = ArrivalInbox(tmp_path / "inbox.sqlite", cipher_of(key))
    yield WatchedFolder(root, (), inbox, lambda: datetime(2026, 6, 1, tzinfo=UTC), lambda: 4e9)
    inbox.close()


@pytest.mark.parametrize(
    ("by_the_other", "left"),
    [
        ("failed/a.json", ["a.json", "a.json.reason.txt"]),  # with its reason, which is the same
        ("failed/a.1.json", ["a.1.json"]),
        ("done/a.json", []),
    ],
)
def test_a_reason_stays_only_beside_its_file(
    by_the_other: str, left: list[str], folder: WatchedFolder
) -> None:
    (folder.root / "a.json").write_text("{")

    def beaten(reason: Path, content: bytes) -> None:
        """Between our reason and our renaming the other process renames."""
        write_private(reason, content)
        (folder.root / "taken" / "a.json").rename(folder.root / by_the_other)

    folder.keep_reason = beaten
    folder.look_for_files()

    assert sorted(it.name for it in (folder.root / "failed").iterdir()) == left
