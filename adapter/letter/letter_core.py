"""The middle third of the letter, which the GP reads: request, findings, proposal, who does what."""

from collections.abc import Iterator
from typing import assert_never

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
from adapter.letter import drugs, moments, wording
from adapter.letter.amendment import correction
from adapter.letter.envelope import gp_prescribes
from adapter.letter.layout import (
    AMOUNT_OF,
    ON_A_DRUG,
    RANKS,
    SAID_BY_ACTIVITY,
    SAID_BY_FLAG,
    SAID_BY_STATEMENT,
    Paragraph,
)
from adapter.letter.parts import Block, Line, Part
from adapter.letter.people import People, clean
from adapter.letter.plan_table import activities_of, activity_line, plan, statements
from adapter.letter.text_entries import Texts

GIVEN = (TreatmentDecision.CONTINUE, TreatmentDecision.PROPOSE)  # how to take a drug is told with these
OUTDATED = "outdated"  # the doubt about a class whose study is too old: it may be told as history


def letter_core(decision: Decision, record: BoneRecord, people: People, texts: Texts) -> Part:
    """The core in the order in which a reader needs it; a correction comes before everything else."""
    blocks = (
        correction(people.corrected, texts) if people.corrected else None,
        ask(decision, record, people, texts),
        conclusion(decision, record, texts),
        treatment(decision, record, people, texts),
        plan(decision, record, texts),
        refer_back(decision, texts),
    )
    return Part("kernel", texts.say("part.kernel"), tuple(block for block in blocks if block and block.lines))


def ask(decision: Decision, record: BoneRecord, people: People, texts: Texts) -> Block:
    """Why this letter comes, what its releaser adds, then every action that is asked of the reader."""
    reason = Line("line.reason", _reason(decision, record, texts))
    asked = [
        _request_line(activity, decision, texts)
        for activity in activities_of(decision, Paragraph.ASK)
        if not moments.is_past(activity.code, decision, record)
    ]
    stated = list(statements(decision.handover, "ask", texts))
    nothing = [Line("line.nothing_asked", texts.say("line.nothing_asked"))]
    return Block(
        "ask",
        texts.say("block.ask"),
        (reason, *note(people, texts), *(asked + stated + _missing_checks(decision, texts) or nothing)),
    )


def note(people: People, texts: Texts) -> Iterator[Line]:
    """The line of whoever released the letter, under their own name."""
    if people.note and people.released_by:
        _, name = people.released_by
        yield Line("line.note", texts.say("line.note", name=clean(name), note=clean(people.note)))


def _request_line(activity: Activity, decision: Decision, texts: Texts) -> Line:
    line = activity_line(activity, texts)
    if texts.knows("gp_prescribes", activity.code) and gp_prescribes(decision.handover):
        return Line(line.key, texts.say(f"gp_prescribes.{activity.code}"))
    if activity.code == "dxa_request" and decision.classification.doubts:
        return Line(line.key, _new_dxa(decision, texts))
    goals = {goal.code: goal for goal in decision.goals}
    amounts = [goals[code] for code in AMOUNT_OF.get(activity.code, ()) if code in goals]
    if not amounts:
        return line
    return Line(
        line.key, wording.sentence(texts.pair(line.text.rstrip("."), wording.amount(amounts[0], texts)))
    )


def _new_dxa(decision: Decision, texts: Texts) -> str:
    """Why another one: the last is too old, with its day, or it is incomplete."""
    days = [score.on for score in decision.classification.study]
    if OUTDATED in decision.classification.doubts and days:
        return texts.say("line.new_dxa_since", date=texts.day(max(days)))
    return texts.say("line.new_dxa")


def _missing_checks(decision: Decision, texts: Texts) -> list[Line]:
    """What an option waits for is asked of the reader, who may well know it (C-58)."""
    codes = wording.unique(option.waits_for for option in decision.treatment.options)
    names = texts.series([texts.name("check", code) for code in codes])
    return [Line("line.ask_checks", texts.say("line.ask_checks", checks=names))] if codes else []


def _reason(decision: Decision, record: BoneRecord, texts: Texts) -> str:
    scores = decision.classification.study or record.t_scores
    if scores:
        return texts.say("line.reason_dxa", date=texts.day(max(score.on for score in scores)))
    unusable = [item.on for item in decision.rejected if item.concerns == "t_score"]
    if days := [day for day in unusable if day]:
        return texts.say("line.reason_dxa_unusable_of", date=texts.day(max(days)))
    if unusable:
        return texts.say("line.reason_dxa_unusable")
    return texts.say("line.reason_fracture") if record.fractures.items else texts.say("line.reason_review")


def conclusion(decision: Decision, record: BoneRecord, texts: Texts) -> Block:
    """Class and what decided it, diagnosis as far as software may say it, and what to watch."""
    lines = [_class(decision, texts), _diagnosis(decision, record, texts)]
    lines += [
        Line(said.key, wording.capital(wording.sentence(said.text)))
        for said in statements(decision.handover, "conclusion", texts)
    ]
    lines += [
        Line(
            f"flag.{flag.code}",
            wording.capital(wording.sentence(drugs.flag(flag, record, decision.on, texts))),
        )
        for flag in warnings(decision, record)
    ]
    return Block("conclusion", texts.say("block.conclusion"), tuple(lines))


def _class(decision: Decision, texts: Texts) -> Line:
    found = decision.classification
    named = wording.capital(texts.name("category", found.category))
    lowest = found.deciding or min(found.study, key=lambda score: score.value, default=None)
    if lowest is None:
        said = texts.say("line.class_without_score", category=named)
    else:
        key = "line.class" if found.deciding else "line.class_gate"
        if found.deciding and found.doubts:  # no plain statement about today (C-60, C-62)
            key = "line.class_history" if OUTDATED in found.doubts else "line.class_doubtful"
            named = texts.name("category_doubtful", found.category)
        score, on = wording.t_score(lowest, texts), texts.day(lowest.on)
        said = texts.say(key, category=named, t_score=score, date=on)
    return Line(f"category.{found.category}", said)


def _diagnosis(decision: Decision, record: BoneRecord, texts: Texts) -> Line:
    status = decision.diagnosis.status
    severe = any(flag.code == "severe_established_osteoporosis" for flag in decision.flags)
    routes = texts.series([texts.name("route", route) for route in decision.diagnosis.routes])
    said = texts.say(f"diagnosis.{status}", routes=routes)
    classified = decision.classification
    open_ = classified.category is Category.INDETERMINATE or classified.doubts
    match status:
        case DiagnosisStatus.NONE if open_:
            said = texts.say("line.diagnosis_open")  # unknown never reassures
        case DiagnosisStatus.NONE if drugs.ever_taken(record):
            said = texts.say("line.diagnosis_drug")  # whoever was given such a drug had a reason for it
        case DiagnosisStatus.BLOCKED if found := _in_the_way(decision, record, texts):
            said = f"{said} {texts.say('line.found', conditions=texts.series(found))}"
        case DiagnosisStatus.PROVISIONAL if severe:
            said = f"{said} {texts.say('flag.severe_established_osteoporosis')}"
        case DiagnosisStatus.NONE | DiagnosisStatus.BLOCKED | DiagnosisStatus.PROVISIONAL:
            pass
        case unreachable:
            assert_never(unreachable)
    return Line(f"diagnosis.{status}", said)


def _in_the_way(decision: Decision, record: BoneRecord, texts: Texts) -> list[str]:
    """The conditions on which the diagnosis foundered, where the record holds them as such."""
    evidence = set(filter(None, decision.diagnosis.why.evidence))
    kinds = dict.fromkeys(item.kind for item in record.conditions.items if item.evidence in evidence)
    return [texts.name("condition", kind) for kind in kinds]


def warnings(decision: Decision, record: BoneRecord) -> list[Flag]:
    """Flags to see before anybody acts, gravest first, without those that a line on the drugs tells."""
    said = {
        SAID_BY_ACTIVITY[activity.code]
        for activity in decision.activities
        if activity.code in SAID_BY_ACTIVITY
    }
    said |= {code for gone in decision.treatment.not_offered for code in gone.reason.split(", ")}
    said |= {SAID_BY_STATEMENT[key] for key, _ in decision.handover.statements if key in SAID_BY_STATEMENT}
    said |= drugs.flags_said(record)
    # The class is told as history.
    said |= {"dxa_outdated"} if OUTDATED in decision.classification.doubts else set()
    raised = [flag for flag in decision.flags if flag.code in RANKS and flag.code not in said]
    return sorted(raised, key=lambda flag: RANKS[flag.code])


def treatment(decision: Decision, record: BoneRecord, people: People, texts: Texts) -> Block:
    """The decision, who prescribes, what is taken, the options, what excludes others, what holds for all."""
    choice = decision.treatment
    flagged = {flag.code for flag in decision.flags}
    lines = [Line(f"treatment.{choice.decision}", texts.say(f"treatment.{choice.decision}"))]
    lines += _prescriber(decision.handover, people, texts)
    lines += drugs.taken(decision, record, texts)
    lines += drugs.allergies(record, texts)
    lines += drugs.option_lines(decision, texts)
    lines += drugs.refused_lines(choice.not_offered, record, decision.on, texts)
    lines += [
        activity_line(activity, texts)
        for activity in activities_of(decision, Paragraph.TREATMENT)
        if SAID_BY_FLAG.get(activity.code) not in flagged
        and not moments.is_past(activity.code, decision, record)
        and (activity.code not in ON_A_DRUG or choice.decision in GIVEN)
        and (activity.code != "medication_proposal" or choice.decision is not TreatmentDecision.PROPOSE)
    ]
    return Block("treatment", texts.say("block.treatment"), tuple(lines))


def _prescriber(handover: Handover, people: People, texts: Texts) -> Iterator[Line]:
    """Who prescribes, by role and institution, once: as the pathway has it, or that it does not say."""
    said = dict(handover.statements)
    role = said.get("prescriber")
    if role is None:
        return
    where = clean(said.get("prescriber_institution")) or clean(people.organisation)
    if texts.knows("prescriber", role):
        yield Line("line.prescriber", texts.say(f"prescriber.{role}", at=f", {where}" if where else ""))
    else:
        yield Line("line.prescriber", texts.pair(texts.say("line.prescriber"), clean(role)))


def refer_back(decision: Decision, texts: Texts) -> Block:
    """When the clinic wants to see the patient again."""
    said = tuple(statements(decision.handover, "refer_back", texts))
    return Block("refer_back", texts.say("block.refer_back"), said or _default_return(texts))


def _default_return(texts: Texts) -> tuple[Line, ...]:
    return (Line("line.refer_back", texts.say("line.refer_back")),)
