"""A rule as data: an id, a condition, what follows, and where it is written.

What may follow is the closed table ``EFFECTS``; each kind belongs to one stage, and a stage sees
only what the stages before it settled. That order *is* the order of deciding: class, diagnosis,
guards, options, decision, plan.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum, StrEnum
from typing import Literal, TypedDict

from adapter.clinical.pathway.logic import Expression
from adapter.clinical.value_kinds import Number, Scalar


class Mode(StrEnum):
    """What a rule may do by itself."""

    DETERMINISTIC = "deterministic"
    PROPOSE = "propose"  # a clinician confirms each of its outputs
    INFORMATION = "information"  # text or background, nothing to execute
    GUARD = "guard"  # adds a warning, a date or a question, or takes an option away
    NOT_PROPAGATED = "not_propagated"  # written in a leaflet, deliberately not acted on


class Stage(IntEnum):
    """The order of deciding."""

    CLASS = 1
    DIAGNOSIS = 2
    GUARD = 3
    OFFER = 4
    DECISION = 5
    PLAN = 6


@dataclass(frozen=True, slots=True)
class EffectKind:
    """Where an effect belongs and which attributes it takes besides its code."""

    stage: Stage
    attributes: frozenset[str] = frozenset()


# What an effect may say besides its code; an expression is worked out for each case.
Attributes = TypedDict(
    "Attributes",
    {
        "because": str,
        "drugs": Sequence[str],
        "name_drugs": bool,
        "low": Number | Expression | None,
        "high": Number | Expression | None,
        "unit": str,
        "value": Number | Expression | None,
        "from": date | Expression | None,
        "months": Number | Expression | None,
        "trigger": str | Expression | None,
        "interval": str | Expression | None,
        "detail": Scalar | Expression | None,
        "details": Mapping[str, Scalar | Expression | None] | None,
    },
    total=False,
)
# Typed, so that whoever asks for a kind that no rule can have is told so by the type check.
EffectName = Literal[
    "class", "route", "block", "remove", "wait", "offer", "decision", "goal", "activity", "follow_up", "flag", "doubt",
    "statement", "unknown", "interim", "computed",
]  # fmt: skip
EFFECTS: dict[EffectName, EffectKind] = {
    "class": EffectKind(Stage.CLASS),
    "route": EffectKind(Stage.DIAGNOSIS),
    "block": EffectKind(Stage.DIAGNOSIS),
    "remove": EffectKind(Stage.GUARD, frozenset({"because"})),
    "wait": EffectKind(Stage.GUARD, frozenset({"drugs"})),
    "offer": EffectKind(Stage.OFFER, frozenset({"drugs", "name_drugs"})),
    "decision": EffectKind(Stage.DECISION),
    "goal": EffectKind(Stage.PLAN, frozenset({"low", "high", "unit"})),
    "activity": EffectKind(Stage.PLAN, frozenset({"details"})),
    "follow_up": EffectKind(Stage.PLAN, frozenset({"from", "months", "trigger", "interval", "details"})),
    "flag": EffectKind(Stage.PLAN, frozenset({"detail"})),
    "doubt": EffectKind(Stage.PLAN),
    "statement": EffectKind(Stage.PLAN, frozenset({"detail"})),
    "unknown": EffectKind(Stage.PLAN),
    "interim": EffectKind(Stage.PLAN),
    "computed": EffectKind(Stage.PLAN, frozenset({"value"})),
}
EFFECT_NAMES: Mapping[str, EffectName] = {
    effect: effect for effect in EFFECTS
}  # from text to a kind that there is

OTHERWISE = "otherwise"  # a condition: no other rule has an effect of this kind
NONE = "none"  # the code of an effect that says: nothing of this kind

# What is always answered: a pathway has one rule for each that holds ``otherwise``, when
# no other rule says anything.
ALWAYS_ANSWERED: tuple[EffectName, ...] = ("class", "route", "decision", "interim")

# Names that a stage decides; rules of later stages may use them.
DECIDED: dict[Stage, tuple[str, ...]] = {
    Stage.CLASS: ("bmd_class",),
    Stage.DIAGNOSIS: ("diagnosis", "routes"),
    Stage.GUARD: ("removed_drugs",),
    Stage.OFFER: ("offers", "offers_left"),
    Stage.DECISION: ("decision", "options", "option_drugs"),
    Stage.PLAN: (),
}


class Tier(StrEnum):
    """Why a treatment decision is taken, in order of precedence (C-57): the first tier that applies wins."""

    BLOCKED = "blocked"
    OVERRIDE = "override"  # an open red flag on an active drug: continue gives way to the clinician
    CONTINUE = "continue"
    STOP = "stop"  # stops a proposal
    PROPOSE = "propose"
    GAP = "gap"  # nothing proposes, yet it is not nothing

    NONE = "none"  # no other rule asks for anything


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that follows, with its attributes."""

    kind: EffectName
    code: str
    attributes: Attributes = field(default_factory=Attributes)
    only_if: Expression | None = None  # narrows one effect of a rule that has several

    @property
    def stage(self) -> Stage:
        """When this effect takes place."""
        return EFFECTS[self.kind].stage


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a rule is written: a document of the pathway and its lines, or a guideline item."""

    source: str
    lines: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One statement of a leaflet, settlement or guideline that software can act on, or why it does not."""

    id: str
    mode: Mode
    says: str
    cite: tuple[Citation, ...]
    topic: str = ""
    when: Expression | None = None
    otherwise: bool = False  # holds when no other rule has an effect of its kind
    effects: tuple[Effect, ...] = ()
    reason: str = ""
    asks: frozenset[str] = frozenset()  # the vocabulary terms under its condition, through all definitions

    @property
    def executable(self) -> bool:
        """Whether anything follows from it."""
        return bool(self.effects)


@dataclass(frozen=True, slots=True, eq=False)
class Fired:
    """A rule whose condition holds, and one of its effects; made once per pathway, equal by identity."""

    rule: Rule
    effect: Effect


def unanswered(rules: Iterable[Rule]) -> list[str]:
    """The kinds of effect that must always be answered and for which no rule holds ``otherwise``."""
    held = {effect.kind for rule in rules if rule.otherwise for effect in rule.effects}
    return [kind for kind in ALWAYS_ANSWERED if kind not in held]
