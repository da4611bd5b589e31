"""The plan for human eyes: a generated XHTML narrative that escapes everything from outside."""

from html import escape

from adapter.clinical.decision import Decision
from adapter.input.wire_json import Json
from mappings.outbound.designations import Wording
from mappings.outbound.labels import label
from mappings.outbound.resources.activities import PlanSteps
from mappings.outbound.resources.citations import cited
from mappings.outbound.resources.remarks import Judgements, rejected_sentences, score_sentence


def narrative(
    decision: Decision,
    judged: Judgements,
    goals: list[Json],
    steps: PlanSteps,
    remarks: list[str],
    wording: Wording,
) -> Json:
    """``text`` of the plan: what is proposed, by which rules, and what was not used or not known."""
    language = wording.language
    parts = (
        _paragraph(label("proposal", language)),
        *_judged(decision, judged, language),
        *_lists(decision, goals, steps, remarks, language),
    )
    pathway = f"{label('pathway', language)} {decision.pathway.title or decision.pathway.id}"
    footer = _paragraph(f"{pathway}, {label('version', language)} {decision.pathway.version}")
    opening = (
        f'<div xmlns="http://www.w3.org/1999/xhtml" lang="{escape(language)}" xml:lang="{escape(language)}">'
    )
    return {"status": "generated", "div": f"{opening}{''.join(parts)}{footer}</div>"}


def _judged(decision: Decision, judged: Judgements, language: str) -> list[str]:
    whys = (decision.classification.why, decision.diagnosis.why, decision.treatment.why)
    return [
        _paragraph(f"{sentence} {cited(why.rules, language)}", label(name, language))
        for name, sentence, why in zip(("class", "diagnosis", "treatment"), judged, whys, strict=True)
    ]


def _lists(
    decision: Decision, goals: list[Json], steps: PlanSteps, remarks: list[str], language: str
) -> list[str]:
    sections: tuple[tuple[str, list[str]], ...] = (
        ("study", [score_sentence(it, language) for it in decision.classification.study]),
        (
            "goals",
            [
                f"{it['description']['text']} {cited(goal.why.rules, language)}"
                for it, goal in zip(goals, decision.goals, strict=True)
            ],
        ),
        ("activities", [step.said for step in steps.activities]),
        ("options", [step.said for step in steps.options]),
        ("follow_up", [step.said for step in steps.follow_ups]),
        ("remarks", remarks),
        ("rejected", rejected_sentences(decision, language)),
    )
    return [_section(label(name, language), lines) for name, lines in sections if lines]


def _section(title: str, lines: list[str]) -> str:
    items = "".join([f"<li>{escape(line)}</li>" for line in lines])
    return f"<p><b>{escape(title)}</b></p><ul>{items}</ul>"


def _paragraph(text: str, title: str = "") -> str:
    return f"<p>{f'<b>{escape(title)}</b>: ' if title else ''}{escape(text)}</p>"
