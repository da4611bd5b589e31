"""Who has something due, and from which day: an index, so that no night reads the whole population.

An opaque id and a day, nothing of what is due. Every review writes its own line anew; if the index is lost,
the next full sweep has made it again.
"""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import Column, Date, Index, String, Table, and_, delete, or_, select, update

from workers.ledger.database import Ledger
from workers.ledger.ledger_faults import retry_undone
from workers.ledger.tables import metadata

due = Table(
    "due",
    metadata,
    Column("scope", String, primary_key=True),
    Column("patient", String, primary_key=True),
    Column("on", Date, nullable=False),  # the earliest day of anything open
    Column("woken", Date, key="queued_on"),  # and why not again; ledgers in use have it under the older name
    Index("due_on", "scope", "on"),
)


@retry_undone
def note_due_days(ledger: Ledger, days: Mapping[str, date | None]) -> None:
    """Write down the earliest day of each patient; None: nothing is open. A second call changes nothing."""
    dated = [
        {"scope": ledger.scope, "patient": patient, "on": on} for patient, on in sorted(days.items()) if on
    ]
    if not days:
        return
    insert = ledger.upsert(due)
    renewed = insert.on_conflict_do_update(
        index_elements=["scope", "patient"],
        set_={"on": insert.excluded.on, "queued_on": None},
        where=due.c.on != insert.excluded.on,
    )
    with ledger.transaction() as connection:
        rows_of_patients = and_(due.c.scope == ledger.scope, due.c.patient.in_(list(days)))
        rows_of_patients = ledger.lock_rows(connection, due, rows_of_patients)
        if len(dated) < len(days):
            nothing = [patient for patient, on in days.items() if on is None]
            connection.execute(delete(due).where(rows_of_patients, due.c.patient.in_(nothing)))
        if dated:
            connection.execute(renewed, dated)


def late_patients(ledger: Ledger, today: date, limit: int = 10_000) -> tuple[str, ...]:
    """Patients with something overdue who were not looked at because of it yet."""
    unseen = or_(due.c.queued_on.is_(None), due.c.queued_on <= due.c.on)
    overdue_rows = and_(due.c.scope == ledger.scope, due.c.on < today, unseen)
    query = select(due.c.patient).where(overdue_rows).order_by(due.c.on, due.c.patient).limit(limit)
    with ledger.transaction() as connection:
        return tuple(connection.scalars(query))


@retry_undone
def mark_queued(ledger: Ledger, patients: tuple[str, ...], today: date) -> None:
    """They are due for a review: not again for the same day."""
    if patients:
        rows_of_patients = and_(due.c.scope == ledger.scope, due.c.patient.in_(patients))
        with ledger.transaction() as connection:
            rows_of_patients = ledger.lock_rows(connection, due, rows_of_patients)
            connection.execute(update(due).where(rows_of_patients).values(queued_on=today))


def due_patients(ledger: Ledger, until: date | None = None) -> tuple[str, ...]:
    """Everybody with something open, or with something due before a day; the earliest first."""
    due_rows = due.c.scope == ledger.scope
    if until is not None:
        due_rows = and_(due_rows, due.c.on < until)
    with ledger.transaction() as connection:
        return tuple(
            connection.scalars(select(due.c.patient).where(due_rows).order_by(due.c.on, due.c.patient))
        )
