"""A corrected letter begins with what changed, and a withdrawal repeats nothing."""

from typing import Any

from adapter.letter import Correction
from tests.unit.letter.letters_in_words import texts_of, written


def test_a_correction_starts_with_what_changed_and_why() -> None:
    changes = (
        ("t_score", "-2.9", "-2.1"),
        ("category", "osteoporosis", "osteopenia"),
        ("fracture", "", "wrist"),
        ("option", "denosumab", ""),
    )

    it = written(by={"corrected": Correction(changes, "amended", "2026-10-01")})

    assert it.title == "Corrected letter on bone health care"
    assert it.parts[1].blocks[0].key == "correction"
    assert texts_of(it, "correction") == [
        "This letter replaces our letter of 1 October 2026.",
        "Reason: the DXA department corrected its result.",
        "T-score: was -2.9, is now -2.1.",
        "Bone density class: was osteoporosis by bone density, is now osteopenia.",
        "Fracture, new: wrist fracture.",
        "Drug option, withdrawn: denosumab, injection every 6 months.",
    ]


def test_a_retraction_withdraws_and_repeats_no_finding() -> None:
    it = written(by={"retraction": True})

    said = "\n".join(line.text for part in it.parts[1:] for block in part.blocks for line in block.lines)
    assert it.status.text.startswith("Withdrawn")
    assert "Do not stop or start a drug" in said
    assert "-2.9" not in said
    assert "osteoporosis by" not in "\n".join(line.text for line in it.lines())


def test_all_that_fell_away_stands_in_one_line_of_a_correction() -> None:
    changed = Correction(
        (
            ("category", "Osteoporosis", "Osteopenia"),
            ("activity", "Dental check", ""),
            ("activity", "Vitamin D supplement", ""),
            ("activity", "", "Review the need for vitamin D"),
        )
    )

    assert texts_of(written(by={"corrected": changed}), "correction")[1:] == [
        "Bone density class: was osteoporosis by bone density, is now osteopenia.",
        "Action, withdrawn: dental check; vitamin D supplement.",
        "Action, new: review the need for vitamin D.",
    ]


def test_a_withdrawal_says_of_which_letter_and_by_whom() -> None:
    by: dict[str, Any] = {
        "retraction": True,
        "corrected": Correction((), replaces="2026-11-13"),
        "released_by": ("internist", "J. Jansen"),
        "released_on": "2026-12-04",
    }

    it = written(by=by)

    assert it.status.text.startswith("Withdrawn on 4 December 2026 by J. Jansen, internist.")
    assert texts_of(it, "retraction")[0].startswith("We withdraw our letter of 13 November 2026")
    assert texts_of(written(by={"retraction": True}), "retraction")[0].startswith(
        "We withdraw our earlier letter"
    )


def test_a_difference_without_words_on_either_side_is_told_by_its_name_alone() -> None:
    changed = Correction((("activity", "", ""),))

    (_, said) = texts_of(written(by={"corrected": changed}), "correction")

    assert said.startswith("Action")
    assert "new" not in said
    assert "withdrawn" not in said
