"""Conditions: problems, diagnoses and findings by code, with how sure the record is of them.

A coding of a system that we read, but that is in no value set, is ``OTHER`` when its words speak of nothing
that a rule acts on; what may be a fracture, a malignancy or a bone drug is for a human, and so is a code
without a name, a Condition in words only, or one in a code system that we do not read. Codings that
contradict each other leave a suspicion of each, which never reassures, and are for a human too. A Procedure
counts where its code is one of a condition (dialysis), a medicine where its reason is osteoporosis, and of a
warning on the chart (Flag) the words are not overheard.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import lru_cache

from adapter.clinical.model import Certainty, Condition, ConditionKind, Fracture, Reason, Rejected
from adapter.read_only import read_only
from mappings.codes import ICD10, ICPC, INTAKE, SNOMED
from mappings.inbound.fractures.fracture_history import fracture, is_fracture
from mappings.inbound.indications.harm_remarks import HARMS
from mappings.inbound.indications.indications import TUMOURS, Found, indications
from mappings.inbound.medical_history.screening import (
    speaks_of_drug_harm,
    speaks_of_malignancy,
    suspicions,
    words_of,
)
from mappings.inbound.resources.codings import (
    CONCEPTS,
    Concept,
    concept_of,
    disagree,
    within,
)
from mappings.inbound.resources.compartment import Compartment, SourceResource
from mappings.inbound.resources.datatypes import objs, text
from mappings.inbound.resources.dates import began_on
from mappings.inbound.resources.problem_state import ProblemState, state_of
from mappings.inbound.resources.refusals import CONDITION, FRACTURE, PROCEDURE
from mappings.inbound.resources.resource_status import status_unread

READ_SYSTEMS = frozenset({SNOMED, INTAKE}) | ICD10 | ICPC
# Whoever holds a code knows what it means; "unrelated" are codes that were looked
# up and that no rule acts on.
_SUBJECTS = ("condition", "fracture", "symptom", "procedure", "medicine", "unrelated")


@read_only
class ProblemList:
    """What the Conditions of a patient say."""

    conditions: tuple[Condition, ...] = ()
    fractures: tuple[Fracture, ...] = ()
    rejected: tuple[Rejected, ...] = ()


def problems(chart: Compartment, energies: Mapping[str, bool], born: date | None, on: date) -> ProblemList:
    """All Conditions, by reference, with what warnings and the reasons of medicines tell beside them."""
    found: list[Found] = []
    for entry in chart.of("Condition"):
        found.extend(read(entry, energies, born, on))
    for entry in chart.of("Procedure"):
        found.extend(read(entry, energies, born, on) if _treats(entry) else ())
    for entry in chart.of("Flag"):
        found.extend(_warned(entry))
    found.extend(indications(chart, found))
    return ProblemList(
        tuple([it for it in found if isinstance(it, Condition)]),
        tuple([it for it in found if isinstance(it, Fracture)]),
        tuple([it for it in found if isinstance(it, Rejected)]),
    )


def read(entry: SourceResource, energies: Mapping[str, bool], born: date | None, on: date) -> Iterable[Found]:
    """The facts in one Condition; none when it was entered in error."""
    said, evidence = entry.code, entry.evidence
    state = state_of(entry)
    if state.withdrawn:
        return ()
    if entry.body.get("modifierExtension"):
        return (
            Rejected(
                Reason.MODIFIER_EXTENSION,
                CONDITION,
                evidence,
                about=_about(said) if _unreadable(said) else "",
            ),
        )
    if state.sure is Certainty.CONFIRMED and _says_none(said):
        return ()
    if reasons := _unreadable(said):
        return () if state.never else tuple(_refusals(reasons, said, evidence))
    began = began_on(entry.body, born, on)
    found: list[Found] = [*_kinds(entry, state, began)]
    found += [Rejected(reason, CONDITION, evidence) for reason in _doubts(entry, state)]
    if not is_fracture(said) or state.never:
        return found
    if state.sure is Certainty.SUSPECTED:  # nothing is proposed on it and nothing is ruled out without it
        return [*found, Rejected(Reason.STATUS_UNUSABLE, FRACTURE, evidence)]
    return [*found, fracture(entry, energies, began, on)]


@lru_cache(CONCEPTS)
def _says_none(said: Concept) -> bool:
    """Whether it says that there is no problem, which is none; refuted, nobody can say what it says."""
    return "no-problems" in said.names("empty") and len(said.codes) == 1


def _refusals(reasons: tuple[Reason, ...], said: Concept, evidence: str) -> Iterator[Rejected]:
    """One for each thing that it may be; a fracture that a drug may have done is said once."""
    fracture_of_a_drug = {Reason.DRUG_HARM_LIKE, Reason.FRACTURE_LIKE} <= {*reasons}
    for reason in reasons:
        if reason is Reason.FRACTURE_LIKE and fracture_of_a_drug:
            continue
        broken = reason is Reason.FRACTURE_LIKE or (reason is Reason.DRUG_HARM_LIKE and fracture_of_a_drug)
        yield Rejected(reason, FRACTURE if broken else CONDITION, evidence, about=_about(said))


def _warned(flag: SourceResource) -> Iterator[Rejected]:
    """What a warning on the chart may tell of that no Condition does."""
    words = words_of(flag.code)
    if text(flag.body.get("status")) in {"inactive", "entered-in-error"} or flag.code.ours:
        return
    if not words:
        yield Rejected(Reason.UNKNOWN_CODE if flag.code.written else Reason.UNCODED, CONDITION, flag.evidence)
    yield from _refusals(suspicions(words), flag.code, flag.evidence)


def _about(said: Concept) -> str:
    """Without a word an organ or a joint may have been replaced."""
    return "" if words_of(said) else PROCEDURE


@lru_cache(CONCEPTS)
def _unreadable(said: Concept) -> tuple[Reason, ...]:
    """Why nobody can say what it is; words alone are never interpreted, but they are not overheard either."""
    words = words_of(said)
    if not said.coded:
        return suspicions(words) or (Reason.UNCODED,)
    if not any(c.system in READ_SYSTEMS for c in said.codes):
        return suspicions(words) or (Reason.UNKNOWN_CODE,)
    if any(map(said.names, _SUBJECTS)):
        return ()
    named = words or any(c.system != SNOMED for c in said.codes)  # the other systems tell by their chapters
    return suspicions(words) if named else (Reason.UNKNOWN_CODE,)


def _doubts(entry: SourceResource, state: ProblemState) -> tuple[Reason, ...]:
    """A status that nobody can read, and what the words tell beside the code, unless it never was."""
    problem = status_problem(entry, state)
    told = () if state.never else _told_beside(entry.code)
    return (problem, *told) if problem else told


@lru_cache(CONCEPTS)
def _told_beside(said: Concept) -> tuple[Reason, ...]:
    """Harm of a drug, or a tumour, told in words: ICD-10 codes a bone that broke in one as a broken bone."""
    words, names = words_of(said), said.names("condition")
    harmed = speaks_of_drug_harm(words) and not names & HARMS
    in_tumour = is_fracture(said) and speaks_of_malignancy(words) and not names & TUMOURS
    told = ((Reason.DRUG_HARM_LIKE, harmed), (Reason.MALIGNANCY_LIKE, in_tumour))
    return tuple(reason for reason, there in told if there)


def _treats(entry: SourceResource) -> bool:
    """Whether a Procedure that was or is being done says that a condition is there."""
    status = text(entry.body.get("status"))
    done = status in {"completed", "in-progress", "unknown", ""} or status_unread(entry.body)
    return done and bool(entry.code.names("condition"))


def _kinds(entry: SourceResource, state: ProblemState, began: date | None) -> Iterable[Condition | Rejected]:
    """A Condition per kind; none for a fracture without a kind, nor for a refuted one of no kind."""
    said, sure = entry.code, state.sure
    kinds = _named(said, _stages(entry))
    if not kinds:
        other = _is_of_no_kind(said) and not state.never
        return (Condition(ConditionKind.OTHER, sure, state.active, began, entry.evidence),) if other else ()
    torn = disagree(said, "condition")
    if torn:
        sure = Certainty.SUSPECTED
    found = [Condition(_at_site(kind, entry), sure, state.active, began, entry.evidence) for kind in kinds]
    return (*found, Rejected(Reason.CODES_DISAGREE, CONDITION, entry.evidence)) if torn else found


@lru_cache(CONCEPTS)
def _named(said: Concept, stages: tuple[Concept, ...]) -> tuple[ConditionKind, ...]:
    """The kinds that a code and the stage beside it name: a kidney disease is severe by its stage."""
    names = frozenset[str]().union(*(it.names("condition") for it in (said, *stages)))
    return tuple(ConditionKind(name.replace("-", "_")) for name in sorted(names))


@lru_cache(CONCEPTS)
def _is_of_no_kind(said: Concept) -> bool:
    """Whether it is no fracture and no complaint either."""
    return not is_fracture(said) and not said.names("symptom")


def _stages(entry: SourceResource) -> tuple[Concept, ...]:
    if "stage" not in entry.body:
        return ()
    return tuple(concept_of(stage.get("summary")) for stage in objs(entry.body["stage"]))


def _at_site(kind: ConditionKind, entry: SourceResource) -> ConditionKind:
    """The kind; the body site may say where an osteonecrosis is."""
    if kind is not ConditionKind.OSTEONECROSIS_SITE_UNKNOWN:
        return kind
    sites = objs(entry.body.get("bodySite"))
    if not any(concept_of(site).codes for site in sites):
        return kind
    of_jaw = any(within(site, "site-of-jaw") for site in sites)
    return ConditionKind.OSTEONECROSIS_OF_JAW if of_jaw else ConditionKind.OTHER


def status_problem(entry: SourceResource, state: ProblemState) -> Reason | None:
    """Why a status that may reverse its meaning cannot be read; it is then asked about."""
    odd = entry.body["resourceType"] == "Procedure" and status_unread(entry.body)
    return Reason.UNREADABLE if state.unread or odd else None
