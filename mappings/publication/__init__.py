"""A pathway as FHIR R4, to read, cite and compare: the target of ``CarePlan.instantiatesCanonical``.

    resources = publication(pathway)   # PlanDefinition, Library, ActivityDefinitions, ValueSet, CodeSystems

``plan_definition``, ``actions``, ``activity_definitions`` and ``terminology`` make them,
under the ``names`` of each.

One action per rule, in the pathway's order, with its id, its words and its citations. Conditions are there to
be read, in the text of the action and in the Library; an engine is only told that there is one, because it
could not evaluate it. A rule that is switched off, or that nothing follows from, has the condition ``false``.
Every resource is a draft and experimental: what it says was not approved by whoever receives it.
"""

from adapter.clinical.pathway.pathway import Pathway
from adapter.input.wire_json import Json
from mappings.outbound.designations import outputs_of
from mappings.outbound.gate import admit_other
from mappings.publication.activity_definitions import activity_definitions
from mappings.publication.plan_definition import library, plan_definition
from mappings.publication.terminology import code_systems, value_set

__all__ = ["publication"]


def publication(pathway: Pathway) -> tuple[Json, ...]:
    """Everything to put on a server, each resource with its id; the same pathway gives the same resources."""
    outputs = outputs_of(pathway)
    made = (
        *code_systems(pathway),
        value_set(pathway, outputs),
        *activity_definitions(pathway, outputs),
        library(pathway),
        plan_definition(pathway),
    )
    for resource in made:
        admit_other(resource)
    return made
