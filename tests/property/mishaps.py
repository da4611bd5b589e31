"""Everything that can befall people whose records come with program or tests, and what it makes worse."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import cache

from adapter.clinical.model import BoneRecord
from adapter.input.wire_json import Json
from mappings.inbound import Reading, read_record
from mappings.inbound.resources.codings import concept_of
from mappings.inbound.resources.dates import first_day
from mappings.inbound.resources.refusals import T_SCORE
from tests.examples import sample
from tests.property.caution import Stance, less_careful, stance, stance_of
from tests.property.impairments import HOWS, Impairment, impaired, impairments, older, place_of, removal
from tests.property.people import Person, people
from tests.record_readings import read_by

REMOVED, OLDER = "removed", "older"
YEARS = (1, 3, 12)
T_SCORE_CODES = ("3826", "8094", "8095", "8538")  # how the LOINC codes of T-scores begin
# Evidence that a check was made, or how the bone was; a drug or a fracture of long ago is
# another fact, not an older one.
EVIDENCE = frozenset(
    {"Observation", "T-score", "DiagnosticReport", "DocumentReference", "List", "RiskAssessment"}
)

Kind = tuple[str, str]
Mishap = tuple[Person, Impairment]


def kinds() -> list[Kind]:
    """The kinds of mishaps, found without any decision: every process that collects tests asks."""
    found: set[Kind] = set()
    for resource in (it for person in sample(people()) for it in (person.patient, *person.resources)):
        ways = ((kind_of(resource), how) for how in (*HOWS, REMOVED, OLDER))
        found |= {it for it in ways if it not in found and _is_possible(it[1], resource)}
    return sorted(found)


def _is_possible(how: str, resource: Json) -> bool:
    if how == REMOVED:
        return removal(resource) is not None
    if how == OLDER:
        return kind_of(resource) in EVIDENCE and older(resource, YEARS[0]) is not None
    return any(True for _ in impairments(how, resource))


@cache
def mishaps() -> Mapping[Kind, list[Mishap]]:
    """Everything that can befall anybody, by kind of resource and by what it is."""
    found: dict[Kind, list[Mishap]] = defaultdict(list)
    for person in sample(people()):
        for resource in (person.patient, *person.resources):
            for how, one in befalling(resource, person):
                found[kind_of(resource), how].append((person, one))
    return found


def title(person: Person, mishap: Impairment) -> str:
    """How an example is listed."""
    return f"{person.id} | {mishap.place} | {mishap.how}"


def befalling(resource: Json, person: Person) -> Iterator[tuple[str, Impairment]]:
    for how in HOWS:
        found = impairments(how, resource)
        yield from ((how, one) for one in found if not _told_beside(one, resource, person))
    if (gone := removal(resource)) and gone.place not in refused(person.id):
        yield REMOVED, gone
    if kind_of(resource) in EVIDENCE:
        years = (it for it in YEARS if not _another_decides(resource, person, it))
        yield from ((OLDER, it) for it in (older(resource, some) for some in years) if it)


def _told_beside(one: Impairment, resource: Json, person: Person) -> bool:
    """Whether a result loses every code and word, while another of its day tells the same check.

    Of the many results of a day under codes of the house, those without a word are taken
    for none that the day tells.
    """
    day = _day(resource)
    return one.how.endswith("one of the house") and day in _same_check(resource, person)


def _another_decides(resource: Json, person: Person, years: int) -> bool:
    """Whether another result or study is then the newest: no evidence grew old, another one counts."""
    day = _day(resource)
    if day and any(_before(day, years) <= it <= day for it in _same_check(resource, person)):
        return True
    return _another_study_decides(resource, person, years)


def _same_check(resource: Json, person: Person) -> set[date]:
    """The days of the other results that measured or asked the same."""
    mine = _measured(resource)
    others = (it for it in person.resources if it["id"] != resource["id"]) if mine else ()
    return {day for it in others if _measured(it) & mine and (day := _day(it))}


def _measured(resource: Json) -> frozenset[str]:
    if resource["resourceType"] != "Observation":
        return frozenset()
    code = concept_of(resource.get("code"))
    return code.names("lab") | code.names("body") | {*code.ours}


def _day(resource: Json) -> date | None:
    return first_day(resource.get("effectiveDateTime"))


def _before(day: date, years: int) -> date:
    return day - timedelta(days=366 * years)


def _another_study_decides(resource: Json, person: Person, years: int) -> bool:
    """Whether an earlier study is the newest after it: no evidence grew old, only the order changed.

    A newer study that cannot be read keeps an older one from speaking for today, and of two studies whose
    order is uncertain the worse one decides: dated before the other, the first is history, and nothing
    stands in the way of the second.
    """
    place = place_of(resource)
    if place not in refused(person.id) and not before(person.id).studies_differ:
        return False
    told = _study_days(person.id)
    own = {day for where, day in told if where == place}
    earlier = {day for where, day in told if where != place}
    return any(_before(day, years) <= other < day for day in own for other in earlier)


@cache
def _study_days(person: str) -> frozenset[tuple[str, date]]:
    """Every T-score, and what was refused as one, with its day."""
    record = _record(person)
    read = [(it.evidence, it.on) for it in record.t_scores]
    named = [(it.evidence, it.on) for it in record.rejected if it.concerns == T_SCORE and it.on]
    return frozenset((_place(evidence), on) for evidence, on in (*read, *named))


@cache
def refused(person: str) -> frozenset[str]:
    """What was not used of a record as it is: it verified nothing, so that taking it away is no loss."""
    return frozenset(_place(it.evidence) for it in _record(person).rejected)


@cache
def _reading(person: str) -> Reading:
    found = _person(person)
    return read_record(
        found.patient, found.resources, read_by(found.config, found.pathway.ref.id), on=found.on
    )


def _record(person: str) -> BoneRecord:
    return _reading(person).record


def _person(name: str) -> Person:
    return next(it for it in people() if it.id == name)


def _place(evidence: str) -> str:
    return evidence.partition("/_history/")[0]


def kind_of(resource: Json) -> str:
    """The type; T-scores, which are few among the Observations and decide most, by themselves."""
    codes = [coding.get("code", "") for coding in resource.get("code", {}).get("coding", ())]
    is_score = resource["resourceType"] == "Observation" and any(it.startswith(T_SCORE_CODES) for it in codes)
    return "T-score" if is_score else str(resource["resourceType"])


@cache
def before(person: str) -> Stance:
    """What comes out for somebody whose record is as it is."""
    found = _person(person)
    return stance_of(_reading(person), found.pathway, found.on)


def complaints(person: Person, mishap: Impairment) -> list[str]:
    """In what this person comes out less carefully after it."""
    patient, resources = person.patient, list(person.resources)
    if mishap.place == f"Patient/{patient['id']}":
        patient = mishap.after or patient
    else:
        resources = impaired(resources, mishap)
    after = stance(patient, resources, person.config, person.pathway, person.on)
    found = [*less_careful(before(person.id), after)]
    if not mishap.how.endswith(OLDER):
        return found
    return [it for it in found if it.startswith("firm") and not _one_of_two(person, mishap)]


def _one_of_two(person: Person, mishap: Impairment) -> bool:
    """Whether it hit one of two contradictory values of a day: dated earlier, that one is history."""
    hit = any(place_of(it) == mishap.place and kind_of(it) == "T-score" for it in person.resources)
    return hit and before(person.id).scores_contradict
