"""Searches and histories as Bundles, page by page from a snapshot that expires."""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import orjson

from adapter.input.wire_json import Json
from mappings.valuesets import coding
from workers.sandbox.query.search_parameters import PARAMETERS
from workers.sandbox.query.search_plan import SearchPlan
from workers.sandbox.resource_store import ResourceStore
from workers.sandbox.wire import RequestRefused, StoredVersion, dump_json, instant, parse_json, status_line

_SNAPSHOTS = 2_000  # kept at most; the oldest go first, as if they had expired
_SUBSETTED = coding("tag-subsetted")
_ITERATIONS = 5


@dataclass(frozen=True, slots=True)
class PagedResult:
    """All that a Bundle of several pages is made from: version numbers and how to show them."""

    kind: str  # searchset or history
    seqs: list[int]
    self_url: str
    plan: SearchPlan
    expires: int = 0


class ResultPages:
    """Turns listings into pages. `rewrite` may change a next link; drills use that."""

    def __init__(self, store: ResourceStore, ttl: float, rewrite: Callable[[str], str]) -> None:
        self._store, self._ttl, self._rewrite = store, ttl, rewrite
        self._kept: dict[str, PagedResult] = {}

    def first_page(self, listing: PagedResult) -> bytes:
        """The first page; what has a second one is remembered."""
        token = ""
        if len(listing.seqs) > listing.plan.count and not listing.plan.count_only:
            token = uuid.uuid4().hex
            self._kept[token] = replace(listing, expires=self._store.now() + int(self._ttl * 1000))
            for old in list(self._kept)[:-_SNAPSHOTS]:
                del self._kept[old]
        return self._page(listing, token, 0)

    def later_page(self, page: str) -> bytes:
        """A page by the opaque token of a next link; 410 when its snapshot has gone."""
        token, _, start = page.partition("-")
        listing = self._kept.get(token)
        if listing is None or listing.expires <= self._store.now() or not start.isdecimal():
            self._kept.pop(token, None)
            raise RequestRefused(410, "expired", "This page has expired; ask the search again.")
        return self._page(listing, token, int(start))

    def _page(self, listing: PagedResult, token: str, start: int) -> bytes:
        plan, end = listing.plan, start + listing.plan.count
        more = end < len(listing.seqs) and not plan.count_only
        links = [{"relation": "self", "url": listing.self_url}]
        if more:
            links.append(
                {"relation": "next", "url": self._rewrite(f"{self._store.base}?_page={token}-{end}")}
            )
        bundle: Json = {
            "resourceType": "Bundle",
            "id": str(uuid.uuid4()),
            "meta": {"lastUpdated": instant(self._store.now())},
            "type": listing.kind,
            "link": links,
        }
        # As HAPI does: counting is not free, so a total comes only when it is
        # asked for or all is on this page.
        if (
            plan.count_only
            or plan.total in ("accurate", "estimate")
            or (not (more or start) and plan.total != "none")
        ):
            bundle["total"] = len(listing.seqs)
        if not plan.count_only:
            bundle["entry"] = self._entries(listing, listing.seqs[start:end])
        return dump_json({name: value for name, value in bundle.items() if value != []})

    def _entries(self, listing: PagedResult, seqs: list[int]) -> list[Json]:
        versions = self._store.fetch(seqs)
        if listing.kind == "history":
            return [history_entry(version, self._store.base) for version in versions]
        included = IncludedVersions(self._store, listing.plan).versions_beside(versions)
        return [self._entry(version, listing.plan, "match") for version in versions] + [
            self._entry(version, listing.plan, "include") for version in included
        ]

    def _entry(self, version: StoredVersion, plan: SearchPlan, mode: str) -> Json:
        body = version.body or b"{}"
        resource = _only_elements(parse_json(body), plan.elements) if plan.elements else orjson.Fragment(body)
        return {
            "fullUrl": f"{self._store.base}/{version.local}",
            "resource": resource,
            "search": {"mode": mode},
        }


@dataclass(frozen=True, slots=True)
class IncludedVersions:
    """The resources that `_include` and `_revinclude` add to a page, each once."""

    store: ResourceStore
    plan: SearchPlan

    def versions_beside(self, matches: list[StoredVersion]) -> list[StoredVersion]:
        seen = {version.seq for version in matches}
        added: list[StoredVersion] = []
        once = [(self._included_forward, spec) for spec in self.plan.includes]
        once += [(self._included_backward, spec) for spec in self.plan.revincludes]
        fresh = matches
        for _ in range(_ITERATIONS):
            found = [v for follow, spec in once for v in follow(spec, fresh)] if fresh else []
            fresh = list({v.seq: v for v in found if v.seq not in seen}.values())
            seen |= {v.seq for v in fresh}
            added += fresh
            once = [(follow, spec) for follow, spec in once if spec.startswith("iterate:")]
        return added

    def _included_forward(self, spec: str, versions: Iterable[StoredVersion]) -> list[StoredVersion]:
        source, name, wanted = _include_parts(spec)
        seqs = ",".join(str(v.seq) for v in versions if source in ("*", v.type))
        return self.store.select(
            "JOIN indexed i ON i.system = v.type AND i.value = v.id WHERE v.head = 1 AND v.body IS NOT NULL "
            f"AND i.kind = 'reference' AND i.seq IN ({seqs}) AND ? IN ('*', i.name) AND ? IN ('', v.type)",
            (name, wanted),
        )

    def _included_backward(self, spec: str, versions: Iterable[StoredVersion]) -> list[StoredVersion]:
        source, name, wanted = _include_parts(spec)
        targets = [v for v in versions if wanted in ("", v.type)]
        marks = ",".join("(?, ?)" for _ in targets) or "('', '')"
        return self.store.select(
            "JOIN indexed i ON i.seq = v.seq WHERE v.head = 1 AND v.body IS NOT NULL AND i.kind = 'reference' "
            f"AND ? IN ('*', i.type) AND ? IN ('*', i.name) AND (i.value, i.system) IN (VALUES {marks}) ORDER BY v.seq",
            (source, name, *(part for v in targets for part in (v.id, v.type))),
        )


def _include_parts(spec: str) -> tuple[str, str, str]:
    """(source type, parameter, target type) of `Source:parameter[:Target]`; `*` stands for any."""
    source, name, wanted = (*spec.removeprefix("iterate:").split(":"), "", "")[:3]
    known = source == "*" or (source in PARAMETERS and (name == "*" or name in PARAMETERS[source]))
    if not known:
        raise RequestRefused(400, "value", "An _include or _revinclude names no known reference parameter.")
    return source, name or "*", wanted


def _only_elements(resource: Json, elements: frozenset[str]) -> Json:
    """The wanted elements and the unavoidable ones, marked as a subset."""
    meta = resource["meta"]
    kept = {
        name: value for name, value in resource.items() if name in elements or name in ("resourceType", "id")
    }
    return kept | {"meta": meta | {"tag": [*meta.get("tag", []), _SUBSETTED]}}


def history_entry(version: StoredVersion, base: str) -> Json:
    """A version as an entry of a history: what was asked, what was answered, what resulted."""
    url = version.type if version.method == "POST" else version.local
    status = 204 if version.body is None else 201 if version.version == 1 else 200
    entry: Json = {"fullUrl": f"{base}/{version.local}"}
    if version.body is not None:
        entry["resource"] = orjson.Fragment(version.body)
    return entry | {
        "request": {"method": version.method, "url": url},
        "response": {
            "status": status_line(status),
            "etag": version.etag,
            "lastModified": instant(version.at),
        },
    }
