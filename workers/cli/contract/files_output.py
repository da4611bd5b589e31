"""What `--json` prints about patients in files: those decided, and those exported."""

from datetime import date

from typing_extensions import TypedDict


class FaultRow(TypedDict):
    """A record of the files that could not be decided."""

    patient: str
    fault: str


class AssessOutput(TypedDict):
    """What became of the files: counts, the first faults, and where the results are."""

    on: date
    patients: int
    outcomes: dict[str, int]
    without_patient: int
    failed: int
    first_faults: list[FaultRow]
    resources: str
    table: str


class ExportedType(TypedDict):
    """What was exported of one type of resource."""

    files: int
    resources: int
    bytes: int


class ExportOutput(TypedDict):
    """What the server exported: where it is, as of when, and what the server says of it."""

    folder: str
    as_of: str | None
    types: dict[str, ExportedType]
    issues: dict[str, int]
