"""The table of steps: what is done, by whom and when, and in which paragraph each activity stands."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from adapter.clinical.decision import Activity, Decision, Handover
from adapter.clinical.model import BoneRecord
from adapter.letter import moments, wording
from adapter.letter.checks import FACT_OF
from adapter.letter.layout import (
    ACTIVITIES,
    FOLLOW_UPS,
    OTHER_ACTIVITY,
    OWN_CLINIC,
    SOUGHT_BY,
    STATEMENTS,
    Paragraph,
    PlanRow,
    RowOwner,
    sensitive,
)
from adapter.letter.parts import Block, BlockStyle, Line
from adapter.letter.text_entries import Texts

KEPT = 512  # paragraphs of what the pathways state
LABS = "lab_request_before_treatment"
ORDER = {code: at for at, code in enumerate(ACTIVITIES)}
OWNERS = frozenset(RowOwner)


def plan(decision: Decision, record: BoneRecord, texts: Texts) -> Block:
    """Who else does what, and the later contacts, as a table."""
    listed = (
        {"risk_factor_inventory"} if any(flag.code.startswith("rf_") for flag in decision.flags) else set()
    )
    here = [it for it in activities_of(decision, Paragraph.PLAN) if it.code not in listed]
    rows = [_plan_row(activity, decision, record, texts) for activity in here]
    asked = {activity.code for activity in decision.activities}
    for later in moments.planned(decision, record):
        code = later[0].code
        if code in asked:
            continue
        owner = FOLLOW_UPS.get(code, RowOwner.CLINICIAN)
        details = later[0].details if len(later) == 1 else ()
        what = texts.name("follow_up", code) + wording.details(details, texts)
        rows.append(_row(f"follow_up.{code}", what, owner, moments.when(later, decision, texts), texts))
    columns = tuple(texts.say(f"column.{name}") for name in ("what", "who", "when"))
    return Block("plan", texts.say("block.plan"), tuple(_together(rows, texts)), BlockStyle.TABLE, columns)


def _together(rows: Sequence[Line], texts: Texts) -> Iterator[Line]:
    """The same step by the same hands at several moments is one row with all of them."""
    moments: dict[tuple[str, str, str], list[str]] = {}
    for row in rows:
        what, who, moment = row.cells
        moments.setdefault((row.key, what, who), []).append(moment)
    for (key, what, who), at in moments.items():
        when = texts.series(list(dict.fromkeys(at)))
        yield Line(key, f"{texts.pair(what, when)} ({who}).", (what, who, when))


def _plan_row(activity: Activity, decision: Decision, record: BoneRecord, texts: Texts) -> Line:
    _, owner, moment = step_of(activity.code, decision)
    what = _labs(activity, decision, record, texts) or _activity(
        activity, texts, own=activity.code in OWN_CLINIC
    )
    when = moments.moment(moment, decision, record, texts)
    return _row(f"activity.{activity.code}", what.rstrip("."), _owner(activity, owner), when, texts)


def _labs(activity: Activity, decision: Decision, record: BoneRecord, texts: Texts) -> str:
    """Of the values to be measured only those that are not known."""
    if activity.code != LABS:
        return ""
    doubted = {check for option in decision.treatment.options for check in option.waits_for}
    doubted |= {
        *decision.unknown,
        *(flag.detail or "" for flag in decision.flags if flag.code == "lab_outdated"),
    }
    # One that could not be read is perhaps newer than the one that is known.
    unread = {refusal.about for refusal in decision.rejected if refusal.concerns == "lab"}
    doubted |= {fact for analyte, fact in FACT_OF.items() if analyte in unread}
    known = {FACT_OF.get(lab.analyte) for lab in record.labs} - doubted
    missing = [fact for fact in SOUGHT_BY[LABS] if fact not in known]
    checks = texts.series([texts.name("check", fact) for fact in missing])
    return texts.say("line.labs", checks=checks) if missing else ""


def _row(key: str, what: str, owner: RowOwner, moment: str, texts: Texts) -> Line:
    return Line(key, "", (wording.capital(what), texts.say(f"owner.{owner}"), moment))


def _owner(activity: Activity, usual: RowOwner) -> RowOwner:
    """A pathway may say who acts; a name that is no owner of ours changes nothing."""
    said = dict(activity.details).get("owner", usual.value)
    return RowOwner(said) if said in OWNERS else usual


def statements(handover: Handover, block: str, texts: Texts) -> Iterator[Line]:
    """The pathway's own statements for one paragraph."""
    for key, detail in _stated(handover.statements, block):
        yield Line(f"statement.{key}", texts.name("statement", key, detail=wording.value(detail, texts)))


@lru_cache(KEPT)
def _stated(statements: tuple[tuple[str, str], ...], block: str) -> list[tuple[str, str]]:
    return [
        (key, detail)
        for key, detail in statements
        if STATEMENTS.get(key, "remarks") == block and not sensitive(f"{key}_{detail}")
    ]


def activities_of(decision: Decision, paragraph: Paragraph) -> list[Activity]:
    """The activities of one paragraph in the order of the table, an institution's own ones last."""
    here = [
        activity
        for activity in decision.activities
        if step_of(activity.code, decision)[0] is paragraph and not sensitive(activity.code)
    ]
    return sorted(here, key=lambda it: ORDER.get(it.code, len(ORDER)))


def step_of(code: str, decision: Decision) -> PlanRow:
    """Paragraph, owner and moment of an activity; a clinic's letter asks no GP to refer to that clinic."""
    if code in OWN_CLINIC and decision.handover.recipient == "general_practitioner":
        return Paragraph.PLAN, RowOwner.CLINIC, "soon"
    return ACTIVITIES.get(code, OTHER_ACTIVITY)


def activity_line(activity: Activity, texts: Texts) -> Line:
    return Line(f"activity.{activity.code}", _activity(activity, texts))


def _activity(activity: Activity, texts: Texts, *, own: bool = False) -> str:
    said = texts.name("clinic_activity" if own else "activity", activity.code)
    more = wording.details(activity.details, texts)
    return f"{said.rstrip('.')}{more}." if more else said
