"""The rules of a pathway over the facts of one case: which rules hold, and the evidence for their effects."""

from collections.abc import Iterable, Mapping, Sequence

from adapter.clinical.case import TermValues
from adapter.clinical.decision import Why
from adapter.clinical.pathway.logic import Expression
from adapter.clinical.pathway.pathway import Pathway
from adapter.clinical.pathway.program import FiredByKind
from adapter.clinical.pathway.rules import Fired, Stage
from adapter.clinical.value_kinds import FactValue

FiredEffects = Sequence[Fired]
FiredByCode = Mapping[str, FiredEffects]


class Evaluation:
    """The facts of one case and the pathway's rules over them, stage by stage."""

    def __init__(self, pathway: Pathway, facts: TermValues) -> None:
        self.pathway = pathway
        self.facts = facts
        self.places: dict[Stage, list[int]] = {}  # of the rules that held

    def effects(self, stage: Stage) -> FiredByKind:
        """Effects of this stage, by kind, whose rule holds: true, not merely unknown."""
        places = self.places[stage] = []
        return self.pathway.stages[stage](self.facts.values, places)

    def rules_that_held(self) -> tuple[str, ...]:
        """Ids of all rules that held, in the pathway's order; guards only if there was anything to guard."""
        rules, guards = self.pathway.rules, self.places.get(Stage.GUARD, [])
        held = set().union(*[acting for acting in self.places.values() if acting is not guards])
        if self.places.get(Stage.OFFER) or not held.isdisjoint(self.pathway.after_guards):
            held.update(guards)
        return tuple([rules[place].id for place in sorted(held)])

    def why(self, fired: Iterable[Fired]) -> Why:
        """Rule ids in order, and the evidence behind every fact their conditions name."""
        rules: dict[str, None] = {}
        asked: set[str] = set()
        for effect in fired:
            rules[effect.rule.id] = None
            asked |= effect.rule.asks
        return Why(tuple(rules), self.facts.behind(asked) if asked else ())

    def value(self, attribute: FactValue | Expression) -> FactValue:
        """An attribute's value: plain data, or an expression evaluated now."""
        return attribute.evaluate(self.facts.values) if isinstance(attribute, Expression) else attribute


def grouped(fired: FiredEffects) -> FiredByCode:
    """Fired effects by code, in order of first appearance."""
    groups: dict[str, list[Fired]] = {}
    for effect in fired:
        groups.setdefault(effect.effect.code, []).append(effect)
    return groups
