"""What the ledger holds of the export that lists the patients: how far it is, and the ids that it named."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, delete, select, update

from workers.ledger import Ledger
from workers.ledger.ledger_faults import retry_undone
from workers.ledger.tables import exported_patient, patient_export


@dataclass(frozen=True, slots=True)
class PatientExport:
    """How far it is. `whole_at` says how old the list counts as; None: there is none yet."""

    ordered: str
    begun_at: datetime
    look_at: datetime
    status_url: str = ""
    edition: str = ""
    files: int = 0
    unreadable: int = 0
    whole_at: datetime | None = None
    told: str = ""


@retry_undone
def standing(ledger: Ledger, ordered: str, now: datetime) -> PatientExport:
    """As it is noted; that of another order counts for nothing, and its list neither."""
    mine = patient_export.c.scope == ledger.scope
    columns = [column for column in patient_export.columns if column.name != "scope"]
    with ledger.transaction() as connection:
        ledger.lock_name(connection, "export")
        row = connection.execute(select(*columns).where(mine)).first()
        if row and row.ordered == ordered:
            return PatientExport(**row._asdict())
        fresh = PatientExport(ordered, now, now)
        connection.execute(delete(patient_export).where(mine))
        connection.execute(delete(exported_patient).where(exported_patient.c.scope == ledger.scope))
        ledger.insert_missing(connection, patient_export, [asdict(fresh)])
        return fresh


@retry_undone
def claim(ledger: Ledger, job: PatientExport, until: datetime) -> bool:
    """Be the one who looks. Not idempotent: of two who ask at once one gets it."""
    mine = and_(patient_export.c.scope == ledger.scope, patient_export.c.look_at == job.look_at)
    with ledger.transaction() as connection:
        ledger.lock_name(connection, "export")
        return connection.execute(update(patient_export).where(mine).values(look_at=until)).rowcount == 1


@retry_undone
def keep(ledger: Ledger, job: PatientExport) -> None:
    """Note how far it is."""
    with ledger.transaction() as connection:
        mine = patient_export.c.scope == ledger.scope
        connection.execute(update(patient_export).where(mine).values(**asdict(job)))


@retry_undone
def look_at(ledger: Ledger, when: datetime) -> None:
    """Not before then, and nothing else changes."""
    with ledger.transaction() as connection:
        _look_at(ledger, connection, when)


def _look_at(ledger: Ledger, connection: Connection, when: datetime) -> None:
    mine = patient_export.c.scope == ledger.scope
    connection.execute(update(patient_export).where(mine).values(look_at=when))


@retry_undone
def add(ledger: Ledger, edition: str, patients: Sequence[str], until: datetime) -> None:
    """This edition names them; whoever reads it has until then for the next ones."""
    if not patients:
        return
    rows = [
        {"scope": ledger.scope, "patient": patient, "edition": edition} for patient in sorted(set(patients))
    ]
    statement = ledger.upsert(exported_patient).on_conflict_do_update(
        index_elements=["scope", "patient"], set_={"edition": edition}
    )
    with ledger.transaction() as connection:
        connection.execute(statement, rows)
        _look_at(ledger, connection, until)


@retry_undone
def drop_others(ledger: Ledger, edition: str) -> None:
    """Whom this edition does not name is no longer on the list."""
    others = and_(exported_patient.c.scope == ledger.scope, exported_patient.c.edition != edition)
    with ledger.transaction() as connection:
        connection.execute(delete(exported_patient).where(others))


def ids(ledger: Ledger) -> list[str]:
    """Everybody on the list."""
    with ledger.transaction() as connection:
        mine = select(exported_patient.c.patient).where(exported_patient.c.scope == ledger.scope)
        return list(connection.scalars(mine))
