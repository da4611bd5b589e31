"""Expected against got: one function for each key of ``expect``, over the decision and the drafts.

``compare_proposal`` yields a line per difference, and a ``UnjudgedExpectation`` for each key or part
that is not in the tables below.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from adapter.input.wire_json import ReadOnlyJson
from mappings.outbound.vocabulary import words_or_code
from workers.authoring.cases.expectations import expected_letter, expected_treatment, foreign_record
from workers.authoring.cases.expectations.case_outcome import CaseProposal, Check
from workers.authoring.cases.expectations.differences import (
    CaseDifference,
    compare_numbers,
    compare_values,
    missing_items,
    surplus_items,
    unknown_names,
)

# The goal of the decision that an expectation speaks of, and which of its bounds.
GOALS: Mapping[str, tuple[str, str]] = {
    "alcohol_max_per_day": ("alcohol_max_per_day", "one"),
    "calcium_mg_min": ("calcium_mg_per_day", "low"),
    "calcium_mg_range": ("calcium_mg_per_day", "both"),
    "coffee_max_per_day": ("coffee_max_per_day", "one"),
    "dairy_portions_min": ("dairy_portions_min", "one"),
    "exercise_min_per_day": ("exercise_min_per_day", "one"),
    "outdoors_min_per_day": ("outdoors_min_per_day", "one"),
    "vitamin_d_iu_range": ("vitamin_d_iu_per_day", "both"),
    "vitamin_d_ug": ("vitamin_d_ug", "one"),
}
COMPUTED = ("calcium_mg_per_day",)
# Two names of one thing: the review after five years is the review of an interval.
SCHEDULE = ("code", "due", "trigger", "interval")
REVIEW_5Y = {"code": "treatment_review", "interval": "5y"}


def compare_proposal(
    expect: ReadOnlyJson, seen: CaseProposal, only: frozenset[str]
) -> Iterator[CaseDifference]:
    """All differences in the keys of ``expect``, or in those of them that ``only`` names."""
    wanted = {name: value for name, value in expect.items() if not only or name in only}
    for name, value in wanted.items():
        if name in KEYS:
            yield from KEYS[name](value, seen)
    yield from unknown_names("expect", wanted, KEYS)


def _check_classification(wanted: str, seen: CaseProposal) -> Iterator[CaseDifference]:
    yield from compare_values("classification", wanted, seen.decision.classification.category.value)
    for letter in seen.letters:
        said = [coding["code"] for reason in letter["reasonCode"] for coding in reason["coding"]]
        yield from missing_items("classification in the Communication", [wanted], said)


def _deciding_check(part: str) -> Check:
    """Site or side of the deciding T-score; the plan must name it in words."""

    def check(wanted: str | None, seen: CaseProposal) -> Iterator[CaseDifference]:
        score = seen.decision.classification.deciding
        got = getattr(score, part) if score else None
        yield from compare_values(f"deciding_{part}", wanted, got and got.value)
        if wanted and seen.plan and words_or_code(wanted, seen.language) not in seen.plan["description"]:
            yield f"deciding_{part}: {wanted} is not in the CarePlan"

    return check


def _check_deciding_score(wanted: object, seen: CaseProposal) -> Iterator[CaseDifference]:
    score = seen.decision.classification.deciding
    yield from compare_numbers("deciding_t", wanted, score and score.value)
    if wanted is not None and score and seen.plan and f"T {score.value} " not in seen.plan["description"]:
        yield f"deciding_t: {score.value} is not in the CarePlan"


def _check_diagnosis(wanted: ReadOnlyJson, seen: CaseProposal) -> Iterator[CaseDifference]:
    got = seen.decision.diagnosis
    if "status" in wanted:
        status = wanted["status"]
        yield from compare_values("diagnosis.status", status, got.status.value)
        if seen.plan and words_or_code(f"diagnosis_{status}", seen.language) not in seen.plan["description"]:
            yield f"diagnosis.status: {status} is not in the CarePlan"
    if "routes" in wanted:
        yield from compare_values("diagnosis.routes", sorted(wanted["routes"]), sorted(got.routes))
    yield from unknown_names("expect.diagnosis", wanted, ("status", "routes"))


def _check_goals(wanted: ReadOnlyJson, seen: CaseProposal) -> Iterator[CaseDifference]:
    decided = {goal.code: (goal.low, goal.high) for goal in seen.decision.goals}
    for name, value in wanted.items():
        if name in GOALS:
            code, bound = GOALS[name]
            yield from compare_numbers(f"goals.{name}", value, _bound(decided.get(code), bound))
            if seen.plan:
                yield from compare_numbers(
                    f"goals.{name} in the CarePlan", value, _bound(seen.goals.get(code), bound)
                )
    yield from unknown_names("expect.goals", wanted, GOALS)


def _bound(
    bounds: tuple[Decimal | None, Decimal | None] | None, which: str
) -> list[Decimal | None] | Decimal | None:
    if bounds is None:
        return None
    low, high = bounds
    match which:
        case "both":
            return [low, high]
        case "low":
            return low
        case _:
            return high if low is None else low


def _check_computed(wanted: ReadOnlyJson, seen: CaseProposal) -> Iterator[CaseDifference]:
    got = dict(seen.decision.computed)
    for name, value in wanted.items():
        if name in COMPUTED:
            yield from compare_numbers(f"computed.{name}", value, got.get(name))
    yield from unknown_names("expect.computed", wanted, COMPUTED)


def _check_activities(wanted: Sequence[str], seen: CaseProposal) -> Iterator[CaseDifference]:
    yield from missing_items("activities", wanted, [activity.code for activity in seen.decision.activities])
    if seen.plan:
        yield from missing_items("activities in the CarePlan", wanted, seen.details)


def _check_activities_absent(unwanted: Sequence[str], seen: CaseProposal) -> Iterator[CaseDifference]:
    yield from surplus_items(
        "activities_absent", unwanted, [activity.code for activity in seen.decision.activities]
    )
    yield from surplus_items("activities_absent in the CarePlan", unwanted, seen.details)


def _check_flags(wanted: Sequence[str], seen: CaseProposal) -> Iterator[CaseDifference]:
    names = {name for flag in seen.decision.flags for name in (flag.code, flag.name)}
    yield from missing_items("flags", wanted, names)
    if seen.plan:
        yield from missing_items(
            "flags in the CarePlan", wanted, [name for name in wanted if name in seen.notes]
        )


def _check_flags_absent(unwanted: Sequence[str], seen: CaseProposal) -> Iterator[CaseDifference]:
    names = {name for flag in seen.decision.flags for name in (flag.code, flag.name)}
    yield from surplus_items("flags_absent", unwanted, names)


def _check_follow_ups(wanted: Sequence[str | ReadOnlyJson], seen: CaseProposal) -> Iterator[CaseDifference]:
    for expected in wanted:
        asked = {"code": expected} if isinstance(expected, str) else dict(expected)
        if asked["code"] == "treatment_review_5y":
            asked = REVIEW_5Y | asked | {"code": REVIEW_5Y["code"]}
        yield from _check_follow_up({name: value for name, value in asked.items() if name in SCHEDULE}, seen)
        yield from unknown_names("expect.follow_ups[]", asked, SCHEDULE)


def _check_follow_up(asked: ReadOnlyJson, seen: CaseProposal) -> Iterator[CaseDifference]:
    planned = [
        {
            "code": follow_up.code,
            "due": follow_up.due and follow_up.due.isoformat(),
            "trigger": follow_up.trigger,
            "interval": follow_up.interval,
        }
        for follow_up in seen.decision.follow_ups
        if follow_up.code == asked["code"]
    ]
    if not any(asked.items() <= plan.items() for plan in planned):
        yield f"follow_ups: wanted {_follow_up_text(asked)}, got {'; '.join(map(_follow_up_text, planned)) or 'none'}"
    elif seen.plan:
        yield from _check_plan_dates(asked, seen)


def _check_plan_dates(asked: ReadOnlyJson, seen: CaseProposal) -> Iterator[CaseDifference]:
    held = seen.details.get(asked["code"], ())
    due, interval = asked.get("due"), asked.get("interval")
    dated = [detail for detail in held if not due or detail.get("scheduledPeriod", {}).get("start") == due]
    if not any(not interval or interval in detail["description"] for detail in dated):
        yield f"follow_ups: {_follow_up_text(asked)} is not in the CarePlan"


def _follow_up_text(follow_up: ReadOnlyJson) -> str:
    return " ".join(f"{name} {value}" if name != "code" else str(value) for name, value in follow_up.items())


KEYS: Mapping[str, Check] = {
    "classification": _check_classification,
    "deciding_site": _deciding_check("site"),
    "deciding_side": _deciding_check("side"),
    "deciding_t": _check_deciding_score,
    "diagnosis": _check_diagnosis,
    "treatment": expected_treatment.check_treatment,
    "goals": _check_goals,
    "computed": _check_computed,
    "activities": _check_activities,
    "activities_absent": _check_activities_absent,
    "flags": _check_flags,
    "flags_absent": _check_flags_absent,
    "follow_ups": _check_follow_ups,
    "communication": expected_letter.check_letter,
    **foreign_record.KEYS,
}
