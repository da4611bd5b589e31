"""A stage of a pathway as one Python function: its definitions, then the conditions of its rules, in order.

Most rules do not hold for most patients, so what costs is asking. Inside one function a fact is a local
variable, and asking a rule costs nothing but its comparisons.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from types import CodeType

from adapter.clinical.pathway.logic import Expression, defined, variable
from adapter.clinical.pathway.rules import Effect, EffectName, Fired, Rule, Stage
from adapter.clinical.value_kinds import FactValue

FiredByKind = Mapping[EffectName, tuple[Fired, ...]]  # effect kind -> what fired, in the order of the pathway
Program = Callable[[dict[str, FactValue], list[int]], FiredByKind]
# A rule by its position, and what follows from it in one stage.
ArmedRule = tuple[int, Rule, tuple[Effect, ...]]


def stage_program(stage: Stage, definitions: Mapping[str, Expression], rules: Mapping[int, Rule]) -> Program:
    """The function of one stage: it gives the effects that hold.

    To the facts that it is given it adds its definitions, and to the list the places of the rules that held.
    ``definitions`` are those that become ready at this stage, each after the ones it names; ``rules`` are by
    their place in the pathway, in order.
    """
    armed = [
        (index, rule, mine)
        for index, rule in rules.items()
        if (mine := tuple(effect for effect in rule.effects if effect.stage is stage))
    ]
    scope: dict[str, object] = {}
    written = "\n".join(_source_lines(definitions, armed, scope))
    return defined("stage", _compiled(stage, written), scope)


@lru_cache(64)
def _compiled(stage: Stage, written: str) -> CodeType:
    """By its text: pathways over the same general rules share most of their stages."""
    return compile(written, f"<{stage.name}>", "exec")


def _source_lines(
    definitions: Mapping[str, Expression], armed: Sequence[ArmedRule], scope: dict[str, object]
) -> Iterator[str]:
    asked = [*definitions.values(), *_conditions(armed)]
    for expression in asked:
        scope |= expression.constants
    kinds = sorted({effect.kind for _, _, effects in armed for effect in effects})
    yield "def stage(facts, places):"
    for name in sorted({name for expression in asked for name in expression.names} - definitions.keys()):
        yield f" {variable(name)} = facts[{name!r}]"
    for name, expression in definitions.items():
        yield f" {variable(name)} = facts[{name!r}] = {expression.source}"
    for kind in kinds:
        yield f" of_{kind} = []"
    for index, rule, effects in sorted(armed, key=lambda one: one[1].otherwise):
        yield f" if {_condition(rule, effects)}:"
        for effect in effects:
            fired = f"fired{len(scope)}"
            scope[fired] = Fired(rule, effect)
            yield f"  {_gate(effect)}of_{effect.kind}.append({fired})"
        yield f"  {_any_gate(effects)}places.append({index})"
    yield f" return {{{', '.join(f'{kind!r}: (*of_{kind},)' for kind in kinds)}}}"


def _condition(rule: Rule, effects: Sequence[Effect]) -> str:
    """When a rule holds; an ``otherwise`` rule comes last and holds if no other rule said anything."""
    if rule.otherwise:
        return f"not ({' or '.join(sorted({f'of_{effect.kind}' for effect in effects}))})"
    return rule.when.holds if rule.when else "True"


def _conditions(armed: Iterable[ArmedRule]) -> Iterator[Expression]:
    for _, rule, effects in armed:
        yield from (it for it in (rule.when, *(effect.only_if for effect in effects)) if it)


def _gate(effect: Effect) -> str:
    return f"if {effect.only_if.holds}: " if effect.only_if else ""


def _any_gate(effects: Iterable[Effect]) -> str:
    """A rule held when one of its effects did; most have one that is not narrowed."""
    gates = [effect.only_if.holds if effect.only_if else "" for effect in effects]
    return f"if {' or '.join(gates)}: " if all(gates) else ""
