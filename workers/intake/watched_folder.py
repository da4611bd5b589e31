"""A folder that is watched: a file is taken by renaming it, and ends in ``done`` or in ``failed`` with the reason beside it.

    <folder>/name        put there under another name (.name, name.part, name.tmp) and renamed, or left alone for a moment
    <folder>/taken/      picked up; what is in it is in the inbox, or about to be
    <folder>/done/       written
    <folder>/failed/     name, and name.reason.txt; correct it and put it back into the folder

Nothing is remembered but the inbox: after a crash what lies in ``taken`` is looked at anew, and is not written twice.
"""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from adapter.errors import ConfigurationFault
from adapter.input_files import LARGEST, InputFileFault, bytes_of
from mappings.hl7v2.input.sender_map import SenderMap
from workers.clock import Clock
from workers.intake.file_arrivals import FileRefused, arrivals_of
from workers.intake.inbox import Arrival, ArrivalInbox, ItemState
from workers.private_files import make_folder, write_private

log = logging.getLogger(__name__)

SETTLED = 2.0  # seconds without a change, after which a file counts as whole
_UNFINISHED = (".part", ".tmp", ".filepart")


@dataclass(slots=True)
class WatchedFolder:
    """One folder; several processes may watch it."""

    root: Path
    senders: Sequence[SenderMap]
    inbox: ArrivalInbox = field(repr=False)
    clock: Clock = field(repr=False)
    wall: Callable[[], float] = time.time

    def look(self) -> int:
        """Pick up what is whole and keep what is in it; gives how many files were taken."""
        self._make()
        taken = [it for it in map(self._taken, self._whole()) if it]
        for it in sorted((self.root / "taken").iterdir()):
            self._keep(it)
        return len(taken)

    def _make(self) -> None:
        try:
            for name in ("taken", "done", "failed"):
                make_folder(self.root / name)
        except OSError as error:
            problem = f"intake.folder: {self.root} cannot be used ({error.strerror})"
        else:
            return
        raise ConfigurationFault(problem)

    def _whole(self) -> Iterator[Path]:
        for it in sorted(self.root.iterdir()):
            unfinished = it.name.startswith(".") or it.name.endswith(_UNFINISHED)
            if (
                it.is_file()
                and not it.is_symlink()
                and not unfinished
                and self.wall() - it.stat().st_mtime >= SETTLED
            ):
                yield it

    def _taken(self, file: Path) -> Path | None:
        """By one renaming: whoever is faster has it."""
        try:
            return file.rename(_free(self.root / "taken" / file.name))
        except OSError:
            return None

    def _keep(self, file: Path) -> None:
        try:
            arrivals = arrivals_of(file.name, bytes_of(file, LARGEST), self.senders)
        except FileRefused as refused:
            self._ended(file, "failed", str(refused))
            return
        except (InputFileFault, FileNotFoundError) as fault:
            self._ended(file, "failed", "cannot be read, or is too large: split it")
            log.warning("a file in the folder cannot be read: %s", type(fault).__name__)
            return
        self.inbox.keep(arrivals, self.clock())
        self._settle(file, arrivals)

    def _settle(self, file: Path, arrivals: Sequence[Arrival]) -> None:
        """Once all of it is written or refused."""
        found = self.inbox.states(arrivals)
        if any(state is ItemState.WAITING for state, _ in found):
            return
        reasons = dict.fromkeys(reason for state, reason in found if state is ItemState.FAILED)
        self._ended(file, "failed" if reasons else "done", "\n".join(reasons))

    def _ended(self, file: Path, where: str, reason: str) -> None:
        target = _free(self.root / where / file.name)
        try:
            if reason:
                write_private(target.with_name(f"{target.name}.reason.txt"), f"{reason}\n".encode())
            file.rename(target)
        except OSError as error:
            log.warning("a file cannot be moved to %s: %s", where, error.strerror)
        except ConfigurationFault as fault:
            log.warning("the reason of a file cannot be kept: %s", fault)


def _free(path: Path) -> Path:
    """This name, or one beside it that nothing has yet."""
    taken, number = path, 0
    while taken.exists():
        number += 1
        taken = path.with_name(f"{path.stem}.{number}{path.suffix}")
    return taken
