"""The steps of the plan as their own requests: drafts and proposals that a clinician accepts one by one.

A plan that refers to requests suits systems in which somebody works through them; the default stays
details inside the plan. Nothing here is an order, and nothing is requested that waits for a check:
such an option is only told.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from adapter.clinical.decision import Option, Why
from adapter.input.wire_json import Json
from adapter.letter.layout import ACTIVITIES, OTHER_ACTIVITY, RowOwner
from mappings.codes import PLAN_KEY
from mappings.outbound.designations import Wording
from mappings.outbound.draft import Draft
from mappings.outbound.fingerprint import seal
from mappings.outbound.ids import canonical, resource_id, rule_uri
from mappings.outbound.labels import label
from mappings.outbound.resources.activities import activity_sentence, follow_up_sentence, option_sentence
from mappings.outbound.resources.citations import cited, evidence, patient_reference, source_reference
from mappings.outbound.resources.human_tasks import TaskTemplate
from mappings.outbound.vocabulary import codes, kind, medicine

SERVICE, MEDICATION, TOLD = "ServiceRequest", "MedicationRequest", "CommunicationRequest"
# Something is done for the patient though no order form exists for it; every other
# activity is said to somebody.
SERVICES = frozenset(
    {
        "calcium_supplement_review",
        "dental_check_first",
        "exclude_other_causes",
        "frax_request",
        "height_weight_spine_check",
        "medication_review_fall_risk",
        "occupational_therapy",
        "physio_education",
        "risk_factor_inventory",
        "smoking_cessation_via_gp",
        "vision_hearing_check",
        "vitamin_d_review",
    }
)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, to give or to say; ``name`` tells it from the other steps of the plan."""

    name: str
    code: str
    type: str
    said: str
    why: Why
    due: Json = field(default_factory=dict)


def requests(template: TaskTemplate) -> tuple[Draft, ...]:
    """One draft per activity, per drug of a firm option, per other option and per follow-up."""
    return tuple(_draft(step, template) for step in _distinct(_steps(template)))


def _steps(template: TaskTemplate) -> Iterator[Step]:
    decision, wording = template.decision, template.context.wording
    for activity in decision.activities:
        said = activity_sentence(activity, wording)
        asked = kind(activity.code) or (SERVICE if activity.code in SERVICES else TOLD)
        yield Step(f"activity|{activity.code}", activity.code, asked, said, activity.why)
    for option in decision.treatment.options:
        yield from _offered(option, wording, len(decision.treatment.options))
    for later in decision.follow_ups:
        # An Appointment needs participants who agree to a time; before that it is a service that is proposed.
        asked = TOLD if kind(later.code) == TOLD else SERVICE
        due = {"occurrencePeriod": {"start": later.due.isoformat()}} if later.due else {}
        said = follow_up_sentence(later, wording)
        yield Step(f"follow-up|{later.code}", later.code, asked, said, later.why, due)


def _offered(option: Option, wording: Wording, options: int) -> Iterator[Step]:
    """Drugs by name where nothing is left to be checked, otherwise the option as something to be told."""
    said, drugs = option_sentence(option, wording), _drugs(option) if option.firm else ()
    if not drugs:
        yield Step(f"option|{option.code}", option.code, TOLD, said, option.why)
    if len(drugs) > 1 or options > 1:
        said = f"{said} - {label('one_of', wording.language)}"
    for drug in drugs:
        yield Step(f"option|{option.code}|{drug}", drug, MEDICATION, said, option.why)


def _drugs(option: Option) -> tuple[str, ...]:
    """The substances of an option; none of a whole class, which nobody can prescribe."""
    return tuple(drug for drug in option.drugs or (option.code,) if drug in codes("drug"))


def _distinct(steps: Iterator[Step]) -> Iterator[Step]:
    seen: Counter[str] = Counter()
    for step in steps:
        seen[step.name] += 1
        yield step if seen[step.name] == 1 else replace(step, name=f"{step.name}|{seen[step.name]}")


def _draft(step: Step, template: TaskTemplate) -> Draft:
    content = _request(step, template) | _of_type(step, template)
    return seal({name: value for name, value in content.items() if value}, f"{template.key}|step|{step.name}")


def _request(step: Step, template: TaskTemplate) -> Json:
    """What every request says; a note names the rules, since not every type has a place for them."""
    note = f"{label('proposal', template.context.language)} {step.said} {cited(step.why.rules, template.context.language)}"
    return {
        "resourceType": step.type,
        "language": template.context.language,
        "status": "draft",
        "subject": patient_reference(template.subject),
        "authoredOn": template.context.now,
        "requester": template.device,
        "note": [{"text": note}],
    }


def _of_type(step: Step, template: TaskTemplate) -> Json:
    group = {"system": PLAN_KEY, "value": resource_id("CarePlan", template.key)}
    if step.type == TOLD:
        return {"groupIdentifier": group, **_communication_content(step, template)}
    pathway = template.decision.pathway
    proposal: Json = {
        "intent": "proposal",
        "instantiatesCanonical": [canonical(pathway.id, pathway.version)],
        "instantiatesUri": [rule_uri(rule) for rule in step.why.rules],
    }
    if step.type == MEDICATION:
        drug = {"medicationCodeableConcept": medicine(step.code, template.context.language)}
        return {
            **proposal,
            **drug,
            "groupIdentifier": group,
            "supportingInformation": _evidence(step, template),
        }
    what = {"code": template.context.wording.concept(step.code), "requisition": group, **step.due}
    return {**proposal, **what, "supportingInfo": _evidence(step, template)}


def _communication_content(step: Step, template: TaskTemplate) -> Json:
    """A message has neither intent nor definition in R4, and ``about`` is its place for the evidence."""
    owner = ACTIVITIES.get(step.code, OTHER_ACTIVITY)[1]
    patient = [patient_reference(template.subject)] if owner is RowOwner.PATIENT else []
    return {
        "category": [template.context.wording.concept(step.code)],
        "about": _evidence(step, template),
        "payload": [{"contentString": step.said}],
        "recipient": patient,
        **step.due,
    }


def _evidence(step: Step, template: TaskTemplate) -> list[Json]:
    """The sources that this step rests on, or those of the whole decision where it names none."""
    own = sorted(set(step.why.evidence) & set(template.subject.sources))
    return [source_reference(it) for it in own or evidence(template.subject, template.decision)]
