"""The codes of releasing are found wherever a resource may hold them, and have words in all languages."""

import pytest

from mappings.handover.release.release_codes import RELEASE, code_in, codes, release_concept, words
from mappings.texts import LANGUAGES

OURS = {"coding": [{"system": RELEASE, "code": "keep_plan"}]}
OTHER = {"coding": [{"system": "https://other", "code": "x"}]}


@pytest.mark.parametrize(
    ("held", "code"),
    [
        (OURS, "keep_plan"),
        ([OTHER, OURS], "keep_plan"),
        ({"coding": [*OTHER["coding"], *OURS["coding"]]}, "keep_plan"),
        (OTHER, None),
        ({"text": "keep_plan"}, None),
        ([], None),
        (None, None),
        ("keep_plan", None),
    ],
)
def test_a_code_of_ours_is_found_among_others(held: object, code: str | None) -> None:
    assert code_in(held) == code


@pytest.mark.parametrize("group", ["task-reason", "task-input", "answer", "status-reason"])
def test_every_code_has_words_in_every_language(group: str) -> None:
    assert codes(group)
    for code in codes(group):
        assert len({words(code, language) for language in LANGUAGES}) == len(LANGUAGES)
        assert code_in(release_concept(code, "en")) == code
