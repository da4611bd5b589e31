"""A pathway: parameters, definitions and rules, resolved along its lineage and compiled once.

``assemble`` takes documents, the general one first, and reports every fault it finds.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from adapter.clinical.case import Term
from adapter.clinical.core_parameters import CoreParameters
from adapter.clinical.decision import Category, PathwayVersion, Route
from adapter.clinical.pathway.logic import Expression, compile_expression
from adapter.clinical.pathway.parameter_units import unit_faults
from adapter.clinical.pathway.parameters import chosen, merged, mismatches, unusable_choices
from adapter.clinical.pathway.pathway_document import (
    PathwayDocument,
    PathwayFault,
    PathwayFaults,
    Source,
    WrittenRule,
)
from adapter.clinical.pathway.plain_values import ExpressionFault
from adapter.clinical.pathway.program import Program, stage_program
from adapter.clinical.pathway.rules import (
    DECIDED,
    EFFECT_NAMES,
    EFFECTS,
    NONE,
    OTHERWISE,
    Attributes,
    Citation,
    Effect,
    EffectName,
    Mode,
    Rule,
    Stage,
    Tier,
    unanswered,
)  # fmt: skip
from adapter.clinical.terms import SILENT, VOCABULARY
from adapter.clinical.value_kinds import FactValue, Parameters, ParameterValue, Place, fits, misfits

CODES = {"class": frozenset(Category), "route": {*Route, NONE}, "decision": frozenset(Tier)}


@dataclass(frozen=True, slots=True)
class Pathway:
    """What ``decide`` applies; built by ``assemble`` only."""

    ref: PathwayVersion
    lineage: tuple[str, ...]  # "core 1.0.0", ... the general one first
    sources: Mapping[str, Source]
    parameters: Parameters
    core: CoreParameters  # those of the parameters that Python reads by name
    definitions: Mapping[str, Expression]
    rules: tuple[Rule, ...]
    off: Mapping[str, str]
    stages: Mapping[Stage, Program]
    asked: Mapping[str, Term]  # what its rules and definitions name, in the order of the vocabulary
    after_guards: frozenset[int]  # places of the rules that ask what the guards took away
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def terms(self) -> Mapping[str, Term]:
        """The vocabulary that its rules are written in."""
        return VOCABULARY


def assemble(documents: Sequence[PathwayDocument], fingerprint: str) -> Pathway:
    """Resolve documents, the general one first, into a pathway; later ones override by name and rule id.

    Raises ``PathwayFaults`` with everything that is wrong.
    """
    own = documents[-1]
    builder = _Builder(documents)
    rules = builder.rules()
    builder.check_answers(rules)
    parameters = builder.parameters
    if builder.faults or not fits(parameters, CoreParameters):
        raise PathwayFaults(builder.faults)
    return Pathway(
        ref=PathwayVersion(own.id, own.version, fingerprint, own.title),
        lineage=tuple(f"{d.id} {d.version}" for d in documents),
        sources={source.id: source for d in documents for source in d.sources},
        parameters=builder.parameters,
        core=parameters,
        definitions=builder.definitions,
        rules=rules,
        off=builder.off,
        stages=builder.stages(rules),
        asked={name: term for name, term in VOCABULARY.items() if name in builder.asked},
        after_guards=frozenset(place for place, rule in enumerate(rules) if "removed_drugs" in rule.asks),
        texts=_texts(documents),
    )


class _Builder:
    """Compiles the documents in order and collects faults instead of stopping at the first."""

    def __init__(self, documents: Sequence[PathwayDocument]) -> None:
        self.documents = documents
        self.faults: list[PathwayFault] = [*unit_faults(documents)]
        self.parameters = chosen(merged(*(d.parameters for d in documents)))
        self.off = {rule: why for d in documents for rule, why in d.off.items()}
        self.known: dict[str, Stage] = dict.fromkeys(VOCABULARY, Stage.CLASS)
        for stage, names in DECIDED.items():
            self.known |= dict.fromkeys(names, Stage(min(stage + 1, Stage.PLAN)))
        self.definitions: dict[str, Expression] = {}
        self.constants: dict[str, FactValue] = {}
        self.asked: set[str] = set()
        self._parameters()
        self._define()

    def _parameters(self) -> None:
        """A later document may set a parameter, and must not make another kind of value of it."""
        earlier: dict[str, ParameterValue] = {}
        for document in self.documents:
            for place, message in mismatches(earlier, document.parameters):
                self._fault(document, ("parameters", *place), message)
            earlier = merged(earlier, document.parameters)
            for name, cite in document.parameter_sources.items():
                self._cited(document, ("parameters", name, "cite"), cite)
        for name, message in unusable_choices(earlier):
            self._fault(self.documents[-1], ("parameters", name), message)
        told = {fault.place for fault in self.faults}
        for place, message in misfits(self.parameters, CoreParameters, ("parameters",)):
            if place not in told:
                self._fault(self._last_to_set(place), place, message)

    def _last_to_set(self, place: Place) -> PathwayDocument:
        """The document whose value of a parameter stands; the last one where nobody sets it."""
        setting = (document for document in reversed(self.documents) if place[1] in document.parameters)
        return next(setting, self.documents[-1])

    def _define(self) -> None:
        """Definitions may use each other in any order; a circle is a fault."""
        place: dict[str, tuple[PathwayDocument, str]] = {
            n: (d, t) for d in self.documents for n, t in d.define.items()
        }
        for name, (document, _) in place.items():
            if name in VOCABULARY:
                self._fault(document, ("define", name), f"{name!r} is already a fact of the vocabulary")
        waiting = dict(place)
        while waiting:
            ready = [n for n, (_, text) in waiting.items() if not _mentions(text, waiting)]
            if not ready:
                for name, (document, _) in waiting.items():
                    self._fault(document, ("define", name), f"{name!r} is defined by itself, in a circle")
                break
            for name in ready:
                document, text = waiting.pop(name)
                compiled = self._expression(document, ("define", name), text, Stage.PLAN)
                if compiled:
                    self.definitions[name] = compiled
                    self.known[name] = max((self.known[n] for n in compiled.names), default=Stage.CLASS)

    def rules(self) -> tuple[Rule, ...]:
        """Rules in order of the documents; a later one with the same id takes the earlier one's place."""
        found: dict[str, Rule] = {}
        for document in self.documents:
            seen: set[str] = set()
            for index, raw in enumerate(document.rules):
                if raw["id"] in seen:
                    self._fault(document, ("rules", index, "id"), f"rule {raw['id']} stands here twice")
                seen.add(raw["id"])
                found[raw["id"]] = self._rule(document, index, raw)
            for rule in document.off:
                if rule not in found:
                    self._fault(document, ("off", rule), f"no rule {rule!r} to switch off")
        return tuple(found.values())

    def check_answers(self, rules: Iterable[Rule]) -> None:
        """Whatever the record, one rule must stand behind class, diagnosis, decision and handover."""
        for kind in unanswered(rule for rule in rules if rule.id not in self.off):
            self._fault(self.documents[-1], ("rules",), f"no rule with 'when: {OTHERWISE}' for {kind!r}")

    def stages(self, rules: Sequence[Rule]) -> dict[Stage, Program]:
        """One function per stage, with the definitions that become ready there."""
        live = {index: rule for index, rule in enumerate(rules) if rule.id not in self.off}
        return {
            stage: stage_program(
                stage, {n: d for n, d in self.definitions.items() if self.known[n] is stage}, live
            )
            for stage in Stage
        }

    def _rule(self, document: PathwayDocument, index: int, raw: WrittenRule) -> Rule:
        place: Place = ("rules", index)
        effects = tuple(self._effects(document, place, raw.get("then") or {}))
        first = min((e.stage for e in effects), default=Stage.PLAN)
        written = raw.get("when") or ""
        asks = written not in ("", OTHERWISE)
        when = self._expression(document, (*place, "when"), written, first) if asks else None
        rule = Rule(
            id=raw["id"],
            mode=Mode(raw["mode"]),
            says=raw.get("says", ""),
            cite=tuple(Citation(**c) for c in raw.get("cite", ())),
            topic=raw.get("topic", ""),
            when=when,
            otherwise=written == OTHERWISE,
            effects=effects,
            reason=raw.get("reason", ""),
            asks=frozenset(self._terms_under(when) - SILENT) if when else frozenset(),
        )
        if not rule.effects and not rule.reason:
            self._fault(document, place, f"rule {rule.id} needs 'then', or a 'reason' why nothing follows")
        self._cited(document, (*place, "cite"), rule.cite)
        return rule

    def _terms_under(self, expression: Expression) -> set[str]:
        """Facts that an expression rests on, through the definitions it names."""
        terms: set[str] = set()
        for name in expression.names:
            definition = self.definitions.get(name)
            terms |= self._terms_under(definition) if definition else {name}
        return terms

    def _cited(self, document: PathwayDocument, place: Place, cite: Iterable[Citation]) -> None:
        known = {source.id for d in self.documents for source in d.sources}
        for citation in cite:
            if citation.source not in known:
                self._fault(document, place, f"no source {citation.source!r}; known: {sorted(known)}")

    def _effects(self, document: PathwayDocument, place: Place, then: Parameters) -> Iterable[Effect]:
        for name, given in then.items():
            where = (*place, "then", name)
            kind = EFFECT_NAMES.get(name)
            if kind is None:
                self._fault(document, where, f"unknown effect {name!r}; allowed: {', '.join(EFFECTS)}")
                continue
            for item in given if isinstance(given, list) else [given]:
                yield from self._effect(document, where, kind, item)

    def _effect(
        self, document: PathwayDocument, where: Place, kind: EffectName, item: ParameterValue
    ) -> Iterable[Effect]:
        attributes: dict[str, ParameterValue] = dict(item) if isinstance(item, Mapping) else {"code": item}
        codes = attributes.pop("code", None)
        condition = attributes.pop("if", None)
        only_if = (
            self._expression(document, where, str(condition), EFFECTS[kind].stage) if condition else None
        )
        odd = attributes.keys() - EFFECTS[kind].attributes
        if odd:
            allowed = sorted(EFFECTS[kind].attributes) or "none but code"
            self._fault(document, where, f"{kind} takes no {sorted(odd)}; allowed: {allowed}")
        worked_out = {
            k: self._attribute(document, where, v, EFFECTS[kind].stage) for k, v in attributes.items()
        }
        for _, message in misfits(worked_out, Attributes):
            self._fault(document, where, message)
        compiled = worked_out if fits(worked_out, Attributes) else Attributes()
        for code in codes if isinstance(codes, list) else [codes]:
            if not isinstance(code, str) or code not in CODES.get(kind, {code}):
                allowed = ", ".join(sorted(CODES.get(kind, ())))
                self._fault(document, where, f"{code!r} is no {kind}; allowed: {allowed}")
            yield Effect(kind, str(code), compiled, only_if)

    def _attribute(
        self, document: PathwayDocument, where: Place, value: ParameterValue, stage: Stage
    ) -> object:
        """Evaluates a string that starts with ``=``, at once if it names no fact; keeps all else as it is."""
        if isinstance(value, str) and value.startswith("="):
            compiled = self._expression(document, where, value[1:], stage)
            return compiled.evaluate({}) if compiled and not compiled.names else compiled
        if isinstance(value, Mapping):
            return {k: self._attribute(document, where, v, stage) for k, v in value.items()}
        return value

    def _expression(
        self, document: PathwayDocument, place: Place, text: str, stage: Stage
    ) -> Expression | None:
        try:
            compiled = compile_expression(text, self.parameters, frozenset(self.known), self.constants)
        except ExpressionFault as fault:
            self._fault(document, place, str(fault))
            return None
        self.asked.update(compiled.names)
        if late := ", ".join(name for name in compiled.names if self.known[name] > stage):
            self._fault(document, place, f"{late} is decided later than this rule ({stage.name})")
        return compiled

    def _fault(self, document: PathwayDocument, place: Place, message: str) -> None:
        self.faults.append(PathwayFault(document.id, place, message))


def _texts(documents: Iterable[PathwayDocument]) -> Mapping[str, Mapping[str, str]]:
    """The words of the documents by language; a later one has the say."""
    merged_texts: dict[str, dict[str, str]] = {}
    for document in documents:
        for language, words in document.texts.items():
            merged_texts.setdefault(language, {}).update(words)
    return merged_texts


def _mentions(text: str, names: Iterable[str]) -> bool:
    """Whether an expression mentions one of the names (as a word)."""
    return not set(re.findall(r"\w+", text)).isdisjoint(names)
