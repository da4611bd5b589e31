"""The kinds of value that a setting can have: how a variable writes each, and what of it is refused."""

import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails

from adapter.input.fhir_id import PATTERN as FHIR_ID
from workers.host.daily_hours import DailyHours

SEARCH, EXPORT = "search", "export"
GROUP = re.compile(rf"Group/({FHIR_ID})")


def _base_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("is not an http or https address")
    if "@" in parts.netloc or parts.query or parts.fragment:  # a password may stand there without a name
        raise ValueError("must not carry a login, a query or a fragment")
    return text.rstrip("/")


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError("is not a known time zone") from error
    return name


def _hours(text: str) -> str:
    DailyHours.of_text(text, ZoneInfo("UTC"))
    return text.strip()


def _existing_path(path: Path) -> Path:
    if not path.is_file():
        raise ValueError("is not a file that can be read")
    return path


def _source(text: str) -> str:
    if text not in (SEARCH, EXPORT) and not GROUP.fullmatch(text) and not Path(text).is_file():
        raise ValueError("is neither search, export nor Group/id, and no file that can be read")
    return text


def _split_list(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _split_pairs(value: object) -> object:
    """`a=1,b=2` or a JSON object; a TOML table comes as it is."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("{"):
        return json.loads(value)
    pairs = [part.partition("=") for part in value.split(",") if part.strip()]
    if any(not sign for _, sign, _ in pairs):
        raise ValueError("has a part without '='")
    return {key.strip(): item.strip() for key, _, item in pairs}


def _typed_values(values: dict[str, object]) -> dict[str, object]:
    """`51`, `-2.5` and `true` as what they are; everything else as text."""
    return {name: _scalar(value) if isinstance(value, str) else value for name, value in values.items()}


def _scalar(text: str) -> object:
    try:
        return json.loads(text, parse_float=Decimal)
    except ValueError:
        return text


Url = Annotated[str, AfterValidator(_base_url)]
Zone = Annotated[str, AfterValidator(_zone)]
Hours = Annotated[str, AfterValidator(_hours)]
Role = Annotated[str, Field(pattern=rf"^PractitionerRole/{FHIR_ID}$")]
Team = Annotated[str, Field(pattern=rf"^(CareTeam|Organization|HealthcareService)/{FHIR_ID}$")]
PatientSourceName = Annotated[str, AfterValidator(_source)]
File = Annotated[Path, AfterValidator(_existing_path)]
Names = Annotated[tuple[str, ...], BeforeValidator(_split_list)]
Pairs = Annotated[dict[str, str], BeforeValidator(_split_pairs)]
Values = Annotated[dict[str, object], BeforeValidator(_split_pairs), AfterValidator(_typed_values)]
Delays = Annotated[tuple[Annotated[int, Field(ge=1)], ...], BeforeValidator(_split_list)]


# In one sentence, and the settings that it compares.
KeyContradiction = tuple[str, AbstractSet[str]]


def told_of(contradictions: Iterable[KeyContradiction], faulty: AbstractSet[str]) -> Iterator[str]:
    """The sentences of those that compare no faulty setting, since only its default stands there."""
    return (sentence for sentence, compared in contradictions if faulty.isdisjoint(compared))


class Section(BaseModel):
    """Settings that belong together: a table of the TOML file, or a JSON object in a variable."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    def contradictions(self) -> Iterator[KeyContradiction]:
        """What each key allows, and several together do not."""
        return iter(())

    @model_validator(mode="wrap")
    @classmethod
    def _from_json(cls, value: object, check: ModelWrapValidatorHandler[Self]) -> Self:
        """Read text as JSON, and name the key in every fault, for whatever holds this section."""
        try:
            written = json.loads(value) if isinstance(value, str) else value
        except ValueError:
            raise ValueError("is neither a table nor a JSON object") from None
        lines: list[str] = []
        faulty: set[str] = set()
        try:
            section: Self | None = check(written)
        except ValidationError as error:
            faults = error.errors(include_input=False, include_url=False, include_context=False)
            lines += map(cls._line, faults)
            faulty |= {str(part) for fault in faults for part in fault["loc"][:1]}
            section = cls._without(faulty, written, check)
        lines += told_of(section.contradictions(), faulty) if section else ()
        if lines or section is None:
            raise ValueError("; ".join(lines))
        return section

    @classmethod
    def _without(
        cls, faulty: AbstractSet[str], written: object, check: ModelWrapValidatorHandler[Self]
    ) -> Self | None:
        """The section of the keys that can be used; None where there is none without the others."""
        if not isinstance(written, Mapping):
            return None
        try:
            return check({name: value for name, value in written.items() if name not in faulty})
        except ValidationError:
            return None

    @classmethod
    def _line(cls, fault: ErrorDetails) -> str:
        """The key and its fault; for an unknown key also the nearest known one, or all of them."""
        where = [str(part) for part in fault["loc"][:1]]
        if fault["type"] != "extra_forbidden":
            words = (
                "is not a table"
                if fault["type"] == "dict_type"
                else fault["msg"].removeprefix("Value error, ")
            )
            wanted = cls.model_fields[where[0]].description if where else ""
            return ": ".join([*where, words]) + (f" (allowed: {wanted})" if wanted else "")
        near = difflib.get_close_matches(where[0], cls.model_fields, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(cls.model_fields)}"
        return f"{where[0]}: is not a key; {hint}"
