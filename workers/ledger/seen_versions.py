"""The versions that a pass came across, and who was on its list: finding one again makes no work."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, delete, select

from workers.ledger.database import Ledger
from workers.ledger.ledger_faults import retry_undone
from workers.ledger.tables import listed, seen

AT_ONCE = 500  # names in one statement


@dataclass(frozen=True, slots=True)
class SeenVersion:
    """A source resource that a pass came across, and the patient it belongs to."""

    patient: str
    source: str
    version: str = ""
    updated: datetime | None = None


def written_plans(patient: str, written: Mapping[str, str], now: datetime) -> Iterator[SeenVersion]:
    """The plans in the versions that we wrote: if a sweep meets another one, somebody else changed it."""
    for source, version in written.items():
        if source.startswith("CarePlan/"):
            yield SeenVersion(patient, source, version, now)


def unseen_versions(connection: Connection, scope: str, found: Sequence[SeenVersion]) -> list[SeenVersion]:
    """Those of a version that was not seen yet, or that tell no version."""
    # By source alone: for pairs SQLite reads the whole table, once for each page of a sweep.
    sources = [item.source for item in found if item.version]
    known = select(seen.c.source, seen.c.version).where(seen.c.scope == scope, seen.c.source.in_(sources))
    old = {(source, version) for source, version in connection.execute(known)} if sources else set()
    return [item for item in found if (item.source, item.version) not in old]


def remember_versions(ledger: Ledger, connection: Connection, found: Sequence[SeenVersion]) -> None:
    """In the order of their keys, so that two who remember the same do not wait for each other."""
    marks = sorted(
        (version for version in found if version.version and version.updated),
        key=lambda version: (version.source, version.version),
    )
    rows = (
        {"source": version.source, "version": version.version, "updated": version.updated}
        for version in marks
    )
    ledger.insert_missing(connection, seen, rows)


@retry_undone
def forget_versions(ledger: Ledger, before: datetime) -> None:
    """Drop what no later pass can come across again."""
    with ledger.transaction() as connection:
        connection.execute(delete(seen).where(seen.c.scope == ledger.scope, seen.c.updated < before))


def new_patients(ledger: Ledger, patients: Sequence[str]) -> list[str]:
    """Those of a list who were not on it before; who left it and came back is one of them."""
    with ledger.transaction() as connection:
        known = set(connection.scalars(select(listed.c.patient).where(listed.c.scope == ledger.scope)))
    return [patient for patient in patients if patient not in known]


def used_patient_list(ledger: Ledger) -> bool:
    """Whether the last full pass looked at nobody but those of a list."""
    query = select(listed.c.patient).where(listed.c.scope == ledger.scope).limit(1)
    with ledger.transaction() as connection:
        return connection.scalar(query) is not None


@retry_undone
def remember_patient_list(ledger: Ledger, patients: Sequence[str]) -> None:
    """These are on the list now, and nobody else."""
    with ledger.transaction() as connection:
        ledger.lock_name(connection, "list")
        there = set(connection.scalars(select(listed.c.patient).where(listed.c.scope == ledger.scope)))
        gone = sorted(there.difference(patients))
        for begin in range(0, len(gone), AT_ONCE):
            part_of_gone = listed.c.patient.in_(gone[begin : begin + AT_ONCE])
            connection.execute(delete(listed).where(and_(listed.c.scope == ledger.scope, part_of_gone)))
        ledger.insert_missing(
            connection, listed, ({"patient": patient} for patient in patients if patient not in there)
        )
