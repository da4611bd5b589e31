"""The whole decision, top to bottom: class, diagnosis, guards, options, decision, plan.

Same record, same pathway, same day: the same decision, byte for byte. Nothing in here reads a clock, a file, a
network or an environment, and nothing here knows a code of any terminology.
"""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from adapter.clinical import outputs
from adapter.clinical.case import Case
from adapter.clinical.decision import (
    Category,
    Classification,
    Decision,
    Diagnosis,
    DiagnosisStatus,
    Handover,
    Option,
    Route,
    Why,
)
from adapter.clinical.language.pathway import Pathway
from adapter.clinical.language.program import Held
from adapter.clinical.language.rules import Fired, Stage
from adapter.clinical.model import BoneRecord, Rejected
from adapter.clinical.outputs import ANSWERS, Fires, Firing, grouped
from adapter.clinical.treat import offered_options, treatment

# A doubt is never resolved towards the more reassuring class: of two rules, the worse class stands.
WORST_FIRST = (
    Category.NOT_CLASSIFIABLE,
    Category.OSTEOPOROSIS,
    Category.OSTEOPENIA,
    Category.NORMAL,
    Category.INDETERMINATE,
)
BY_T_SCORE = (Category.NORMAL, Category.OSTEOPENIA, Category.OSTEOPOROSIS)
ROUTES = tuple(Route)
CLASS, DIAGNOSIS, GUARD, OFFER, DECISION, PLAN = Stage
ONLY_DXA_SHOWS_IT = ("ETZ-14",)
NEVER_CONFIRMED = ("C-11",)
PREPARED_ALWAYS = ("C-31",)


def decide(record: BoneRecord, pathway: Pathway, on: date) -> Decision:
    """Decide for one patient on one day; never raises for any record."""
    case = Case(record, pathway.parameters, on)
    facts = pathway.questions.put(case)
    firing = Firing(pathway, facts)

    classification = _classify(firing, case)
    facts.settle("bmd_class", classification.category, classification.why.evidence)

    diagnosis = _diagnose(firing)
    facts.settle("diagnosis", diagnosis.status, diagnosis.why.evidence)
    facts.settle("routes", diagnosis.routes, diagnosis.why.evidence)

    guards = firing.fire(GUARD)
    removed = frozenset(grouped(guards.get("remove", ())))
    facts.settle("removed_drugs", removed)

    offers = firing.fire(OFFER).get("offer", ())
    options, gone = offered_options(firing, guards, offers)
    facts.settle("offers", frozenset(grouped(offers)))
    facts.settle("offers_left", len(options))

    chosen = treatment(firing, firing.fire(DECISION), options, gone)
    facts.settle("decision", chosen.decision, chosen.why.evidence)
    facts.settle("options", frozenset([option.code for option in chosen.options]), chosen.why.evidence)
    shown = _drugs(offers, chosen.options, removed)
    facts.settle("option_drugs", shown, chosen.why.evidence)

    plan = firing.fire(PLAN)
    return Decision(
        pathway=pathway.ref,
        on=on,
        age=case.age,
        classification=classification,
        diagnosis=diagnosis,
        treatment=chosen,
        handover=_handover(firing, plan),
        goals=outputs.goals(firing, plan),
        activities=outputs.activities(firing, plan),
        follow_ups=outputs.follow_ups(firing, plan),
        flags=outputs.flags(firing, plan),
        computed=outputs.computed(firing, plan),
        unknown=tuple(grouped(plan.get("unknown", ()))),
        not_proposed=gone,
        rejected=tuple(sorted(record.rejected, key=_refusal)),
        warranted=facts.values["plan_warranted"] is True,
        rules_fired=firing.trace(),
    )


def _refusal(one: Rejected) -> tuple[str, ...]:
    """A place in the list that does not depend on the order of reading."""
    parts = (one.reason, one.concerns, one.on, one.site, one.side, one.evidence)
    return tuple("" if part is None else str(part) for part in parts)


def _classify(firing: Firing, case: Case) -> Classification:
    category, asking = _worst(firing.fire(CLASS).get("class", ()))
    why = firing.why(asking) if asking else Why(ONLY_DXA_SHOWS_IT)
    by_class = category in BY_T_SCORE
    return Classification(category, why, case.study.deciding if by_class else None, case.study.shown)


@lru_cache(ANSWERS)
def _worst(fired: Fires) -> tuple[Category, Fires]:
    classes = grouped(fired)
    return next(((c, classes[c]) for c in WORST_FIRST if c in classes), (Category.INDETERMINATE, ()))


def _diagnose(firing: Firing) -> Diagnosis:
    """Blocked wins and clears the routes; a route is never more than provisional (C-11, C-51)."""
    fired = firing.fire(DIAGNOSIS)
    blocked, routes = fired.get("block"), fired.get("route")
    if blocked:
        return Diagnosis(DiagnosisStatus.BLOCKED, firing.why(blocked))
    if routes:
        ways = grouped(routes)
        return Diagnosis(
            DiagnosisStatus.PROVISIONAL, firing.why(routes), tuple(r for r in ROUTES if r in ways)
        )
    return Diagnosis(DiagnosisStatus.NONE, Why(NEVER_CONFIRMED))


def _drugs(offers: Iterable[Fired], options: Iterable[Option], removed: frozenset[str]) -> frozenset[str]:
    """Drugs inside the options shown, named in them or not."""
    shown = {option.code for option in options}
    drugs = {d for f in offers if f.effect.code in shown for d in f.effect.attributes["drugs"]}
    return frozenset(drugs - removed)


def _handover(firing: Firing, plan: Held) -> Handover:
    parameters = firing.pathway.parameters
    interim = plan.get("interim")
    return Handover(
        recipient=parameters["handover_recipient"],
        send_trigger=parameters["handover_trigger"],
        interim_release_offered=bool(interim),
        why=firing.why(interim) if interim else Why(PREPARED_ALWAYS),
        statements=outputs.statements(firing, plan),
    )
