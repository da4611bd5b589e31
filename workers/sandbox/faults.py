"""What can be made to go wrong while the server runs, and what it remembers of what it was asked."""

import random
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Lock


class FaultEffect(StrEnum):
    """One kind of trouble; the comment behind each says what the `value` of its rule means."""

    STATUS = "status"  # answer this status before anything is done; `retry_after` in seconds or as a date
    HTML = "html"  # a proxy's HTML page with this status
    DELAY = "delay"  # wait so many milliseconds first
    TRUNCATE = "truncate"  # half of the JSON body, as a proxy would cut it
    DROP = "drop"  # do the work, then close the connection without an answer
    EXPIRED_PAGE = "expired-page"  # 410 on a next link
    EXPIRED_EXPORT = "expired-export"  # 404 on the status of an export, which is forgotten
    # 500 on the status of an export, with this code; no export fails for good by `transient`
    FAILED_EXPORT = "failed-export"
    FOREIGN_NEXT = "foreign-next"  # next links, and the files of an export, on this scheme and host
    IGNORE_PARAMETER = "ignore-parameter"  # this known parameter is not seen, and the self link shows it
    UNSEEN_PARAMETER = "unseen-parameter"  # the same, but the self link claims that it was used
    INTRUDER = "intruder"  # one more resource in a search result: this `Type/id`, or any that does not match
    SHORT_ANSWER = "short-answer"  # so many entries (0), a total that speaks of all, and no next link
    # an OperationOutcome with this code (incomplete) beside the entries of a search, or in an error file of
    # an export, there as an error or as `warning incomplete`
    WARNING = "warning"
    UNREADABLE_ENTRY = "unreadable-entry"  # `nan Type/id`: spoiled in a way of `flawed_pages.EntryDefect`
    UNVERSIONED = "unversioned"  # what a search finds comes without its version
    NO_VERSIONING = "no-versioning"  # /metadata says of every type that no versions are kept
    BARE_BATCH = "bare-batch"  # the answer to a batch comes without its entries
    THROTTLED_ENTRY = "throttled-entry"  # this status for an entry of a batch, inside a 200
    STALE_SEARCH = "stale-search"  # from a cache for so many seconds, unless `no-cache` is asked for
    READ_ONLY = "read-only"  # 403 on every write
    FORBIDDEN = "forbidden"  # 403 on this method and type, alone or inside a bundle
    NO_INCLUDE = "no-include"  # 400 on a search with _include
    PATIENT_ONLY = "patient-only"  # 403 on a search about patients that names none, as many hospitals have it
    BEARER = "bearer"  # 401 without this bearer token
    VERSION = "version"  # the fhirVersion that /metadata claims, e.g. 3.0.2


@dataclass(slots=True)
class FaultRule:
    """An effect on requests of a method and type (None: any), for so many times (None: until cleared).

    `share` is the part of them that it strikes, chosen by chance.
    """

    effect: FaultEffect
    value: int | str | None = None
    times: int | None = None
    method: str | None = None
    type: str | None = None
    retry_after: int | str | None = None
    share: float = 1.0

    def covers(self, effect: FaultEffect, method: str, type_: str) -> bool:
        return self.effect is effect and self.method in (None, method) and self.type in (None, type_)


class Faults:
    """The rules in force. Safe to change from another thread while the server answers."""

    def __init__(self) -> None:
        self._rules: list[FaultRule] = []
        self._lock = Lock()
        self._chance = random.Random(1)  # noqa: S311 - a drill, and the same one each time

    def add_rule(  # noqa: PLR0913 - all by name, all with defaults
        self,
        effect: FaultEffect,
        value: int | str | None = None,
        *,
        times: int | None = None,
        method: str | None = None,
        type: str | None = None,  # noqa: A002 - the FHIR word
        retry_after: int | str | None = None,
        share: float = 1.0,
    ) -> FaultRule:
        """Put a rule in force; the type of a request to the base itself (bundles, next links) is ""."""
        rule = FaultRule(effect, value, times, method, type, retry_after, share)
        with self._lock:
            self._rules.append(rule)
        return rule

    def remove_rule(self, rule: FaultRule) -> None:
        """This trouble is over; a second call does nothing."""
        with self._lock:
            self._rules = [known for known in self._rules if known is not rule]

    def clear(self) -> None:
        """Everything works again."""
        with self._lock:
            self._rules.clear()

    @property
    def rules(self) -> tuple[FaultRule, ...]:
        return tuple(self._rules)

    def take_rule(self, effect: FaultEffect, method: str, type_: str) -> FaultRule | None:
        """The first rule for such a request, counted as used once; None when all is well."""
        if not self._rules:
            return None
        with self._lock:
            covering = (rule for rule in self._rules if rule.covers(effect, method, type_))
            rule = next(
                (
                    covering_rule
                    for covering_rule in covering
                    if covering_rule.share >= 1 or self._chance.random() < covering_rule.share
                ),
                None,
            )
            if rule and rule.times is not None:
                rule.times -= 1
                if rule.times <= 0:
                    self._rules.remove(rule)
        return rule


@dataclass(frozen=True, slots=True)
class RecordedWrite:
    """One accepted write: a version that now exists."""

    method: str
    type: str
    id: str
    version: int


@dataclass(slots=True)
class Recorder:
    """What the server was asked and what it accepted, for tests to read."""

    requests: Counter[tuple[str, str]] = field(default_factory=Counter)  # HTTP requests by (method, type)
    entries: Counter[tuple[str, str]] = field(default_factory=Counter)  # entries of batches and transactions
    writes: list[RecordedWrite] = field(default_factory=list)  # committed, in order

    def clear(self) -> None:
        self.requests.clear()
        self.entries.clear()
        self.writes.clear()
