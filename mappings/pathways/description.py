"""A pathway in words: conditions and effects as a clinician reads them, and parameters as a flat list."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from adapter.clinical.pathway.logic import Expression
from adapter.clinical.pathway.pathway import Pathway
from adapter.clinical.pathway.rules import Effect, Rule
from adapter.clinical.quantities import Unit
from adapter.clinical.value_kinds import Parameters, ParameterValue
from mappings.pathways import Layer

ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number or choice, the files that set it (the last one decides), and what that one cites."""

    name: str
    value: str
    set_by: tuple[str, ...]
    cite: tuple[str, ...]
    unit: str


def parameters(pathway: Pathway, layers: tuple[Layer, ...]) -> tuple[Parameter, ...]:
    """Every parameter by its full name, ``renal_limits_ml_min.zoledronate`` for instance."""
    said = {layer.content.id: dict(flat(layer.content.values)) for layer in layers}
    entries = {layer.content.id: layer.content.parameters for layer in layers}

    def described(name: str, value: object) -> Parameter:
        by = tuple(document for document, held in said.items() if name in held)
        whole = name.partition(".")[0]
        cited = entries[by[-1]][whole].cite if by else ()
        units = [entry[whole].unit for entry in entries.values() if whole in entry]
        unit = next((in_words(it) for it in units if it), "")
        return Parameter(
            name,
            shown(value),
            by,
            tuple(f"{reference.source} {reference.lines}".strip() for reference in cited),
            unit,
        )

    return tuple(described(name, value) for name, value in flat(pathway.parameters))


def in_words(unit: Unit | None) -> str:
    """What a number is counted in; empty where it is a count, or no number."""
    return unit.replace("_", " ") if unit else ""


def flat(values: Parameters, above: str = "") -> Iterator[tuple[str, ParameterValue]]:
    """Each leaf with its full name."""
    for name, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def shown(value: object) -> str:
    """A value as YAML would have it."""
    match value:
        case None:
            return "none"
        case bool():
            return str(value).lower()
        case list() | tuple():
            return ", ".join(map(shown, value)) or "none"
        case dict():
            return "none"
        case _:
            return str(value)


def condition(rule: Rule) -> str:
    """The ``when`` of a rule, on one line."""
    return one_line(rule.when.text) if rule.when else ALWAYS


def effects(rule: Rule) -> tuple[str, ...]:
    """What follows, one line each."""
    return tuple(effect_line(effect) for effect in rule.effects)


def effect_line(effect: Effect) -> str:
    """``goal calcium_mg_per_day: low 1000, unit mg/d, if pregnant``."""
    told = [f"{name} {value}" for name, value in attributes(effect)]
    if effect.only_if:
        told.append(f"if {one_line(effect.only_if.text)}")
    named = f"{effect.kind.replace('_', ' ')} {effect.code}" if effect.code != "None" else effect.kind
    return f"{named}: {', '.join(told)}" if told else named


def attributes(effect: Effect) -> Iterator[tuple[str, str]]:
    """Attributes in words; worked out if parameters alone decide, a formula if facts do."""
    for name, value in effect.attributes.items():
        if isinstance(value, Mapping):
            yield from ((inner, _attribute(item)) for inner, item in value.items())
        else:
            yield name, _attribute(value)


def _attribute(value: object) -> str:
    return shown(settled(value))


def settled(value: object) -> object:
    """An expression over parameters alone is its value; one over facts is its text."""
    if isinstance(value, Expression):
        return f"= {one_line(value.text)}" if value.names else value.evaluate({})
    return value


def citations(rule: Rule) -> tuple[str, ...]:
    """``etz_2019 12-14``."""
    return tuple(f"{cite.source} {cite.lines}".strip() for cite in rule.cite)


def one_line(text: str) -> str:
    """A folded YAML text without its line breaks."""
    return " ".join(text.split())


def topics(rules: tuple[Rule, ...]) -> Mapping[str, tuple[Rule, ...]]:
    """Rules by topic, both in the order in which they stand."""
    grouped: dict[str, list[Rule]] = {}
    for rule in rules:
        grouped.setdefault(rule.topic or "Other", []).append(rule)
    return {topic: tuple(held) for topic, held in grouped.items()}
