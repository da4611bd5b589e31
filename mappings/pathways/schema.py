"""The shape of a pathway file: what may stand where.

Unknown keys are refused; meaning is checked by the core.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from adapter.clinical.quantities import Unit
from adapter.clinical.value_kinds import ParameterValue, Scalar

RuleId = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.-]*$", max_length=64)]
SlugText = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]


def plain(given: object) -> ParameterValue:
    """What a file or a setting holds: texts, numbers, days, truth values, lists and tables of these."""
    if isinstance(given, float):
        return plain(Decimal(str(given)))
    if isinstance(given, Decimal) and not given.is_finite():
        raise PydanticCustomError("not_plain", "a number is finite")
    if given is None or isinstance(given, Scalar):
        return given
    if isinstance(given, list | tuple):
        return [plain(item) for item in given]
    if isinstance(given, Mapping) and all(isinstance(name, str) for name in given):
        return {name: plain(item) for name, item in given.items()}
    raise PydanticCustomError("not_plain", "the names of a table are texts: quote them")


class _ByPlain:
    """Has pydantic ask `plain`: it can follow no alias that speaks of itself."""

    @staticmethod
    def __get_pydantic_core_schema__(_: object, __: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(plain)


Plain = Annotated[ParameterValue, _ByPlain]


class StrictModel(BaseModel):
    """Nothing but what is named here."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class SourceEntry(StrictModel):
    """A document that rules cite."""

    id: SlugText
    title: str
    published: str = ""
    note: str = ""


class CitationEntry(StrictModel):
    """A source and where in it."""

    source: SlugText
    lines: str = ""


class ParameterEntry(StrictModel):
    """A number or choice, and what it rests on; ``unit`` is what every number in it is counted in."""

    value: Plain
    unit: Unit | None = None
    cite: tuple[CitationEntry, ...] = Field(min_length=1)


def _with_source(given: object) -> object:
    """A value that stands alone: said in words, since it is what one writes first."""
    if isinstance(given, ParameterEntry) or (
        isinstance(given, dict) and given.keys() - {"unit"} == {"value", "cite"}
    ):
        return given
    wanted = "a number or choice stands with its source: {value: ..., cite: [{source: ID, lines: ...}]}"
    raise PydanticCustomError("no_source", wanted)


class RuleEntry(StrictModel):
    """One rule, or one statement with the reason why nothing follows from it."""

    id: RuleId
    topic: str = ""
    mode: Literal["deterministic", "propose", "information", "guard", "not_propagated"]
    says: str
    cite: tuple[CitationEntry, ...] = ()
    when: str | bool | None = None
    then: dict[str, Plain] | None = None
    reason: str = ""


class PathwayFile(StrictModel):
    """A whole file."""

    id: SlugText
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+([-+].+)?$")]
    title: str
    extends: str | None = None
    sources: tuple[SourceEntry, ...] = ()
    parameters: dict[str, Annotated[ParameterEntry, BeforeValidator(_with_source)]] = Field(
        default_factory=dict
    )
    define: dict[SlugText, str | bool] = Field(default_factory=dict)
    rules: tuple[RuleEntry, ...] = ()
    off: dict[RuleId, str] = Field(default_factory=dict)  # rule id -> why this institution switched it off
    texts: dict[str, dict[str, str]] = Field(default_factory=dict)

    @property
    def values(self) -> dict[str, ParameterValue]:
        """The parameters without their sources."""
        return {name: entry.value for name, entry in self.parameters.items()}
