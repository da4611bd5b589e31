"""Case files: ``{"meta": ..., "cases": [{"id", "profile", "facts", "expect"}]}``, a list of cases or one.

In place of ``facts`` a case may have ``resources``: a FHIR record as another system holds it, whose first
Patient is the one under review.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from adapter.errors import ConfigurationFault
from adapter.input.input_files import InputFileFault, json_of
from adapter.input.wire_json import Json, ReadOnlyJson

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class TableFault(ConfigurationFault):
    """A file that cannot be run; the message is one line for whoever gave the file."""


class UncoveredCase(ValueError):
    """The case speaks of something that this product does not know; ``names`` says of what."""

    def __init__(self, *names: str) -> None:
        super().__init__(", ".join(names))
        self.names = names


@dataclass(frozen=True, slots=True)
class WorkedCase:
    """One invented patient, and what a clinician expects of the decision; ``as_of`` is the day of deciding.

    The patient is told either by ``facts`` or by ``resources``. ``kind`` groups cases,
    ``title`` says what this one is.
    """

    id: str
    pathway: str
    as_of: date
    facts: ReadOnlyJson = field(default_factory=dict)
    expect: ReadOnlyJson = field(default_factory=dict)
    resources: tuple[Json, ...] = field(default=(), repr=False)
    kind: str = ""
    title: str = ""
    place: str = field(default="", compare=False)  # the file and the case, for whoever has to correct it

    @property
    def patient(self) -> str:
        """The id of the one under review, where the case comes as a record."""
        return next(
            str(resource["id"]) for resource in self.resources if resource["resourceType"] == "Patient"
        )


@dataclass(frozen=True, slots=True)
class CaseTable:
    """The cases of one file, in order."""

    title: str
    cases: tuple[WorkedCase, ...]


def read_table(file: Path, today: date) -> CaseTable:
    """The cases of a file; ``today`` is the day of deciding where the file names none.

    Raises ``TableFault``.
    """
    try:
        content = json_of(file)
    except InputFileFault as fault:
        raise TableFault(str(fault)) from None
    return table_of(content, str(file), today)


def table_of(content: object, name: str, today: date) -> CaseTable:
    """The same from JSON in memory."""
    meta = content.get("meta") if isinstance(content, dict) else None
    meta = meta if isinstance(meta, dict) else {}
    listed = content
    if isinstance(content, dict):
        listed = content.get("cases", [content] if {"facts", "resources"} & content.keys() else None)
    if not isinstance(listed, list):
        raise TableFault(
            f'{name}: holds no cases; wanted an object with "cases", a list of cases, or one case'
        )
    day = _day_of(meta.get("as_of") or meta.get("date_of_table"), f"{name}: meta.as_of") or today
    cases = tuple(_case_of(written, number, name, day) for number, written in enumerate(listed, 1))
    _refuse_doubles(cases, name)
    return CaseTable(str(meta.get("title") or name), cases)


def _case_of(written: object, number: int, name: str, day: date) -> WorkedCase:
    if not isinstance(written, dict):
        raise TableFault(f"{name}: case {number} is not an object")
    key = str(written.get("id") or f"case-{number}")
    for part in ("facts", "expect"):
        if not isinstance(written.get(part, {}), dict):
            raise TableFault(f"{name}: {part} of {key} is not an object")
    own = _day_of(written.get("as_of", written.get("on")), f"{name}: day of deciding of {key}")
    return WorkedCase(
        id=key,
        pathway=str(written.get("profile") or ""),
        as_of=own or day,
        facts=written.get("facts", {}),
        expect=written.get("expect", {}),
        resources=_record_of(written, f"{name}: resources of {key}"),
        kind=str(written.get("kind") or ""),
        title=str(written.get("title") or ""),
        place=f"{name}: {key}",
    )


def _record_of(written: Json, where: str) -> tuple[Json, ...]:
    """The resources as they stand: whether they are valid FHIR is a matter of the case."""
    held = written.get("resources", [])
    if not isinstance(held, list) or not all(
        isinstance(resource, dict) and resource.get("resourceType") for resource in held
    ):
        raise TableFault(f"{where} is not a list of FHIR resources")
    if held and written.get("facts"):
        raise TableFault(f"{where} stand beside facts; a case has one or the other")
    if held and not any(resource["resourceType"] == "Patient" and resource.get("id") for resource in held):
        raise TableFault(f"{where} have no Patient with an id")
    return tuple(held)


def _day_of(text: str | None, where: str) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else _day_is_missing(where)
    except (TypeError, ValueError):
        return _day_is_missing(where)


def _day_is_missing(where: str) -> date:
    raise TableFault(f"{where} is not a date of the form YYYY-MM-DD")


def _refuse_doubles(cases: tuple[WorkedCase, ...], name: str) -> None:
    twice = [key for key, count in Counter(case.id for case in cases).items() if count > 1]
    if twice:
        raise TableFault(f"{name}: more than one case is called {', '.join(sorted(twice))}")
    held: dict[tuple[str, str], Json] = {}
    for resource in (resource for case in cases for resource in case.resources if resource.get("id")):
        place = str(resource["resourceType"]), str(resource["id"])
        if held.setdefault(place, resource) != resource:
            raise TableFault(f"{name}: {'/'.join(place)} is two resources, and all records share one server")
