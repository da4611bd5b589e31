"""A search request taken apart: criteria, order, page size, what to show; and the SQL that answers it."""

# ruff: noqa: S608 - what is put into SQL as text are names from the table of parameters; values are arguments

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import urlencode

from workers.sandbox.query.criteria import Criterion, UnknownParameter, criterion
from workers.sandbox.query.search_parameters import PARAMETERS
from workers.sandbox.resource_store import ResourceStore
from workers.sandbox.wire import QueryParams, RequestRefused

DEFAULT_COUNT, MAX_COUNT = 50, 200

_SORT_COLUMNS = {"_id": "v.id", "_lastUpdated": "v.at"}


@dataclass(slots=True)
class SearchPlan:
    """What a search will do; `used` are the parameters that count, for the self link."""

    type: str
    used: list[tuple[str, str]] = field(default_factory=list)
    criteria: list[Criterion] = field(default_factory=list)
    order: list[Criterion] = field(default_factory=list)
    count: int = DEFAULT_COUNT
    count_only: bool = False
    total: str = ""
    elements: frozenset[str] = frozenset()
    includes: list[str] = field(default_factory=list)
    revincludes: list[str] = field(default_factory=list)

    @property
    def self_query(self) -> str:
        return urlencode(self.used)


def plan_search(
    type_: str, params: QueryParams, base: str, *, strict: bool, ignored: frozenset[str] = frozenset()
) -> SearchPlan:
    """Take a query apart.

    Unknown parameters are refused when `strict`, else left out; so are the `ignored`.
    """
    made = SearchPlan(type_)
    for key, value in params:
        name = key.split(":")[0].split(".")[0]
        if name in ignored or not value:
            continue
        try:
            if control := _CONTROLS.get(key):
                control(made, value)
            else:
                made.criteria.append(criterion(type_, key, value, base))
        except UnknownParameter:
            if strict:
                raise RequestRefused(
                    400, "not-supported", f"{type_} has no search parameter '{name}' here."
                ) from None
            continue
        made.used.append((key, value))
    return made


def run_search(store: ResourceStore, made: SearchPlan) -> list[int]:
    """The version numbers of all matches, in order; by default oldest change first."""
    narrowed = any(item.narrow for item in made.criteria)
    parts = (
        item.probe if narrowed and item.probe and not item.narrow else item.sql for item in made.criteria
    )
    where = "".join(f" AND {part}" for part in parts)
    order = "".join(f"{item.sql}, " for item in made.order)
    args = [arg for item in (*made.criteria, *made.order) for arg in item.args]
    found = store.query(
        f"SELECT v.seq FROM versions v WHERE v.type = '{made.type}' AND v.head = 1 AND v.body IS NOT NULL{where} "
        f"ORDER BY {order}v.seq",
        args,
    )
    return [seq for (seq,) in found]


def _take_count(made: SearchPlan, value: str) -> None:
    made.count = page_size(value)
    made.count_only |= made.count == 0


def _take_summary(made: SearchPlan, value: str) -> None:
    if value not in ("count", "false"):
        raise UnknownParameter(value)
    made.count_only |= value == "count"


def _take_total(made: SearchPlan, value: str) -> None:
    if value not in ("none", "estimate", "accurate"):
        raise UnknownParameter(value)
    made.total = value


def _take_elements(made: SearchPlan, value: str) -> None:
    made.elements = frozenset(value.split(","))


def _take_sort(made: SearchPlan, value: str) -> None:
    made.order = list(_order_criteria(made.type, value))


def _ignore_value(made: SearchPlan, value: str) -> None:
    """`_format` and `_pretty` change nothing: every answer is JSON, and none is indented."""


# The parameters that say how to answer, not what to find.
_CONTROLS: Mapping[str, Callable[[SearchPlan, str], None]] = MappingProxyType(
    {
        "_count": _take_count,
        "_sort": _take_sort,
        "_summary": _take_summary,
        "_total": _take_total,
        "_elements": _take_elements,
        "_include": lambda made, value: made.includes.append(value),
        "_include:iterate": lambda made, value: made.includes.append(f"iterate:{value}"),
        "_revinclude": lambda made, value: made.revincludes.append(value),
        "_revinclude:iterate": lambda made, value: made.revincludes.append(f"iterate:{value}"),
        "_format": _ignore_value,
        "_pretty": _ignore_value,
    }
)


def page_size(value: str) -> int:
    if not value.isdecimal():
        raise RequestRefused(400, "value", "_count takes a whole number.")
    return min(int(value), MAX_COUNT)


def _order_criteria(type_: str, value: str) -> Iterator[Criterion]:
    """Ascending by least value, descending by greatest, periods by start; without a value: last."""
    for key in value.split(","):
        name, descending = key.removeprefix("-"), key.startswith("-")
        column = _SORT_COLUMNS.get(name, "")
        if not column:
            if name not in PARAMETERS[type_]:
                raise UnknownParameter(name)
            pick = "max" if descending else "min"
            column = f"(SELECT {pick}(coalesce(i.lo, i.value)) FROM indexed i WHERE i.seq = v.seq AND i.name = '{name}')"
        yield Criterion(f"{column} IS NULL, {column} {'DESC' if descending else 'ASC'}")
