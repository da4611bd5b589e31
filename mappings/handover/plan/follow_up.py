"""When the steps of a plan are due, and what closes them.

Computed whenever somebody looks; nothing of it is kept.

| step                        | due                         | closed by                                  |
| --------------------------- | --------------------------- | ------------------------------------------ |
| control, review, next dose  | its date                    | a visit; a new dose or drug moves the date |
| evaluations by interval     | by period, from the release | a visit in that period                     |
| repeat DXA, repeat VFA      | that date, or by interval   | a newer study                              |
| 12, 16 and 52 weeks (GL-69) | from the index fracture     | DXA after it; a bone drug; a bone drug     |

A visit is an Appointment of ours that took place, or a Procedure or Observation that is
``basedOn`` the plan. A step that a human marked completed, cancelled or stopped in the plan itself
is closed, whatever else there is.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from adapter.clinical.calendar import add_months
from adapter.clinical.courses import BONE_DRUGS
from adapter.clinical.decision import Decision, FollowUp
from adapter.clinical.kinds import Standing
from adapter.clinical.model import BoneRecord, Medicine, MedicineStatus
from adapter.input.wire_json import ReadOnlyJson
from mappings.codes import INTAKE
from mappings.inbound.resources.datatypes import obj, objs, reference, text
from mappings.outbound.ids import OUTPUT, location_of

# A visit so long before its day still is that visit: clinics plan by the month, and a reminder
# about a visit that was made a week early would be noise. A month is far shorter than the
# shortest interval, of three months.
EARLY = timedelta(days=30)
ENDED = frozenset({"completed", "cancelled", "stopped", "entered-in-error"})
TOOK_PLACE = frozenset({"arrived", "checked-in", "fulfilled"})
RECURRING = frozenset({"yearly_evaluation"})
# A review counted from the start of a drug has no day as long as that start is
# not known: a clinician sets it.
FROM_RELEASE = RECURRING | {"evaluation_3_months"}
STUDIES = frozenset({"repeat_dxa", "repeat_vfa"})
_INTERVAL = re.compile(r"(\d+)(mo|y)")


@dataclass(frozen=True, slots=True)
class OpenStep:
    """One step that is open; ``period`` counts from one."""

    code: str
    due: date
    period: int = 1

    def overdue(self, on: date) -> bool:
        """The day itself is not late."""
        return on > self.due


@dataclass(frozen=True, slots=True)
class StepEvidence:
    """What happened that can close a step: days of visits and studies, drugs, what a human ended."""

    visits: tuple[date, ...] = ()
    studies: Mapping[str, tuple[date, ...]] = field(default_factory=dict)
    drug_days: tuple[date, ...] = ()
    ended: frozenset[str] = frozenset()


def open_steps(
    decision: Decision,
    seen: StepEvidence,
    released: date | None,
    fracture: date | None,
    weeks: Mapping[str, int],
) -> tuple[OpenStep, ...]:
    """Every open step with a date, the earliest first. Intervals count only once the plan is released."""
    found = [it for follow_up in decision.follow_ups if (it := _item(follow_up, seen, released))]
    if fracture and released:
        found += _after_fracture(fracture, weeks, seen)
    kept = {(it.code, it.due): it for it in found if it.code not in seen.ended}
    return tuple(sorted(kept.values(), key=lambda step: (step.due, step.code)))


def _item(step: FollowUp, seen: StepEvidence, released: date | None) -> OpenStep | None:
    if step.due is not None:
        return None if _is_closed(step.code, step.due, seen) else OpenStep(step.code, step.due)
    months = months_of(step.interval)
    if released is None or months is None or step.code not in FROM_RELEASE:
        return None
    last = 200 if step.code in RECURRING else 1
    for period in range(1, last + 1):
        due = add_months(released, months * period)
        if not _is_closed(step.code, due, seen):
            return OpenStep(step.code, due, period)
    return None


def _is_closed(code: str, due: date, seen: StepEvidence) -> bool:
    days = seen.studies.get(code, ()) if code in STUDIES else seen.visits
    return any(day >= due - EARLY for day in days)


def _after_fracture(fracture: date, weeks: Mapping[str, int], seen: StepEvidence) -> Iterator[OpenStep]:
    dxa = seen.studies.get("repeat_dxa", ())
    for code, number in weeks.items():
        evidence = dxa if code == "fls_12_weeks" else seen.drug_days
        due = fracture + timedelta(weeks=number)
        enough = due - EARLY if code == "fls_52_weeks" else fracture
        if not any(day >= enough for day in evidence):
            yield OpenStep(code, due)


def months_of(interval: str | None) -> int | None:
    """``3mo`` and ``1y`` in months; None for what is no interval."""
    found = _INTERVAL.fullmatch(interval or "")
    return int(found[1]) * {"mo": 1, "y": 12}[found[2]] if found else None


def evidence(
    record: BoneRecord,
    resources: Sequence[ReadOnlyJson],
    plan: ReadOnlyJson | None,
    locations: frozenset[str],
    on: date,
) -> StepEvidence:
    """What closes steps; ``places`` are the names under which the plan may be referred to."""
    dxa = tuple(score.on for score in record.t_scores if score.standing is Standing.VALID)
    vfa = (record.vfa.on,) if record.vfa and record.vfa.on else ()
    drugs = [item for item in record.medicines.items if item.kinds & BONE_DRUGS]
    return StepEvidence(
        tuple(_visits(resources, locations, on)),
        {"repeat_dxa": dxa, "repeat_vfa": vfa},
        tuple(day for drug in drugs for day in _drug_days(drug, on)),
        _ended_codes(plan),
    )


def _drug_days(drug: Medicine, on: date) -> Iterator[date]:
    """The days up to today on which an entry says that a drug was taken; one that rests is not, today."""
    if drug.active or drug.status is MedicineStatus.GIVEN:
        yield from (day for day in (drug.start, drug.last_dose) if day and day <= on)
    begun = drug.start is None or drug.start <= on
    if drug.active and drug.status is not MedicineStatus.ON_HOLD and begun:
        yield on


def _visits(resources: Iterable[ReadOnlyJson], locations: frozenset[str], on: date) -> Iterator[date]:
    for resource in resources:
        if (
            (_of_plan(resource, locations) or _appointment(resource))
            and (day := _day(resource))
            and day <= on
        ):
            yield day


def _of_plan(resource: ReadOnlyJson, locations: frozenset[str]) -> bool:
    if text(resource.get("status")) not in {"completed", "final"}:
        return False
    return any(location_of(reference(link)) in locations for link in objs(resource.get("basedOn")))


def _appointment(resource: ReadOnlyJson) -> bool:
    if resource.get("resourceType") != "Appointment" or text(resource.get("status")) not in TOOK_PLACE:
        return False
    codings = (c for kind in objs(resource.get("serviceType")) for c in objs(kind.get("coding")))
    return any(c.get("system") == INTAKE for c in codings)


def _day(resource: ReadOnlyJson) -> date | None:
    period = obj(resource.get("performedPeriod") or resource.get("effectivePeriod"))
    start = (
        resource.get("start")
        or resource.get("performedDateTime")
        or resource.get("effectiveDateTime")
        or period.get("start")
    )
    try:
        return date.fromisoformat(str(start)[:10])
    except ValueError:
        return None


def _ended_codes(plan: ReadOnlyJson | None) -> frozenset[str]:
    details = (obj(activity.get("detail")) for activity in objs((plan or {}).get("activity")))
    codings = (
        c
        for detail in details
        if text(detail.get("status")) in ENDED
        for c in objs(obj(detail.get("code")).get("coding"))
    )
    return frozenset(str(c.get("code")) for c in codings if c.get("system") == OUTPUT)


def index_fracture(record: BoneRecord, on: date) -> date | None:
    """The newest fracture that is not known to be of high energy."""
    days = (
        item.on
        for item in record.fractures.items
        if item.on and item.on <= on and item.low_energy is not False
    )
    return max(days, default=None)
