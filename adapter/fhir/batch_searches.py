"""Many searches in one request, where the server takes batches; one by one where it does not."""

from collections.abc import Sequence

from adapter.errors import OsteoHandoverError
from adapter.fhir import bundles
from adapter.fhir.bundles import Entry, EntryResult
from adapter.fhir.http import Reply, Wire
from adapter.fhir.paging import SEARCH_HEADERS, Searcher
from adapter.fhir.search import Page, Question, SearchResult, read_page
from adapter.fhir.statuses import Asked, Purpose
from adapter.input.wire_json import write

_REFUSED = frozenset({404, 405, 501})
_NOT_TOLD = EntryResult(status=204)  # asked again, alone


class BatchSearcher:
    """Asks several questions at once over one wire, and remembers when the server refused that."""

    def __init__(self, wire: Wire, searcher: Searcher) -> None:
        self._wire, self._searcher = wire, searcher
        self._refused = False

    def search(self, questions: Sequence[Question], *, offered: bool) -> list[SearchResult]:
        """All pages of each; the error of one is raised with ``entry`` set, and none is returned."""
        answers, reply = self._answers(questions, offered=offered)
        if failed := bundles.first_fault(_entries(questions), answers):
            raise failed
        return [
            self._search_numbered(index, question, _first_reply(question, answer, reply))
            for index, (question, answer) in enumerate(zip(questions, answers, strict=True))
        ]

    def first_pages(self, questions: Sequence[Question], *, offered: bool) -> list[Page | None]:
        """The first page of each; None for one that has to be asked for alone, which says why it failed."""
        answers, reply = self._answers(questions, offered=offered)
        return [
            _first_page(question, _first_reply(question, answer, reply) if answer.ok else None)
            for question, answer in zip(questions, answers, strict=True)
        ]

    def _answers(
        self, questions: Sequence[Question], *, offered: bool
    ) -> tuple[list[EntryResult], Reply | None]:
        """One for each question, untold where nothing came or worked; raises a fault of all of them."""
        untold = [_NOT_TOLD] * len(questions)
        if not questions or self._refused or not offered:
            return untold, None
        body = write(bundles.batch(_entries(questions)))
        asked = Asked("POST", "Bundle", Purpose.BUNDLE)
        try:
            reply = self._wire.send(asked, self._wire.base.url(""), body=body, headers=SEARCH_HEADERS)
        except OsteoHandoverError as fault:
            if fault.status not in _REFUSED:
                raise
            self._refused = True
            return untold, None
        answers = bundles.answers_in(reply.expect("Bundle"))
        if len(answers) != len(questions) or not any(answer.ok for answer in answers):
            return untold, None  # the first single search will say why
        return [it if it.status else _NOT_TOLD for it in answers], reply

    def _search_numbered(self, index: int, question: Question, first: Reply | None) -> SearchResult:
        try:
            return self._searcher.search(question, first=first)
        except OsteoHandoverError as fault:
            fault.entry = index
            raise


def _entries(questions: Sequence[Question]) -> list[Entry]:
    return [Entry("GET", question.url) for question in questions]


def _first_reply(question: Question, answer: EntryResult, reply: Reply | None) -> Reply | None:
    """As if the page had come alone: None where it did not."""
    if reply is None or answer.resource is None:
        return None
    asked = Asked("GET", question.resource_type, Purpose.SEARCH)
    return Reply(asked, answer.status, reply.headers, answer.resource)


def _first_page(question: Question, reply: Reply | None) -> Page | None:
    try:
        return read_page(question, reply) if reply else None
    except OsteoHandoverError:
        return None
