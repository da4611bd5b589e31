"""docs/settings.md, made from the settings: `python -m tests.settings_page` writes it again."""

from collections.abc import Iterator

from tests.structure import ROOT
from workers.cli.settings import NEEDED, meanings, section_of
from workers.settings.all_settings import NAMES, SECRETS, Settings
from workers.settings.setting_variables import variable_name

PAGE = ROOT / "docs" / "settings.md"
HEAD = f"""# Settings

Made by `python -m tests.settings_page`; do not edit. Each setting is an environment variable (`{variable_name(NEEDED)}`), or a line of
the file that `--config` names (`{NEEDED} = "https://fhir.example.org/r4"`). A secret may lie in a file of its own, named by the variable
with `_FILE` behind it. `osteo-handover settings show` shows them as they are now; what cannot be used is told at the
start, everything at once, and never with its value.
"""


def page() -> str:
    """The whole page."""
    sections = [name for name in NAMES if section_of(name)]
    return "\n".join([HEAD, *_table(), *(row for name in sections for row in _keys(name))]) + "\n"


def _table() -> Iterator[str]:
    yield from ("| setting | meaning | what it may be | default |", "| --- | --- | --- | --- |")
    for name in NAMES:
        field = Settings.model_fields[name]
        default = (
            "needed" if field.is_required() else _shown(name, field.get_default(call_default_factory=False))
        )
        yield _row(f"`{name}`", meanings()[name], field.description or "", default)


def _keys(name: str) -> Iterator[str]:
    section = section_of(name)
    yield from ("", f"## `{name}`", "", "| key | what it may be |", "| --- | --- |")
    for key, field in (section.model_fields if section else {}).items():
        yield _row(f"`{key}`", field.description or "")


def _shown(name: str, value: object) -> str:
    if value in (None, (), {}) or section_of(name) or name in SECRETS:
        return ""
    return (
        ", ".join(map(str, value))
        if isinstance(value, tuple)
        else str(value).lower()
        if isinstance(value, bool)
        else str(value)
    )


def _row(*cells: str) -> str:
    return "| " + " | ".join(it.replace("|", "\\|") for it in cells) + " |"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
