"""The pathway itself, and the Library with the numbers and definitions that its conditions name."""

import base64
import json

from adapter.clinical.pathway.pathway import Pathway
from adapter.input.wire_json import Json
from mappings.outbound.ids import PATHWAY_FINGERPRINT
from mappings.pathways.description import condition, one_line
from mappings.publication.actions import action, goal
from mappings.publication.names import address, narrative, versioned
from mappings.valuesets import coding

PROTOCOL = {"coding": [coding("publication-protocol")]}
LOGIC = {"coding": [coding("publication-logic")]}
PURPOSE = (
    "Says from which facts which proposal follows and where that is written. A clinician confirms every proposal; "
    "nothing in here orders, diagnoses or doses."
)
USAGE = (
    "Conditions are written in the pathway's own small language: comparisons, with a third value for unknown. They stand "
    "in the text of each action and in the Library named here, to be read; no other engine can evaluate them, so an "
    "action that has one says only that it has one."
)


def plan_definition(pathway: Pathway) -> Json:
    """One edition of a pathway, a draft."""
    goals = [
        goal(pathway, rule, number)
        for rule in pathway.rules
        if rule.id not in pathway.off
        for number, effect in enumerate(rule.effects)
        if effect.kind == "goal"
    ]
    content: Json = {
        **versioned(pathway, "PlanDefinition"),
        "text": narrative(pathway.ref.title, (f"{rule.id}: {one_line(rule.says)}" for rule in pathway.rules)),
        "identifier": [{"system": PATHWAY_FINGERPRINT, "value": pathway.ref.fingerprint}],
        "title": pathway.ref.title,
        "type": PROTOCOL,
        "description": f"Lineage: {', '.join(pathway.lineage)}.",
        "purpose": PURPOSE,
        "usage": USAGE,
        "topic": [{"text": "Osteoporosis and fracture prevention"}],
        "relatedArtifact": [*_sources(pathway), *_related(pathway)],
        "library": [f"{address('Library', f'{pathway.ref.id}-logic')}|{pathway.ref.version}"],
        "goal": goals,
        "action": [action(pathway, rule) for rule in pathway.rules],
    }
    return {name: value for name, value in content.items() if value}


def library(pathway: Pathway) -> Json:
    """Parameters and definitions after all overriding, as JSON; decimals are text to keep their digits."""
    logic = {
        "parameters": pathway.parameters,
        "definitions": {name: one_line(held.text) for name, held in pathway.definitions.items()},
        "conditions": {rule.id: condition(rule) for rule in pathway.rules if rule.when},
        "off": pathway.off,
        "facts": {name: term.says for name, term in pathway.terms.items()},
    }
    data = json.dumps(logic, default=str, ensure_ascii=False, indent=1).encode()
    title = f"{pathway.ref.title}: numbers, definitions and facts"
    return {
        **versioned(pathway, "Library", "-logic"),
        "text": narrative(title),
        "title": title,
        "type": LOGIC,
        "content": [{"contentType": "application/json", "data": base64.b64encode(data).decode()}],
    }


def _sources(pathway: Pathway) -> list[Json]:
    cited = {cite.source for rule in pathway.rules for cite in rule.cite}
    return [
        {"type": "citation", "label": name, "display": source.title, "citation": _reference(pathway, name)}
        for name, source in pathway.sources.items()
        if name in cited
    ]


def _reference(pathway: Pathway, name: str) -> str:
    source = pathway.sources[name]
    return ". ".join(str(part) for part in (source.title, source.published, source.note) if part)


def _related(pathway: Pathway) -> list[Json]:
    """What it was made from, and the codes it writes."""
    parents = [line.rpartition(" ") for line in pathway.lineage[:-1]]
    derived = [
        {"type": "derived-from", "resource": f"{address('PlanDefinition', name)}|{version}"}
        for name, _, version in parents
        if name != pathway.ref.id
    ]
    outputs = f"{address('ValueSet', f'{pathway.ref.id}-outputs')}|{pathway.ref.version}"
    return [*derived, {"type": "depends-on", "resource": outputs}]
