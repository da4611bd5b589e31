"""Plans revoked and letters stopped: only the status changes, with the reason, and never what they say."""

from collections.abc import Iterable

from adapter.input.wire_json import Json, ReadOnlyJson
from mappings.codes import PLAN_KEY
from mappings.handover.release.release_codes import release_concept, words
from mappings.outbound.draft import Action, Draft, Write
from mappings.outbound.fingerprint import carried, marked
from mappings.outbound.ids import CONTENT_FINGERPRINT
from mappings.outbound.server.server_view import ServerView

NO_STATUS_REASON = frozenset({"CarePlan", "DocumentReference"})  # in R4


def ended(location: str, server: ServerView, status: str, reason: str, now: str) -> Write:
    """The resource in its last status; the reason where R4 has an element for it, and as a note."""
    current = server.existing[location]
    language = str(current.get("language") or "en")
    changed: Json = {"status": status}
    if current["resourceType"] not in NO_STATUS_REASON:
        changed["statusReason"] = release_concept(reason, language)
    if current["resourceType"] in ("CarePlan", "Communication"):
        changed["note"] = [*current.get("note", ()), {"time": now, "text": words(reason, language)}]
    return _write_of(location, server, changed)


def noted(location: str, server: ServerView, reason: str, now: str) -> Write | None:
    """A letter that is out, with a note about what became of it; None when it says so already."""
    current = server.existing[location]
    text = words(reason, str(current.get("language") or "en"))
    if any(note.get("text") == text for note in current.get("note") or ()):
        return None
    return _write_of(location, server, {"note": [*current.get("note", ()), {"time": now, "text": text}]})


def _write_of(location: str, server: ServerView, changes: ReadOnlyJson) -> Write:
    current = server.existing[location]
    content = {name: value for name, value in current.items() if name != "meta"} | dict(changes)
    content = marked({"identifier": [], **content}, server.aliases)
    draft = Draft(content, carried(content, PLAN_KEY) or "", carried(content, CONTENT_FINGERPRINT) or "")
    return Write(Action.UPDATE, draft, location, if_match=server.etag(location), ended=True)


def without_doubles(writes: Iterable[Write], but: Iterable[Write]) -> tuple[Write, ...]:
    """Those whose place is not written by the others: in one transaction a resource may stand once."""
    taken = {it.location for it in but if it.changes}
    kept: dict[str, Write] = {}
    for write in writes:
        if write.location not in taken:
            kept.setdefault(write.location, write)
    return tuple(kept.values())
