"""A bone drug over all its entries: where its course stands on the day of deciding."""

from typing import Any

import pytest

from adapter.clinical.courses import Course, Phase, courses, says_taken, works
from adapter.clinical.model import Adherence, ConditionKind, MedicineKind, MedicineStatus
from tests.factories import TODAY
from tests.unit.clinical.questions import days, drug, general_parameters

ALENDRONATE, DENOSUMAB, ZOLEDRONATE = (
    MedicineKind.ALENDRONATE,
    MedicineKind.DENOSUMAB,
    MedicineKind.ZOLEDRONATE,
)
IBANDRONATE = MedicineKind.IBANDRONATE
TERIPARATIDE = MedicineKind.TERIPARATIDE
STOMACH = ConditionKind.GASTROINTESTINAL_INTOLERANCE


def course(kind: MedicineKind, *entries: dict[str, Any]) -> Course:
    (found,) = courses([drug(kind, **dated(entry)) for entry in entries], general_parameters(), TODAY)
    return found


def dated(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: days(value) if type(value) is str else value for key, value in entry.items()}


PAST: dict[str, Any] = {"active": False}
DISPENSED: dict[str, Any] = {"active": False, "status": MedicineStatus.DISPENSED}
GIVEN: dict[str, Any] = {"active": False, "status": MedicineStatus.GIVEN}


@pytest.mark.parametrize(
    ("kind", "entries", "phase", "current"),
    [
        (ALENDRONATE, [{}], Phase.RUNNING, True),
        (ALENDRONATE, [{"ended": "2026-11-20"}], Phase.RUNNING, True),
        (ALENDRONATE, [{"ended": "2026-11-19"}], Phase.HOLIDAY, False),
        (ALENDRONATE, [PAST], Phase.HOLIDAY, False),
        (ALENDRONATE, [PAST | {"status": MedicineStatus.STOPPED}], Phase.STOPPED, False),
        (ALENDRONATE, [PAST | {"stopped_for": STOMACH}], Phase.STOPPED, False),
        (ALENDRONATE, [PAST, PAST | {"status": MedicineStatus.STOPPED}], Phase.STOPPED, False),
        (ALENDRONATE, [PAST | {"supplied_until": "2026-11-20"}], Phase.RUNNING, True),
        (ALENDRONATE, [PAST | {"supplied_until": "2026-11-19"}], Phase.HOLIDAY, False),
        (ALENDRONATE, [DISPENSED | {"start": "2026-08-20"}], Phase.RUNNING, True),
        (ALENDRONATE, [DISPENSED | {"start": "2026-08-19"}], Phase.HOLIDAY, False),
        (ALENDRONATE, [PAST, {}], Phase.RUNNING, True),
        (IBANDRONATE, [GIVEN | {"start": "2026-08-20", "oral": False}], Phase.RUNNING, True),
        (IBANDRONATE, [GIVEN | {"start": "2026-08-19", "oral": False}], Phase.HOLIDAY, False),
        (IBANDRONATE, [GIVEN | {"start": "2026-08-20", "oral": True}], Phase.HOLIDAY, False),
        (MedicineKind.RALOXIFENE, [PAST], Phase.STOPPED, False),
        (DENOSUMAB, [{"last_dose": "2026-05-20"}], Phase.IN_INTERVAL, True),
        (DENOSUMAB, [{"last_dose": "2026-05-19"}], Phase.OVERDUE, True),
        (DENOSUMAB, [GIVEN | {"last_dose": "2026-05-20"}], Phase.IN_INTERVAL, True),
        (DENOSUMAB, [GIVEN | {"last_dose": "2026-05-19"}], Phase.OVERDUE, False),
        (DENOSUMAB, [GIVEN | {"last_dose": "2025-01-01"}, GIVEN | {"last_dose": "2026-08-01"}], Phase.IN_INTERVAL, True),
        (DENOSUMAB, [PAST | {"ended": "2026-08-01"}], Phase.IN_INTERVAL, True),
        (DENOSUMAB, [PAST | {"ended": "2026-02-01"}], Phase.OVERDUE, False),
        (DENOSUMAB, [PAST], Phase.OVERDUE, False),
        (DENOSUMAB, [{}], Phase.RUNNING, True),
        (DENOSUMAB, [GIVEN | {"last_dose": "2026-11-20"}], Phase.IN_INTERVAL, True),  # today
        (DENOSUMAB, [PAST | {"ended": "2026-11-20"}], Phase.IN_INTERVAL, True),
        (DENOSUMAB, [{"last_dose": "2030-01-01"}], Phase.RUNNING, True),
        (ZOLEDRONATE, [GIVEN | {"last_dose": "2025-11-20"}], Phase.IN_INTERVAL, True),
        (ZOLEDRONATE, [GIVEN | {"last_dose": "2025-11-19"}], Phase.HOLIDAY, False),
        (TERIPARATIDE, [{"start": "2026-01-01"}], Phase.RUNNING, True),
        (TERIPARATIDE, [{"start": "2024-11-20"}], Phase.RUNNING, True),  # two years today
        (TERIPARATIDE, [{"start": "2024-11-19"}], Phase.OVER, False),
        (TERIPARATIDE, [PAST], Phase.OVER, False),
    ],
)  # fmt: skip
def test_where_a_course_stands(
    kind: MedicineKind, entries: list[dict[str, Any]], phase: Phase, current: bool
) -> None:
    found = course(kind, *entries)

    assert (found.phase, found.current) == (phase, current)


@pytest.mark.parametrize("status", [MedicineStatus.NOT_GIVEN, MedicineStatus.PROHIBITED])
def test_what_was_never_taken_is_no_course(status: MedicineStatus) -> None:
    assert courses([drug(DENOSUMAB, status=status)], general_parameters(), TODAY) == ()


def test_other_medicines_have_no_course() -> None:
    assert courses([drug(MedicineKind.CALCIUM)], general_parameters(), TODAY) == ()


def test_a_course_begins_with_its_first_entry_and_is_due_after_its_last_dose() -> None:
    found = course(
        DENOSUMAB,
        GIVEN | {"start": "2026-07-10", "last_dose": "2026-07-10"},
        GIVEN | {"start": "2025-01-10", "last_dose": "2025-01-10"},
        GIVEN | {"last_dose": "2026-01-10"},
    )

    assert (found.start, found.last_dose, found.due) == (
        days("2025-01-10"),
        days("2026-07-10"),
        days("2027-01-10"),
    )


def test_a_drug_without_an_interval_has_no_dose_that_is_due() -> None:
    found = course(ALENDRONATE, {"start": "2025-01-10", "last_dose": "2026-07-10"})

    assert (found.start, found.last_dose, found.due) == (days("2025-01-10"), None, None)
    assert (course(DENOSUMAB, {}).last_dose, course(DENOSUMAB, {}).due) == (None, None)


def test_poor_adherence_of_one_entry_is_that_of_the_course() -> None:
    assert (
        course(ALENDRONATE, {"adherence": Adherence.GOOD}, {"adherence": Adherence.POOR}).adherence
        is Adherence.POOR
    )
    assert course(ALENDRONATE, {}, {"adherence": Adherence.GOOD}).adherence is Adherence.GOOD
    assert course(ALENDRONATE, {}).adherence is None


@pytest.mark.parametrize(
    ("entry", "explained"),
    [({"adherence": Adherence.POOR}, True), ({"stopped_for": STOMACH}, True), ({}, False)],
)
def test_an_end_is_explained_by_poor_adherence_or_by_a_reason(entry: dict[str, Any], explained: bool) -> None:
    assert course(ALENDRONATE, PAST | entry).explained is explained
    assert course(ALENDRONATE, PAST, PAST | entry).explained is explained  # one entry is enough


DEPOT = MedicineKind.ANTIHORMONAL


@pytest.mark.parametrize(
    ("kind", "entry", "taken", "at_work"),
    [
        (DEPOT, {}, True, True),
        (DEPOT, {"ended": "2026-11-20"}, True, True),
        (DEPOT, {"ended": "2026-11-19"}, False, False),
        (DEPOT, PAST, False, False),
        (DEPOT, PAST | {"supplied_until": "2026-11-20"}, True, True),
        (DEPOT, PAST | {"supplied_until": "2026-11-19"}, False, False),
        (DEPOT, DISPENSED | {"start": "2026-08-20"}, False, True),
        (DEPOT, DISPENSED | {"start": "2026-08-19"}, False, False),
        (DEPOT, DISPENSED | {"start": "2026-10-20", "supplied_until": "2026-11-19"}, False, False),
        (DEPOT, DISPENSED, False, False),
        (DEPOT, GIVEN | {"last_dose": "2026-05-20"}, False, True),
        (DEPOT, GIVEN | {"start": "2026-05-20"}, False, True),
        (DEPOT, GIVEN | {"start": "2025-01-01", "last_dose": "2026-05-20"}, False, True),
        (DEPOT, GIVEN | {"last_dose": "2026-05-19"}, False, False),
        (DEPOT, GIVEN, False, False),
        (DEPOT, PAST | {"last_dose": "2026-11-10"}, False, False),
        (MedicineKind.ANTIEPILEPTIC, GIVEN | {"last_dose": "2026-11-10"}, False, False),
    ],
)
def test_what_is_taken_today_and_what_still_works(
    kind: MedicineKind, entry: dict[str, Any], taken: bool, at_work: bool
) -> None:
    medicine = drug(kind, **dated(entry))

    assert says_taken(medicine, TODAY) is taken
    assert works(medicine, general_parameters(), TODAY) is at_work
