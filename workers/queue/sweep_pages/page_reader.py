"""Reads page after page, each as often as it needs, and goes on behind the last page of an earlier reader.

A server that is busy for one page is not a reason to read all the others again. A page is tried several
times, after waits drawn at random; and when that does not help, the pass waits where it is for the next
sweep. A link that has expired is replaced by a search from the last change that was seen, which an order by
`_lastUpdated` makes possible.

A type that the server does not have is passed over and named, and the others are read. Only the server's own
word says so: an error alone may be trouble, and trouble must not look like a type without news.
"""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from adapter.errors import ConfigurationFault, OsteoHandoverError, StartAgain, TryAgainLater, VersionConflict
from adapter.fhir import Gap
from adapter.fhir.capabilities import Capabilities
from adapter.fhir.search import Page, Params, SearchResult
from workers.ledger.circuits import Draw
from workers.ledger.positions import Position
from workers.queue.patient_lists.patient_source import PatientList
from workers.review.searches.patient_searches import offered
from workers.settings.full_pass_rule import FullPassRule

TRIES = 6  # of one page
FIRST_WAIT, LONGEST_WAIT = 0.5, 20.0  # seconds
LONGEST_TOLD = 30.0  # seconds that a server may ask for while its page is waited for
# All others say subject.
_SUBJECT = {"AllergyIntolerance": "patient", "FamilyMemberHistory": "patient", "Task": "for"}
NEEDED = ("Patient", "Observation", "Condition")  # without one of them there is nothing to sweep for
_NO_SUCH_TYPE = frozenset({404, 405})


class PagingServer(Protocol):
    """What reading pages needs of a FHIR server."""

    def capabilities(self) -> Capabilities:
        """What the server says about itself."""

    def search_page(self, resource_type: str, params: Params = (), *, link: str | None = None) -> Page:
        """One page of a search."""


@dataclass(frozen=True, slots=True)
class SweepTarget:
    """A type whose news concern us, and the search parameters that keep out what does not."""

    type: str
    params: tuple[tuple[str, str], ...] = ()
    own: bool = False  # ours: only what a human did to it is news


@dataclass(frozen=True, slots=True)
class PageRetry:
    """How a page is waited for. `hold` is called before each wait: the pass is still ours."""

    sleep: Callable[[float], None] = time.sleep
    draw: Draw = random.uniform
    hold: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class SweepPolicy:
    """What to look at, how far to take back, and when to look at everybody again."""

    ruleset: str
    sources: tuple[SweepTarget, ...]
    overlap: timedelta
    margin: timedelta
    full_pass: FullPassRule
    lease: timedelta
    retry: PageRetry = field(default_factory=PageRetry)
    listed: PatientList | None = None  # whom to look at; None: the search for patients says so
    search_size: int = 12  # patients of the list that one search names

    def searches(self, since: datetime | None, *, full: bool) -> tuple[SweepTarget, ...]:
        """A full pass asks for the patients themselves; otherwise for what changed of each type."""
        news = (
            # `ge`, not `gt`: two resources of one millisecond may lie on two sides of the moment
            # at which the last pass ended.
            *((("_lastUpdated", f"ge{since.isoformat(timespec='milliseconds')}"),) if since else ()),
            ("_sort", "_lastUpdated"),
        )
        if self.listed and full:
            each = self.listed.by_some("_id", self.search_size)
            return tuple(SweepTarget("Patient", (whose, ("_elements", "id"))) for whose in each)
        if full:
            return (SweepTarget("Patient", (*news, ("_elements", "id"))),)
        return tuple(
            replace(source, params=(*source.params, *whose, *news, ("_elements", _elements(source.type))))
            for source in self.sources
            for whose in self._whose(source.type)
        )

    def _whose(self, kind: str) -> Iterator[tuple[tuple[str, str], ...]]:
        """The patients of the list, by some; or nothing, which is everybody."""
        if self.listed is None:
            return iter([()])
        return (
            (it,) for it in self.listed.by_some("_id" if kind == "Patient" else "patient", self.search_size)
        )


def _elements(kind: str) -> str:
    return "id" if kind == "Patient" else _SUBJECT.get(kind, "subject")


Searches = Callable[[datetime | None], Sequence[SweepTarget]]


@dataclass(slots=True)
class _Walk:
    """What must not happen for ever: the same link again, or an expired one without any page in between."""

    links: set[str] = field(default_factory=set)
    begun_from: list[datetime | None] = field(default_factory=list)


def pages(
    server: PagingServer, searches: Searches, position: Position, retry: PageRetry
) -> Iterator[tuple[Page, Position]]:
    """Each page with where the reading stands once it is kept.

    Raises what the server raises when tries run out.
    """
    while position.search < len(searches(position.since)):
        walk = _Walk()
        while True:
            page, position = _next_page(server, searches, position, retry, walk)
            if page.next_link is None:
                break
            if page.next_link in walk.links:
                raise ConfigurationFault("The pages of the server lead in a circle.")
            walk.links.add(page.next_link)
            position = replace(position, link=page.next_link)
            yield page, position
        position = _after_search(position)
        yield page, position


def _next_page(
    server: PagingServer, searches: Searches, position: Position, retry: PageRetry, walk: _Walk
) -> tuple[Page, Position]:
    target = searches(position.since)[position.search]
    if position.link is None and lacks(server, target.type):
        return _passed_over(target, position)
    try:
        page = _with_retries(
            lambda: server.search_page(target.type, target.params, link=position.link), retry
        )
    except ConfigurationFault as fault:
        if position.link is None and denies(fault, target.type):
            return _passed_over(target, position)
        raise
    except StartAgain:
        if position.link is None or position.last in walk.begun_from:
            raise
        # From the last change that was kept; without any, this search from its beginning.
        walk.begun_from.append(position.last)
        walk.links.clear()
        again = searches(position.last or position.since)[position.search]
        page = _with_retries(lambda: server.search_page(again.type, again.params), retry)
    moments = [it for it in map(changed_at, page.result.matches) if it]
    return page, replace(
        position,
        last=max(moments, default=position.last),
        newest=max([*moments, *([position.newest] if position.newest else [])], default=None),
        came=position.came + len(page.matched),
        said=max(position.said, page.total),
        gaps=tuple(sorted({*position.gaps, *page.result.gaps})),
    )


def lacks(server: PagingServer, kind: str) -> bool:
    """Whether a server has no such type by its own statement."""
    return kind not in NEEDED and not offered(server.capabilities(), kind)


def denies(fault: OsteoHandoverError, kind: str) -> bool:
    """Whether a refusal's OperationOutcome says that there is no such type; a status alone does not."""
    told = any(issue.code == "not-supported" for issue in fault.issues)
    return kind not in NEEDED and fault.status in _NO_SUCH_TYPE and told


def _passed_over(target: SweepTarget, position: Position) -> tuple[Page, Position]:
    passed_over = tuple(sorted({*position.passed_over, target.type}))
    return Page(SearchResult([], [], []), None), replace(position, passed_over=passed_over)


def _after_search(position: Position) -> Position:
    """The search is read: on to the next one."""
    short = {Gap.SHORT.value} if position.came < position.said else set()
    gaps = tuple(sorted({*position.gaps, *short}))
    return replace(position, search=position.search + 1, link=None, last=None, came=0, said=0, gaps=gaps)


def _with_retries(ask: Callable[[], Page], retry: PageRetry) -> Page:
    for number in range(1, TRIES):
        try:
            return ask()
        except (VersionConflict, StartAgain):
            raise
        except TryAgainLater as fault:
            told = fault.retry_after
            if (told or 0) > LONGEST_TOLD:
                raise
            retry.hold()
            retry.sleep(told or retry.draw(0, min(LONGEST_WAIT, FIRST_WAIT * 2**number)))
    return ask()


def changed_at(resource: object) -> datetime | None:
    """`meta.lastUpdated`, when it is an instant."""
    meta = resource.get("meta") if isinstance(resource, dict) else None
    return instant(meta.get("lastUpdated")) if isinstance(meta, dict) else None


def instant(text: object) -> datetime | None:
    """A moment with its time zone, or nothing."""
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None
