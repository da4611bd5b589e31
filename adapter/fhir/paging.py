"""From the first page to the last: links followed as they are written, each of them once.

A page that has expired (HAPI forgets a search after an hour) starts the search again from page one, a single
time. Half a result is never kept: for the reader a missing fracture looks like no fracture.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from adapter.errors import ConfigurationFault, StartAgain
from adapter.fhir.completeness import Gap
from adapter.fhir.http import FORM, Reply, Wire
from adapter.fhir.search import Page, Question, SearchResult, identity, merged, read_page, version
from adapter.fhir.statuses import Asked, Purpose
from adapter.input.wire_json import Json

# Never no-store: HAPI then cuts a search at 100 and gives no next link. Without
# no-cache it may be a minute old.
SEARCH_HEADERS = {"Prefer": "handling=strict", "Cache-Control": "no-cache"}
_LONGEST_URL = 1800  # below the 2,048 at which gateways and log formats begin to cut


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """How to search. ``page_size`` is a wish; None leaves it to the server."""

    # HAPI's starter cuts `_count` at 200, and included resources do not count.
    page_size: int | None = 100
    # Always as a form, so that no identifier stands in an access log; long ones always are.
    post: bool = False
    # Wrong hosts in next links behind a proxy are common: HAPI (#2885), Azure (microsoft/fhir-server#1317).
    rewrite_next_links: bool = False  # the server does not know the name under which we reach it
    max_pages: int = 10_000  # a million resources: more of one search is a circle that no link gives away


DEFAULT_SEARCH = SearchOptions()


class Searcher:
    """Asks questions over one wire."""

    def __init__(self, wire: Wire, options: SearchOptions = DEFAULT_SEARCH) -> None:
        self._wire = wire
        self._options = options

    def prepared(self, question: Question) -> Question:
        size = self._options.page_size
        return question.with_default("_count", str(size)) if size else question

    def search(
        self, question: Question, *, limit: int | None = None, first: Reply | None = None
    ) -> SearchResult:
        """All pages as one result. ``first`` is a first page that came by another way (in a batch)."""
        with suppress(StartAgain):
            return _collected(self._walk(question, first), limit)
        return _collected(self._walk(question), limit)

    def pages(self, question: Question) -> Iterator[SearchResult]:
        """Page by page, for more than fits in memory; after a restart only what was not yet given."""
        given: set[object] = set()
        with suppress(StartAgain):
            yield from (_unseen(page.result, given) for page in self._walk(question))
            return
        yield from (_unseen(page.result, given) for page in self._walk(question))

    def page(self, question: Question, link: str | None = None) -> Page:
        """One page: the first, or the one that a link of another one leads to."""
        if link is None:
            return read_page(question, self._ask(question))
        asked = Asked("GET", question.resource_type, Purpose.PAGE)
        return read_page(
            question, self._wire.send(asked, self._next(question, link), headers=SEARCH_HEADERS), first=False
        )

    def _walk(self, question: Question, first: Reply | None = None) -> Iterator[Page]:
        page = read_page(question, first or self._ask(question))
        said, came = page.total, set(page.matched)
        asked = Asked("GET", question.resource_type, Purpose.PAGE)
        visited: set[str] = set()
        while page.next_link is not None:
            yield page
            url = self._next(question, page.next_link)
            # Links are opaque (https://hl7.org/fhir/R4/http.html#paging), so nothing but their return
            # tells that a server goes in a circle. Without an end a sweep would read the same
            # thousand patients all night.
            if url in visited or len(visited) + 1 >= self._options.max_pages:
                raise ConfigurationFault(
                    f"{asked}: the pages of the server repeat themselves or never end ({len(visited) + 1} read).",
                    resource_type=question.resource_type,
                )
            visited.add(url)
            page = self.page(question, page.next_link)
            said = max(said, page.total)
            came |= page.matched
        # `total` counts matches, not what was included (R4 Bundle.total). Answers were seen that speak of 99,
        # hold fewer and lead no further: a sweep took 1 patient of 102 for all of them.
        yield page if len(came) >= said else _short(page)

    def _ask(self, question: Question) -> Reply:
        url = self._wire.base.url(question.url)
        if not self._options.post and len(url) <= _LONGEST_URL:
            return self._wire.send(
                Asked("GET", question.resource_type, Purpose.SEARCH), url, headers=SEARCH_HEADERS
            )
        # R4 has every server that searches take a form as well (https://hl7.org/fhir/R4/http.html#search). An
        # address has a length, and stands in the logs of every proxy on the way: a form has neither trouble.
        return self._wire.send(
            Asked("POST", question.resource_type, Purpose.SEARCH),
            self._wire.base.url(f"{question.resource_type}/_search"),
            body=question.query.encode("ascii"),
            headers={**SEARCH_HEADERS, "Content-Type": FORM},
        )

    def _next(self, question: Question, link: str) -> str:
        base = self._wire.base
        at = base.url(question.resource_type)
        return base.follow(link, at=at, rewrite=self._options.rewrite_next_links)


def _collected(pages: Iterable[Page], limit: int | None) -> SearchResult:
    taken: list[SearchResult] = []
    cut = False
    for page in pages:
        taken.append(page.result)
        if limit is not None and sum(len(one.matches) for one in taken) >= limit:
            cut = page.next_link is not None
            break
    whole = merged(taken)
    if limit is None or (not cut and len(whole.matches) <= limit):
        return whole
    return replace(whole, matches=whole.matches[:limit], gaps=whole.gaps | {Gap.LIMITED})


def _short(page: Page) -> Page:
    return replace(page, result=replace(page.result, gaps=page.result.gaps | {Gap.SHORT}))


def _unseen(page: SearchResult, given: set[object]) -> SearchResult:
    return replace(page, matches=_new(page.matches, given), included=_new(page.included, given))


def _new(resources: list[Json], given: set[object]) -> list[Json]:
    fresh = []
    for resource in resources:
        key = (*identity(resource), version(resource))
        if resource.get("id") is None or key not in given:
            given.add(key)
            fresh.append(resource)
    return fresh
