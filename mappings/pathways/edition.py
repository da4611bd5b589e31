"""What two editions of a pathway say differently, before anybody is decided about."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from adapter.clinical.pathway.pathway import Pathway
from adapter.clinical.pathway.rules import Rule
from mappings.pathways.description import condition, effects, flat, one_line, shown


@dataclass(frozen=True, slots=True)
class Edit:
    """One thing that was added, removed or changed; None is *not there*."""

    kind: str  # parameter, definition, rule, off
    name: str
    part: str  # of a rule: mode, says, when, then
    before: str | None
    after: str | None


def edits(old: Pathway, new: Pathway) -> tuple[Edit, ...]:
    """Parameters, definitions and rules that differ, in this order; empty when both say the same."""
    return (
        *_compared("parameter", _parameters(old), _parameters(new)),
        *_compared("definition", _definitions(old), _definitions(new)),
        *_compared("rule", _rules(old), _rules(new)),
        *_compared("off", _switched_off(old), _switched_off(new)),
    )


PathwayTexts = Mapping[tuple[str, str], str]  # (name, part) -> text


def _compared(kind: str, before: PathwayTexts, after: PathwayTexts) -> Iterator[Edit]:
    for key in dict.fromkeys((*before, *after)):
        if before.get(key) != after.get(key):
            yield Edit(kind, *key, before.get(key), after.get(key))


def _parameters(pathway: Pathway) -> PathwayTexts:
    return {(name, ""): shown(value) for name, value in flat(pathway.parameters)}


def _definitions(pathway: Pathway) -> PathwayTexts:
    return {(name, ""): one_line(held.text) for name, held in pathway.definitions.items()}


def _rules(pathway: Pathway) -> PathwayTexts:
    return {(rule.id, part): text for rule in pathway.rules for part, text in _parts(rule)}


def _parts(rule: Rule) -> Iterator[tuple[str, str]]:
    yield "mode", rule.mode.value
    yield "says", one_line(rule.says)
    yield "when", condition(rule)
    yield "then", "; ".join(effects(rule)) or f"nothing: {one_line(rule.reason)}"


def _switched_off(pathway: Pathway) -> PathwayTexts:
    return {(rule, ""): one_line(why) for rule, why in pathway.off.items()}
