"""The tables that a clinician signs: one YAML file per topic, each row an invented patient and the result.

A row goes the whole way that a case goes (``workers.authoring.cases``), and besides must be
decided by the rules that it names.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from adapter.errors import ConfigurationFault
from adapter.input.wire_json import Json, JsonValue, ReadOnlyJson
from mappings.pathways import SHIPPED
from mappings.pathways.yaml_lines import line_of, parse
from workers.authoring.cases import CaseStatus, WorkedCase, run_case

FOLDER = SHIPPED / "specs"
AS_OF = date(2026, 11, 20)


class SpecFault(ConfigurationFault):
    """Spec files that cannot be read; one line per fault, with file and line."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Row(_Strict):
    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=64)]
    says: str
    pathway: str | None = None
    params: Json = Field(default_factory=dict)
    facts: Json = Field(default_factory=dict)
    expect: Json = Field(default_factory=dict)
    rules: tuple[str, ...] = ()


class _File(_Strict):
    topic: str
    says: str
    pathway: str | None = None
    given: Json = Field(default_factory=dict)
    rows: Annotated[tuple[_Row, ...], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class SpecRow:
    """One invented patient: ``own`` are the facts that tell this row from its neighbours."""

    says: str
    case: WorkedCase
    own: ReadOnlyJson
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Spec:
    """One topic."""

    name: str
    topic: str
    says: str
    given: ReadOnlyJson
    rows: tuple[SpecRow, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """How a row or a case ended. ``fired`` is its whole trace, and counts only where it passed."""

    id: str
    status: CaseStatus
    differences: tuple[str, ...]
    fired: tuple[str, ...]


@cache
def specs(folder: Path = FOLDER) -> tuple[Spec, ...]:
    """All topics of a folder, by file name. Raises ``SpecFault``."""
    found = tuple(read_spec(file) for file in sorted(folder.glob("*.yaml")))
    seen: set[str] = set()
    for spec in found:
        for row in spec.rows:
            if row.case.id in seen:
                raise SpecFault(f"{spec.name}.yaml: another row is called {row.case.id} already")
            seen.add(row.case.id)
    return found


def read_spec(file: Path) -> Spec:
    """One topic. Raises ``SpecFault`` with the line of each fault."""
    text = file.read_text(encoding="utf-8")
    try:
        held = _File.model_validate(parse(text))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SpecFault(f"{file.name}:{line}: {error.problem}") from None
    except ValidationError as errors:
        lines = (
            f"{file.name}:{line_of(text, error['loc'])}: {error['loc'][-1]}: {error['msg']}"
            for error in errors.errors()
        )
        raise SpecFault("\n".join(lines)) from None
    given = _as_json(held.given)
    rows = tuple(_row(row, held, given, file.name) for row in held.rows)
    return Spec(file.stem, held.topic, held.says, given, rows)


def _row(row: _Row, file: _File, given: ReadOnlyJson, name: str) -> SpecRow:
    pathway = row.pathway or file.pathway
    if pathway is None:
        raise SpecFault(f"{name}: {row.id} has no pathway, and the file has none either")
    own = _as_json(row.facts)
    parameters = {"profile_params": _as_json(row.params)} if row.params else {}
    case = WorkedCase(row.id, pathway, AS_OF, {**given, **own, **parameters}, _as_json(row.expect))
    return SpecRow(row.says, case, {**own, **parameters}, row.rules)


def _as_json(value: object) -> JsonValue:
    """YAML has dates where a case has text."""
    match value:
        case date():
            return value.isoformat()
        case dict():
            return {key: _as_json(item) for key, item in value.items()}
        case list() | tuple():
            return [_as_json(item) for item in value]
        case _:
            return value


def prove_row(row: SpecRow, *, again: bool = True) -> Proof:
    """Run a row; it passes when nothing differs and every rule that it names is in the trace."""
    found = prove_case(row.case, again=again)
    silent = tuple(f"rules: {rule} did not fire" for rule in row.rules if rule not in found.fired)
    if silent and found.status is CaseStatus.PASSED:
        return Proof(found.id, CaseStatus.FAILED, silent, found.fired)
    return Proof(found.id, found.status, (*found.differences, *silent), found.fired)


def prove_case(case: WorkedCase, *, again: bool = True) -> Proof:
    """Run a case of the acceptance format, with its trace; without ``again`` once, like ``run_case``."""
    result = run_case(case, again=again)
    fired = result.fired if result.status is CaseStatus.PASSED else ()
    return Proof(case.id, result.status, result.differences, fired)


def spec_rows(folder: Path = FOLDER) -> Iterable[tuple[Spec, SpecRow]]:
    """Every row with its topic."""
    return ((spec, row) for spec in specs(folder) for row in spec.rows)
