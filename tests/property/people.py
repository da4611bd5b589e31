"""Everybody whose record comes with the program or with its tests, as a review would read them."""

import json
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from adapter.clinical import Pathway
from adapter.clinical.model import Site
from adapter.input.wire_json import Json
from mappings.inbound import ReadingConfig
from mappings.pathways import load
from workers.authoring.cases import WorkedCase, read_table
from workers.authoring.cases.record.case_record import record_of
from workers.demo import FOREARM_MEANS, patients
from workers.review.references import patients_of

CASES = Path(__file__).parents[1] / "data" / "cases"
FOREIGN = ("foreign_cases.json", "further_foreign_cases.json")
PATHWAY_OF_BUNDLED = "antonius"
AT_LATEST = date(2026, 11, 20)


@dataclass(frozen=True, slots=True)
class Person:
    """One patient, what is known, by whose rules, and on which day."""

    id: str
    pathway_id: str
    on: date
    patient: Json = field(repr=False)
    resources: tuple[Json, ...] = field(repr=False)
    config: ReadingConfig = field(repr=False, default_factory=ReadingConfig)

    @property
    def pathway(self) -> Pathway:
        return _pathway(self.pathway_id)


@cache
def people() -> tuple[Person, ...]:
    """Foreign records, the facts of the acceptance cases as records, and the bundled patients."""
    return (*_foreign(), *_accepted(), *_bundled())


def _foreign() -> list[Person]:
    tables = (read_table(CASES / name, date.max) for name in FOREIGN)
    return [_of_resources(case) for table in tables for case in table.cases]


def _of_resources(case: WorkedCase) -> Person:
    whose = [(it, patients_of(it, "")) for it in case.resources if it.get("id") != case.patient]
    theirs = tuple(it for it, owners in whose if not owners or case.patient in owners)
    (patient,) = (it for it in case.resources if (it["resourceType"], it["id"]) == ("Patient", case.patient))
    return Person(case.id, case.pathway, case.as_of, patient, theirs)


def _accepted() -> list[Person]:
    cases = read_table(CASES / "acceptance_cases.json", date.max).cases
    records = [(case, record_of(case)) for case in cases if "profile_params" not in case.facts]
    return [Person(it.id, it.pathway, it.as_of, made.patient, made.resources) for it, made in records]


def _bundled() -> list[Person]:
    held: dict[str, list[Json]] = {}
    owners: dict[str, Json] = {}
    for resource in patients():
        for owner in patients_of(resource, ""):
            held.setdefault(owner, [])
            if resource["resourceType"] == "Patient":
                owners[owner] = resource
            else:
                held[owner].append(resource)
    config = ReadingConfig(forearm_code_site=Site(FOREARM_MEANS))
    return [
        Person(name, PATHWAY_OF_BUNDLED, _soon_after(held[name]), patient, tuple(held[name]), config)
        for name, patient in sorted(owners.items())
    ]


def _soon_after(resources: list[Json]) -> date:
    """Ten days after the last result, so that it is not outdated."""
    days = [it["effectiveDateTime"][:10] for it in resources if "effectiveDateTime" in it]
    newest = max((date.fromisoformat(it) for it in days), default=AT_LATEST)
    return min(newest + timedelta(days=10), AT_LATEST)


@cache
def _pathway(name: str) -> Pathway:
    return load(name)


def as_sent(resource: Json) -> Json:
    """Plain JSON, as it would come over the wire."""
    sent: Json = json.loads(json.dumps(resource, default=float))
    return sent
