"""The form of what `--json` prints about pathways."""

from typing import NotRequired

from typing_extensions import TypedDict

from adapter.clinical.decision import PathwayVersion
from mappings.pathways.edition import Edit
from workers.authoring.publish import Published
from workers.authoring.shadow_run import ChangedPerson
from workers.cli.contract.files_output import FaultRow


class PathwayRow(TypedDict):
    """A pathway in a line."""

    id: str
    version: str
    title: str
    lineage: list[str]
    rules: int
    executable: int
    fingerprint: str


class PathwaysOutput(TypedDict):
    """The pathways that come with the program."""

    pathways: list[PathwayRow]


class RuleRow(TypedDict):
    """A rule; `off` says why it is switched off."""

    id: str
    topic: str
    mode: str
    says: str
    when: str | None
    then: list[str]
    reason: str | None
    cite: list[str]
    off: str | None


class ParameterRow(TypedDict):
    """A number or a choice, with the files that had a say in it."""

    value: str
    set_by: list[str]
    cite: list[str]


class PathwayWhole(TypedDict):
    """A pathway as a whole."""

    id: str
    version: str
    title: str
    lineage: list[str]
    executable: int
    fingerprint: str
    rules: list[RuleRow]
    parameters: dict[str, ParameterRow]
    definitions: dict[str, str]
    off: dict[str, str]
    sources: dict[str, str]


class RulesOutput(TypedDict):
    """With --rule: that rule."""

    rules: list[RuleRow]


class TermsOutput(TypedDict):
    """With --terms: the names that a condition may use."""

    terms: dict[str, str]


ShownPathway = PathwayWhole | RulesOutput | TermsOutput


class FileOutput(TypedDict):
    """What was found in a pathway file."""

    faults: list[str]
    warnings: list[str]


CheckedFiles = dict[str, FileOutput]


class DiffOutput(TypedDict):
    """What two pathways say differently; with a population, for whom that would make a difference."""

    old: PathwayVersion
    new: PathwayVersion
    edits: list[Edit]
    people: NotRequired[int]
    would_change: NotRequired[int]
    counts: NotRequired[dict[str, int]]
    by_rule: NotRequired[dict[str, int]]
    changed: NotRequired[list[ChangedPerson]]
    not_read: NotRequired[list[FaultRow]]


class PublishedResource(TypedDict):
    """A resource, and what became of it."""

    resource: str
    outcome: Published
    same_version: bool


class PublishOutput(TypedDict):
    """What became of the resources of each pathway."""

    dry_run: bool
    pathways: dict[str, list[PublishedResource]]


class CoveredRow(TypedDict):
    """A rule with the tests that fire it, or the reason why nothing follows from it."""

    id: str
    mode: str
    tests: list[str]
    reason: str | None


class CoverageOutput(TypedDict):
    """Rules and what proves them."""

    rules: list[CoveredRow]
