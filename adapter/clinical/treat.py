"""Which drug options stand after the guards, and which tier decides (C-57, C-58).

A guard that holds takes a drug away. A check that nobody did makes what is left conditional. An option whose
drugs are all gone is not shown, and says why.
"""

from collections.abc import Iterable
from typing import assert_never

from adapter.clinical.decision import NotOffered, Option, Treatment, TreatmentDecision
from adapter.clinical.pathway.evaluation import Evaluation, FiredByCode, FiredEffects, grouped
from adapter.clinical.pathway.program import FiredByKind
from adapter.clinical.pathway.rules import Fired, Tier


def offered_options(
    evaluation: Evaluation, offers: FiredByCode, removals: FiredByCode, waits: FiredEffects
) -> tuple[tuple[Option, ...], tuple[NotOffered, ...]]:
    """Options with a drug left, in the order of the pathway, and what was taken away."""
    options, gone = [], []
    for code, group in offers.items():
        drugs = drugs_of(group)
        left = tuple(d for d in drugs if d not in removals)
        gone += [_not_offered(evaluation, drug, removals[drug]) for drug in drugs if drug in removals]
        if left:
            options.append(_option(evaluation, code, group, left, waits))
        else:
            gone.append(_not_offered(evaluation, code, tuple(f for drug in drugs for f in removals[drug])))
    return tuple(options), tuple(gone)


def drugs_of(offer: FiredEffects) -> tuple[str, ...]:
    """Drugs inside an option, named in it or not, each once."""
    return tuple(dict.fromkeys(d for f in offer for d in f.effect.attributes["drugs"]))


def _option(
    evaluation: Evaluation,
    code: str,
    group: FiredEffects,
    drugs: tuple[str, ...],
    waits: Iterable[Fired],
) -> Option:
    named = all(f.effect.attributes.get("name_drugs", True) for f in group)
    checks = [
        f
        for f in waits
        if not f.effect.attributes.get("drugs") or set(drugs) & set(f.effect.attributes["drugs"])
    ]
    return Option(
        code,
        drugs if named else (),
        evaluation.why((*group, *checks)),
        tuple(dict.fromkeys(f.effect.code for f in checks)),
    )


def _not_offered(evaluation: Evaluation, code: str, group: FiredEffects) -> NotOffered:
    reasons = dict.fromkeys(str(f.effect.attributes.get("because", f.rule.id)) for f in group)
    return NotOffered(code, ", ".join(reasons), evaluation.why(group))


def treatment(
    evaluation: Evaluation, held: FiredByKind, options: tuple[Option, ...], gone: tuple[NotOffered, ...]
) -> Treatment:
    """The first tier that any rule asks for decides; options are shown only with a proposal."""
    asked = grouped(held["decision"])
    tier = next(tier for tier in Tier if tier in asked)
    why = evaluation.why(asked[tier])
    shown = options if tier is Tier.PROPOSE else ()
    return Treatment(decision_of(tier), why.rules[0], why, shown, gone)


def decision_of(tier: Tier) -> TreatmentDecision:
    """What a tier comes to: three of them leave it to the clinician."""
    match tier:
        case Tier.BLOCKED:
            return TreatmentDecision.BLOCKED
        case Tier.OVERRIDE | Tier.STOP | Tier.GAP:
            return TreatmentDecision.CLINICIAN_DECIDES
        case Tier.CONTINUE:
            return TreatmentDecision.CONTINUE
        case Tier.PROPOSE:
            return TreatmentDecision.PROPOSE
        case Tier.NONE:
            return TreatmentDecision.NONE
        case unreachable:
            assert_never(unreachable)
