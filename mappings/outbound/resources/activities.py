"""What the plan asks, in ``activity.detail``: simple viewers show it, and nobody takes it for an order."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from adapter.clinical.decision import Activity, Decision, FollowUp, Option, Why
from adapter.input.wire_json import Json
from mappings.outbound.content import Fragment
from mappings.outbound.designations import Wording
from mappings.outbound.ids import canonical, rule_uri
from mappings.outbound.labels import label
from mappings.outbound.resources.citations import cited, shown
from mappings.outbound.resources.goals import goal_id
from mappings.outbound.vocabulary import kind

KEPT = 2048  # steps: several times what one pathway can say
Details = tuple[tuple[str, str], ...]
_VITAMIN_D = ("vitamin_d_iu_per_day", "vitamin_d_ug")
GOALS_OF = MappingProxyType(  # activity -> the goals that it serves, when the decision has them
    {
        "alcohol_advice": ("alcohol_max_per_day",),
        "calcium_supplement_review": ("calcium_mg_per_day",),
        "coffee_advice": ("coffee_max_per_day",),
        "exercise_weight_bearing": ("exercise_min_per_day",),
        "vitamin_d_review": _VITAMIN_D,
        "vitamin_d_supplement": _VITAMIN_D,
    }
)


class StepOrigin(NamedTuple):
    """By which rules of which pathway something is asked for, and how it is put into words."""

    rules: tuple[str, ...]
    pathway: str  # its canonical
    wording: Wording


class PlanStep(NamedTuple):
    """One thing that the plan asks for; the same for all to whom the same rules say the same."""

    said: str  # in words, with its rules
    activity: Json  # as it stands in the plan


class PlanSteps(NamedTuple):
    """All that a plan asks for, by what it is."""

    activities: Sequence[PlanStep]
    options: Sequence[PlanStep]
    follow_ups: Sequence[PlanStep]


def plan_steps(decision: Decision, wording: Wording) -> PlanSteps:
    """Activities, then drug options, then follow-ups; the plan holds them, and its narrative tells them."""
    pathway = canonical(decision.pathway.id, decision.pathway.version)

    def by(output: Activity | Option | FollowUp) -> StepOrigin:
        return StepOrigin(output.why.rules, pathway, wording)

    return PlanSteps(
        [
            _activity(it.code, it.clinical, it.details, _goals(it, decision), by(it))
            for it in decision.activities
        ],
        # A drug is discussed, not requested: the options carry it, and none of them claims a request type.
        [_option(it.code, it.drugs, it.waits_for, by(it)) for it in decision.treatment.options],
        [
            _follow_up(it.code, it.due, it.trigger, it.interval, it.details, by(it))
            for it in decision.follow_ups
        ],
    )


def option_sentence(option: Option, wording: Wording) -> str:
    """`Option for the clinician: Oral bisphosphonate (Alendronate) - only after checking: renal function`."""
    language = wording.language
    drugs = ", ".join(wording.loosely(drug) for drug in option.drugs if drug != option.code)
    checks = ", ".join(wording.loosely(check) for check in option.waits_for)
    named = f"{label('option', language)}: {wording.words(option.code)}{f' ({drugs})' if drugs else ''}"
    return f"{named} - {label('after_checking', language)}: {checks}" if checks else named


def activity_sentence(activity: Activity, wording: Wording) -> str:
    """The activity with its details; clinical ones say who confirms."""
    said = f"{wording.words(activity.code)}{shown(activity.details)}"
    return f"{said} - {label('confirm', wording.language)}" if activity.clinical else said


def follow_up_sentence(follow_up: FollowUp, wording: Wording) -> str:
    """The contact and everything known about its moment."""
    due = follow_up.due.isoformat() if follow_up.due else ""
    moment = ", ".join(filter(None, (due, _condition(follow_up, wording))))
    when = moment or label("to_be_set", wording.language)
    return f"{wording.words(follow_up.code)}{shown(follow_up.details)}: {when}"


@lru_cache(KEPT)
def _activity(
    code: str, clinical: bool, details: Details, goals: tuple[str, ...], by: StepOrigin
) -> PlanStep:
    said = activity_sentence(Activity(code, Why(by.rules), clinical, details), by.wording)
    return _step(code, said, by, goals=goals)


@lru_cache(KEPT)
def _option(code: str, drugs: tuple[str, ...], checks: tuple[str, ...], by: StepOrigin) -> PlanStep:
    return _step(code, option_sentence(Option(code, drugs, Why(by.rules), checks), by.wording), by)


@lru_cache(KEPT)
def _follow_up(
    code: str, due: date | None, trigger: str | None, interval: str | None, details: Details, by: StepOrigin
) -> PlanStep:
    later = FollowUp(code, Why(by.rules), due, trigger, interval, details)
    moment = _condition(later, by.wording) or label("to_be_set", by.wording.language)
    at = {"scheduledPeriod": {"start": due.isoformat()}} if due else {"scheduledString": moment}
    return _step(code, follow_up_sentence(later, by.wording), by, at)


def _step(
    code: str, said: str, by: StepOrigin, at: Json | None = None, goals: tuple[str, ...] = ()
) -> PlanStep:
    request = kind(code)
    detail = {
        **({"kind": request} if request else {}),
        "instantiatesCanonical": [by.pathway],
        "instantiatesUri": [rule_uri(rule) for rule in by.rules],
        "code": by.wording.concept(code),
        "status": "not-started",
        **(at or {}),
        "description": said,
        **({"goal": [{"reference": f"#{goal}"} for goal in goals]} if goals else {}),
    }
    return PlanStep(f"{said} {cited(by.rules, by.wording.language)}", Fragment({"detail": detail}))


def _goals(activity: Activity, decision: Decision) -> tuple[str, ...]:
    served = GOALS_OF.get(activity.code)
    if not served:
        return ()
    return tuple(goal_id(goal, index) for index, goal in enumerate(decision.goals) if goal.code in served)


def _condition(follow_up: FollowUp, wording: Wording) -> str:
    language = wording.language
    after = f"{label('after', language)} {wording.loosely(follow_up.trigger)}" if follow_up.trigger else ""
    every = f"{label('interval', language)} {follow_up.interval}" if follow_up.interval else ""
    return ", ".join(filter(None, (after, every)))
