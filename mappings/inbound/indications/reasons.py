"""What something was given, ordered or done for, or why somebody came.

By code or in words, in the reason itself or as the name of what it refers to.

A reference to what is on record tells nothing that its own entry does not; of one that leads
elsewhere the name is all there is.
"""

from mappings.inbound.medical_history.screening import lost_concept
from mappings.inbound.resources.codings import Concept, concepts, in_words
from mappings.inbound.resources.compartment import Compartment, SourceResource
from mappings.inbound.resources.datatypes import REFERENCE, listed, obj, objs, reference, text


def has_reason(entry: SourceResource) -> bool:
    """Whether an element for a reason is there, readable or not."""
    return "reasonCode" in entry.body or "reasonReference" in entry.body


def reasons(entry: SourceResource, chart: Compartment) -> tuple[Concept, ...]:
    """All reasons of an order, a medicine, an operation or a visit."""
    coded = concepts(entry.body.get("reasonCode"))
    if "reasonReference" not in entry.body:
        return coded
    elsewhere = [it for it in objs(entry.body["reasonReference"]) if not chart.holds(reference(it))]
    return (*coded, *[in_words(name) for it in elsewhere if (name := text(it.get("display")))])


def reason_unread(entry: SourceResource) -> bool:
    """Whether a reason is there in which nobody can read a code, a word or what it refers to."""
    links = listed(entry.body.get("reasonReference"))
    return lost_concept(entry.body.get("reasonCode")) or any(
        not REFERENCE & obj(link).keys() for link in links
    )
