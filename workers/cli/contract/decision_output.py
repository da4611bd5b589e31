"""The form of what `--json` prints about decisions: a letter, cases."""

from typing import NotRequired

from typing_extensions import TypedDict

from adapter.input.wire_json import Json
from workers.authoring.cases import CaseStatus
from workers.explanation.explanation_output import ReleasedOutput


class LetterOutput(TypedDict):
    """A letter as it would be written now."""

    patient: str
    language: str
    warranted: bool
    text: str
    files: list[str]
    released: list[ReleasedOutput]


class CaseOutput(TypedDict):
    """One case; `expect` and `got` with --verbose."""

    id: str
    kind: NotRequired[str]
    status: CaseStatus
    differences: list[str]
    expect: NotRequired[Json]
    got: NotRequired[Json]


class CasesOutput(TypedDict):
    """All cases, with counts by how they ended."""

    total: int
    passed: int
    failed: int
    not_covered: int
    kinds: dict[str, dict[str, int]]
    cases: list[CaseOutput]
