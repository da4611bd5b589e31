"""What is ended keeps what it says: only its status, a reason and a note are added."""

import pytest

from adapter.input.wire_json import Json
from mappings.codes import PLAN_KEY
from mappings.handover.plan.closure import ended, noted, without_doubles
from mappings.handover.release.release_codes import release_concept
from mappings.handover.release.release_codes import words as words_of
from mappings.outbound.draft import Action, Draft, Write
from mappings.outbound.fingerprint import carried, seal
from mappings.outbound.ids import CONTENT_FINGERPRINT
from mappings.outbound.server.server_view import ServerView

NOW = "2026-11-20T12:00:00+01:00"
WHERE_THE_REASON_STANDS = {
    "CarePlan": {"note"},  # R4 has no statusReason there
    "Communication": {"statusReason", "note"},
    "Task": {"statusReason"},
    "DocumentReference": set[str](),
}


def standing(kind: str, **content: object) -> tuple[str, ServerView]:
    draft = seal({"resourceType": kind, "language": "en", "status": "draft", **content}, "key")
    resource: Json = {**draft.resource, "meta": {"versionId": "3"}}
    return draft.location, ServerView({draft.location: resource}, {draft.location: "3"})


@pytest.mark.parametrize(("kind", "elements"), WHERE_THE_REASON_STANDS.items())
def test_the_reason_stands_where_r4_has_room_for_it(kind: str, elements: set[str]) -> None:
    location, server = standing(kind, title="as it was")

    write = ended(location, server, "revoked", "deceased", NOW)

    assert {"statusReason", "note"} & write.draft.resource.keys() == elements
    assert (write.draft.resource["status"], write.draft.resource["title"]) == ("revoked", "as it was")
    assert (write.action, write.location, write.if_match, write.ended) == (
        Action.UPDATE,
        location,
        'W/"3"',
        True,
    )
    assert "meta" not in write.draft.resource


@pytest.mark.parametrize(("language", "words"), [("nl", "nl"), ("fr", "fr"), (None, "en")])
def test_the_reason_is_in_the_language_of_the_resource(language: str | None, words: str) -> None:
    location, server = standing("Communication", language=language)
    reason = words_of("deceased", words)

    ending = ended(location, server, "stopped", "deceased", NOW).draft.resource
    note = noted(location, server, "deceased", NOW)

    assert ending["note"] == [{"time": NOW, "text": reason}]
    assert ending["statusReason"] == release_concept("deceased", words)
    assert note is not None
    assert note.draft.resource["note"] == [{"time": NOW, "text": reason}]


def test_what_is_ended_is_known_by_its_key_and_its_print_still() -> None:
    location, server = standing("CarePlan")
    before = server.existing[location]

    draft = ended(location, server, "revoked", "deceased", NOW).draft

    assert draft.key == carried(before, PLAN_KEY) == carried(draft.resource, PLAN_KEY)
    assert draft.fingerprint == carried(draft.resource, CONTENT_FINGERPRINT)
    nameless = ServerView({location: {name: it for name, it in before.items() if name != "identifier"}}, {})
    assert "identifier" in ended(location, nameless, "revoked", "deceased", NOW).draft.resource


def test_notes_of_others_stay_in_front() -> None:
    location, server = standing("CarePlan", note=[{"text": "mine"}])

    notes = ended(location, server, "revoked", "deceased", NOW).draft.resource["note"]

    assert [(it.get("text") == "mine", it.get("time")) for it in notes] == [(True, None), (False, NOW)]


def test_a_letter_that_is_out_is_noted_once() -> None:
    location, server = standing("Communication")
    write = noted(location, server, "newer_version", NOW)
    assert write is not None

    again = ServerView({location: write.draft.resource}, {})
    noted_by_others, others = standing("Communication", note=[{"text": "mine"}])
    beside = noted(noted_by_others, others, "newer_version", NOW)

    assert beside is not None
    assert beside.draft.resource["note"][0] == {"text": "mine"}

    assert write.draft.resource["status"] == "draft"
    assert noted(location, again, "newer_version", NOW) is None


def a_write(location: str, action: Action = Action.UPDATE) -> Write:
    return Write(action, Draft({"resourceType": "Task", "id": location}, "k", "f"), location)


def test_one_place_is_written_once_in_a_transaction() -> None:
    first, twin, other = a_write("Task/1"), a_write("Task/1"), a_write("Task/2")

    assert without_doubles([first, twin, other], []) == (first, other)
    assert without_doubles([first, other], [a_write("Task/1")]) == (other,)
    assert without_doubles([first], [a_write("Task/1", Action.UNCHANGED)]) == (first,)
