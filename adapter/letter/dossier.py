"""The last third of the letter: its evidence, what was unknown or unused, and the rules that decided."""

from collections.abc import Sequence

from adapter.clinical.decision import Decision
from adapter.clinical.model import BoneRecord, Fracture, Standing, TScore, Vfa
from adapter.letter import drugs, wording
from adapter.letter.checks import known_checks
from adapter.letter.envelope import contacts
from adapter.letter.layout import (
    AMOUNT_OF,
    RANKS,
    SAID_AS_UNKNOWN,
    SAID_BY_GOAL,
    SAID_ELSEWHERE,
    SOUGHT_BY,
    Paragraph,
    sensitive,
)
from adapter.letter.parts import Block, BlockStyle, Line, Part
from adapter.letter.people import People, clean
from adapter.letter.plan_table import activities_of, statements
from adapter.letter.text_entries import Texts

# Two pages at most: what is older or more is counted, and is to be found in the file.
MOST_SCORES = 8
MOST_FRACTURES = 6
MOST_REJECTED = 5


def dossier(decision: Decision, record: BoneRecord, people: People, texts: Texts) -> Part:
    """The summary of the file; a paragraph with nothing in it is left out, but never the unknown."""
    blocks = (
        measurements(decision, record, texts),
        vfa(record.vfa, texts),
        fractures(record.fractures.items, texts),
        known_checks(decision, record, texts),
        risk_factors(decision, record, texts),
        advice(decision, texts),
        unknown(decision, texts),
        rejected(decision, record, texts),
        remarks(decision, record, texts),
        contacts(decision, people, texts),
        account(decision, record, texts),
    )
    return Part("dossier", texts.say("part.dossier"), tuple(block for block in blocks if block.lines))


def measurements(decision: Decision, record: BoneRecord, texts: Texts) -> Block:
    """T-scores, the deciding study first and the newest before the older."""
    study = decision.classification.study
    others = [score for score in record.t_scores if score not in study]
    scores = [*study, *sorted(others, key=lambda score: score.on, reverse=True)]
    rows = [_score_row(score, decision, texts) for score in scores[:MOST_SCORES]]
    rows += _more(len(scores) - MOST_SCORES, texts)
    names = ["site", "t_score", "date", *(["remark"] if any(row.cells[3] for row in rows) else [])]
    rows = [Line(row.key, row.text, row.cells[: len(names)]) for row in rows]
    columns = tuple(texts.say(f"column.{name}") for name in names)
    return Block("measurements", texts.say("block.measurements"), tuple(rows), BlockStyle.TABLE, columns)


def _score_row(score: TScore, decision: Decision, texts: Texts) -> Line:
    remark = _remark(score, decision, texts)
    site = wording.capital(wording.site_name(score.site, score.side, texts))
    level = clean(score.level, 12)
    on = texts.day(score.on)
    text = f"{wording.t_score(score, texts)} ({', '.join(filter(None, (on, level, remark)))})"
    return Line("measurement", text, (f"{site} {level}".strip(), texts.score(score.value), on, remark))


def _remark(score: TScore, decision: Decision, texts: Texts) -> str:
    if score.standing is not Standing.VALID:
        return texts.say(f"standing.{score.standing}")
    if score.site_assumed:
        return texts.say("line.site_assumed")
    return "" if score in decision.classification.study else texts.say("line.not_in_study")


def vfa(seen: Vfa | None, texts: Texts) -> Block:
    """Each graded vertebra; no assessment at all is among the unknown."""
    lines: tuple[Line, ...] = ()
    if seen is not None:
        on = texts.day(seen.on) if seen.on else texts.say("line.date_unknown")
        none = (Line("vfa.none", texts.say("line.vfa_none", date=on)),)
        lines = (
            tuple(Line("vfa.fracture", wording.vertebra(broken, seen, texts)) for broken in seen.fractures)
            or none
        )
    return Block("vfa", texts.say("block.vfa"), lines, BlockStyle.RUN)


def fractures(broken: Sequence[Fracture], texts: Texts) -> Block:
    """Fractures, newest first, undated ones last."""
    ordered = sorted(broken, key=lambda one: (one.on is None, -(one.on.toordinal() if one.on else 0)))
    lines = [Line("fracture", wording.fracture(fracture, texts)) for fracture in ordered[:MOST_FRACTURES]]
    lines += _more(len(ordered) - MOST_FRACTURES, texts)
    return Block("fractures", texts.say("block.fractures"), tuple(lines), BlockStyle.RUN)


def risk_factors(decision: Decision, record: BoneRecord, texts: Texts) -> Block:
    """The risk factors that the rules found, drugs by their name."""
    found = [flag for flag in decision.flags if flag.code.startswith("rf_") and not sensitive(flag.name)]
    if any(flag.code == "drug_weakens_bone" for flag in decision.flags):
        found = [flag for flag in found if flag.code != "rf_medication"]  # the conclusion names the drug
    lines = tuple(Line(f"flag.{flag.code}", drugs.flag(flag, record, decision.on, texts)) for flag in found)
    return Block("risk_factors", texts.say("block.risk_factors"), lines, BlockStyle.RUN)


def advice(decision: Decision, texts: Texts) -> Block:
    """What the patient is told, in a few words each, and the targets."""
    goals = {goal.code for goal in decision.goals}
    lines = [
        Line(f"activity.{a.code}", wording.small(texts.name("activity", a.code).rstrip(".")))
        for a in activities_of(decision, Paragraph.ADVICE)
        if SAID_BY_GOAL.get(a.code) not in goals
    ]
    asked = {code for activity in decision.activities for code in AMOUNT_OF.get(activity.code, ())}
    lines += [Line(f"goal.{g.code}", wording.goal(g, texts)) for g in decision.goals if g.code not in asked]
    lines += statements(decision.handover, "advice", texts)
    return Block("advice", texts.say("block.advice"), tuple(lines), BlockStyle.RUN)


def unknown(decision: Decision, texts: Texts) -> Block:
    """What nobody recorded: unknown is not the same as absent, so it is always said."""
    asked = {check for option in decision.treatment.options for check in option.waits_for}
    asked |= {fact for activity in decision.activities for fact in SOUGHT_BY.get(activity.code, ())}
    missing = [name for name in decision.unknown if not sensitive(name) and name not in asked]
    lines = tuple(Line(f"fact.{name}", texts.name("fact", name)) for name in missing)
    return Block("unknown", texts.say("block.unknown"), lines, BlockStyle.RUN)


def rejected(decision: Decision, record: BoneRecord, texts: Texts) -> Block:
    """Inputs that were there but not used, with the reason in words."""
    said = wording.refused(decision.rejected, texts)
    lines = [Line(f"reason.{reason}", statement) for reason, statement in said[:MOST_REJECTED]]
    lines += _more(len(said) - MOST_REJECTED, texts)
    shown = decision.treatment.not_offered
    gone = [item for item in decision.not_proposed if item not in shown and not sensitive(item.code)]
    lines += drugs.refused_lines(gone, record, decision.on, texts)
    return Block("rejected", texts.say("block.rejected"), tuple(lines))


def remarks(decision: Decision, record: BoneRecord, texts: Texts) -> Block:
    """Every flag that is neither a risk factor nor a warning, computed figures, other statements."""
    silent = SAID_ELSEWHERE | RANKS.keys() | drugs.flags_said(record)
    silent |= {item.reason.value for item in decision.rejected}  # said among what was not used
    silent |= {flag for flag, facts in SAID_AS_UNKNOWN.items() if not set(facts).isdisjoint(decision.unknown)}
    rest = [
        f
        for f in decision.flags
        if not f.code.startswith("rf_") and f.code not in silent and not sensitive(f.name)
    ]
    lines = [Line(f"flag.{f.code}", wording.flag(f, texts)) for f in rest]
    lines += [
        Line(f"computed.{name}", texts.name("computed", name, value=texts.number(value)))
        for name, value in decision.computed
    ]
    lines += statements(decision.handover, "remarks", texts)
    return Block("remarks", texts.say("block.remarks"), tuple(lines), BlockStyle.RUN)


def account(decision: Decision, record: BoneRecord, texts: Texts) -> Block:
    """Which rules, from how many records: enough to ask for the rest.

    The program stands at the foot of the page.
    """
    rules = decision.pathway
    title = clean(rules.title) or rules.id
    said = (
        (
            "pathway",
            texts.say("account.pathway", title=title, version=rules.version, print=rules.fingerprint[:12]),
        ),
        ("sources", texts.say("account.sources", n=str(len(_sources(decision, record))))),
    )
    lines = [Line(f"account.{key}", text) for key, text in said]
    lines += statements(decision.handover, "account", texts)
    return Block("account", texts.say("block.account"), tuple(lines), BlockStyle.RUN)


def _sources(decision: Decision, record: BoneRecord) -> set[str]:
    """The evidence behind any output; rule ids, some of them sensitive, stay in the care plan."""
    stated = (
        decision.classification.why,
        decision.diagnosis.why,
        decision.treatment.why,
        decision.handover.why,
    )
    planned = (
        decision.treatment.options,
        decision.goals,
        decision.activities,
        decision.follow_ups,
        decision.flags,
    )
    whys = [*stated, *[output.why for outputs in planned for output in outputs]]
    return {score.evidence for score in record.t_scores}.union(*[why.evidence for why in whys]) - {""}


def _more(count: int, texts: Texts) -> list[Line]:
    text = texts.say("line.more", n=str(count)) if count > 0 else ""
    return [Line("line.more", text, (text, "", "", ""))] if text else []
