"""The patients of the server as its Bulk Data export names them, kept in the ledger: ids and nothing else.

An export takes minutes or hours, so nobody waits for it: each sweep looks once whether it is complete, when
the server asked to be looked at. Where the export is, and how many of its files were read, stands in the
ledger: whoever sweeps next goes on from there. Meanwhile, and for as long as the list is not too old, the
sweep goes by the one before; who is new joins it at once, and who is missing leaves it only when an export
without faults is read to its end.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from adapter.errors import OsteoHandoverError, StartAgain, TryAgainLater
from adapter.fhir.export import (
    ExportClient,
    ExportFile,
    ExportGivenUp,
    ExportManifest,
    ExportRequest,
    FileKind,
)
from workers.host.clock import Clock
from workers.host.daily_hours import ANY_TIME, DailyHours
from workers.ledger import Ledger
from workers.queue.patient_lists import patient_exports
from workers.queue.patient_lists.exported_ids import ErrorLines, PatientLines
from workers.queue.patient_lists.patient_exports import PatientExport
from workers.queue.patient_lists.patient_source import PatientList, whole_list
from workers.settings.full_pass_rule import FullPassRule

LEASE = timedelta(minutes=5)  # of whoever looks; renewed with each few hundred patients
LOOK_AGAIN = timedelta(seconds=60)  # where the server names no time
SOONER = 24  # a list that may lack somebody is made again after such a part of its time
TOO_LONG = "the export took too long and was given up; another one is begun"
GIVEN_UP = "the server gave up the export; another one is begun later"


@dataclass(frozen=True, slots=True)
class ExportedPatients:
    """A list that an export of the server makes, and makes anew when it is too old."""

    ledger: Ledger
    open_client: Callable[[], ExportClient]
    ordered: str  # of what it is a list
    request: ExportRequest
    clock: Clock
    max_age: timedelta
    longest: timedelta  # that an export may take
    hours: DailyHours = ANY_TIME  # in which a list that is too old is made anew

    def listed(self, *, at_any_hour: bool = False) -> PatientList:
        """As it is known now. Raises what keeps it from being known for the first time."""
        now = self.clock()
        job = patient_exports.standing(self.ledger, self.ordered, now)
        if (
            (job.status_url or self._is_to_be_made(job, now, at_any_hour=at_any_hour))
            and job.look_at <= now
            and patient_exports.claim(self.ledger, job, now + LEASE)
        ):
            try:
                job = self._looked_at(job, now)
            except OsteoHandoverError as fault:  # the list before serves meanwhile
                if job.whole_at is None:
                    raise
                job = replace(job, told=str(fault).rstrip("."))
        notes = (f"the list of patients: {job.told}",) if job.told else ()
        if job.whole_at is None:
            return PatientList(None, notes, max(1.0, (job.look_at - now).total_seconds()))
        return whole_list(patient_exports.ids(self.ledger), "The export of the server", notes)

    def _is_to_be_made(self, job: PatientExport, now: datetime, *, at_any_hour: bool) -> bool:
        """Age alone waits for the hours; of a list that may lack somebody something is told."""
        hours = ANY_TIME if at_any_hour or job.told else self.hours
        return FullPassRule(self.max_age, hours).state(job.whole_at, None, now).begins

    def _looked_at(self, job: PatientExport, now: datetime) -> PatientExport:
        """Whatever happens, the next look is not kept waiting for the lease."""
        try:
            with closing(self.open_client()) as client:
                after = self._look(client, job, now)
        except BaseException:  # also when the process is told to stop: the next look must come all the same
            patient_exports.look_at(self.ledger, now + LOOK_AGAIN)
            raise
        patient_exports.keep(self.ledger, after)
        return after

    def _look(self, client: ExportClient, job: PatientExport, now: datetime) -> PatientExport:
        try:
            if not job.status_url:
                url = client.kick_off(self.request)
                return replace(job, status_url=url, begun_at=now, look_at=now, told="an export was begun")
            found = client.status(job.status_url)
            if isinstance(found, ExportManifest):
                return self._read_files(client, job, found)
        except TryAgainLater as fault:
            noted = patient_exports.standing(self.ledger, self.ordered, now)  # with the files that were read
            return self._later(client, noted, now, fault)
        far = "" if found.percent is None else f", {found.percent} % done"
        return self._waits(client, job, now, found.retry_after, f"the export is under way{far}")

    def _later(
        self, client: ExportClient, job: PatientExport, now: datetime, fault: TryAgainLater
    ) -> PatientExport:
        if isinstance(fault, StartAgain):
            if job.status_url:
                client.delete(job.status_url)
            # A right that is lacking, or a server that fails every export, must not
            # have it begin one each minute.
            rest = max(LOOK_AGAIN, self.max_age / SOONER)
            told = GIVEN_UP if isinstance(fault, ExportGivenUp) else str(fault).rstrip(".")
            return replace(job, status_url="", edition="", files=0, look_at=now + rest, told=told)
        return self._waits(client, job, now, fault.retry_after, str(fault).rstrip("."))

    def _waits(
        self, client: ExportClient, job: PatientExport, now: datetime, seconds: float | None, told: str
    ) -> PatientExport:
        if job.status_url and now - job.begun_at > self.longest:
            client.delete(job.status_url)
            return replace(job, status_url="", edition="", files=0, look_at=now, told=TOO_LONG)
        rest = timedelta(seconds=seconds) if seconds else LOOK_AGAIN
        return replace(job, look_at=now + rest, told=told)

    def _read_files(
        self, client: ExportClient, job: PatientExport, manifest: ExportManifest
    ) -> PatientExport:
        """File by file into the ledger; a kill in between costs one file."""
        edition = manifest.transaction_time
        if job.edition != edition:
            job = replace(job, edition=edition, files=0, unreadable=0)
        for file in _patients(manifest)[job.files :]:
            lines = PatientLines(file, lambda some: self._add(edition, some))
            client.file(file, lines.take, needs_token=manifest.needs_token)
            lines.end()
            unreadable = job.unreadable + lines.unreadable
            job = replace(job, files=job.files + 1, unreadable=unreadable, look_at=self.clock() + LEASE)
            patient_exports.keep(self.ledger, job)
        faults = +(_errors(client, manifest) + Counter({"unreadable": job.unreadable}))
        client.delete(job.status_url)
        return self._finished_job(job, sorted(faults))

    def _add(self, edition: str, patients: Sequence[str]) -> None:
        patient_exports.add(self.ledger, edition, patients, self.clock() + LEASE)

    def _finished_job(self, job: PatientExport, faults: list[str]) -> PatientExport:
        now = self.clock()
        done = replace(job, status_url="", edition="", files=0, look_at=now, whole_at=now, told="")
        if not faults:
            patient_exports.drop_others(self.ledger, job.edition)
            return done
        told = f"it may lack somebody ({', '.join(faults)}) and is made again soon"
        return replace(done, whole_at=now - self.max_age + self.max_age / SOONER, told=told)


def _patients(manifest: ExportManifest) -> list[ExportFile]:
    return [file for file in manifest.files if (file.kind, file.type) == (FileKind.OUTPUT, "Patient")]


def _errors(client: ExportClient, manifest: ExportManifest) -> Counter[str]:
    told: Counter[str] = Counter()
    for file in manifest.files:
        if file.kind is FileKind.ERROR:
            lines = ErrorLines()
            client.file(file, lines.take, needs_token=manifest.needs_token)
            lines.end()
            told += lines.failures
    return told
