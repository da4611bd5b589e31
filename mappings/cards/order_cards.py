"""What speaks against an osteoporosis drug that is being ordered.

No card about it is no statement that it is safe.
"""

from collections.abc import Iterable, Iterator
from typing import assert_never

from adapter.clinical.courses import BONE_DRUGS
from adapter.clinical.decision import Decision, TreatmentDecision
from adapter.clinical.model import MedicineKind
from adapter.input.wire_json import ReadOnlyJson
from adapter.letter import Texts
from adapter.letter.drugs import in_use, refused_lines
from mappings.cards.card import Advice, Indicator, plain
from mappings.handover.institution import Institution
from mappings.handover.propose import Proposal
from mappings.inbound import ordered_drugs


def about_orders(
    proposal: Proposal, orders: Iterable[ReadOnlyJson], institution: Institution
) -> tuple[Advice, ...]:
    """A card for each osteoporosis drug that the decision does not offer as it is, and for unreadable drugs.

    ``orders`` are MedicationRequests, and the Medications that they refer to.
    """
    if proposal.not_followed is not None:
        return ()
    kinds, unread = ordered_drugs(orders)
    found = [it for kind in sorted(kinds & BONE_DRUGS) for it in _about(kind, proposal, institution.texts)]
    if unread:
        said = institution.texts.say("card.unread_drug")
        found.append(Advice(said, said, Indicator.WARNING, proposal.decision.treatment.why.rules))
    return tuple(found)


def _about(kind: MedicineKind, proposal: Proposal, texts: Texts) -> Iterator[Advice]:
    decision, name = proposal.decision, texts.name("medicine", kind.value)
    offered = [option for option in decision.treatment.options if kind.value in (option.code, *option.drugs)]
    goes_on = decision.treatment.decision is TreatmentDecision.CONTINUE and kind in in_use(
        decision, proposal.reading.record
    )
    if any(option.firm for option in offered) or goes_on:
        return
    if not offered:
        yield _not_an_option(kind, name, proposal, texts)
        return
    waiting = dict.fromkeys(check for option in offered for check in option.waits_for)
    checks = texts.series([texts.name("check", check) for check in waiting])
    said = texts.say("card.waits", drug=name, checks=checks)
    rules = dict.fromkeys(rule for option in offered for rule in option.why.rules)
    yield Advice(said, said, Indicator.WARNING, tuple(rules))


def _not_an_option(kind: MedicineKind, name: str, proposal: Proposal, texts: Texts) -> Advice:
    """The pathway offers something else, or nothing; with all that it took away and why."""
    decision, gone = proposal.decision, proposal.decision.treatment.not_offered
    said = texts.say("card.no_option", drug=name)
    refused = refused_lines(gone, proposal.reading.record, decision.on, texts)
    detail = [said, texts.say(f"treatment.{decision.treatment.decision.value}")]
    detail += [f"- {plain(line.text)}" for line in refused]
    rules = dict.fromkeys(
        (*decision.treatment.why.rules, *(rule for option in gone for rule in option.why.rules))
    )
    own = any(option.code == kind.value for option in gone)
    return Advice(said, "\n".join(detail), Indicator.CRITICAL if own else _grave(decision), tuple(rules))


def _grave(decision: Decision) -> Indicator:
    match decision.treatment.decision:
        case TreatmentDecision.BLOCKED:
            return Indicator.CRITICAL
        case (
            TreatmentDecision.CONTINUE
            | TreatmentDecision.CLINICIAN_DECIDES
            | TreatmentDecision.PROPOSE
            | TreatmentDecision.NONE
        ):
            return Indicator.WARNING
        case unreachable:
            assert_never(unreachable)
