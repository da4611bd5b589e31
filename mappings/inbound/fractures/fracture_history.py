"""Fractures: Conditions whose code is one, with site, date and energy where coded.

Free text is never interpreted.

A resolved fracture is still one; a refuted one is none. That little force broke the bone is said by the
code itself (an osteoporotic fracture), by a coded extension on the Condition, or by an intake
Observation with focus on it. A code whose meaning is unverified counts as a fracture, but never names a
site that would exclude it (GL-02).
"""

from collections.abc import Iterable, Mapping
from datetime import date

from adapter.clinical.model import Fracture, FractureSite, Reason, Rejected
from adapter.input.wire_json import Json
from mappings.codes import BASE, AnyCode
from mappings.inbound.densitometry.vfa import level_of
from mappings.inbound.questionnaire.patient_questions import ENERGY, FRACTURE_ENERGY
from mappings.inbound.resources.codings import Concept, concept_of, concepts
from mappings.inbound.resources.compartment import SourceResource
from mappings.inbound.resources.datatypes import objs, reference
from mappings.inbound.resources.observations import Measurement
from mappings.inbound.resources.refusals import FRACTURE
from mappings.valuesets import concept_map, table

ENERGY_EXTENSION = f"{BASE}/StructureDefinition/{FRACTURE_ENERGY}"
EXCLUDED = frozenset(
    {
        FractureSite.FINGER,
        FractureSite.TOE,
        FractureSite.FACE,
        FractureSite.SKULL,
        FractureSite.CERVICAL_SPINE,
    }
)
_COARSE = frozenset({FractureSite.UNSPECIFIED, FractureSite.FEMUR, FractureSite.FOREARM})


def is_fracture(said: Concept) -> bool:
    """Whether any coding is a fracture."""
    return bool(said.names("fracture"))


def fracture(
    entry: SourceResource, energies: Mapping[str, bool], began: date | None, on: date
) -> Fracture | Rejected:
    """The fracture in a Condition that ``is_fracture``; its verification status is the caller's business."""
    said = entry.code
    sites = {site for c in said.codes if (site := _site(c))}
    if began and began > on:
        return Rejected(Reason.FUTURE_DATE, FRACTURE, entry.evidence, on=began)
    # Several codings of one fracture are common (ICD-10 beside SNOMED CT); two fine sites cannot both be
    # meant.
    if len(sites - _COARSE) > 1:
        return Rejected(Reason.CODES_DISAGREE, FRACTURE, entry.evidence, on=began)
    site = min(sites, key=lambda s: (s in _COARSE, s is FractureSite.UNSPECIFIED, s))
    bodies = [c for site in concepts(entry.body.get("bodySite")) for c in site.codes]
    level = next(filter(None, map(level_of, bodies)), None)
    return Fracture(_narrowed(site, bodies), began, _energy(entry, said, energies), level, entry.evidence)


def energies(measured: Iterable[Measurement], on: date) -> dict[str, bool]:
    """What intake Observations say of the energy, by the Condition in focus; two that differ say nothing."""
    said: dict[str, set[bool]] = {}
    for result in measured:
        if FRACTURE_ENERGY not in result.code.ours:
            continue
        if result.unusable(on):
            continue
        for word in concept_of(result.value[1]).ours:
            for focus in objs(result.body.get("focus")):
                if word in ENERGY:
                    said.setdefault(reference(focus), set()).add(ENERGY[word])
    return {location: next(iter(words)) for location, words in said.items() if len(words) == 1}


def _site(code: AnyCode) -> FractureSite | None:
    matches = table("fracture").lookup(code)
    if not matches:
        return None
    match = min(matches, key=lambda m: m.name)
    site = FractureSite(match.name.replace("-", "_"))
    return FractureSite.UNSPECIFIED if site in EXCLUDED and not match.verified else site


def _narrowed(site: FractureSite, bodies: Iterable[AnyCode]) -> FractureSite:
    """A coarse site made finer by the body site."""
    if site not in _COARSE:
        return site
    targets = (concept_map("fracture-body-sites").get((c.system, c.key)) for c in bodies)
    named = {FractureSite(t.code.removeprefix("fracture-").replace("-", "_")) for t in targets if t}
    return named.pop() if len(named) == 1 else site


def _energy(entry: SourceResource, said: Concept, energies: Mapping[str, bool]) -> bool | None:
    """What a human coded of this fracture comes before what the concept implies."""
    words = [w for e in _extensions(entry) for w in _words(e) if w in ENERGY]
    if len(set(words)) == 1:
        return ENERGY[words[0]]
    if entry.location in energies:
        return energies[entry.location]
    return True if said.names("osteoporotic") else None


def _extensions(entry: SourceResource) -> list[Json]:
    return [e for e in objs(entry.body.get("extension")) if e.get("url") == ENERGY_EXTENSION]


def _words(extension: Json) -> tuple[str, ...]:
    written = concept_of(extension.get("valueCodeableConcept"))
    return written.ours or concept_of({"coding": [extension.get("valueCoding")]}).ours
