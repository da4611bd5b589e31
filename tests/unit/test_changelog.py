"""Every line of the changelog stands under the heading that it belongs to."""

import re
from pathlib import Path

CHANGELOG = (Path(__file__).parents[2] / "CHANGELOG.md").read_text("utf-8")


def test_where_a_section_has_headings_every_line_stands_under_one() -> None:
    sections = re.split(r"^### ", CHANGELOG, flags=re.MULTILINE)[1:]
    stray = [
        line
        for section in sections
        if "\n#### " in section
        for line in section.partition("\n#### ")[0].splitlines()[1:]
        if line.strip()
    ]

    assert stray == []


def test_every_heading_stands_between_blank_lines() -> None:
    lines = CHANGELOG.splitlines()
    crowded = [
        line
        for before, line, after in zip(lines, lines[1:], lines[2:], strict=False)
        if line.startswith("#") and (before.strip() or after.strip())
    ]

    assert crowded == []
