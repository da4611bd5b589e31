"""What the server speaks: JSON that keeps its digits, questions, answers, refusals."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from http import HTTPStatus
from typing import NoReturn

import orjson

from adapter.input.wire_json import Json, JsonValue

QueryParams = tuple[tuple[str, str], ...]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class RequestRefused(Exception):
    """The request cannot be served; becomes an OperationOutcome.

    The text names parameters and ids, never values.
    """

    def __init__(self, status: int, code: str, text: str, expression: str | None = None) -> None:
        super().__init__(text)
        self.status, self.code, self.text, self.expression = status, code, text, expression

    def inside_entry(self, index: int) -> "RequestRefused":
        """The same refusal, said of entry `index` of a bundle."""
        return RequestRefused(self.status, self.code, self.text, self.expression or f"Bundle.entry[{index}]")


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """One stored version; `body` is its JSON, or None for a deletion. `at` is in milliseconds since 1970."""

    seq: int
    type: str
    id: str
    version: int
    at: int
    method: str
    body: bytes | None

    @property
    def local(self) -> str:
        return f"{self.type}/{self.id}"

    @property
    def etag(self) -> str:
        return f'W/"{self.version}"'


@dataclass(frozen=True, slots=True)
class FhirRequest:
    """One interaction, from HTTP or from a bundle entry. Header names are lower case."""

    method: str
    path: tuple[str, ...]
    query: QueryParams = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: JsonValue = None
    new_id: str | None = None  # the id a transaction has already given to a POST

    @property
    def type(self) -> str:
        """The resource type in the path, or "" for the system level."""
        return self.path[0] if self.path and self.path[0][:1].isupper() else ""

    def prefers(self, name: str) -> str | None:
        """The value of one preference in `Prefer`, e.g. `return` or `handling`."""
        found = re.search(rf"\b{name}=\"?([A-Za-z]+)", self.headers.get("prefer", ""))
        return found[1] if found else None


@dataclass(frozen=True, slots=True)
class FhirResponse:
    """A status, JSON (or nothing) and, where one resource version is meant, that version."""

    status: int
    body: bytes = b""
    version: StoredVersion | None = None
    located: bool = False  # a write: say where the version is
    headers: Mapping[str, str] = field(default_factory=dict)  # beside those that every answer has
    media: str = "application/fhir+json; charset=utf-8"


def parse_json(raw: bytes) -> JsonValue:
    """JSON with Decimal for numbers with a point, so that `-2.50` can be written back as it came."""
    try:
        return json.loads(raw, parse_float=Decimal, parse_constant=_not_json)
    except (ValueError, RecursionError):
        raise RequestRefused(400, "structure", "The body is not JSON.") from None


def dump_json(value: object, *, sort: bool = False) -> bytes:
    """JSON text; Decimals keep their digits, and `orjson.Fragment` splices stored text in unparsed."""
    try:
        return orjson.dumps(value, default=_digits, option=orjson.OPT_SORT_KEYS if sort else 0)
    except orjson.JSONEncodeError:
        raise RequestRefused(
            400, "structure", "The body holds a number or text that cannot be stored."
        ) from None


def _not_json(constant: str) -> NoReturn:
    raise ValueError(constant)


def _digits(value: object) -> orjson.Fragment:
    if isinstance(value, Decimal) and value.is_finite():
        return orjson.Fragment(str(value))
    raise TypeError(type(value).__name__)


def operation_outcome(
    code: str, text: str, *, severity: str = "error", expression: str | None = None
) -> Json:
    """An OperationOutcome with one issue."""
    issue: Json = {"severity": severity, "code": code, "diagnostics": text}
    if expression:
        issue["expression"] = [expression]
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def refusal_response(refused: RequestRefused) -> FhirResponse:
    return FhirResponse(
        refused.status,
        dump_json(operation_outcome(refused.code, refused.text, expression=refused.expression)),
    )


def milliseconds(moment: datetime) -> int:
    return (moment - EPOCH) // _MILLISECOND


def moment_of(at: int) -> datetime:
    return EPOCH + at * _MILLISECOND


def instant(at: int) -> str:
    """A FHIR instant with milliseconds, always in UTC."""
    return moment_of(at).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at % 1000:03d}Z"


def status_line(status: int) -> str:
    return f"{status} {HTTPStatus(status).phrase}"
