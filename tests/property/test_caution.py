"""Unknown is never reassuring: whatever befalls a resource, nobody comes out better, firmer or less asked about for it.

For everybody whose record comes with the program or with its tests, every resource, and every field that decides. A few
of each kind are drawn always, many in the slow tests.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.wire_json import Json
from mappings.inbound import read_record
from tests.examples import FEW
from tests.property.caution import Stance, less_careful, stance
from tests.property.impairments import HOWS, Impairment, impaired, impairments, older, place_of, removal
from tests.property.people import Person, people

repeatably = settings(derandomize=True, deadline=None, max_examples=6 if FEW else 12, database=None)
MANY = 300
REMOVED, OLDER = "removed", "older"
YEARS = (1, 3, 12)
T_SCORE_CODES = ("3826", "8094", "8095", "8538")  # how the LOINC codes of T-scores begin
# Evidence that a check was made, or how the bone was; a drug or a fracture of long ago is another fact, not an older one.
EVIDENCE = frozenset({"Observation", "T-score", "DiagnosticReport", "List"})

Kind = tuple[str, str]
Blow = tuple[Person, Impairment]


@cache
def blows() -> Mapping[Kind, list[Blow]]:
    """Everything that can befall anybody, by kind of resource and by what it is."""
    found: dict[Kind, list[Blow]] = defaultdict(list)
    for person in people():
        for resource in (person.patient, *person.resources):
            for how, one in befalling(resource, person):
                found[kind_of(resource), how].append((person, one))
    return found


def title(person: Person, blow: Impairment) -> str:
    """How an example is listed."""
    return f"{person.id} | {blow.place} | {blow.how}"


def befalling(resource: Json, person: Person) -> Iterator[tuple[str, Impairment]]:
    for how in HOWS:
        yield from ((how, one) for one in impairments(how, resource))
    if (gone := removal(resource)) and gone.place not in refused(person.id):
        yield REMOVED, gone
    if kind_of(resource) in EVIDENCE and _tells_its_day(resource, person):
        yield from ((OLDER, it) for it in (older(resource, years) for years in YEARS) if it)


def _tells_its_day(resource: Json, person: Person) -> bool:
    """What was not used says nothing that could grow old; where studies differ, another order is another fact."""
    used = place_of(resource) not in refused(person.id)
    return used and not (kind_of(resource) == "T-score" and before(person.id).studies_differ)


@cache
def refused(person: str) -> frozenset[str]:
    """What was not used of a record as it is: it verified nothing, so that taking it away is no loss."""
    found = next(it for it in people() if it.id == person)
    reading = read_record(found.patient, found.resources, found.config, on=found.on)
    return frozenset(it.evidence.partition("/_history/")[0] for it in reading.record.rejected)


def kind_of(resource: Json) -> str:
    """The type; T-scores, which are few among the Observations and decide most, by themselves."""
    codes = [coding.get("code", "") for coding in resource.get("code", {}).get("coding", ())]
    is_score = resource["resourceType"] == "Observation" and any(it.startswith(T_SCORE_CODES) for it in codes)
    return "T-score" if is_score else str(resource["resourceType"])


@cache
def before(person: str) -> Stance:
    """What comes out for somebody whose record is as it is."""
    found = next(it for it in people() if it.id == person)
    return stance(found.patient, list(found.resources), found.config, found.pathway, found.on)


def complaints(person: Person, blow: Impairment) -> list[str]:
    """In what this person comes out less carefully after it."""
    patient, resources = person.patient, list(person.resources)
    if blow.place == f"Patient/{patient['id']}":
        patient = blow.after or patient
    else:
        resources = impaired(resources, blow)
    after = stance(patient, resources, person.config, person.pathway, person.on)
    found = less_careful(before(person.id), after)
    return [it for it in found if not blow.how.endswith(OLDER) or it.startswith("firm")]


def named(kind: Kind) -> str:
    return " ".join(kind)


@pytest.mark.parametrize("kind", sorted(blows()), ids=named)
def test_what_is_there_and_cannot_be_used_makes_nothing_more_reassuring(kind: Kind) -> None:
    @repeatably
    @given(st.sampled_from(blows()[kind]))
    def holds(blow: Blow) -> None:
        assert complaints(*blow) == []

    holds()


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(blows()), ids=named)
def test_many_of_each_kind_make_nothing_more_reassuring(kind: Kind) -> None:
    pool = blows()[kind]
    spread = pool[:: max(1, len(pool) // MANY)]
    found = {title(person, blow): complaints(person, blow) for person, blow in spread}

    assert {name: said for name, said in found.items() if said} == {}
