"""The shape of a pathway file: what may stand where.

Unknown keys are refused; meaning is checked by the core.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

RuleId = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.-]*$", max_length=64)]
SlugText = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]


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
    """A number or choice, and what it rests on."""

    value: Any
    cite: tuple[CitationEntry, ...] = Field(min_length=1)


def _with_source(given: object) -> Any:
    """A value that stands alone: said in words, since it is what one writes first."""
    if isinstance(given, ParameterEntry) or (isinstance(given, dict) and given.keys() == {"value", "cite"}):
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
    then: dict[str, Any] | None = None
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
    def values(self) -> dict[str, Any]:
        """The parameters without their sources."""
        return {name: entry.value for name, entry in self.parameters.items()}
