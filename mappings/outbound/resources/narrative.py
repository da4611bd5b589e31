"""The plan for human eyes: a generated XHTML narrative that escapes everything from outside."""

from html import escape

from adapter.clinical.decision import Decision
from adapter.input.wire_json import Json
from mappings.outbound.designations import Wording
from mappings.outbound.labels import label
from mappings.outbound.resources.activities import PlanSteps
from mappings.outbound.resources.citations import cited
from mappings.outbound.resources.goals import goal_sentence
from mappings.outbound.resources.remarks import (
    class_sentence,
    diagnosis_sentence,
    rejected_sentences,
    score_sentence,
    treatment_sentence,
)


def narrative(decision: Decision, steps: PlanSteps, wording: Wording, remarks: list[str]) -> Json:
    """``text`` of the plan: what is proposed, by which rules, and what was not used or not known."""
    language = wording.language
    parts = (
        _paragraph(label("proposal", language)),
        _judgements(decision, language),
        *_lists(decision, steps, wording, remarks),
    )
    pathway = f"{label('pathway', language)} {decision.pathway.title or decision.pathway.id}"
    footer = _paragraph(f"{pathway}, {label('version', language)} {decision.pathway.version}")
    opening = (
        f'<div xmlns="http://www.w3.org/1999/xhtml" lang="{escape(language)}" xml:lang="{escape(language)}">'
    )
    return {"status": "generated", "div": f"{opening}{''.join(parts)}{footer}</div>"}


def _judgements(decision: Decision, language: str) -> str:
    said = (
        ("class", class_sentence(decision, language), decision.classification.why),
        ("diagnosis", diagnosis_sentence(decision, language), decision.diagnosis.why),
        ("treatment", treatment_sentence(decision, language), decision.treatment.why),
    )
    lines = (f"{sentence} {cited(why.rules, language)}" for _, sentence, why in said)
    return "".join(
        _paragraph(line, label(name, language)) for (name, _, _), line in zip(said, lines, strict=True)
    )


def _lists(decision: Decision, steps: PlanSteps, wording: Wording, remarks: list[str]) -> list[str]:
    language = wording.language
    sections: tuple[tuple[str, list[str]], ...] = (
        ("study", [score_sentence(it, language) for it in decision.classification.study]),
        (
            "goals",
            [f"{goal_sentence(goal, wording)} {cited(goal.why.rules, language)}" for goal in decision.goals],
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
