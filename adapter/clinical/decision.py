"""The decision that comes out: what is proposed, what is not, and the rules and evidence behind each of it.

Nothing here is an order. Every output carries a ``Why``; an output without a rule id cannot be built.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import assert_never

from adapter.clinical.core_parameters import LetterRecipient, SendTrigger
from adapter.clinical.model import Rejected, TScore
from adapter.read_only import read_only


class Category(StrEnum):
    """BMD class by T-score (WHO); not a diagnosis (C-11)."""

    NORMAL = "normal"
    OSTEOPENIA = "osteopenia"
    OSTEOPOROSIS = "osteoporosis"
    INDETERMINATE = "indeterminate"
    NOT_CLASSIFIABLE = "not_classifiable_by_t_score"

    @property
    def by_t_score(self) -> bool:
        """Whether it is one of the three WHO classes, which a T-score decided."""
        match self:
            case Category.NORMAL | Category.OSTEOPENIA | Category.OSTEOPOROSIS:
                return True
            case Category.INDETERMINATE | Category.NOT_CLASSIFIABLE:
                return False
            case unreachable:
                assert_never(unreachable)


class DiagnosisStatus(StrEnum):
    """Software never confirms a diagnosis (C-11)."""

    NONE = "none"
    PROVISIONAL = "provisional"
    BLOCKED = "blocked"


class Route(StrEnum):
    """The ways to a provisional diagnosis: three of the rules, and one that somebody recorded before."""

    LOW_ENERGY_FRACTURE = "low_energy_fracture"
    DXA_T_SCORE = "dxa_t_score"
    HIGH_FRACTURE_RISK = "high_fracture_risk"
    RECORDED_DIAGNOSIS = "recorded_diagnosis"


class TreatmentDecision(StrEnum):
    """What is decided about treatment; the first `Tier` that applies chooses (C-57)."""

    BLOCKED = "blocked"
    CONTINUE = "continue"
    CLINICIAN_DECIDES = "clinician_decides"
    PROPOSE = "propose"
    NONE = "none"


@read_only
class Why:
    """What stands behind an output: the rules that produced it and the evidence they used."""

    rules: tuple[str, ...]
    evidence: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse an output that no rule stands behind."""
        if not self.rules:
            raise ValueError("an output needs at least one rule id")


@read_only
class Classification:
    """BMD class and the T-score that decided it; with a doubt it may not hold today (C-60, C-62)."""

    category: Category
    why: Why
    deciding: TScore | None = None
    study: tuple[TScore, ...] = ()  # the scores of the deciding study, decisive sites first
    doubts: tuple[str, ...] = ()


@read_only
class Diagnosis:
    """Provisional at most; ``routes`` is the exact set of ways that led there."""

    status: DiagnosisStatus
    why: Why
    routes: tuple[Route, ...] = ()


@read_only
class Option:
    """A drug option shown to the clinician: firm, or only after the named checks."""

    code: str
    drugs: tuple[str, ...]
    why: Why
    waits_for: tuple[str, ...] = ()

    @property
    def firm(self) -> bool:
        """Whether nothing is left to be checked before a clinician may choose it."""
        return not self.waits_for


@read_only
class NotOffered:
    """An option, or one drug of it, that a guard took away."""

    code: str
    reason: str
    why: Why


@read_only
class Treatment:
    """The one treatment decision and its options."""

    decision: TreatmentDecision
    basis: str
    why: Why
    options: tuple[Option, ...] = ()
    not_offered: tuple[NotOffered, ...] = ()


@read_only
class Goal:
    """A target in the unit named; ``low`` and ``high`` are inclusive, ``None`` is open."""

    code: str
    unit: str
    why: Why
    low: Decimal | None = None
    high: Decimal | None = None


@read_only
class Activity:
    """Something to do or to discuss; ``clinical`` ones are proposals that a clinician confirms one by one."""

    code: str
    why: Why
    clinical: bool = False
    details: tuple[tuple[str, str], ...] = ()


@read_only
class FollowUp:
    """A later contact: a due date, an awaited event or an interval; without any, the clinician sets it."""

    code: str
    why: Why
    due: date | None = None
    trigger: str | None = None
    interval: str | None = None
    details: tuple[tuple[str, str], ...] = ()


@read_only
class Flag:
    """A remark that a human must see; ``detail`` narrows it (``rf_disease:rheumatoid_arthritis``)."""

    code: str
    why: Why
    detail: str | None = None

    @property
    def name(self) -> str:
        """Code with its detail, as cases and letters write it."""
        return f"{self.code}:{self.detail}" if self.detail else self.code


@read_only
class Handover:
    """The recipient of the letter, the event that lets it go, and what it must say beyond the outputs."""

    recipient: LetterRecipient
    send_trigger: SendTrigger
    interim_release_offered: bool
    why: Why
    statements: tuple[tuple[str, str], ...] = ()  # (text key, detail or "")


@dataclass(frozen=True, slots=True)
class PathwayVersion:
    """Which rules decided: id, version and the fingerprint of the resolved pathway."""

    id: str
    version: str
    fingerprint: str
    title: str = ""


@read_only
class Decision:
    """Everything proposed for one patient on one day under one pathway."""

    pathway: PathwayVersion
    on: date
    age: int | None
    classification: Classification
    diagnosis: Diagnosis
    treatment: Treatment
    handover: Handover
    goals: tuple[Goal, ...] = ()
    activities: tuple[Activity, ...] = ()
    follow_ups: tuple[FollowUp, ...] = ()
    flags: tuple[Flag, ...] = ()
    computed: tuple[tuple[str, Decimal], ...] = ()
    unknown: tuple[str, ...] = ()
    not_proposed: tuple[NotOffered, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    warranted: bool = field(default=True)  # whether there is anything to write a plan about
    # The whole trace: every rule whose condition held, in the pathway's order.
    rules_fired: tuple[str, ...] = ()
