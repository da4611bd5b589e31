"""The whole decision, top to bottom: class, diagnosis, guards, options, decision, plan.

Same record, same pathway, same day: the same decision, byte for byte. Nothing in here reads a clock, a file,
a network or an environment, and nothing here knows a code of any terminology.
"""

from datetime import date

from adapter.clinical import outputs
from adapter.clinical.case import PatientOnDay, TermValues
from adapter.clinical.classify import classification, classify
from adapter.clinical.decision import (
    Decision,
    Diagnosis,
    DiagnosisStatus,
    Handover,
    Route,
)
from adapter.clinical.model import BoneRecord, Rejected
from adapter.clinical.pathway.evaluation import Evaluation, grouped
from adapter.clinical.pathway.pathway import Pathway
from adapter.clinical.pathway.program import FiredByKind
from adapter.clinical.pathway.rules import NONE as NOT_OFFERED
from adapter.clinical.pathway.rules import Stage
from adapter.clinical.treat import drugs_of, offered_options, treatment


def decide(record: BoneRecord, pathway: Pathway, on: date) -> Decision:
    """Decide for one patient on one day; never raises for any record."""
    case = PatientOnDay(record, pathway.core, on)
    facts = TermValues(case, pathway.asked)
    evaluation = Evaluation(pathway, facts)

    category, why = classify(evaluation)
    facts.add("bmd_class", category, why.evidence)

    diagnosis = _diagnose(evaluation)
    facts.add("diagnosis", diagnosis.status, diagnosis.why.evidence)
    facts.add("routes", diagnosis.routes, diagnosis.why.evidence)

    guards = evaluation.effects(Stage.GUARD)
    removals = grouped(guards.get("remove", ()))
    facts.add("removed_drugs", frozenset(removals))

    offers = grouped(evaluation.effects(Stage.OFFER).get("offer", ()))
    options, gone = offered_options(evaluation, offers, removals, guards.get("wait", ()))
    facts.add("offers", frozenset(offers))
    facts.add("offers_left", len(options))

    chosen = treatment(evaluation, evaluation.effects(Stage.DECISION), options, gone)
    facts.add("decision", chosen.decision, chosen.why.evidence)
    facts.add("options", frozenset([option.code for option in chosen.options]), chosen.why.evidence)
    shown = frozenset(drug for option in chosen.options for drug in drugs_of(offers[option.code]))
    facts.add("option_drugs", shown - removals.keys(), chosen.why.evidence)

    plan = evaluation.effects(Stage.PLAN)
    return Decision(
        pathway=pathway.ref,
        on=on,
        age=case.age,
        classification=classification(category, why, case.study, tuple(grouped(plan.get("doubt", ())))),
        diagnosis=diagnosis,
        treatment=chosen,
        handover=_handover(evaluation, plan),
        goals=outputs.goals(evaluation, plan),
        activities=outputs.activities(evaluation, plan),
        follow_ups=outputs.follow_ups(evaluation, plan),
        flags=outputs.flags(evaluation, plan),
        computed=outputs.computed(evaluation, plan),
        unknown=tuple(grouped(plan.get("unknown", ()))),
        not_proposed=gone,
        rejected=tuple(sorted(record.rejected, key=_refusal)),
        warranted=facts.values["plan_warranted"] is True,
        rules_fired=evaluation.rules_that_held(),
    )


def _refusal(refusal: Rejected) -> tuple[str, ...]:
    """A place in the list that does not depend on the order of reading."""
    parts = (
        refusal.reason,
        refusal.concerns,
        refusal.on,
        refusal.site,
        refusal.side,
        refusal.evidence,
        refusal.about,
    )
    return tuple("" if part is None else str(part) for part in parts)


def _diagnose(evaluation: Evaluation) -> Diagnosis:
    """Blocked wins and clears the routes; a route is never more than provisional (C-11, C-51)."""
    fired = evaluation.effects(Stage.DIAGNOSIS)
    if blocked := fired.get("block"):
        return Diagnosis(DiagnosisStatus.BLOCKED, evaluation.why(blocked))
    ways = grouped(fired["route"])
    routes = tuple(route for route in Route if route in ways)
    status = DiagnosisStatus.PROVISIONAL if routes else DiagnosisStatus.NONE
    return Diagnosis(status, evaluation.why(fired["route"]), routes)


def _handover(evaluation: Evaluation, plan: FiredByKind) -> Handover:
    parameters = evaluation.pathway.core
    interim = plan["interim"]
    return Handover(
        recipient=parameters["handover_recipient"],
        send_trigger=parameters["handover_trigger"],
        interim_release_offered=any(f.effect.code != NOT_OFFERED for f in interim),
        why=evaluation.why(interim),
        statements=outputs.statements(evaluation, plan),
    )
