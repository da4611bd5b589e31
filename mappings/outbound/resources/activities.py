"""What the plan asks for, in ``activity.detail``: simple viewers show it, and nothing in it can be mistaken for an order."""

from collections.abc import Iterator
from types import MappingProxyType

from adapter.clinical.decision import Activity, Decision, FollowUp, Option, Why
from adapter.wire_json import Json
from mappings.outbound.designations import Wording
from mappings.outbound.ids import canonical, rule_uri
from mappings.outbound.labels import label
from mappings.outbound.resources.citations import shown
from mappings.outbound.resources.goals import goal_id
from mappings.outbound.vocabulary import kind

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


def activities(decision: Decision, wording: Wording) -> list[Json]:
    """Activities, then drug options, then follow-ups, each with its rules and its pathway version."""
    return [{"detail": detail} for detail in _details(decision, wording)]


def option_sentence(option: Option, wording: Wording) -> str:
    """``Option for the clinician: Oral bisphosphonate (Alendronate) - only after checking: renal function``."""
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


def _details(decision: Decision, wording: Wording) -> Iterator[Json]:
    for activity in decision.activities:
        # A drug is discussed, not requested: the options below carry it, and none of them claims a request type.
        told = {"description": activity_sentence(activity, wording), **_goals(activity, decision)}
        yield _detail(decision, activity.code, activity.why, wording) | told
    for option in decision.treatment.options:
        told = {"description": option_sentence(option, wording)}
        yield _detail(decision, option.code, option.why, wording) | told
    for follow_up in decision.follow_ups:
        told = {**_schedule(follow_up, wording), "description": follow_up_sentence(follow_up, wording)}
        yield _detail(decision, follow_up.code, follow_up.why, wording) | told


def _detail(decision: Decision, code: str, why: Why, wording: Wording) -> Json:
    request = kind(code)
    return {
        **({"kind": request} if request else {}),
        "instantiatesCanonical": [canonical(decision.pathway.id, decision.pathway.version)],
        "instantiatesUri": [rule_uri(rule) for rule in why.rules],
        "code": wording.concept(code),
        "status": "not-started",
    }


def _goals(activity: Activity, decision: Decision) -> Json:
    served = GOALS_OF.get(activity.code, ())
    names = [goal_id(goal, index) for index, goal in enumerate(decision.goals) if goal.code in served]
    return {"goal": [{"reference": f"#{index}"} for index in names]} if names else {}


def _schedule(follow_up: FollowUp, wording: Wording) -> Json:
    if follow_up.due:
        return {"scheduledPeriod": {"start": follow_up.due.isoformat()}}
    return {"scheduledString": _condition(follow_up, wording) or label("to_be_set", wording.language)}


def _condition(follow_up: FollowUp, wording: Wording) -> str:
    language = wording.language
    after = f"{label('after', language)} {wording.loosely(follow_up.trigger)}" if follow_up.trigger else ""
    every = f"{label('interval', language)} {follow_up.interval}" if follow_up.interval else ""
    return ", ".join(filter(None, (after, every)))
