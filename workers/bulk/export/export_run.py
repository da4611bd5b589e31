"""One export from kick-off to deletion, into a folder; an earlier run of the same order is continued.

What passes is tried again after the time that the server asks for, or after waits that grow, and until the
time of the run is up. An export that the server gave up or forgot is begun anew, and nothing of it stays
beside the files of the next.
"""

import itertools
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from adapter.errors import StartAgain, TryAgainLater
from adapter.fhir.completeness import gaps_told
from adapter.fhir.export import ExportClient, ExportManifest, ExportProgress, ExportRequest
from adapter.fhir.outcomes import failures, issues_of
from adapter.input.input_files import ndjson_of
from workers.bulk.export.export_folder import ExportFolder, ExportNote, FetchedFile
from workers.bulk.export.export_transfer import transfer_file
from workers.host.clock import Clock, system_clock

T = TypeVar("T")

TRIES = 8  # in a row for one question, where the server names no time
ANEW = 2  # times that an export is begun again in one run
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0  # seconds


@dataclass(frozen=True, slots=True)
class ExportOrder:
    """What to export, and what of it to take."""

    server: str
    request: ExportRequest
    wait: timedelta
    max_file_bytes: int
    max_bytes: int

    @property
    def name(self) -> str:
        """Of what an export is one."""
        return f"{self.server}/{self.request.url}"


@dataclass(frozen=True, slots=True)
class ExportStatus:
    """How far it is, for whoever watches."""

    percent: int | None = None
    files: int = 0
    of: int = 0


@dataclass(frozen=True, slots=True)
class ExportPace:
    """The time of a run: how it is told, how it is waited, and who is told how far it is."""

    clock: Clock = system_clock
    sleep: Callable[[float], None] = time.sleep
    watch: Callable[[ExportStatus], None] = lambda _: None


def export_to(folder: Path, client: ExportClient, order: ExportOrder, pace: ExportPace) -> ExportFolder:
    """The export in the folder, whole.

    Raises whatever keeps it from that; the same call goes on from there.
    """
    held = ExportFolder(folder, order.name)
    run = _ExportRun(held, client, order, pace.clock() + order.wait, pace)
    for number in range(ANEW + 1):
        try:
            run.fetch()
        except StartAgain:
            held.forget()
            run.refreshed.clear()
            if number == ANEW:
                raise
        else:
            break
    return held


def count_issues(folder: ExportFolder) -> Counter[str]:
    """What the server says went wrong, as counts of severity and code."""
    told: Counter[str] = Counter()
    for file in folder.errors():
        for _, outcome in ndjson_of(file):
            told.update(f"{issue.severity}: {issue.code}" for issue in issues_of(outcome))
    return told


def is_lacking(folder: ExportFolder) -> bool:
    """Whether the server says that something did not come: `assess` refuses what it says this of."""
    said = (issues_of(outcome) for file in folder.errors() for _, outcome in ndjson_of(file))
    return any(failures(outcome) or gaps_told(outcome) for outcome in said)


@dataclass(slots=True)
class _ExportRun:
    held: ExportFolder
    client: ExportClient
    order: ExportOrder
    until: datetime
    pace: ExportPace
    refreshed: set[int] = field(default_factory=set)  # files whose address was asked for anew

    def fetch(self) -> None:
        """From wherever the folder stands to its end."""
        if self.held.note.finished:
            return
        if not self.held.note.status_url:
            self.held.begin(self._ask_patiently(lambda: self.client.kick_off(self.order.request)))
        manifest = self.held.note.manifest or self._manifest()
        while (index := _next_missing(manifest, self.held.note)) is not None:
            manifest = self._fetch(index, manifest)
            self.pace.watch(ExportStatus(100, len(self.held.note.fetched), len(manifest.files)))
        self.client.delete(self.held.note.status_url)
        self.held.finish()

    def _manifest(self) -> ExportManifest:
        wait, url = FIRST_WAIT, self.held.note.status_url
        while isinstance(found := self._ask_patiently(lambda: self.client.status(url)), ExportProgress):
            self.pace.watch(ExportStatus(found.percent))
            self._wait(found.retry_after or wait, "The export is not complete yet")
            wait = min(2 * wait, LONGEST_WAIT)
        self.held.adopt(found)
        return found

    def _fetch(self, index: int, manifest: ExportManifest) -> ExportManifest:
        """Asks once more for an expired address: some expire before the export does."""
        try:
            self.held.take(index, self._ask_patiently(lambda: self._transfer_file(index, manifest)))
        except StartAgain:
            if index in self.refreshed:
                raise
            self.refreshed.add(index)
            return self._manifest()
        return manifest

    def _transfer_file(self, index: int, manifest: ExportManifest) -> FetchedFile:
        file, part = manifest.files[index], self.held.part(index, manifest.files[index])
        most = min(self.order.max_file_bytes, self.order.max_bytes - self.held.note.size)
        return transfer_file(self.client, file, part, needs_token=manifest.needs_token, most=most)

    def _ask_patiently(self, ask: Callable[[], T]) -> T:
        for number in itertools.count(1):
            try:
                return ask()
            except StartAgain:
                raise
            except TryAgainLater as fault:
                if fault.retry_after is None and number >= TRIES:
                    raise
                self._wait(fault.retry_after or min(LONGEST_WAIT, FIRST_WAIT * 2**number), str(fault))
        raise AssertionError

    def _wait(self, seconds: float, why: str) -> None:
        if self.pace.clock() + timedelta(seconds=seconds) > self.until:
            raise TryAgainLater(
                f"{why.rstrip('.')}, and the time of this run is up. The same command goes on from here."
            )
        self.pace.sleep(seconds)


def _next_missing(manifest: ExportManifest, note: ExportNote) -> int | None:
    return next((index for index in range(len(manifest.files)) if index not in note.fetched), None)
