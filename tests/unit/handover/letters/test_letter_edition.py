"""Which edition a letter is: it counts the letters to the same recipient in whose place it comes."""

import pytest

from adapter.input.wire_json import Json
from mappings.codes import PLAN_KEY
from mappings.handover.letters.letter_edition import (
    edition,
    edition_key,
    filed_at,
    first_edition,
    pledged,
    reference_to,
)
from mappings.handover.release.release_codes import release_concept
from mappings.outbound.server.server_view import ServerView

GP, OTHER = "Practitioner/gp", "Practitioner/other"


def a_letter(key: str, *before: str, to: str = GP, kind: str | None = None) -> Json:
    return {
        "resourceType": "Communication",
        "id": key,
        "identifier": [{"system": PLAN_KEY, "value": key}],
        "recipient": [{"reference": to}],
        "partOf": [{"reference": f"Communication/{it}"} for it in before],
        "category": [release_concept(kind, "en")] if kind else [],
    }


def a_server(*letters: Json) -> ServerView:
    return ServerView({f"Communication/{it['id']}": it for it in letters}, {})


FIRST = a_letter("1")
INTERIM = a_letter("0", kind="gp_interim_letter")


@pytest.mark.parametrize(
    ("letter", "others", "number", "first"),
    [
        (FIRST, [], 1, "1"),
        (a_letter("2", "1"), [FIRST], 2, "1"),
        (a_letter("3", "2"), [a_letter("2", "1"), FIRST], 3, "1"),
        (a_letter("2", "1"), [], 1, "2"),  # the earlier one is not on the server
        (a_letter("2", "1"), [a_letter("1", to=OTHER)], 1, "2"),
        (a_letter("2", "0", "1"), [INTERIM, FIRST], 2, "1"),  # one that went ahead is no edition
        (a_letter("2", "0"), [INTERIM], 2, "0"),  # unless there is no other
        (a_letter("2", "1"), [a_letter("1", "2"), a_letter("2", "1")], 2, "1"),  # a circle ends
    ],
)
def test_a_letter_is_the_next_edition_of_the_one_in_whose_place_it_comes(
    letter: Json, others: list[Json], number: int, first: str
) -> None:
    server = a_server(*others)

    assert (edition(server, letter), first_edition(server, letter)["id"]) == (number, first)
    assert edition_key(server, letter) == first


def test_editions_of_one_letter_are_filed_beside_each_other() -> None:
    second = a_letter("2", "1")
    references = [
        reference_to(a_server(FIRST), it, "Letter")["contentReference"]["reference"] for it in (FIRST, second)
    ]

    assert len(set(references)) == 2


def test_a_letter_leads_to_where_it_is_filed_and_carries_the_digest_there() -> None:
    payload = [{"contentString": "text"}, reference_to(a_server(), FIRST, "Letter")]
    letter = {**FIRST, "payload": payload}

    signed = pledged(letter, {"system": "s", "value": "digest"})

    assert filed_at(letter) == filed_at(signed) == payload[1]["contentReference"]["reference"]
    assert signed["payload"][0] == payload[0]
    assert signed["payload"][1]["contentReference"]["identifier"] == {"system": "s", "value": "digest"}


@pytest.mark.parametrize(
    "letter",
    [{}, {"payload": [{"contentString": "x"}]}, {"payload": [{"contentReference": {"type": "Binary"}}]}],
)
def test_a_letter_without_pages_is_filed_nowhere(letter: Json) -> None:
    assert filed_at(letter) is None
    assert pledged(letter, {})["payload"] == letter.get("payload", [])
