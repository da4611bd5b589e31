"""A clinician chooses an option and adds a line; plan, letter, pages and what follows stay true to it."""

import getpass
from collections.abc import Callable

import pytest

from adapter.errors import ConfigurationFault
from adapter.input.wire_json import Json
from mappings.handover.release.choice import Selection
from mappings.handover.release.release_codes import code_in, release_concept
from mappings.handover.release.signature import release_of
from tests.command_line import CommandLine
from tests.made_resources import a_gp, a_patient, a_t_score
from tests.patient_care import Care, admit
from tests.server_patients import admitted
from workers.release.release_answers import release
from workers.release.waiting_releases import waiting_releases

NOTE = "Cannot swallow tablets; please call me."


@pytest.fixture
def care(fhir_server: str, unique_id: Callable[[str], str]) -> Care:
    """Somebody to whom the pathway offers two tablets."""
    return admit(fhir_server, unique_id, pathway="hvrt")


def inputs(task: Json, code: str) -> list[Json]:
    return [it for it in task["input"] if code_in(it["type"]) == code]


def offered(care: Care, code: str) -> Json:
    """One of the options or drugs as it stands in the Task."""
    named = (it["valueCodeableConcept"] for it in inputs(care.task(), "option_offered"))
    (found,) = (it for it in named if it["coding"][0]["code"] == code)
    return dict(found)


def complete_task(care: Care, *outputs: tuple[str, Json]) -> None:
    """As the hospital's own system completes the Task."""
    care.release(output=[{"type": release_concept(code, "en"), **value} for code, value in outputs])


def chosen(care: Care, drug: str = "alendronate") -> None:
    complete_task(
        care,
        ("option_chosen", {"valueCodeableConcept": offered(care, drug)}),
        ("note_for_letter", {"valueString": NOTE}),
    )


def text_of(letter: Json) -> str:
    return " ".join(letter["payload"][0]["contentString"].split())


def drugs(letter: Json) -> list[str]:
    """Which of the two tablets a letter offers."""
    option = text_of(letter).partition("Option:")[2].partition(".")[0]
    return [it for it in ("alendron", "risedron") if it in option]


def test_the_task_names_what_may_be_chosen_and_the_list_shows_it(care: Care) -> None:
    (row,) = waiting_releases(care.runtime, care.patient)
    assert set(row.options) == {"oral_bisphosphonate", "alendronate", "risedronate"}
    assert drugs(care.letter("preparation")) == ["alendron", "risedron"]


def test_chosen_in_any_client_the_plan_and_the_letter_hold_that_drug_alone(care: Care) -> None:
    chosen(care)

    plan, letter = care.plan("active"), care.letter("in-progress")
    assert drugs(letter) == ["alendron"]
    assert "risedron" not in str(plan["activity"]).lower()
    assert "risedron" not in plan["text"]["div"].lower()
    assert f"Note by Dr A. Vermeer: {NOTE}" in text_of(letter)
    noted = [it for it in letter["note"] if it["text"] == NOTE]
    assert [it["authorString"] for it in noted] == ["Dr A. Vermeer, internist"]
    for signed in (plan, letter):
        mark = release_of(signed)
        assert mark is not None
        assert (mark.choice.taken_out, mark.choice.note) == (("risedronate",), NOTE)


def test_what_waits_for_a_check_waits_for_it_when_it_is_chosen(care: Care) -> None:
    before = text_of(care.letter("preparation")).partition("Option:")[2].partition(".")[0]

    chosen(care)

    after = text_of(care.letter("in-progress")).partition("Option:")[2].partition(".")[0]
    assert "after" in before
    assert after.partition(", only")[1:] == before.partition(", only")[1:]


def test_read_again_it_is_still_what_was_released(care: Care) -> None:
    complete_task(
        care,
        ("option_taken_out", {"valueCodeableConcept": offered(care, "alendronate")}),
        ("note_for_letter", {"valueString": NOTE}),
    )
    assert drugs(care.letter("in-progress")) == ["risedron"]

    again = care.review()

    assert (again.fault, again.proposed, len(care.queued())) == (None, (), 1)


def test_a_new_gp_gets_the_letter_as_it_was_released(care: Care) -> None:
    chosen(care)
    care.delivered(care.letter("in-progress"))
    successor = a_gp(f"{care.gp}-2")
    admitted(care.base, [successor, a_patient(care.patient, successor["id"])])

    care.review()

    letter = care.letter("in-progress")
    assert NOTE in text_of(letter)
    assert drugs(letter) == ["alendron"]


def test_a_correction_asks_anew_and_a_choice_is_made_anew(care: Care) -> None:
    chosen(care)
    care.delivered(care.letter("in-progress"))

    care.amend(-3.1)
    care.review()
    proposed = care.letter("preparation")
    assert drugs(proposed) == ["alendron", "risedron"]
    assert NOTE not in text_of(proposed)
    chosen(care, "risedronate")

    assert drugs(care.letter("in-progress")) == ["risedron"]
    assert care.review().proposed == ()


def test_a_withdrawal_carries_the_line_too(care: Care) -> None:
    care.release()
    care.delivered(care.letter("in-progress"))
    care.put(a_t_score(care.patient, status="entered-in-error"))
    care.review()

    note = {"type": release_concept("note_for_letter", "en"), "valueString": NOTE}
    care.release("release_retraction", output=[note])

    assert NOTE in text_of(care.letter("in-progress"))


NOT_CARRIED_OUT: list[tuple[str, list[Json]]] = [
    (
        "of another pathway",
        [{"type": release_concept("option_chosen", "en"), "valueCodeableConcept": {"text": "x"}}],
    ),
    ("in words", [{"type": release_concept("option_taken_out", "en"), "valueString": "tablets"}]),
    ("a long note", [{"type": release_concept("note_for_letter", "en"), "valueString": "x" * 301}]),
    ("no note", [{"type": release_concept("note_for_letter", "en"), "valueBoolean": True}]),
]


@pytest.mark.parametrize(("why", "output"), NOT_CARRIED_OUT, ids=[why for why, _ in NOT_CARRIED_OUT])
def test_what_cannot_be_carried_out_releases_nothing_and_is_asked_again(
    care: Care, why: str, output: list[Json]
) -> None:
    first = care.task()

    care.release(output=output)

    (told,) = inputs(care.task(), "answered_with_unknown_choice")
    assert told["valueReference"]["reference"].endswith(first["id"]), why
    assert care.plan("draft")
    assert care.queued() == []


def test_taking_out_everything_releases_nothing(care: Care) -> None:
    named = offered(care, "oral_bisphosphonate")

    complete_task(care, ("option_taken_out", {"valueCodeableConcept": named}))

    assert (len(inputs(care.task(), "answered_with_unknown_choice")), care.queued()) == (1, [])


def test_by_command_it_is_the_same(care: Care) -> None:
    selection = Selection((), ("risedronate",), NOTE)

    outcome = release(care.runtime, care.patient, f"Practitioner/{care.clinician}", selection=selection)

    assert outcome.fault is None
    assert drugs(care.letter("in-progress")) == ["alendron"]
    assert NOTE in text_of(care.letter("in-progress"))
    (typed,) = care.task(status="completed")["note"]
    assert typed["authorString"].startswith(f"{getpass.getuser()} on "), "a name after --by is only typed"


@pytest.mark.parametrize(
    ("selection", "told"),
    [
        (Selection(("ro\x1b[2Jmo",)), "is not offered. Offered: "),
        (Selection(taken_out=("denosumab_x",)), "denosumab_x is not offered"),
        (Selection(note="x" * 301), "longer than 300"),
    ],
)
def test_a_command_that_cannot_be_carried_out_names_what_is_offered_and_writes_nothing(
    care: Care, selection: Selection, told: str
) -> None:
    with pytest.raises(ConfigurationFault, match=told) as found:
        release(care.runtime, care.patient, f"Practitioner/{care.clinician}", selection=selection)

    assert "\x1b" not in str(found.value)
    assert care.task()["status"] == "requested"


@pytest.mark.parametrize("command", [("explain", "--letter"), ("letter",), ("explain",)])
def test_who_asks_later_is_told_what_was_released_and_not_only_what_is_proposed(
    care: Care, command: tuple[str, ...]
) -> None:
    given = {"fhir_base_url": care.base, "site": care.patient, "pathway": "hvrt", "ledger_url": "sqlite://"}
    chosen(care)

    ended = CommandLine(given)(command[0], care.patient, *command[1:])
    shown = " ".join(ended.out.split())

    assert ended.code == 0
    assert "Released on" in shown
    assert "Dr A. Vermeer, internist" in shown
    assert "without risedronate" in shown
    assert (NOTE in shown) is (len(command) == 2)
