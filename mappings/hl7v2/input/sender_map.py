"""What a sender of HL7 v2 means by its codes, sites, units and identifiers: one YAML file, checked whole.

It names no patient. Codes of LOINC and SNOMED CT must be ones that this program reads, so
that a mapped result is used.
"""

from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self, get_args

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails
from yaml.constructor import ConstructorError

from adapter.errors import ConfigurationFault
from adapter.input.input_files import text_of
from mappings.codes import LOINC, SNOMED, NotACode, Ucum, code
from mappings.hl7v2.input.v2_times import known_zone
from mappings.pathways.yaml_lines import parse
from mappings.valuesets import concept_map, table

_READ = ("lab", "dxa", "vfa", "body", "frax", "report", "symptom")
LARGEST = 1024 * 1024
_LIST = "docs/connect/codes.md lists those that it reads"


def _loinc(text: str) -> str:
    try:
        wanted = code(LOINC, text)
    except NotACode:
        raise ValueError("is not a code of LOINC") from None
    if (LOINC, wanted.key) in concept_map("t-score-codes") or any(table(it).lookup(wanted) for it in _READ):
        return text
    raise ValueError(f"is a code of LOINC that this program does not read; {_LIST}")


def _unit(text: str) -> str:
    try:
        return Ucum(text).code
    except NotACode as refused:
        raise ValueError(f"is {refused}") from None


def _site(text: str) -> str:
    if (SNOMED, text) in concept_map("body-sites"):
        return text
    raise ValueError(f"is not a body site of SNOMED CT that this program reads; {_LIST}")


def _charset(text: str) -> str:
    if text in {key for _, key in concept_map("v2-character-sets")}:
        return text
    raise ValueError("is not a character set of table 0211 that is read here")


class MapEntry(BaseModel):
    """Nothing but what is named here."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Sender(MapEntry):
    """Who sends, as MSH-3 and MSH-4 name it (first component); an empty facility is any."""

    application: str = Field(min_length=1)
    facility: str = ""


class PatientIdentifier(MapEntry):
    """Which identifier in PID-3 names the patient, and its system on the FHIR server; empty fits any."""

    system: str = Field(min_length=1)
    authority: str = ""
    type: str = ""


class OrderNumber(MapEntry):
    """The number that a study keeps when corrected: the filler's (OBR-3) or the placer's (OBR-2)."""

    system: str = Field(min_length=1)
    take: Literal["filler", "placer"] = "filler"


class ReportCode(MapEntry):
    """A code of OBR-4 that is a DXA. An empty system is any."""

    code: str = Field(min_length=1)
    system: str = ""


class SiteName(MapEntry):
    """A place in the sender's words (OBX-20, or OBX-4), as SNOMED CT and side."""

    text: str = Field(min_length=1)
    site: Annotated[str, AfterValidator(_site)]
    side: Literal["left", "right"] | None = None


class ResultCode(MapEntry):
    """A code of OBX-3, the LOINC code that it means, and where it was measured if the code says so."""

    code: str = Field(min_length=1)
    system: str = ""
    loinc: Annotated[str, AfterValidator(_loinc)]
    site: Annotated[str, AfterValidator(_site)] | None = None
    side: Literal["left", "right"] | None = None


class SenderMap(MapEntry):
    """One sender. ``id`` stands in the identifiers of everything that it sends: it must never change."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,39}$")
    title: str = ""
    sender: Sender
    charset: Annotated[str, AfterValidator(_charset)] | None = None
    believe_msh_18: bool = True
    timezone: Annotated[str, AfterValidator(known_zone)] = "Europe/Amsterdam"
    patient: tuple[PatientIdentifier, ...] = Field(min_length=1)
    order: OrderNumber
    reports: tuple[ReportCode, ...] = ()
    results: tuple[ResultCode, ...] = ()
    sites: tuple[SiteName, ...] = ()
    units: dict[str, Annotated[str, AfterValidator(_unit)]] = Field(default_factory=dict)
    leave: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _once(self) -> Self:
        """A code that means two things means nothing."""
        for name, held in (("results", self.results), ("sites", self.sites)):
            keys = [(it.code, it.system) if isinstance(it, ResultCode) else it.text for it in held]
            if twice := next((key for key in keys if keys.count(key) > 1), None):
                raise ValueError(
                    f"{name}: {twice[0] if isinstance(twice, tuple) else twice} stands there twice"
                )
        if both := sorted({it.code for it in self.results} & set(self.leave)):
            raise ValueError(f"leave: {both[0]} is also one of the results")
        return self

    @cached_property
    def _results(self) -> dict[tuple[str, str], ResultCode]:
        return {(it.code, it.system): it for it in self.results}

    @cached_property
    def _sites(self) -> dict[str, SiteName]:
        return {it.text.casefold(): it for it in self.sites}

    def result(self, written: str, system: str) -> ResultCode | None:
        """What a code of OBX-3 means."""
        return self._results.get((written, system)) or self._results.get((written, ""))

    def reports_on(self, written: str, system: str) -> bool:
        """Whether a code of OBR-4 is a DXA here."""
        return any(report.code == written and report.system in ("", system) for report in self.reports)

    def site(self, *texts: str) -> SiteName | None:
        """The first place that one of these texts names."""
        return next(filter(None, (self._sites.get(text.casefold()) for text in texts)), None)


def load_sender_map(path: Path) -> SenderMap:
    """The map in a file; raises ConfigurationFault with every fault, by the path of its key."""
    written = text_of(path, LARGEST)
    try:
        content = parse(written)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        last = written.count("\n") + 1  # the parser in C means the line after it by the end of a file
        line = f":{min(mark.line + 1, last)}" if mark else ""
        why = error.problem if isinstance(error, ConstructorError) else "is not YAML; correct it"
        raise ConfigurationFault(f"{path}{line}: {why}") from None
    try:
        return SenderMap.model_validate(content)
    except ValidationError as error:
        told = "; ".join(_fault_lines(error.errors(include_input=False, include_url=False)))
        problem = ConfigurationFault(f"{path}: {told}")
    raise problem


def _fault_lines(faults: Iterable[ErrorDetails]) -> Iterator[str]:
    for fault in faults:
        place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in fault["loc"]).lstrip(
            "."
        )
        yield f"{place or 'the file'}: {_reason(fault)}"


def _reason(fault: ErrorDetails) -> str:
    match fault["type"]:
        case "extra_forbidden":
            return f"is not known here; there are {', '.join(_keys_beside(fault['loc']))}"
        case "missing":
            return "is needed"
        case _:
            return fault["msg"].removeprefix("Value error, ")


def _keys_beside(place: tuple[int | str, ...]) -> list[str]:
    """The keys that may stand where this one does."""
    held: type[BaseModel] = SenderMap
    for step in place[:-1]:
        if isinstance(step, str):
            kind = held.model_fields[step].annotation
            held = next(
                arg for arg in (kind, *get_args(kind)) if isinstance(arg, type) and issubclass(arg, BaseModel)
            )
    return sorted(held.model_fields)
