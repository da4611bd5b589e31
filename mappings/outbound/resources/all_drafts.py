"""From a decision to everything that could be written about it."""

from dataclasses import replace

from adapter.clinical.decision import Decision
from mappings.outbound.draft import ActivityStyle, Drafts, Subject, WriteContext
from mappings.outbound.ids import plan_key, resource_id
from mappings.outbound.resources.care_plan import care_plan
from mappings.outbound.resources.communications import communications
from mappings.outbound.resources.human_tasks import TaskTemplate, apart, tasks
from mappings.outbound.resources.provenance import device, provenance
from mappings.outbound.resources.requests import requests


def drafts(subject: Subject, decision: Decision, context: WriteContext) -> Drafts:
    """The same decision gives the same drafts, whatever the order of its sources and whenever it is made.

    A decision that warrants no plan gives no plan and no letter; what a human must look at is still said.
    """
    key = plan_key(context.site, subject.patient_reference, decision.pathway.id)
    location = f"CarePlan/{resource_id('CarePlan', key)}"
    machine = device(context)
    author, plan = {"reference": machine.location}, {"reference": location}
    letters, odd = apart(
        communications(subject, decision, context, key, plan, author) if decision.warranted else ()
    )
    if not letters:
        context = replace(context, gp=())  # nobody is left to write to
    focus = plan if decision.warranted else None
    template = TaskTemplate(subject, decision, context, key, author, focus)
    referred = decision.warranted and context.activity_style is ActivityStyle.REFERENCE
    asked = requests(template) if referred else ()
    return Drafts(
        plan_location=location,
        plan=care_plan(subject, decision, context, key, author, asked if referred else None)
        if decision.warranted
        else None,
        communications=letters,
        tasks=tasks(template, odd),
        device=machine,
        provenance=provenance(subject, decision, context, key, author),
        question=template.question,
        requests=asked,
    )
