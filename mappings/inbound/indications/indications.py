"""The reasons of medicines, operations and visits: a reason may be the only place that holds a diagnosis.

Osteoporosis as the reason of a medicine is one (GL-47). A tumour, or harm of a bone drug, that no
Condition holds is named for a human (C-66, C-67). Of operations and visits the words tell of harm
only: most that name a tumour ask whether there is one. Radiotherapy of a bone tells of a metastasis
there, unless the record holds it.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import assert_never

from adapter.clinical.model import Certainty, Condition, ConditionKind, Fracture, Reason, Rejected
from mappings.inbound.indications.harm_remarks import HARMS, harm_remarks, is_harm
from mappings.inbound.indications.reasons import has_reason, reason_unread, reasons
from mappings.inbound.medical_history.screening import (
    irradiates_bone,
    speaks_of_malignancy,
    words_of,
)
from mappings.inbound.resources.codings import Concept, concept_of
from mappings.inbound.resources.compartment import Compartment, SourceResource
from mappings.inbound.resources.datatypes import objs, text
from mappings.inbound.resources.refusals import CONDITION

TUMOURS = frozenset(
    {"multiple-myeloma", "bone-metastasis", "malignancy", "breast-cancer", "prostate-cancer", "mgus"}
)
_NEVER = frozenset({"draft", "cancelled", "intended", "preparation", "not-done", "entered-in-error"})
_MEDICINES = ("MedicationRequest", "MedicationStatement")
_IN_BONE = frozenset({ConditionKind.BONE_METASTASIS, ConditionKind.MULTIPLE_MYELOMA})
Found = Condition | Fracture | Rejected


def indications(chart: Compartment, known: Sequence[Found]) -> tuple[Condition | Rejected, ...]:
    """What the reasons tell beside what is ``known`` from Conditions."""
    told = [
        it
        for kind in (*_MEDICINES, "Procedure", "Encounter")
        for entry in chart.of(kind)
        if has_reason(entry)
        for it in _conditions_given(entry, chart)
    ]
    told += harm_remarks(chart)
    if any(isinstance(it, Rejected) for it in told):  # nearly nobody's
        held = {*_on_record(known)}
        told = [it for it in told if not (isinstance(it, Rejected) and it.reason in held)]
    irradiated = tuple(_irradiated(chart))
    return (*told, *(() if irradiated and _has_tumour_in_bone(known) else irradiated))


def _irradiated(chart: Compartment) -> Iterator[Rejected]:
    """Radiotherapy of a bone."""
    for entry in chart.of("Procedure"):
        said = (entry.code, *map(concept_of, objs(entry.body.get("bodySite"))))
        if text(entry.body.get("status")) not in _NEVER and irradiates_bone(" ".join(map(words_of, said))):
            yield Rejected(Reason.MALIGNANCY_LIKE, CONDITION, entry.evidence)


def _has_tumour_in_bone(known: Iterable[Found]) -> bool:
    return any(
        isinstance(indication, Condition)
        and indication.kind in _IN_BONE
        and indication.certainty is not Certainty.REFUTED
        for indication in known
    )


def _on_record(known: Iterable[Found]) -> Iterator[Reason]:
    """Suspicions that an entry of the problem list explains or raises; a refuted Condition counts too."""
    for indication in known:
        match indication:
            case Rejected():
                yield indication.reason
            case Condition():
                yield from explained_by(indication.kind)
            case Fracture():
                pass
            case _:
                assert_never(indication)


@cache
def explained_by(kind: ConditionKind) -> tuple[Reason, ...]:
    """The suspicions that a Condition of this kind explains."""
    name = kind.value.replace("_", "-")
    explains = ((Reason.DRUG_HARM_LIKE, HARMS), (Reason.MALIGNANCY_LIKE, TUMOURS))
    return tuple(reason for reason, names in explains if name in names)


def _conditions_given(entry: SourceResource, chart: Compartment) -> Iterator[Condition | Rejected]:
    if text(entry.body.get("status")) in _NEVER:
        return
    said = reasons(entry, chart)
    medicine = entry.body["resourceType"] in _MEDICINES
    names = frozenset[str]().union(*(reason.names("condition") for reason in said))
    if medicine and "osteoporosis" in names:
        yield Condition(ConditionKind.OSTEOPOROSIS, Certainty.CONFIRMED, True, None, entry.evidence)
    if any(map(is_harm, said)):
        yield Rejected(Reason.DRUG_HARM_LIKE, CONDITION, entry.evidence)
    if names & TUMOURS or (medicine and any(map(_speaks_of_tumour, said))):
        yield Rejected(Reason.MALIGNANCY_LIKE, CONDITION, entry.evidence)
    if reason_unread(entry):
        yield Rejected(Reason.UNREADABLE, CONDITION, entry.evidence)


def _speaks_of_tumour(reason: Concept) -> bool:
    """By its words, unless its code says that it is another matter."""
    return speaks_of_malignancy(words_of(reason)) and not reason.names("unrelated")
