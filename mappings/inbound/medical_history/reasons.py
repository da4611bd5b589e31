"""What something was given, ordered or done for: by code or in words, in the reason itself or as the name of what it refers to.

A reference to what is on record tells nothing that its own entry does not; of one that leads elsewhere the name is all there is.
"""

from mappings.inbound.resources.codings import Concept, concepts, in_words
from mappings.inbound.resources.compartment import Compartment, SourceResource
from mappings.inbound.resources.datatypes import objs, reference, text


def reasons(entry: SourceResource, chart: Compartment) -> tuple[Concept, ...]:
    """All reasons of an order, a medicine, an operation or a report."""
    coded = concepts(entry.body.get("reasonCode"))
    if "reasonReference" not in entry.body:
        return coded
    elsewhere = (it for it in objs(entry.body["reasonReference"]) if not chart.holds(reference(it)))
    return (*coded, *(in_words(name) for it in elsewhere if (name := text(it.get("display")))))
