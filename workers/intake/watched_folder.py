"""A watched folder: takes a file by renaming it; it ends in ``done``, or in ``failed`` with the reason.

    <folder>/name        put there under another name (.name, name.part, name.tmp) and
                         renamed, or left alone for a moment
    <folder>/taken/      picked up; what is in it is in the inbox, or about to be
    <folder>/done/       written
    <folder>/failed/     name, and name.reason.txt; correct it and put it back into the folder

Nothing that matters is remembered but the inbox: after a crash what lies in ``taken`` is looked at anew, and
is not written twice. While a process lives it reads each file once, however long that waits.
"""

import logging
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from adapter.errors import ConfigurationFault
from adapter.input.input_files import LARGEST, InputFileFault, bytes_of
from mappings.hl7v2.input.sender_map import SenderMap
from workers.host.clock import Clock
from workers.host.private_files import make_folder, write_private
from workers.intake.file_arrivals import FileRefusal, arrivals_of
from workers.intake.inbox import ArrivalInbox, ArrivalKey, ItemState

log = logging.getLogger(__name__)

SETTLED = 2.0  # seconds without a change, after which a file counts as whole
_UNFINISHED = (".part", ".tmp", ".filepart")


@dataclass(frozen=True, slots=True)
class _KeptFile:
    """A file that is in the inbox whole: which one it was, and by what its parts are known there."""

    file: tuple[int, int, int]
    parts: tuple[ArrivalKey, ...]


@dataclass(slots=True)
class WatchedFolder:
    """One folder; several processes may watch it."""

    root: Path
    senders: Sequence[SenderMap]
    inbox: ArrivalInbox = field(repr=False)
    clock: Clock = field(repr=False)
    wall: Callable[[], float] = time.time
    keep_reason: Callable[[Path, bytes], None] = write_private
    _kept: dict[Path, _KeptFile] = field(default_factory=dict, init=False, repr=False)

    def look_for_files(self) -> int:
        """Pick up what is whole and keep what is in it; gives how many files were taken."""
        self._make_folders()
        taken = [file for file in map(self._take_file, self._whole_files()) if file]
        there = sorted((self.root / "taken").iterdir())
        self._kept = {file: self._kept[file] for file in there if file in self._kept}
        for file in there:
            self._read_file(file)
        return len(taken)

    def _make_folders(self) -> None:
        try:
            for name in ("taken", "done", "failed"):
                make_folder(self.root / name)
        except OSError as error:
            problem = f"intake.folder: {self.root} cannot be used ({error.strerror})"
        else:
            return
        raise ConfigurationFault(problem)

    def _whole_files(self) -> Iterator[Path]:
        for file in sorted(self.root.iterdir()):
            unfinished = file.name.startswith(".") or file.name.endswith(_UNFINISHED)
            if not unfinished and self._is_at_rest(file):
                yield file

    def _is_at_rest(self, file: Path) -> bool:
        try:
            held = file.lstat()
        except OSError:  # another process took it
            return False
        return stat.S_ISREG(held.st_mode) and self.wall() - held.st_mtime >= SETTLED

    def _take_file(self, file: Path) -> Path | None:
        """By one renaming: whoever is faster has it."""
        try:
            return file.rename(_free_name(self.root / "taken" / file.name))
        except OSError:
            return None

    def _read_file(self, file: Path) -> None:
        try:
            now = _identity(file)
            kept = self._kept.get(file)
            if kept is None or kept.file != now:
                kept = self._kept[file] = _KeptFile(now, self._keep_file(file))
        except FileRefusal as refused:
            self._move_file(file, "failed", str(refused))
        except FileNotFoundError:
            log.info("another process has finished a file")
        except InputFileFault as fault:
            log.warning("a file in the folder cannot be read: %s", type(fault).__name__)
            self._move_file(file, "failed", "cannot be read, or is too large: split it")
        else:
            self._settle_file(file, kept)

    def _keep_file(self, file: Path) -> tuple[ArrivalKey, ...]:
        """Everything in it is in the inbox; by what it is known there."""
        arrivals = arrivals_of(file.name, bytes_of(file, LARGEST), self.senders)
        self.inbox.keep_arrivals(arrivals, self.clock())
        return tuple(arrival.key for arrival in arrivals)

    def _settle_file(self, file: Path, kept: _KeptFile) -> None:
        """Once all of it is written or refused."""
        found = self.inbox.states_of(kept.parts)
        if len(found) < len(kept.parts):  # another inbox stands in its place
            del self._kept[file]
            return
        if any(state is ItemState.WAITING for state, _ in found):
            return
        reasons = dict.fromkeys(reason for state, reason in found if state is ItemState.FAILED)
        self._move_file(file, "failed" if reasons else "done", "\n".join(reasons))

    def _move_file(self, file: Path, where: str, reason: str) -> None:
        target = _free_name(self.root / where / file.name)
        beside = target.with_name(f"{target.name}.reason.txt")
        try:
            if reason:
                self.keep_reason(beside, f"{reason}\n".encode())
            file.rename(target)
        except FileNotFoundError:  # another process was first
            if not target.exists():  # and under another name: this reason is of no file
                beside.unlink(missing_ok=True)
        except OSError as error:
            log.warning("a file cannot be moved to %s: %s", where, error.strerror)
        except ConfigurationFault as fault:
            # Its text names the file.
            log.warning("the reason of a file cannot be kept: %s", type(fault).__name__)


def _identity(file: Path) -> tuple[int, int, int]:
    """Which file it is, and of which moment; raises FileNotFoundError."""
    held = file.lstat()
    return held.st_ino, held.st_mtime_ns, held.st_size


def _free_name(path: Path) -> Path:
    """This name, or one beside it that nothing has yet."""
    taken, number = path, 0
    while taken.exists():
        number += 1
        taken = path.with_name(f"{path.stem}.{number}{path.suffix}")
    return taken
