"""A search as a question, and one page of its answer held against that question.

A server may leave out a search parameter that it does not know, and then everybody's data comes back. Three
guards: ``Prefer: handling=strict`` asks it not to, the ``self`` link is compared with the question, and each
resource is looked at by type and by the caller's own test. What does not fit never becomes a match; the
caller is told that it came.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from urllib.parse import quote, unquote, urlencode

from adapter.fhir.completeness import ON_PRINCIPLE, Gap, believable, gaps_told, total_of
from adapter.fhir.http import Reply
from adapter.fhir.outcomes import failures, issues_of
from adapter.fhir.statuses import fault_of_outcome, retry_after
from adapter.input.wire_json import Json, ReadOnlyJson

Accept = Callable[[Json], bool]
Params = Mapping[str, str | Sequence[str]] | Sequence[tuple[str, str]]

# Parameters that shape the answer but do not choose what is in it; servers often leave them out of ``self``.
_SHAPING = frozenset({"_count", "_format", "_pretty", "_total", "_elements", "_summary"})
NO_GAPS = frozenset[Gap]()
_NO_MATCH = ("outcome", "include")  # modes of entries that `total` does not count
# No commas and slashes as %2C and %2F: HAPI does not mind, some gateways do.
_LEGIBLE = ",:/$"


@dataclass(frozen=True, slots=True)
class Question:
    """What is searched for. ``accept`` says of a resource whether it can be an answer at all."""

    resource_type: str
    params: tuple[tuple[str, str], ...] = field(repr=False)
    accept: Accept | None = None

    @classmethod
    def of(cls, resource_type: str, params: Params, accept: Accept | None = None) -> "Question":
        return cls(resource_type, pairs(params), accept)

    def with_default(self, name: str, value: str) -> "Question":
        if any(given == name for given, _ in self.params):
            return self
        return Question(self.resource_type, (*self.params, (name, value)), self.accept)

    @property
    def query(self) -> str:
        return encode(self.params)

    @property
    def url(self) -> str:
        """Relative to the base."""
        return f"{self.resource_type}?{self.query}" if self.params else self.resource_type

    @property
    def asks_for_includes(self) -> bool:
        return any(name.startswith(("_include", "_revinclude")) for name, _ in self.params)


@dataclass(frozen=True, slots=True)
class ForeignResource:
    """A resource that came and was not asked for. Only its name: its content may be another patient's."""

    resource_type: str | None
    id: str | None = field(repr=False)
    reason: str  # "type", or "refused" by the caller's test


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a search found, in the server's order; each resource once, in its newest version.

    ``ignored_parameters`` are those that the server does not confirm to have applied: with ``_sort`` among
    them the order means nothing, with a filter only the caller's test stands between patients. ``gaps`` are
    the reasons why there may be more on the server than came.
    """

    matches: list[Json] = field(repr=False)
    included: list[Json] = field(repr=False)
    foreign: list[ForeignResource]
    ignored_parameters: tuple[str, ...] = ()
    server_time: str | None = None
    gaps: frozenset[Gap] = frozenset()

    @property
    def complete(self) -> bool:
        """Whether what did not come is not there: only then may a reader say "none"."""
        return not self.gaps

    @property
    def lacks(self) -> bool:
        """Whether more may be missing than what a server withholds from this account in every answer."""
        return bool(self.gaps - ON_PRINCIPLE)


@dataclass(frozen=True, slots=True)
class Page:
    """One page, the link to the next as the server wrote it, and how many matches it claims in all."""

    result: SearchResult
    next_link: str | None = field(repr=False)
    total: int = 0
    matched: frozenset[object] = frozenset()  # what came as a match, believed or not, each by its own name


def read_page(question: Question, reply: Reply, *, first: bool = True) -> Page:
    """Sorts the entries of a searchset; raises when an entry says that the search failed."""
    bundle = reply.expect("Bundle")
    page = SearchResult(
        [], [], [], _ignored(question, bundle, reply) if first else (), _server_time(bundle, reply)
    )
    entries = _entries(bundle)
    gaps, matched = set[Gap](), set[object]()
    if entries is None:
        gaps.add(Gap.UNREADABLE)
    for entry in entries or ():
        resource = entry.get("resource")
        if believable(resource):
            mode = _mode(entry)
            gaps |= _sort_in(resource, mode, question, page, reply)
            if resource["resourceType"] == question.resource_type and mode not in _NO_MATCH:
                matched.add(_name(resource))
        else:
            gaps.add(Gap.UNREADABLE)
            matched.add(object())  # whatever it was, it came
    if gaps:
        page = replace(page, gaps=frozenset(gaps))
    return Page(page, link(bundle, "next"), total_of(bundle), frozenset(matched))


def merged(pages: Sequence[SearchResult]) -> SearchResult:
    """One result of one page or several.

    Pages are no snapshot: a resource may come twice, and the newer version counts.
    """
    matches: dict[object, Json] = {}
    included: dict[object, Json] = {}
    for page in pages:
        _keep_newest(matches, page.matches)
        _keep_newest(included, page.included)
    return SearchResult(
        list(matches.values()),
        list(included.values()),
        [it for page in pages for it in page.foreign],
        pages[0].ignored_parameters,
        pages[0].server_time,
        NO_GAPS.union(*(page.gaps for page in pages)),
    )


def encode(params: Params) -> str:
    return "&".join(_encoded(name, value) for name, value in pairs(params))


@lru_cache(64)  # the codes that are asked for are long, and the same for every batch; ids are not
def _encoded(name: str, value: str) -> str:
    return urlencode([(name, value)], safe=_LEGIBLE, quote_via=quote)


def identity(resource: Json) -> tuple[object, object]:
    return resource.get("resourceType"), resource.get("id")


def version(resource: Json) -> str | None:
    meta = resource.get("meta")
    found = meta.get("versionId") if isinstance(meta, dict) else None
    return found if isinstance(found, str) else None


def pairs(params: Params) -> tuple[tuple[str, str], ...]:
    """Name and value, one by one."""
    if not isinstance(params, Mapping):
        return tuple(params)
    return tuple(
        (name, value)
        for name, values in params.items()
        for value in ((values,) if isinstance(values, str) else values)
    )


def _sort_in(
    resource: Json, mode: object, question: Question, page: SearchResult, reply: Reply
) -> frozenset[Gap]:
    """Puts the resource where it belongs; gives the gaps that it tells of."""
    found = resource["resourceType"]
    # By R4 such an entry has the mode `outcome`; some servers leave the mode out, and then its type tells.
    if mode == "outcome" or (found == "OperationOutcome" and question.resource_type != found):
        issues = issues_of(resource)
        if failed := failures(issues):
            raise fault_of_outcome(reply.asked, reply.status, failed, retry_after=retry_after(reply.headers))
        return gaps_told(issues)
    if mode == "include" or (mode is None and found != question.resource_type and question.asks_for_includes):
        page.included.append(resource)
    elif found != question.resource_type:
        page.foreign.append(_foreign(resource, "type"))
    elif question.accept is not None and not question.accept(resource):
        page.foreign.append(_foreign(resource, "refused"))
    else:
        page.matches.append(resource)
    return NO_GAPS


def _mode(entry: Json) -> object:
    search = entry.get("search")
    return search.get("mode") if isinstance(search, dict) else None


def _name(resource: Json) -> object:
    """By what a match is counted once for ``total``; one without an id is counted every time."""
    return identity(resource) if resource.get("id") else object()


def _foreign(resource: Json, reason: str) -> ForeignResource:
    found, key = identity(resource)
    return ForeignResource(
        found if isinstance(found, str) else None, key if isinstance(key, str) else None, reason
    )


def _entries(bundle: Json) -> list[Json] | None:
    """None when what stands there is no list."""
    entries = bundle.get("entry", [])
    if not isinstance(entries, list):
        return None
    return [entry if isinstance(entry, dict) else {} for entry in entries]


def link(bundle: ReadOnlyJson, relation: str) -> str | None:
    """The address of a relation, such as ``next``, as the server wrote it."""
    links = bundle.get("link")
    for link in links if isinstance(links, list) else ():
        if isinstance(link, dict) and link.get("relation") == relation and isinstance(link.get("url"), str):
            return str(link["url"])
    return None


def _ignored(question: Question, bundle: Json, reply: Reply) -> tuple[str, ...]:
    """By name and without modifiers, since servers rewrite values. No ``self`` link confirms nothing.

    After a form HAPI repeats the bare address. That tells neither way, and is not reported.
    """
    told = link(bundle, "self")
    query = (told or "").partition("?")[2].partition("#")[0]
    # R4 has the self link repeat what was used of the question (https://hl7.org/fhir/R4/search.html#errors).
    if told and not query and reply.asked.method == "POST":
        return ()
    # The names alone are decoded: what was asked for is long, and told again at length.
    confirmed = {_bare(unquote(pair.partition("=")[0])) for pair in query.split("&")}
    asked = dict.fromkeys(_bare(name) for name, _ in question.params)
    return tuple(name for name in asked if name not in confirmed and name not in _SHAPING)


def _bare(name: str) -> str:
    return name.partition(":")[0]


def _server_time(bundle: Json, reply: Reply) -> str | None:
    """The earlier time of Bundle and header: early costs a second look, late would cost a patient."""
    meta = bundle.get("meta")
    stamped = _instant(meta.get("lastUpdated") if isinstance(meta, dict) else None)
    known = [moment for moment in (stamped, reply.server_time) if moment]
    return min(known).isoformat() if known else None


def _instant(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None


def _keep_newest(kept: dict[object, Json], resources: Iterable[Json]) -> None:
    for resource in resources:
        key = _name(resource)
        if key not in kept or not _older(resource, kept[key]):
            kept[key] = resource


def _older(resource: Json, other: Json) -> bool:
    """Only whole numbers say which version is older; else the one that came later counts."""
    mine, theirs = version(resource), version(other)
    return bool(mine and theirs and mine.isdecimal() and theirs.isdecimal() and int(mine) < int(theirs))


def without_includes(params: Params) -> list[tuple[str, str]]:
    """The same search for the matches alone."""
    return [pair for pair in pairs(params) if pair[0] != "_include"]
