"""Who released a resource is written on it for programs and for people, and read from it again."""

from dataclasses import replace

import pytest

from adapter.input.wire_json import Json
from mappings.handover.release.choice import AS_OFFERED, ReleaseChoice
from mappings.handover.release.release_codes import words
from mappings.handover.release.signature import (
    Clinician,
    Release,
    may_go_unreleased,
    release_of,
    released,
    unreleased,
)
from mappings.outbound.invariants import RELEASED_BY, SENT_FREELY

DOCTOR = Clinician({"reference": "Practitioner/1"}, "Dr A. Vermeer", "internist")
AT = "2026-11-20T12:00:00+01:00"
PLAN: Json = {"resourceType": "CarePlan", "note": [{"text": "mine"}], "extension": [{"url": "https://other"}]}


@pytest.mark.parametrize(
    "release",
    [
        Release(DOCTOR, AT),
        Release(DOCTOR, AT, "Task/1"),
        Release(Clinician({"identifier": {"value": "9"}}, "B. Bos", ""), AT),
        Release(DOCTOR, AT, "Task/1", ReleaseChoice(("risedronate",), "Cannot swallow tablets.")),
    ],
)
def test_a_release_is_read_as_it_was_written(release: Release) -> None:
    found = release_of(released(PLAN, release, "en"))

    assert found is not None
    assert (found.at, found.task, found.choice) == (release.at, release.task, release.choice)
    assert (found.by.name, found.by.role) == (release.by.name, release.by.role)
    assert found.day == "2026-11-20"


def test_people_read_it_as_a_note_behind_their_own() -> None:
    choice = ReleaseChoice((), "Cannot swallow tablets.")

    mine, who, line = released(PLAN, Release(DOCTOR, AT, choice=choice), "en")["note"]

    assert mine == {"text": "mine"}
    assert (who["authorString"], who["time"]) == ("Dr A. Vermeer, internist", AT)
    assert who["text"] == words("released_by", "en")
    assert line["text"] == "Cannot swallow tablets."


def test_a_second_release_takes_the_place_of_the_first() -> None:
    other = Clinician({"reference": "Practitioner/2"}, "B. Bos", "nurse")
    twice = released(released(PLAN, Release(DOCTOR, AT), "en"), Release(other, AT), "en")

    assert [it["url"] for it in twice["extension"]] == ["https://other", RELEASED_BY]
    assert (release := release_of(twice)) is not None
    assert release.by.name == "B. Bos"


def mark(*parts: Json) -> Json:
    return {"extension": [{"url": RELEASED_BY, "extension": list(parts)}]}


WHO = {"url": "who", "valueReference": {"reference": "Practitioner/1", "display": "Dr A. Vermeer"}}
ON = {"url": "on", "valueDateTime": AT}


@pytest.mark.parametrize(
    ("resource", "counts"),
    [
        (mark(WHO, ON), True),
        (mark(WHO), False),
        (mark(ON), False),
        (mark({"url": "who", "valueReference": {"reference": "Practitioner/1"}}, ON), False),
        (mark({"url": "who", "valueReference": {"display": "Dr A. Vermeer"}}, ON), False),
        (mark(), False),
        ({}, False),
    ],
)
def test_a_mark_that_names_nobody_is_no_release(resource: Json, counts: bool) -> None:
    assert (release_of(resource) is not None) is counts
    assert not may_go_unreleased(resource)


def test_a_mark_names_the_clinician_as_the_directory_does() -> None:
    by = Clinician({"reference": "Practitioner/1", "display": "avermeer"}, "Dr A. Vermeer", "")

    (_, who) = released(PLAN, Release(by, AT), "en")["extension"]
    assert who["extension"][0]["valueReference"] == {
        "reference": "Practitioner/1",
        "display": "Dr A. Vermeer",
    }
    assert [it["url"] for it in who["extension"]] == ["who", "on"]


def test_a_release_without_a_task_behind_it_names_none() -> None:
    release = release_of(mark(WHO, ON))

    assert release is not None
    assert (release.task, release.choice, release.by.role) == ("", AS_OFFERED, "")


def test_a_clinician_s_name_is_in_no_log_and_other_names_make_no_other_person() -> None:
    known = replace(DOCTOR, known_as=frozenset({"Practitioner/avermeer"}))

    assert known == DOCTOR
    assert not any(it in repr(Release(known, AT)) for it in ("Vermeer", "internist", "Practitioner/"))


def test_what_goes_without_a_release_says_so_and_is_no_release() -> None:
    freely = unreleased(PLAN)

    assert freely["extension"][-1] == {"url": SENT_FREELY, "valueBoolean": True}
    assert may_go_unreleased(freely)
    assert release_of(freely) is None
    assert not may_go_unreleased(PLAN)
    assert not may_go_unreleased(released(freely, Release(DOCTOR, AT), "en"))
    assert not may_go_unreleased({"extension": [{"url": SENT_FREELY, "valueBoolean": False}]})
    assert not may_go_unreleased({"extension": [{"url": SENT_FREELY}]})
