"""Which medicine an entry is about: the coded product, or the Medication it refers to, inside or beside."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from adapter.clinical.model import MedicineKind, Reason
from adapter.input.wire_json import ReadOnlyJson
from mappings.codes import ATC, RXNORM, SNOMED, AnyCode
from mappings.inbound.medical_history.screening import (
    names_bone_drug,
    names_everyday_drug,
    weakens_bone,
    words_of,
)
from mappings.inbound.resources.codings import CONCEPTS, Concept, concept_of, disagree, in_words
from mappings.inbound.resources.compartment import SourceResource, contained
from mappings.inbound.resources.datatypes import obj, objs, reference, text
from mappings.inbound.resources.resource_status import status_unread
from mappings.valuesets import table

READ_SYSTEMS = frozenset({ATC, RXNORM, SNOMED})


@lru_cache(CONCEPTS)
def kinds_of(said: Concept) -> frozenset[MedicineKind]:
    """Every kind that any coding stands for."""
    return frozenset(MedicineKind(name.replace("-", "_")) for name in said.names("medicine"))


def product(entry: SourceResource, stock: Mapping[str, SourceResource]) -> Concept:
    """What the entry names; of a Medication without a code its ingredients, as far as they agree.

    Of a Medication that is not here the name beside the reference is all there is.
    """
    coded = concept_of(entry.body.get("medicationCodeableConcept"))
    if coded.coded or coded.label:
        return coded
    link = entry.body.get("medicationReference")
    found = _in_stock(link, entry, stock)
    if found is None or _unusable(found):
        return in_words(text(obj(link).get("display")))
    whole = found.code
    parts = [concept_of(part.get("itemCodeableConcept")) for part in objs(found.body.get("ingredient"))]
    # Of a compound one ingredient would stand for all: calcium with risedronate in one box is not calcium. So
    # a bone drug among several leaves a product that nobody can name.
    telling = any(kinds_of(part) or names_bone_drug(words_of(part)) for part in parts)
    if kinds_of(whole) or not (telling or len(parts) == 1):
        return whole
    if len(parts) > 1:
        return Concept()
    return parts[0] if telling or not (whole.coded or whole.label) else whole


def _in_stock(
    link: object, entry: SourceResource, stock: Mapping[str, SourceResource]
) -> SourceResource | None:
    """The Medication that a reference means, inside the entry or beside it."""
    named = reference(link)
    inside = {f"#{e.body['id']}": e for e in contained(entry, "Medication")}
    # Contained resources are named by a fragment (R4 references.html#contained),
    # others by the end of an address.
    return inside.get(named) or stock.get("/".join(named.split("/")[-2:]))


def medicine_concerned(entry: SourceResource, stock: Mapping[str, SourceResource]) -> Concept:
    """The medicine that a procedure used or a service is about, if one is named; else its own name."""
    body = entry.body
    used = [_in_stock(link, entry, stock) for link in objs(body.get("usedReference"))]
    said = [
        entry.code,
        *map(concept_of, objs(body.get("usedCode"))),
        *map(concept_of, objs(body.get("orderDetail"))),
        *(it.code for it in used if it and not _unusable(it)),
    ]
    named = [concept for concept in said if kinds_of(concept)] or [
        concept for concept in said if names_bone_drug(words_of(concept))
    ]
    return next(iter(named), said[0])


def ordered_drugs(orders: Iterable[ReadOnlyJson]) -> tuple[frozenset[MedicineKind], bool]:
    """What is ordered, and whether any of it is unreadable; Medications may come beside the orders."""
    entries = [SourceResource(order, "") for order in orders]
    stock = {
        entry.location: entry
        for entry in entries
        if entry.body.get("resourceType") == "Medication" and "id" in entry.body
    }
    said = [
        product(entry, stock) for entry in entries if entry.body.get("resourceType") == "MedicationRequest"
    ]
    kinds = frozenset(kind for concept in said for kind in kinds_of(concept))
    return kinds, any(unreadable(concept) is not None for concept in said)


def _unusable(medication: SourceResource) -> bool:
    """Whether the Medication never was, or something that may change its meaning cannot be read."""
    body = medication.body
    never = body.get("status") == "entered-in-error"
    return never or bool(body.get("modifierExtension")) or status_unread(body)


@lru_cache(CONCEPTS)
def unreadable(said: Concept) -> Reason | None:
    """Why nobody can say which medicine it is; a name without a known code may still be a bone drug."""
    if disagree(said, "medicine"):
        return Reason.CODES_DISAGREE
    if kinds_of(said):
        return None
    if names_bone_drug(words_of(said)):
        return Reason.BONE_DRUG_LIKE
    if not said.coded:
        return Reason.UNCODED
    if any(map(_group_says_what, said.codes)):
        return None
    # The products of one substance are many, and no value set holds them all: their names still
    # tell. Under the number of a trade (PZN, HPK, CNK, GTIN) a brand may hide anything, but not a
    # substance that it is called by.
    if names_everyday_drug(words_of(said)) and not any(c.system == ATC for c in said.codes):
        return None
    return None if _has_code_and_name(said) and not weakens_bone(words_of(said)) else Reason.UNKNOWN_CODE


def _group_says_what(code: AnyCode) -> bool:
    """A code of the ATC tells by its group what it is, unless the group has bone drugs among others."""
    return code.system == ATC and not table("medicine").below(code)


def _has_code_and_name(said: Concept) -> bool:
    """Whether a code of a system that we read comes with a name, which then names no bone drug."""
    return any(c.system in READ_SYSTEMS for c in said.codes) and bool(words_of(said))
