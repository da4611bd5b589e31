"""Each bone drug's entries as one course: running, in interval, overdue, stopped, on holiday or over (C-65).

A hospital records an injection as a dose that was given, an order that was completed or a product that
was dispensed, and a tablet as a status with a period. What a drug does today is not written anywhere:
it follows from all of them.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from enum import Enum, auto
from typing import Final, Literal

from adapter.clinical.calendar import add_months
from adapter.clinical.core_parameters import CoreParameters
from adapter.clinical.model import Adherence, ConditionKind, Medicine, MedicineKind, MedicineStatus
from adapter.read_only import read_only

ORAL_BISPHOSPHONATES: Final = frozenset(
    {MedicineKind.ALENDRONATE, MedicineKind.RISEDRONATE, MedicineKind.IBANDRONATE}
)
BISPHOSPHONATES: Final = ORAL_BISPHOSPHONATES | {MedicineKind.ZOLEDRONATE}
ANTIRESORPTIVES: Final = BISPHOSPHONATES | {MedicineKind.DENOSUMAB}
ANABOLICS: Final = frozenset({MedicineKind.TERIPARATIDE, MedicineKind.ROMOSOZUMAB})
BONE_DRUGS: Final = ANTIRESORPTIVES | ANABOLICS | {MedicineKind.RALOXIFENE, MedicineKind.OTHER_BONE_DRUG}
IN_ORDER: Final = tuple(kind for kind in MedicineKind if kind in BONE_DRUGS)
INTERVALS: Final[
    Mapping[MedicineKind, Literal["denosumab_interval_months", "zoledronate_interval_months"]]
] = {
    MedicineKind.DENOSUMAB: "denosumab_interval_months",
    MedicineKind.ZOLEDRONATE: "zoledronate_interval_months",
}
NOT_TAKEN: Final = frozenset({MedicineStatus.NOT_GIVEN, MedicineStatus.PROHIBITED})


class Phase(Enum):
    """Where a course stands on the day of deciding."""

    RUNNING = auto()
    IN_INTERVAL = auto()  # the last dose still works
    OVERDUE = auto()  # the next dose has passed
    STOPPED = auto()
    HOLIDAY = auto()  # a bisphosphonate that ended and was not given up
    OVER = auto()  # an anabolic course that ended, or lasted longer than it may


CURRENT: Final = frozenset({Phase.RUNNING, Phase.IN_INTERVAL})


@read_only
class Course:
    """One drug over all its entries."""

    kind: MedicineKind
    phase: Phase
    entries: tuple[Medicine, ...]
    claimed: bool  # an entry says that it is taken now
    start: date | None = None
    last_dose: date | None = None
    due: date | None = None

    @property
    def current(self) -> bool:
        """Whether it counts as treatment today; an overdue drug does while an entry says that it is taken."""
        return self.phase in CURRENT or (self.phase is Phase.OVERDUE and self.claimed)

    @property
    def adherence(self) -> Adherence | None:
        """Poor as soon as one entry says so."""
        said = {entry.adherence for entry in self.entries}
        return next((answer for answer in (Adherence.POOR, Adherence.GOOD) if answer in said), None)

    @property
    def explained(self) -> bool:
        """Whether the record says why it is not taken any more."""
        return self.adherence is Adherence.POOR or any(entry.stopped_for for entry in self.entries)


def courses(medicines: Iterable[Medicine], parameters: CoreParameters, on: date) -> tuple[Course, ...]:
    """The courses of all bone drugs that were ever taken, in the order of the kinds."""
    taken = [entry for entry in medicines if entry.status not in NOT_TAKEN]
    kinds = frozenset().union(*[entry.kinds for entry in taken])
    return tuple(
        _course(kind, [entry for entry in taken if kind in entry.kinds], parameters, on)
        for kind in IN_ORDER
        if kind in kinds
    )


def says_taken(entry: Medicine, on: date) -> bool:
    """Whether the entry says that the medicine is taken today, by its status, period and supply."""
    if entry.ended and entry.ended < on:
        return False
    return entry.active or bool(entry.supplied_until and entry.supplied_until >= on)


def works(entry: Medicine, parameters: CoreParameters, on: date) -> bool:
    """Whether another medicine than bone drugs is taken today, or its injection still works (C-68)."""
    return says_taken(entry, on) or _may_last(entry, parameters, on) or _depot(entry, parameters, on)


def _depot(entry: Medicine, parameters: CoreParameters, on: date) -> bool:
    given = entry.last_dose or entry.start
    if MedicineKind.ANTIHORMONAL not in entry.kinds or entry.status is not MedicineStatus.GIVEN or not given:
        return False
    return add_months(given, parameters["antihormonal_interval_months"]) >= on


def _may_last(entry: Medicine, parameters: CoreParameters, on: date) -> bool:
    """A supply that does not say for how long it is may still be in use."""
    # R4 makes MedicationDispense.daysSupply optional, so a supply may not say how long it lasts.
    unsaid = entry.status is MedicineStatus.DISPENSED and entry.supplied_until is None
    return unsaid and entry.start is not None and add_months(entry.start, parameters["dispense_months"]) >= on


def _still_works(entry: Medicine, kind: MedicineKind, parameters: CoreParameters, on: date) -> bool:
    """Whether an injection of a drug without a set interval still works.

    Ibandronate is given every three months, pamidronate as often or more.
    """
    injected = entry.status is MedicineStatus.GIVEN and entry.oral is not True and kind not in ANABOLICS
    last = entry.last_dose or entry.start
    lasts = last is not None and add_months(last, parameters["dispense_months"]) >= on
    return injected and kind not in INTERVALS and lasts


def _course(kind: MedicineKind, entries: Sequence[Medicine], parameters: CoreParameters, on: date) -> Course:
    claimed = any(
        says_taken(entry, on) or _may_last(entry, parameters, on) or _still_works(entry, kind, parameters, on)
        for entry in entries
    )
    start = min([entry.start for entry in entries if entry.start], default=None)
    last = _last_dose(entries, on) if kind in INTERVALS else None
    due = add_months(last, parameters[INTERVALS[kind]]) if last else None
    phase = (
        _phase(kind, claimed, due, on)
        if kind not in ANABOLICS
        else _anabolic(kind, claimed, start, parameters, on)
    )
    if phase is Phase.STOPPED and kind in BISPHOSPHONATES and not _given_up(entries):
        phase = Phase.HOLIDAY
    return Course(kind, phase, tuple(entries), claimed, start, last, due)


def _last_dose(entries: Iterable[Medicine], on: date) -> date | None:
    """The last dose that is known, else the end of what was stated."""
    entries = list(entries)
    # A statement has a period and no dose: without a known dose its end is the last day that may be one
    # (C-65).
    doses = [day for entry in entries if (day := entry.last_dose) and day <= on]
    ends = [day for entry in entries if (day := entry.ended) and day <= on]
    return max(doses or ends, default=None)


def _phase(kind: MedicineKind, claimed: bool, due: date | None, on: date) -> Phase:
    if due and due >= on:
        return Phase.IN_INTERVAL
    # After a gap vertebrae break, reported from 7 months after the last dose (GL-64): no dose is an alarm,
    # not a stop.
    if kind is MedicineKind.DENOSUMAB and (due or not claimed):
        return Phase.OVERDUE  # stopped on a day that nobody recorded is no less of an alarm
    return Phase.RUNNING if claimed else Phase.STOPPED


def _anabolic(
    kind: MedicineKind, claimed: bool, start: date | None, parameters: CoreParameters, on: date
) -> Phase:
    longest = parameters["review"][kind.value]["months"]
    # Teriparatide is licensed for 24 months in a lifetime, romosozumab for 12 (GL-66, GL-67).
    too_long = start is not None and add_months(start, longest) < on
    return Phase.RUNNING if claimed and not too_long else Phase.OVER


def _given_up(entries: Iterable[Medicine]) -> bool:
    return any(entry.status is MedicineStatus.STOPPED or entry.stopped_for for entry in entries)


def stopped_for_stomach(entry: Medicine) -> bool:
    """Given up for the stomach (HVRT-44)."""
    return entry.stopped_for is ConditionKind.GASTROINTESTINAL_INTOLERANCE
