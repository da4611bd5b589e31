"""docs/settings.md lists every setting with its meaning."""

from tests.settings_page import PAGE, page
from workers.cli.settings import meanings
from workers.settings.all_settings import NAMES, Settings


def test_the_page_is_as_it_is_made() -> None:
    assert page() == PAGE.read_text("utf-8")


def test_every_setting_has_a_meaning_which_is_a_sentence() -> None:
    assert tuple(meanings()) == NAMES
    assert [
        name for name, it in meanings().items() if not (it[0].isupper() or it[0] == "`") or it[-1] != "."
    ] == []


def test_every_setting_says_what_it_may_be() -> None:
    assert [name for name in NAMES if not Settings.model_fields[name].description] == []
