"""Rules as actions: who may say what, when, on whose word."""

from collections.abc import Iterator

from adapter.clinical.pathway.pathway import Pathway
from adapter.clinical.pathway.rules import Effect, Rule
from adapter.input.wire_json import Json
from mappings.codes import UCUM
from mappings.outbound.designations import NAMED, Wording, own_codes
from mappings.outbound.ids import OUTPUT, own_system
from mappings.outbound.vocabulary import known
from mappings.pathways.description import condition, effect_line, effects, one_line, settled
from mappings.publication.names import address

DEFINED = ("activity", "follow_up")  # kinds of effect with an ActivityDefinition
# A condition that is there but not told to engines: ours is neither FHIRPath nor CQL, and HAPI refuses any
# other language here. Leaving the whole condition out would read as "applies always".
UNTOLD: Json = {"kind": "applicability"}
NEVER: Json = {"kind": "applicability", "expression": {"language": "text/fhirpath", "expression": "false"}}


def coded(pathway: Pathway, code: str) -> Json:
    """A code with its English text, as a plan has it."""
    return Wording("en", own_codes(pathway)).concept(code)


def system_of(pathway: Pathway, code: str) -> str:
    """Where a code is defined."""
    return OUTPUT if known(code) else own_system(pathway.ref.id)


def definition_address(pathway: Pathway, code: str) -> str:
    """One definition per code of ours for all pathways; an institution's own codes stay its own."""
    return address("ActivityDefinition", code if known(code) else f"{pathway.ref.id}-{code}")


def action(pathway: Pathway, rule: Rule) -> Json:
    """One rule. ``prefix`` is its id, ``title`` what it says, ``textEquivalent`` all of it in words."""
    live = rule.executable and rule.id not in pathway.off
    content: Json = {
        "id": rule.id,
        "prefix": rule.id,
        "title": one_line(rule.says),
        "description": rule.topic,
        "textEquivalent": _in_words(pathway, rule),
        "code": [{"text": rule.mode.value}],
        "documentation": [_citation(pathway, cite.source, cite.lines) for cite in rule.cite],
        "condition": _conditions(rule, live=live),
        "goalId": [goal_id(rule, n) for n, it in enumerate(rule.effects) if it.kind == "goal" and live],
        "action": list(_parts(pathway, rule)) if live else [],
    }
    return {name: value for name, value in content.items() if value}


def _in_words(pathway: Pathway, rule: Rule) -> str:
    if why := pathway.off.get(rule.id):
        return f"Switched off: {one_line(why)}"
    if not rule.executable:
        return f"Nothing follows: {one_line(rule.reason)}"
    return f"When {condition(rule)}: {'; '.join(effects(rule))}. {_AUTHORITY[rule.mode.value]}"


_AUTHORITY = {
    "deterministic": "Part of the proposed plan.",
    "propose": "Proposed; a clinician confirms it.",
    "guard": "A safeguard: adds a warning, a date or a question, or takes an option away.",
    "information": "Information.",
    "not_propagated": "Not acted on.",
}


def _conditions(rule: Rule, *, live: bool) -> list[Json]:
    if not live:
        return [NEVER]
    return [UNTOLD] if rule.when else []


def _citation(pathway: Pathway, source: str, lines: str) -> Json:
    where = pathway.sources[source]
    lines_cited = f", {lines}" if lines else ""
    return {"type": "citation", "label": source, "display": f"{where.title}{lines_cited}"}


def _parts(pathway: Pathway, rule: Rule) -> Iterator[Json]:
    """Each effect that has a code as an action of its own; the others are in the words of the rule."""
    for number, effect in enumerate(rule.effects, 1):
        if effect.kind in NAMED:
            yield _part(pathway, rule, effect, number)


def _part(pathway: Pathway, rule: Rule, effect: Effect, number: int) -> Json:
    named = coded(pathway, effect.code)
    content: Json = {
        "id": f"{rule.id}.{number}",
        "title": named["text"],
        "textEquivalent": effect_line(effect),
        "code": [named],
    }
    if effect.only_if:
        content["condition"] = [UNTOLD]
    if effect.kind in DEFINED:
        content["definitionCanonical"] = definition_address(pathway, effect.code)
    return content


def goal_id(rule: Rule, number: int) -> str:
    """The id of a goal within the PlanDefinition."""
    return f"goal-{rule.id}-{number}"


def goal(pathway: Pathway, rule: Rule, number: int) -> Json:
    """A target; bounds that depend on the patient are in the description only."""
    effect = rule.effects[number]
    named = coded(pathway, effect.code)
    unit = str(effect.attributes.get("unit", "1"))
    bounds = {name: settled(effect.attributes.get(name)) for name in ("low", "high")}
    fixed = {
        name: value for name, value in bounds.items() if value is not None and not isinstance(value, str)
    }
    content: Json = {"id": goal_id(rule, number), "description": named | {"text": effect_line(effect)}}
    if fixed and not any(isinstance(value, str) for value in bounds.values()):
        detail = {name: {"value": value, "system": UCUM, "code": unit} for name, value in fixed.items()}
        content["target"] = [{"detailRange": detail}]
    return content
