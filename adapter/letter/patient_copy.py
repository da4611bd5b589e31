"""The patient's own letter: short sentences, everyday words, and only what the patient can use.

A code without a sentence for patients is left out on purpose: most outputs are talk between professionals,
and a suspicion is told by a person, not by a letter.
"""

from datetime import date

from adapter.clinical.decision import Category, Decision, FollowUp
from adapter.clinical.model import BoneRecord, Sex
from adapter.letter import moments, wording
from adapter.letter.envelope import contacts
from adapter.letter.layout import Paragraph
from adapter.letter.parts import Block, BlockStyle, Line, Part
from adapter.letter.people import People, clean
from adapter.letter.plan_table import activities_of
from adapter.letter.text_entries import Texts


def patient_part(decision: Decision, record: BoneRecord, people: People, texts: Texts) -> Part:
    """Greeting, result, what is proposed, what the patient can do, appointments, whom to call."""
    if people.retraction:
        blocks: tuple[Block, ...] = (_greeting(record, people, texts), _withdrawn(texts))
    else:
        blocks = (
            _greeting(record, people, texts),
            *((_corrected(texts),) if people.corrected else ()),
            _result(decision, texts),
            _proposal(decision, texts),
            _own_part(decision, texts),
            _appointments(decision, record, texts),
            _warning(texts),
        )
    kept = tuple(block for block in (*blocks, contacts(decision, people, texts)) if block.lines)
    return Part("patient", "", kept)


def _greeting(record: BoneRecord, people: People, texts: Texts) -> Block:
    sex = people.sex or record.sex
    named = {Sex.FEMALE: "patient.dear_woman", Sex.MALE: "patient.dear_man", None: "patient.dear"}[sex]
    name = clean(people.patient_name)
    dear = texts.say(named, name=name) if name else texts.say("patient.dear_unnamed")
    return Block(
        "greeting",
        "",
        (_line("greeting", dear), _line("about", texts.say("patient.about"))),
        BlockStyle.PLAIN,
    )


def _withdrawn(texts: Texts) -> Block:
    return Block(
        "withdrawn", texts.say("patient.withdrawn_title"), (_text_line("withdrawn", texts),), BlockStyle.PLAIN
    )


def _corrected(texts: Texts) -> Block:
    return Block(
        "corrected", texts.say("patient.corrected_title"), (_text_line("corrected", texts),), BlockStyle.PLAIN
    )


def _result(decision: Decision, texts: Texts) -> Block:
    found = decision.classification
    told = Category.INDETERMINATE if found.category is Category.NORMAL and found.doubts else found.category
    lines = [_line(f"category.{told}", texts.say(f"patient_category.{told}"))]
    if found.deciding is not None and told is found.category and found.category.by_t_score:
        site = texts.name("patient_site", found.deciding.site)
        value, on = texts.score(found.deciding.value), texts.day(found.deciding.on)
        lines.append(_line("lowest", texts.say("patient.lowest", value=value, site=site, date=on)))
    return Block("result", texts.say("patient.result_title"), tuple(lines), BlockStyle.PLAIN)


def _proposal(decision: Decision, texts: Texts) -> Block:
    code = decision.treatment.decision.value
    lines = [_line(f"treatment.{code}", texts.say(f"patient_treatment.{code}"))]
    lines += [
        _line(f"activity.{activity.code}", texts.say(f"patient_activity.{activity.code}"))
        for paragraph in (Paragraph.TREATMENT, Paragraph.ASK, Paragraph.PLAN)
        for activity in activities_of(decision, paragraph)
        if texts.knows("patient_activity", activity.code)
    ]
    return Block("proposal", texts.say("patient.proposal_title"), tuple(lines))


def _own_part(decision: Decision, texts: Texts) -> Block:
    lines = [
        _line(f"activity.{activity.code}", texts.say(f"patient_activity.{activity.code}"))
        for activity in activities_of(decision, Paragraph.ADVICE)
        if texts.knows("patient_activity", activity.code)
    ]
    lines += [
        _line(f"goal.{goal.code}", wording.capital(f"{texts.say(f'patient_goal.{goal.code}')} {amount}."))
        for goal in decision.goals
        if texts.knows("patient_goal", goal.code) and (amount := wording.amount(goal, texts))
    ]
    return Block("own_part", texts.say("patient.own_part_title"), tuple(lines))


def _appointments(decision: Decision, record: BoneRecord, texts: Texts) -> Block:
    coming = [later for group in moments.planned(decision, record) for later in group]
    lines = [
        _line(
            f"follow_up.{later.code}",
            wording.capital(
                f"{texts.say(f'patient_follow_up.{later.code}')}: {_when(later, decision.on, texts)}."
            ),
        )
        for later in coming
        if texts.knows("patient_follow_up", later.code)
    ]
    return Block("appointments", texts.say("patient.appointments_title"), tuple(lines))


def _when(later: FollowUp, on: date, texts: Texts) -> str:
    """A date to come or an interval; everything else is told by the doctor."""
    dated = (later.due is not None and later.due >= on) or (
        later.interval is not None and later.trigger is None
    )
    return wording.when(later, texts) if dated else texts.say("patient.when_open")


def _warning(texts: Texts) -> Block:
    lines = tuple(_text_line(key, texts) for key in ("call_fracture", "call_questions"))
    return Block("warning", texts.say("patient.call_title"), lines)


def _text_line(key: str, texts: Texts) -> Line:
    return _line(key, texts.say(f"patient.{key}"))


def _line(key: str, text: str) -> Line:
    return Line(f"patient.{key}", text)
