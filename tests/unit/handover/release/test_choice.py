"""What a clinician may say with a release, as a table: options go, none comes, and none becomes firmer."""

import itertools
from dataclasses import replace

import pytest

from adapter.clinical.decision import Option, Why
from adapter.input.wire_json import Json
from adapter.letter.people import LONGEST
from mappings.handover.release.choice import (
    ChoiceRefusal,
    ReleaseChoice,
    Selection,
    names,
    narrowed,
    offered,
    said_in,
)
from mappings.handover.release.release_codes import release_concept
from mappings.outbound.designations import Wording
from tests.unit.letter.patients import decision

WHY = Why(("HVRT-09",))
TABLETS = Option("oral_bisphosphonate", ("alendronate", "risedronate"), WHY)
INFUSION = Option("zoledronate", ("zoledronate",), WHY, waits_for=("renal_function",))
CLASS = Option("referral_for_drug", (), WHY)
OFFERED = (TABLETS, INFUSION, CLASS)
LONG = "x" * LONGEST

# chosen, taken out -> (what is left, with its drugs), or why not
TABLE: list[tuple[tuple[str, ...], tuple[str, ...], dict[str, tuple[str, ...]] | ChoiceRefusal]] = [
    ((), (), {it.code: it.drugs for it in OFFERED}),
    (("zoledronate",), (), {"zoledronate": ("zoledronate",)}),
    (("risedronate",), (), {"oral_bisphosphonate": ("risedronate",)}),
    (
        ("oral_bisphosphonate", "referral_for_drug"),
        (),
        {"oral_bisphosphonate": TABLETS.drugs, "referral_for_drug": ()},
    ),
    (("oral_bisphosphonate",), ("alendronate",), {"oral_bisphosphonate": ("risedronate",)}),
    ((), ("zoledronate",), {"oral_bisphosphonate": TABLETS.drugs, "referral_for_drug": ()}),
    ((), TABLETS.drugs, {"zoledronate": ("zoledronate",), "referral_for_drug": ()}),
    (("romosozumab",), (), ChoiceRefusal.NOT_OFFERED),
    ((), ("denosumab",), ChoiceRefusal.NOT_OFFERED),
    (("zoledronate",), ("zoledronate",), ChoiceRefusal.CONTRADICTION),
    ((), ("oral_bisphosphonate", "zoledronate", "referral_for_drug"), ChoiceRefusal.NOTHING_LEFT),
    (("oral_bisphosphonate",), TABLETS.drugs, ChoiceRefusal.NOTHING_LEFT),
]


@pytest.mark.parametrize(("chosen", "taken_out", "expected"), TABLE)
def test_what_stays_of_the_options(
    chosen: tuple[str, ...], taken_out: tuple[str, ...], expected: dict[str, tuple[str, ...]] | ChoiceRefusal
) -> None:
    found = Selection(chosen, taken_out).among(OFFERED)

    if isinstance(found, ChoiceRefusal):
        assert found is expected
    else:
        assert {it.code: it.drugs for it in left(found)} == expected


def left(choice: ReleaseChoice) -> tuple[Option, ...]:
    plain = decision()
    offering = replace(plain, treatment=replace(plain.treatment, options=OFFERED))
    return narrowed(offering, choice).treatment.options


def test_no_choice_of_all_adds_an_option_or_makes_one_firmer() -> None:
    codes = names(OFFERED)
    subsets = [it for size in range(3) for it in itertools.combinations(codes, size)]
    before = {it.code: it for it in OFFERED}
    for chosen, taken_out in itertools.product(subsets, subsets):
        found = Selection(chosen, taken_out).among(OFFERED)
        if isinstance(found, ReleaseChoice):
            for it in left(found):
                assert set(it.drugs) <= set(before[it.code].drugs)
                assert it.waits_for == before[it.code].waits_for


def test_what_was_not_offered_yet_is_not_taken_out_with_the_rest() -> None:
    found = Selection(("zoledronate",)).among(OFFERED)
    assert isinstance(found, ReleaseChoice)

    plain = decision()
    later = replace(plain, treatment=replace(plain.treatment, options=(*OFFERED, Option("later", (), WHY))))

    assert names(narrowed(later, found).treatment.options) == ("zoledronate", "later")


@pytest.mark.parametrize(
    ("note", "kept"),
    [
        ("Call me  about\nthis.", "Call me about this."),
        ("not\u202eesrever", "notesrever"),
        ("a\x1b[2Jb", "a [2Jb"),
        (LONG, LONG),
        (LONG + "x", ChoiceRefusal.NOTE_TOO_LONG),
    ],
)
def test_the_note_is_one_safe_line_or_refused_whole(note: str, kept: str | ChoiceRefusal) -> None:
    found = Selection(note=note).among(OFFERED)
    assert (found.note if isinstance(found, ReleaseChoice) else found) == kept


# --- what an answered Task says ---

NAMED = offered(OFFERED, Wording("en"))
KEEP, GO, LINE = (
    release_concept(it, "en") for it in ("option_chosen", "option_taken_out", "note_for_letter")
)


@pytest.mark.parametrize(
    ("outputs", "said"),
    [
        ([], Selection()),
        ([{"type": KEEP, "valueCodeableConcept": NAMED["zoledronate"]}], Selection(("zoledronate",))),
        ([{"type": GO, "valueCodeableConcept": NAMED["alendronate"]}], Selection((), ("alendronate",))),
        (
            [{"type": LINE, "valueString": "One."}, {"type": LINE, "valueString": "Two."}],
            Selection(note="One. Two."),
        ),
        ([{"type": {"text": "x"}, "valueString": "One."}], Selection()),
        ([{"type": LINE, "valueString": ""}], ChoiceRefusal.UNREADABLE),
        ([{"type": LINE, "valueString": 7}], ChoiceRefusal.UNREADABLE),
        ([{"type": KEEP, "valueCodeableConcept": {"text": "zoledronate"}}], ChoiceRefusal.UNREADABLE),
        ([{"type": KEEP}], ChoiceRefusal.UNREADABLE),
        ([{"type": {"text": "no"}, "valueCodeableConcept": NAMED["zoledronate"]}], ChoiceRefusal.UNREADABLE),
    ],
)
def test_an_answer_that_does_not_say_in_codes_what_stays_is_unreadable(
    outputs: list[Json], said: Selection | ChoiceRefusal
) -> None:
    assert said_in({"output": outputs}, NAMED) == said
