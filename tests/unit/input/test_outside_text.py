"""Whatever a server, a record or a file says, it moves no cursor, turns no word around and forges no line."""

import io
import json
import logging
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.fhir.capabilities import Capabilities
from adapter.input.outside_text import LONGEST, shown, shown_json, shown_lines
from workers.cli.output import say, show_json, tell
from workers.cli.terminal import show_table
from workers.host.logs import FORMATS

HOSTILE = [
    "\x1b]0;owned\x07", "\x1b[2J", "\x9b31m", "a\rb", "fine\n2026-01-01 INFO nothing: to see", "\u202edetcejer",
    "\u2066x\u2069", "z\u200be\u200br\u200bo", "\ufeff", "\u2028new line", "\x00", "\x7f", "\U000e0041",
]  # fmt: skip
UNSAFE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2066-\u2069\ufeff\U000e0000-\U000e007f]"
)


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_a_terminal_obeys_is_shown(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    show_table("who", ["name", "reason"], [["patient", text]])
    say(f"Task: {text}")
    tell(f"failed: {text}")
    show_json({"software": text})
    said = capsys.readouterr()

    assert not UNSAFE.search(said.out + said.err)
    assert len(said.err.splitlines()) == 1
    assert json.loads(said.out[said.out.index("{") :]) == {"software": text}


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("text", HOSTILE)
def test_a_log_record_is_one_line(form: str, text: str) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(FORMATS[form]())
    handler.emit(logging.LogRecord("x", logging.INFO, "", 1, "a server called %s", (text,), None))

    assert len(stream.getvalue().splitlines()) == 1
    assert not UNSAFE.search(stream.getvalue())


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_server_calls_itself_is_safe_before_anybody_sees_it(text: str) -> None:
    known = Capabilities.parse({"fhirVersion": f"4.0.1{text}", "software": {"name": text * 50}})

    assert not UNSAFE.search(f"{known.fhir_version} {known.software}")
    assert len(known.software or "") <= 100


@given(st.text())
def test_any_text_becomes_one_safe_line_and_honest_words_stay(text: str) -> None:
    line = shown(text)

    assert len(line.splitlines()) <= 1 or "\x85" not in line
    assert not UNSAFE.search(line)
    assert len(line) <= LONGEST + 40


@pytest.mark.parametrize(
    "text",
    [
        "Ren\u00e9e de Vries-J\u00f8rgensen",
        "T-score -2,5 (g/cm\u00b2)",
        "\u5c71\u7530 \u592a\u90ce",
        "\U0001f9b4",
    ],
)
def test_names_of_people_are_left_as_they_are(text: str) -> None:
    assert shown(text) == shown_lines(text) == shown_json(text) == text


def test_a_letter_keeps_its_lines() -> None:
    assert shown_lines("one\n\ttwo\x1b[2J") == "one\n two\ufffd[2J"


def test_an_error_message_from_a_hostile_server_is_safe() -> None:
    known = Capabilities.parse({"fhirVersion": "3.0.\x1b]0;owned\x07\u202e"})

    with pytest.raises(Exception, match="STU3") as caught:
        known.require_r4()
    assert not UNSAFE.search(str(caught.value))
