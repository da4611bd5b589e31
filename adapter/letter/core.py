"""Second third of the letter, the one that is read: what is asked, what was found, what is proposed, who does what."""

from collections.abc import Iterator, Sequence

from adapter.clinical.decision import (
    Activity,
    Category,
    Decision,
    DiagnosisStatus,
    Flag,
    Handover,
    TreatmentDecision,
)
from adapter.clinical.model import BoneRecord
from adapter.clinical.terms.medicines import BONE_DRUGS
from adapter.letter import wording
from adapter.letter.amendment import correction
from adapter.letter.layout import (
    ACTIVITIES,
    AMOUNT_OF,
    FOLLOW_UPS,
    OTHER_ACTIVITY,
    STATEMENTS,
    WARNINGS,
    Owner,
    Paragraph,
    sensitive,
)
from adapter.letter.parts import Block, Line, Part, Style
from adapter.letter.people import People
from adapter.letter.text_entries import Texts


def core(decision: Decision, record: BoneRecord, people: People, texts: Texts) -> Part:
    """The core in the order in which a reader needs it; a correction comes before everything else."""
    blocks = (
        correction(people.corrected, texts) if people.corrected else None,
        ask(decision, record, texts),
        conclusion(decision, record, texts),
        treatment(decision, record, texts),
        plan(decision, texts),
        refer_back(decision, texts),
    )
    return Part("kernel", texts.say("part.kernel"), tuple(block for block in blocks if block and block.lines))


def ask(decision: Decision, record: BoneRecord, texts: Texts) -> Block:
    """Why this letter comes, then every action that is asked of the reader."""
    reason = Line("line.reason", _reason(decision, record, texts))
    asked = [_asked(activity, decision, texts) for activity in placed(decision, Paragraph.ASK)]
    stated = list(statements(decision.handover, "ask", texts))
    nothing = [Line("line.nothing_asked", texts.say("line.nothing_asked"))]
    return Block(
        "ask",
        texts.say("block.ask"),
        (reason, *(asked + stated + _missing_checks(decision, texts) or nothing)),
    )


def _asked(activity: Activity, decision: Decision, texts: Texts) -> Line:
    line = _activity_line(activity, texts)
    goals = {goal.code: goal for goal in decision.goals}
    amounts = [goals[code] for code in AMOUNT_OF.get(activity.code, ()) if code in goals]
    if not amounts:
        return line
    return Line(
        line.key, wording.sentence(texts.pair(line.text.rstrip("."), wording.amount(amounts[0], texts)))
    )


def _missing_checks(decision: Decision, texts: Texts) -> list[Line]:
    """What an option waits for is asked of the reader, who may well know it (C-58)."""
    codes = wording.unique(option.waits_for for option in decision.treatment.options)
    names = texts.series([texts.name("check", code) for code in codes])
    return [Line("line.ask_checks", texts.say("line.ask_checks", checks=names))] if codes else []


def _reason(decision: Decision, record: BoneRecord, texts: Texts) -> str:
    scores = decision.classification.study or record.t_scores
    if scores:
        return texts.say("line.reason_dxa", date=texts.day(max(score.on for score in scores)))
    if any(item.concerns == "t_score" for item in decision.rejected):
        return texts.say("line.reason_dxa_unusable")
    return texts.say("line.reason_fracture") if record.fractures.items else texts.say("line.reason_review")


def conclusion(decision: Decision, record: BoneRecord, texts: Texts) -> Block:
    """Class and what decided it, diagnosis as far as software may say it, and what to watch."""
    lines = [_class(decision, texts), _diagnosis(decision, record, texts)]
    lines += statements(decision.handover, "conclusion", texts)
    lines += [
        Line(f"flag.{flag.code}", wording.sentence(wording.flag(flag, texts))) for flag in warnings(decision)
    ]
    return Block("conclusion", texts.say("block.conclusion"), tuple(lines))


def _class(decision: Decision, texts: Texts) -> Line:
    found = decision.classification
    named = wording.capital(texts.name("category", found.category.value))
    lowest = found.deciding or min(found.study, key=lambda score: score.value, default=None)
    if lowest is None:
        said = texts.say("line.class_without_score", category=named)
    else:
        key = "line.class" if found.deciding else "line.class_gate"
        score, on = wording.t_score(lowest, texts), texts.day(lowest.on)
        said = texts.say(key, category=named, t_score=score, date=on)
    return Line(f"category.{found.category.value}", said)


def _diagnosis(decision: Decision, record: BoneRecord, texts: Texts) -> Line:
    status = decision.diagnosis.status
    severe = any(flag.code == "severe_established_osteoporosis" for flag in decision.flags)
    routes = texts.series([texts.name("route", route.value) for route in decision.diagnosis.routes])
    said = texts.say(f"diagnosis.{status.value}", routes=routes)
    if status is DiagnosisStatus.NONE and decision.classification.category is Category.INDETERMINATE:
        said = texts.say("line.diagnosis_open")  # unknown never reassures
    if status is DiagnosisStatus.BLOCKED and (found := _in_the_way(decision, record, texts)):
        said = f"{said} {texts.say('line.found', conditions=texts.series(found))}"
    if severe and status is DiagnosisStatus.PROVISIONAL:
        said = f"{said} {texts.say('flag.severe_established_osteoporosis')}"
    return Line(f"diagnosis.{status.value}", said)


def _in_the_way(decision: Decision, record: BoneRecord, texts: Texts) -> list[str]:
    """The conditions on which the diagnosis foundered, where the record holds them as such."""
    evidence = set(filter(None, decision.diagnosis.why.evidence))
    kinds = dict.fromkeys(it.kind for it in record.conditions.items if it.evidence in evidence)
    return [texts.name("condition", kind.value) for kind in kinds]


def warnings(decision: Decision) -> list[Flag]:
    """The flags that need an eye before anybody acts, gravest first."""
    raised = [flag for flag in decision.flags if flag.code in WARNINGS]
    return sorted(raised, key=lambda flag: WARNINGS.index(flag.code))


def treatment(decision: Decision, record: BoneRecord, texts: Texts) -> Block:
    """The one decision, its options with what must be known first, and what holds for any of them."""
    choice = decision.treatment
    lines = [Line(f"treatment.{choice.decision.value}", texts.say(f"treatment.{choice.decision.value}"))]
    lines += _in_use(record, texts)
    lines += [Line(f"option.{option.code}", wording.option(option, texts)) for option in choice.options]
    lines += [
        Line(f"not_offered.{gone.code}", wording.not_offered(gone, texts)) for gone in choice.not_offered
    ]
    lines += [
        _activity_line(activity, texts)
        for activity in placed(decision, Paragraph.TREATMENT)
        if activity.code != "medication_proposal" or choice.decision is not TreatmentDecision.PROPOSE
    ]
    return Block("treatment", texts.say("block.treatment"), tuple(lines))


def _in_use(record: BoneRecord, texts: Texts) -> list[Line]:
    """The bone drugs that the patient takes by name, because every advice on them is about these."""
    taken = [
        (it, kinds)
        for it in record.medicines.items
        if it.active and (kinds := sorted(it.kinds & set(BONE_DRUGS)))
    ]
    named = dict.fromkeys(wording.in_use(it, kinds, texts) for it, kinds in taken)
    return [Line("line.in_use", texts.say("line.in_use", drugs=texts.series(list(named))))] if named else []


def plan(decision: Decision, texts: Texts) -> Block:
    """Who else does what, and the later contacts, as a table."""
    rows = [_plan_row(activity, texts) for activity in placed(decision, Paragraph.PLAN)]
    for later in decision.follow_ups:
        owner = FOLLOW_UPS.get(later.code, Owner.CLINICIAN)
        what = texts.name("follow_up", later.code) + wording.details(later.details, texts)
        rows.append(_row(f"follow_up.{later.code}", what, owner, wording.when(later, texts), texts))
    columns = tuple(texts.say(f"column.{name}") for name in ("what", "who", "when"))
    return Block("plan", texts.say("block.plan"), tuple(_together(rows, texts)), Style.TABLE, columns)


def _together(rows: Sequence[Line], texts: Texts) -> Iterator[Line]:
    """The same step by the same hands at several moments is one row with all of them."""
    moments: dict[tuple[str, str, str], list[str]] = {}
    for row in rows:
        what, who, moment = row.cells
        moments.setdefault((row.key, what, who), []).append(moment)
    for (key, what, who), at in moments.items():
        when = texts.series(list(dict.fromkeys(at)))
        yield Line(key, f"{texts.pair(what, when)} ({who}).", (what, who, when))


def _plan_row(activity: Activity, texts: Texts) -> Line:
    _, owner, moment = ACTIVITIES.get(activity.code, OTHER_ACTIVITY)
    what = _activity(activity, texts).rstrip(".")
    return _row(
        f"activity.{activity.code}", what, _owner(activity, owner), texts.say(f"when.{moment}"), texts
    )


def _row(key: str, what: str, owner: Owner, moment: str, texts: Texts) -> Line:
    return Line(key, "", (wording.capital(what), texts.say(f"owner.{owner.value}"), moment))


def _owner(activity: Activity, usual: Owner) -> Owner:
    """A pathway may say who acts; a name that is no owner of ours changes nothing."""
    said = dict(activity.details).get("owner", usual.value)
    return Owner(said) if said in set(Owner) else usual


def refer_back(decision: Decision, texts: Texts) -> Block:
    """When the clinic wants to see the patient again."""
    said = tuple(statements(decision.handover, "refer_back", texts))
    return Block("refer_back", texts.say("block.refer_back"), said or _default_return(texts))


def _default_return(texts: Texts) -> tuple[Line, ...]:
    return (Line("line.refer_back", texts.say("line.refer_back")),)


def statements(handover: Handover, block: str, texts: Texts) -> Iterator[Line]:
    """The pathway's own statements for one paragraph."""
    for key, detail in handover.statements:
        if STATEMENTS.get(key, "remarks") == block and not sensitive(f"{key}_{detail}"):
            yield Line(f"statement.{key}", texts.name("statement", key, detail=wording.value(detail, texts)))


def placed(decision: Decision, place: Paragraph) -> list[Activity]:
    """The activities of one paragraph in the order of the table, an institution's own ones last."""
    order = list(ACTIVITIES)
    told = [activity for activity in decision.activities if not sensitive(activity.code)]
    here = [a for a in told if ACTIVITIES.get(a.code, OTHER_ACTIVITY)[0] is place]
    return sorted(here, key=lambda a: order.index(a.code) if a.code in ACTIVITIES else len(order))


def _activity_line(activity: Activity, texts: Texts) -> Line:
    return Line(f"activity.{activity.code}", _activity(activity, texts))


def _activity(activity: Activity, texts: Texts) -> str:
    said = texts.name("activity", activity.code)
    more = wording.details(activity.details, texts)
    return f"{said.rstrip('.')}{more}." if more else said
