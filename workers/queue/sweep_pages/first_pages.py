"""Asks for the first pages of several searches in one request.

A sweep has a search for each type, and most types have no news most of the time. Twenty requests to a server
20 ms away take 0.4 s; in two they take a tenth of that.
"""

from collections.abc import Sequence
from typing import Protocol

from adapter.errors import OsteoHandoverError, TryAgainLater
from adapter.fhir.capabilities import Capabilities
from adapter.fhir.search import Page, Params, pairs
from mappings.inbound.queries import WHOLE_OTHERWISE
from workers.queue.sweep_pages.page_reader import PagingServer, SweepTarget, lacks

TOGETHER = 10  # searches in a request: also a server that works them off one by one answers in time

FirstSearch = tuple[str, tuple[tuple[str, str], ...]]


class SweepServer(PagingServer, Protocol):
    """What a sweep needs of a FHIR server."""

    def first_pages(self, searches: Sequence[tuple[str, Params]]) -> list[Page | None]:
        """The first page of many searches in one request; None for one that has to be asked for alone."""


class FirstPages:
    """A server that is asked for the first page of a search together with those of the searches after it.

    Each page is given once: who asks again hears it anew. A search that did not succeed among the others is
    asked for alone, which says why.
    """

    def __init__(self, server: SweepServer, searches: Sequence[SweepTarget]) -> None:
        self._server = server
        self._to_come = [(it.type, it.params) for it in searches if not lacks(server, it.type)]
        self._here: dict[FirstSearch, Page] = {}

    def capabilities(self) -> Capabilities:
        """Of the server."""
        return self._server.capabilities()

    def search_page(self, resource_type: str, params: Params = (), *, link: str | None = None) -> Page:
        """Of the server, in whichever way it comes."""
        search = (resource_type, pairs(params))
        if link is None and search in self._to_come:
            self._ask_from(search)
        page = self._here.pop(search, None) if link is None else None
        return page or self._server.search_page(resource_type, params, link=link)

    def _ask_from(self, search: FirstSearch) -> None:
        at = self._to_come.index(search)
        together, later = self._to_come[at : at + TOGETHER], self._to_come[at + TOGETHER :]
        pages = self._pages_of(together)
        self._to_come, self._here = later, {one: page for one, page in pages.items() if page}

    def _pages_of(self, searches: Sequence[FirstSearch]) -> dict[FirstSearch, Page | None]:
        if len(searches) == 1:
            return {}
        asked = [(kind, (*params, WHOLE_OTHERWISE)) for kind, params in searches]
        try:
            return dict(zip(searches, self._server.first_pages(asked), strict=True))
        except OsteoHandoverError as fault:
            if isinstance(fault, TryAgainLater) and fault.retry_after:  # it asked for time, and gets it
                raise
            return {}
