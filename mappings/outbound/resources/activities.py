"""What the plan asks, in ``activity.detail``: simple viewers show it, and nobody takes it for an order."""

from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from adapter.clinical.decision import Activity, Decision, FollowUp, Option
from adapter.input.wire_json import Json
from mappings.outbound.content import Fragment
from mappings.outbound.designations import Wording
from mappings.outbound.ids import canonical, rule_uri
from mappings.outbound.labels import label
from mappings.outbound.resources.citations import shown
from mappings.outbound.resources.goals import goal_id
from mappings.outbound.vocabulary import kind

KEPT = 2048  # steps: several times what one pathway can say
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


class StepDetail(NamedTuple):
    """What an ``activity.detail`` is made of; equal for all to whom the same rules say the same."""

    code: str
    rules: tuple[str, ...]
    said: str
    goals: tuple[str, ...] = ()  # ids inside the plan
    due: str = ""
    moment: str = ""  # where no day is known


class PlanSteps(NamedTuple):
    """All that a plan asks for, in words, by what it is."""

    activities: tuple[StepDetail, ...]
    options: tuple[StepDetail, ...]
    follow_ups: tuple[StepDetail, ...]


def plan_steps(decision: Decision, wording: Wording) -> PlanSteps:
    """What the decision asks for; the plan holds it as activities and tells it in its narrative."""
    return PlanSteps(
        # A drug is discussed, not requested: the options carry it, and none of them claims a request type.
        tuple(
            [
                StepDetail(
                    activity.code,
                    activity.why.rules,
                    activity_sentence(activity, wording),
                    _goals(activity, decision),
                )
                for activity in decision.activities
            ]
        ),
        tuple(
            [
                StepDetail(option.code, option.why.rules, option_sentence(option, wording))
                for option in decision.treatment.options
            ]
        ),
        tuple([_contact(follow_up, wording) for follow_up in decision.follow_ups]),
    )


def activities(steps: PlanSteps, decision: Decision, wording: Wording) -> list[Json]:
    """Activities, then drug options, then follow-ups, each with its rules and its pathway version."""
    by = canonical(decision.pathway.id, decision.pathway.version)
    return [_activity(it, by, wording) for of_kind in steps for it in of_kind]


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


def _contact(follow_up: FollowUp, wording: Wording) -> StepDetail:
    due = follow_up.due.isoformat() if follow_up.due else ""
    moment = "" if due else _condition(follow_up, wording) or label("to_be_set", wording.language)
    said = follow_up_sentence(follow_up, wording)
    return StepDetail(follow_up.code, follow_up.why.rules, said, due=due, moment=moment)


@lru_cache(KEPT)
def _activity(step: StepDetail, by: str, wording: Wording) -> Json:
    request = kind(step.code)
    detail = {
        **({"kind": request} if request else {}),
        "instantiatesCanonical": [by],
        "instantiatesUri": [rule_uri(rule) for rule in step.rules],
        "code": wording.concept(step.code),
        "status": "not-started",
        **({"scheduledPeriod": {"start": step.due}} if step.due else {}),
        **({"scheduledString": step.moment} if step.moment else {}),
        "description": step.said,
        **({"goal": [{"reference": f"#{goal}"} for goal in step.goals]} if step.goals else {}),
    }
    return Fragment({"detail": detail})


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
