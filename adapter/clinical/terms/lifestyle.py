"""Terms about habits: intake counted from portions, daylight, and what was recorded of skin and veil."""

from collections.abc import Mapping
from decimal import Decimal
from operator import attrgetter

from adapter.clinical.case import PatientOnDay, Term
from adapter.clinical.quantities import Unit


def calcium_from_portions(case: PatientOnDay) -> Decimal | None:
    """Milligrams a day by the food table in param (ETZ-29); a food without a row counts for nothing."""
    table = case.parameters["calcium_mg_per_portion"]
    portions = case.record.lifestyle.calcium_portions
    return sum((n * table.get(food, 0) for food, n in portions), Decimal(0)) if portions else None


def _calcium(case: PatientOnDay) -> Decimal | None:
    stated = case.record.lifestyle.calcium_mg_per_day
    return stated if stated is not None else calcium_from_portions(case)


def _outdoors(case: PatientOnDay) -> bool | None:
    """Whether the patient is outdoors enough: somebody said so, or the minutes suffice (ETZ-32)."""
    habits = case.record.lifestyle
    if habits.outdoors_sufficient is not None:
        return habits.outdoors_sufficient
    minutes = habits.outdoors_min_per_day
    return None if minutes is None else bool(minutes >= case.parameters["outdoors_min"])


def _habit(name: str, says: str, unit: Unit | None = None) -> Term:
    return Term(attrgetter(f"record.lifestyle.{name}"), lambda c: c.noted(name), says, unit)


HABITS: Mapping[str, Term] = {
    "smoker": _habit("smoker", "smokes now"),
    "alcohol_glasses": _habit("alcohol_glasses_per_day", "glasses of alcohol a day", Unit.GLASSES_PER_DAY),
    "coffee_cups": _habit("coffee_cups_per_day", "cups of coffee a day", Unit.CUPS_PER_DAY),
    "dairy_portions": _habit("dairy_portions_per_day", "portions of dairy a day", Unit.PORTIONS_PER_DAY),
    "dairy_free": _habit("dairy_free", "takes no dairy"),
    "passive_smoke": _habit("passive_smoke", "breathes others' smoke"),
    "calcium_mg": Term(
        _calcium,
        lambda c: c.noted("calcium_mg_per_day", "calcium_portions"),
        "calcium intake, mg a day",
        Unit.MG_PER_DAY,
    ),
    "outdoors_minutes": _habit("outdoors_min_per_day", "minutes outdoors a day", Unit.MIN_PER_DAY),
    "outdoors_sufficient": Term(
        _outdoors, lambda c: c.noted("outdoors_sufficient", "outdoors_min_per_day"), "enough daylight"
    ),
    "skin_dark": _habit("skin_dark", "recorded for this purpose, never inferred"),
    "veil": _habit("veil", "recorded for this purpose, never inferred"),
    "recorded_little_exercise": _habit("little_exercise", "moves little"),
    "recorded_poor_nutrition": _habit("poor_nutrition", "eats poorly"),
}

FALLS: Mapping[str, Term] = {
    "falls": Term(
        lambda c: c.record.falls_last_12m,
        lambda c: c.noted("falls_last_12m"),
        "falls in twelve months",
        Unit.FALLS_PER_YEAR,
    ),
}

TERMS: Mapping[str, Term] = {**HABITS, **FALLS}
