"""When each step of a plan is due, and what closes it, as a table that a clinician can read."""

from datetime import date, timedelta

import pytest

from adapter.clinical.kinds import Standing
from adapter.clinical.model import (
    Fracture,
    FractureSite,
    Listing,
    Medicine,
    MedicineKind,
    MedicineStatus,
    Vfa,
)
from adapter.input.wire_json import Json, JsonValue
from mappings.codes import INTAKE
from mappings.handover.plan.follow_up import (
    OpenStep,
    StepEvidence,
    evidence,
    index_fracture,
    months_of,
    open_steps,
)
from mappings.outbound.ids import OUTPUT
from tests.factories import TODAY, a_bone_record, a_decision, a_follow_up, a_t_score
from tests.unit.letter.patients import record as record_with

RELEASED = date(2026, 1, 10)
DUE = date(2026, 9, 1)
NOTHING = StepEvidence()


def steps(
    code: str,
    *,
    due: date | None = None,
    interval: str | None = None,
    seen: StepEvidence = NOTHING,
    released: date | None = RELEASED,
) -> list[tuple[date, int]]:
    decision = a_decision(follow_ups=(a_follow_up(code, due=due, interval=interval),))
    return [(it.due, it.period) for it in open_steps(decision, seen, released, None, {})]


def visits(*days: date) -> StepEvidence:
    return StepEvidence(visits=days)


def studies(code: str, *days: date) -> StepEvidence:
    return StepEvidence(studies={code: days})


@pytest.mark.parametrize(
    ("code", "seen", "open_"),
    [
        ("phone_control_3m", NOTHING, True),
        ("phone_control_3m", visits(DUE), False),
        ("phone_control_3m", visits(DUE - timedelta(days=30)), False),
        ("phone_control_3m", visits(DUE - timedelta(days=31)), True),
        ("phone_control_3m", studies("repeat_dxa", DUE), True),
        ("phone_control_3m", StepEvidence(ended=frozenset({"phone_control_3m"})), False),
        ("repeat_dxa", studies("repeat_dxa", DUE), False),
        ("repeat_dxa", studies("repeat_vfa", DUE), True),
        ("repeat_dxa", visits(DUE), True),
        ("repeat_vfa", studies("repeat_vfa", DUE), False),
    ],
)
def test_a_step_with_a_day_is_closed_by_what_it_asks_for(code: str, seen: StepEvidence, open_: bool) -> None:
    assert steps(code, due=DUE, seen=seen) == ([(DUE, 1)] if open_ else [])


@pytest.mark.parametrize(
    ("code", "interval", "seen", "found"),
    [
        ("yearly_evaluation", "1y", NOTHING, [(date(2027, 1, 10), 1)]),
        ("yearly_evaluation", "1y", visits(date(2027, 1, 5)), [(date(2028, 1, 10), 2)]),
        ("yearly_evaluation", "1y", visits(date(2026, 6, 1)), [(date(2027, 1, 10), 1)]),
        ("evaluation_3_months", "3mo", NOTHING, [(date(2026, 4, 10), 1)]),
        ("evaluation_3_months", "3mo", visits(date(2026, 4, 1)), []),
        ("review_after_years", "5y", NOTHING, []),  # counted from the start of a drug
        ("yearly_evaluation", "soon", NOTHING, []),
        ("yearly_evaluation", None, NOTHING, []),
    ],
)
def test_an_interval_counts_from_the_release_in_periods(
    code: str, interval: str | None, seen: StepEvidence, found: list[tuple[date, int]]
) -> None:
    assert steps(code, interval=interval, seen=seen) == found


def test_an_interval_of_a_plan_that_nobody_released_has_no_day() -> None:
    assert steps("yearly_evaluation", interval="1y", released=None) == []


@pytest.mark.parametrize(
    ("interval", "months"), [("3mo", 3), ("1y", 12), ("10y", 120), ("1w", None), ("", None), (None, None)]
)
def test_an_interval_is_read_in_months(interval: str | None, months: int | None) -> None:
    assert months_of(interval) == months


# --- weeks after a fracture (GL-69) -------------------------------------------------------------------------

BROKEN = date(2026, 2, 2)
WEEKS = {"fls_12_weeks": 12, "fls_16_weeks": 16, "fls_52_weeks": 52}


@pytest.mark.parametrize(
    ("seen", "codes"),
    [
        (NOTHING, ["fls_12_weeks", "fls_16_weeks", "fls_52_weeks"]),
        (studies("repeat_dxa", BROKEN), ["fls_16_weeks", "fls_52_weeks"]),
        (studies("repeat_dxa", BROKEN - timedelta(days=1)), ["fls_12_weeks", "fls_16_weeks", "fls_52_weeks"]),
        (StepEvidence(drug_days=(BROKEN,)), ["fls_12_weeks", "fls_52_weeks"]),
        (StepEvidence(drug_days=(BROKEN + timedelta(weeks=52),)), ["fls_12_weeks"]),
    ],
)
def test_after_a_fracture_a_scan_and_a_drug_are_looked_for(seen: StepEvidence, codes: list[str]) -> None:
    found = open_steps(a_decision(follow_ups=()), seen, RELEASED, BROKEN, WEEKS)

    assert [it.code for it in found] == codes
    assert open_steps(a_decision(follow_ups=()), seen, None, BROKEN, WEEKS) == ()


DENOSUMAB, PARACETAMOL = frozenset({MedicineKind.DENOSUMAB}), frozenset({MedicineKind.OTHER})
BEGUN, GIVEN, PLANNED = date(2026, 3, 1), date(2026, 5, 1), TODAY + timedelta(days=1)
S = MedicineStatus


@pytest.mark.parametrize(
    ("drug", "days"),
    [
        (Medicine(DENOSUMAB), (TODAY,)),
        (Medicine(DENOSUMAB, start=BEGUN, status=S.ACTIVE), (BEGUN, TODAY)),
        (Medicine(DENOSUMAB, start=BEGUN, last_dose=GIVEN, status=S.ACTIVE), (BEGUN, GIVEN, TODAY)),
        (Medicine(DENOSUMAB, start=TODAY, status=S.ACTIVE), (TODAY, TODAY)),
        (Medicine(DENOSUMAB, start=PLANNED, status=S.ACTIVE), ()),
        (Medicine(DENOSUMAB, start=BEGUN, status=S.ON_HOLD), (BEGUN,)),
        (Medicine(DENOSUMAB, active=False, start=GIVEN, last_dose=GIVEN, status=S.GIVEN), (GIVEN, GIVEN)),
        (Medicine(DENOSUMAB, active=False, start=PLANNED, status=S.GIVEN), ()),
        (Medicine(DENOSUMAB, active=False, start=BEGUN, status=S.STOPPED), ()),
        (Medicine(DENOSUMAB, active=False, start=GIVEN, status=S.NOT_GIVEN), ()),
        (Medicine(PARACETAMOL, start=BEGUN, status=S.ACTIVE), ()),
    ],
)
def test_a_drug_was_taken_on_the_days_that_its_entry_tells_of(drug: Medicine, days: tuple[date, ...]) -> None:
    record = record_with(medicines=Listing((drug,)))

    assert evidence(record, [], None, frozenset(), TODAY).drug_days == days


@pytest.mark.parametrize(("on", "late"), [(DUE, False), (DUE + timedelta(days=1), True)])
def test_the_day_itself_is_not_late(on: date, late: bool) -> None:
    assert OpenStep("x", DUE).overdue(on) is late


@pytest.mark.parametrize(
    ("fractures", "found"),
    [
        ((), None),
        ((Fracture(FractureSite.HIP, BROKEN),), BROKEN),
        ((Fracture(FractureSite.HIP, BROKEN, low_energy=False),), None),
        (
            (Fracture(FractureSite.HIP, BROKEN), Fracture(FractureSite.WRIST, date(2026, 3, 1))),
            date(2026, 3, 1),
        ),
        ((Fracture(FractureSite.HIP, None),), None),
        ((Fracture(FractureSite.HIP, TODAY),), TODAY),
        ((Fracture(FractureSite.HIP, TODAY + timedelta(days=1)),), None),
    ],
)
def test_the_newest_fracture_that_may_be_of_low_energy_counts(
    fractures: tuple[Fracture, ...], found: date | None
) -> None:
    assert index_fracture(record_with(fractures=Listing(fractures)), TODAY) == found


# --- what happened, as resources tell it --------------------------------------------------------------------

PLAN = "CarePlan/plan"
OURS = [{"coding": [{"system": INTAKE, "code": "fop"}]}]
VISITED: Json = {
    "resourceType": "Procedure",
    "status": "completed",
    "basedOn": [{"reference": PLAN}],
    "performedDateTime": "2026-09-01",
}
APPOINTMENT: Json = {
    "resourceType": "Appointment",
    "status": "fulfilled",
    "serviceType": OURS,
    "start": "2026-09-01T09:00:00Z",
}


@pytest.mark.parametrize(
    ("resource", "counts"),
    [
        (VISITED, True),
        ({**VISITED, "status": "in-progress"}, False),
        ({**VISITED, "basedOn": [{"reference": "CarePlan/another"}]}, False),
        ({**VISITED, "basedOn": ["CarePlan/plan"]}, False),
        ({**VISITED, "performedDateTime": "2027-01-01"}, False),
        ({**VISITED, "performedDateTime": "in autumn"}, False),
        ({**VISITED, "performedDateTime": None, "performedPeriod": {"start": "2026-09-01"}}, True),
        ({**VISITED, "performedDateTime": None, "effectivePeriod": {"start": "2026-09-01"}}, True),
        (
            {
                **VISITED,
                "resourceType": "Observation",
                "status": "final",
                "performedDateTime": None,
                "effectiveDateTime": "2026-09-01",
            },
            True,
        ),
        ({**VISITED, "resourceType": "Observation", "status": "preliminary"}, False),
        (
            {**VISITED, "basedOn": [{"reference": "CarePlan/another"}, {"reference": f"{PLAN}/_history/3"}]},
            True,
        ),
        ({**VISITED, "basedOn": []}, False),
        (APPOINTMENT, True),
        *(({**APPOINTMENT, "status": status}, True) for status in ("arrived", "checked-in", "fulfilled")),
        *(
            ({**APPOINTMENT, "status": status}, False)
            for status in (
                "proposed",
                "pending",
                "booked",
                "cancelled",
                "noshow",
                "entered-in-error",
                "waitlist",
            )
        ),
        ({**APPOINTMENT, "serviceType": [{"text": "?"}, *OURS]}, True),
        *(
            ({**APPOINTMENT, "serviceType": odd}, False)
            for odd in (None, "fop", ["fop"], [{"coding": ["fop"]}])
        ),
        *(
            ({**VISITED, "basedOn": odd}, False)
            for odd in (None, 7, PLAN, {"reference": PLAN}, [{"reference": 7}])
        ),
        ({**VISITED, "performedDateTime": None, "performedPeriod": "autumn"}, False),
        ({**VISITED, "status": ["completed"]}, False),
        ({**APPOINTMENT, "status": ["fulfilled"]}, False),
        ({**APPOINTMENT, "serviceType": [{"coding": [{"system": "https://other", "code": "fop"}]}]}, False),
        ({**APPOINTMENT, "resourceType": "Encounter"}, False),
    ],
)
def test_a_visit_is_one_of_ours_that_took_place(resource: Json, counts: bool) -> None:
    found = evidence(a_bone_record(), [resource], None, frozenset({PLAN}), TODAY)

    assert found.visits == ((DUE,) if counts else ())


def test_a_visit_of_today_is_one_and_one_of_tomorrow_is_none() -> None:
    days = [{**VISITED, "performedDateTime": (TODAY + timedelta(days=it)).isoformat()} for it in (0, 1)]

    assert evidence(a_bone_record(), days, None, frozenset({PLAN}), TODAY).visits == (TODAY,)


@pytest.mark.parametrize(("on", "days"), [(DUE, (DUE,)), (None, ())])
def test_a_scan_and_a_look_at_the_vertebrae_count_on_their_day(
    on: date | None, days: tuple[date, ...]
) -> None:
    record = a_bone_record(t_scores=(a_t_score(on=DUE),), vfa=Vfa((), on))

    assert evidence(record, [], None, frozenset(), TODAY).studies == {
        "repeat_dxa": (DUE,),
        "repeat_vfa": days,
    }


def test_a_scan_that_was_withdrawn_closes_nothing() -> None:
    record = a_bone_record(t_scores=(a_t_score(standing=Standing.WITHDRAWN),))

    assert evidence(record, [], None, frozenset(), TODAY).studies == {"repeat_dxa": (), "repeat_vfa": ()}


@pytest.mark.parametrize(
    ("status", "system", "ended"),
    [
        *((it, OUTPUT, {"repeat_dxa"}) for it in ("completed", "cancelled", "stopped", "entered-in-error")),
        *((it, OUTPUT, set()) for it in ("not-started", "scheduled", "in-progress", "on-hold", "unknown")),
        ("completed", "https://other", set()),
    ],
)
def test_what_a_human_ended_in_the_plan_is_ended(status: str, system: str, ended: set[str]) -> None:
    detail = {"status": status, "code": {"coding": [{"system": system, "code": "repeat_dxa"}]}}
    plan: Json = {"activity": [{"detail": detail}, {"reference": {"reference": "ServiceRequest/1"}}]}

    assert evidence(a_bone_record(), [], plan, frozenset(), TODAY).ended == ended


@pytest.mark.parametrize(
    "odd",
    [
        "x",
        ["x"],
        [{"detail": "x"}],
        [{"detail": {"status": ["completed"]}}],
        [{"detail": {"status": "completed", "code": "x"}}],
    ],
)
def test_an_activity_that_nobody_can_read_ends_nothing(odd: JsonValue) -> None:
    assert evidence(a_bone_record(), [], {"activity": odd}, frozenset(), TODAY).ended == set()
