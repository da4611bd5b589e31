"""Who belongs to the team that is asked to release, and who is the one that the letter goes to."""

from collections.abc import Iterator
from datetime import date

import pytest

from adapter.input.wire_json import Json, JsonValue
from mappings.handover.release.signature import Clinician
from tests.made_resources import a_gp
from tests.servers.without_http import BASE, LocalServer, StraightClient
from workers.review.directory.release_team import members, receives, role_locations

ON = date(2026, 11, 20)
ELSEWHERE = "https://elsewhere.test/fhir"
TEAMS = ("Organization", "HealthcareService", "CareTeam")
BIG = "https://big.example/register"


def a_role(name: str, **changes: JsonValue) -> Json:
    return {
        "resourceType": "PractitionerRole",
        "id": f"{name}-role",
        "practitioner": {"reference": f"Practitioner/{name}"},
        "organization": {"reference": "Organization/clinic"},
        "healthcareService": [{"reference": "HealthcareService/clinic"}],
        **changes,
    }


def a_member(name: str, **changes: JsonValue) -> Json:
    return {"member": {"reference": f"Practitioner/{name}"}, **changes}


ENDED: Json = {"end": "2026-11-19"}
LASTING: Json = {"start": "2020-01-01", "end": "2026-11-20"}
KITCHEN: Json = {"organization": {"reference": "Organization/kitchen"}, "healthcareService": []}
NAMES = ("doctor", "today", "former", "left", "cleaner", "nobody")
IN_TEAM = {"Practitioner/doctor", "Practitioner/today"}


def the_house() -> Iterator[Json]:
    yield from (a_gp(it) for it in NAMES)
    yield from ({"resourceType": "Organization", "id": it, "name": it} for it in ("clinic", "kitchen"))
    yield {"resourceType": "HealthcareService", "id": "clinic"}
    yield a_role("doctor")
    yield a_role("today", period=LASTING)
    yield a_role("former", period=ENDED)
    yield a_role("left", active=False)
    yield a_role("cleaner", **KITCHEN)
    held = [a_member("doctor"), a_member("today", period=LASTING), a_member("former", period=ENDED)]
    yield {"resourceType": "CareTeam", "id": "clinic", "status": "active", "participant": held}
    yield {"resourceType": "CareTeam", "id": "closed", "status": "inactive", "participant": held}
    yield {"resourceType": "CareTeam", "id": "mistaken", "status": "entered-in-error", "participant": held}


@pytest.fixture
def server() -> LocalServer:
    made = LocalServer()
    made.load(*the_house())
    return made


def known(*names: str) -> list[Clinician]:
    return [Clinician({}, it, "", frozenset({f"Practitioner/{it}"})) for it in names]


def found(server: LocalServer, team: str, *names: str) -> set[str]:
    return set(members({"reference": team}, known(*names), StraightClient(server), BASE, ON))


@pytest.mark.parametrize("kind", TEAMS)
def test_only_those_belong_to_a_team_whose_place_there_lasts(server: LocalServer, kind: str) -> None:
    people = found(server, f"{kind}/clinic", *NAMES)

    assert {it for it in people if it.startswith("Practitioner/")} == IN_TEAM


@pytest.mark.parametrize("kind", TEAMS[:2])
def test_whoever_belongs_to_it_is_known_by_the_role_as_well(server: LocalServer, kind: str) -> None:
    assert found(server, f"{kind}/clinic", "doctor", "cleaner") == {
        "Practitioner/doctor",
        "PractitionerRole/doctor-role",
    }


@pytest.mark.parametrize(
    "team",
    [
        "CareTeam/closed",
        "CareTeam/mistaken",
        "CareTeam/none",
        "Organization/none",
        "Practitioner/doctor",  # no team at all
        f"{ELSEWHERE}/Organization/clinic",
        f"{ELSEWHERE}/CareTeam/clinic",
    ],
)
def test_a_team_that_is_none_here_has_no_members(server: LocalServer, team: str) -> None:
    assert found(server, team, *NAMES) == set()


def test_where_nobody_has_a_place_in_the_directory_nothing_is_asked(server: LocalServer) -> None:
    client = StraightClient(server)
    by_number = Clinician({}, "Dr Somebody", "", frozenset({f"{BIG}|7"}))

    assert members({"reference": "Organization/clinic"}, [by_number], client, BASE, ON) == frozenset()
    assert server.asked == 0


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (a_role("doctor"), ["PractitionerRole/doctor-role", "Practitioner/doctor"]),
        (a_role("doctor", practitioner=None), ["PractitionerRole/doctor-role"]),
        (
            a_role("doctor", practitioner={"reference": f"{ELSEWHERE}/Practitioner/doctor"}),
            ["PractitionerRole/doctor-role"],
        ),
    ],
)
def test_a_role_is_where_it_stands_and_whoever_has_it(role: Json, expected: list[str]) -> None:
    assert list(role_locations(role, BASE)) == expected


NUMBER: Json = {"system": BIG, "value": "7"}
DIRECTORY = {
    ("Practitioner", "gp"): a_gp() | {"identifier": [NUMBER]},
    ("PractitionerRole", "gp-role"): a_role("gp"),
}


@pytest.mark.parametrize(
    ("known_as", "recipients", "expected"),
    [
        ({"Practitioner/gp"}, [{"reference": "Practitioner/gp"}], True),
        ({"Practitioner/gp"}, [{"reference": f"{BASE}/Practitioner/gp"}], True),
        ({"Practitioner/gp"}, [{"reference": "PractitionerRole/gp-role"}], True),  # by the role of the GP
        ({"PractitionerRole/gp-role"}, [{"reference": "PractitionerRole/gp-role"}], True),
        ({f"{BIG}|7"}, [{"reference": "Practitioner/gp"}], True),  # by the number in the directory
        ({f"{BIG}|7"}, [{"identifier": NUMBER}], True),
        ({"Practitioner/doctor"}, [{"reference": "Practitioner/gp"}], False),
        ({f"{BIG}|8"}, [{"identifier": NUMBER}], False),
        ({"Practitioner/gp"}, [{"reference": f"{ELSEWHERE}/Practitioner/gp"}], False),
        ({"Practitioner/gp"}, [], False),
        ({"Practitioner/gp"}, ["Practitioner/gp", None], False),  # no references
        ({"Practitioner/gp"}, [{"display": "Dr Example"}, {"reference": "Practitioner/gp"}], True),
    ],
)
def test_the_receiver_of_a_letter_is_known_by_person_role_and_number(
    known_as: set[str], recipients: list[JsonValue], expected: bool
) -> None:
    who = Clinician({}, "Dr Example", "", frozenset(known_as))

    assert receives(who, recipients, DIRECTORY, BASE) is expected
