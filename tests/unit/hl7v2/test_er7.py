import pytest

from mappings.hl7v2.er7 import components, header, message, segment, text
from mappings.hl7v2.er7_reader import NotHl7, read_message

HOSTILE = [
    pytest.param("a|b^c~d&e\\f", "a|b^c~d&e\\f", id="every delimiter"),
    pytest.param(r"\F\ \X0D\ \E\F\E\ ", r"\F\ \X0D\ \E\F\E" + "\\", id="what looks escaped already"),
    pytest.param("Jan\rOBX|1|TX|evil\nPID|2", "Jan OBX|1|TX|evil PID|2", id="line breaks"),
    pytest.param("a\x0bMSH|\x1c\rb\x00\x85", "a MSH| b", id="the frame of MLLP"),
    pytest.param("<script>alert('x')</script>", "<script>alert('x')</script>", id="HTML is only text here"),
    pytest.param("\u202eneppiS\u2066 \ufeffx", "neppiS x", id="bidi overrides"),
    pytest.param(
        "\u0646\u0627\u0645\u200c\u0647",
        "\u0646\u0627\u0645\u200c\u0647",
        id="a joiner that belongs to the spelling",
    ),
    pytest.param("Zoë Łukasz €", "Zoë Łukasz €", id="other letters"),
    pytest.param("half \ud83d", "half", id="half a character"),
]


@pytest.mark.parametrize(("written", "read"), HOSTILE)
def test_what_anybody_writes_is_read_back_and_stays_in_its_field(written: str, read: str) -> None:
    raw = message([header("app"), segment("PID", "1", components(text(written), "second"), "next")])

    msh, pid = read_message(raw).segments

    assert [msh.name, pid.name] == ["MSH", "PID"]
    assert raw.count(b"\r") == 2
    assert pid.value(2, 1) == read
    assert pid.value(2, 2) == "second"
    assert pid.value(3) == "next"


def test_a_long_text_is_cut_before_it_is_escaped() -> None:
    cut = text("|" * 300)

    assert cut == "\\F\\" * 198 + "…"


@pytest.mark.parametrize("ending", ["\r", "\n", "\r\n"])
def test_every_line_ending_is_taken(ending: str) -> None:
    assert [it.name for it in read_message(f"MSH|^~\\&|a{ending}MSA|AA|1{ending}".encode()).segments] == [
        "MSH",
        "MSA",
    ]


@pytest.mark.parametrize("raw", [b"", b"MSH", b"MSH|", b"<html>", b"PID|1", b"MSHA^~", b"\xff\xfe\x00"])
def test_what_is_no_message_is_refused_without_a_quote(raw: bytes) -> None:
    with pytest.raises(NotHl7) as refused:
        read_message(raw)

    assert str(refused.value) == "the first segment is not MSH"


def test_what_a_sender_calls_empty_is_empty() -> None:
    _, pid = read_message(b'MSH|^~\\&|x\rPID|""|""^^^X|Jansen^""').segments

    assert [pid.value(1), pid.value(2), pid.value(2, 4), pid.value(3, 2)] == ["", "", "X", ""]
    assert (pid.coded(1).code, pid.written(1)) == ("", "")


def test_own_delimiters_are_followed() -> None:
    _, msa = read_message(b"MSH#@~!$#x\rMSA#AA#a@b!S!c").segments

    assert msa.value(2, 2) == "b@c"


def test_a_field_that_begins_with_the_name_of_the_header_is_a_field() -> None:
    _, err, msa = read_message(b"MSH|^~\\&|x\rERR||MSH^1^9~MSH|200^text&more\rMSA").segments
    assert [err.value(2, component) for component in (1, 2, 3)] == ["MSH", "1", "9"]
    assert err.value(2, 1, 2) == "MSH"
    assert err.value(3, 2, 1, 2) == "more"
    assert err.written(2).splitlines() == ["MSH^1^9", "MSH"]
    assert err.written(3) == "200^text&more"
    assert (msa.name, msa.value(1)) == ("MSA", "")


def test_fields_keep_their_numbers_whatever_is_empty_between_them() -> None:
    msh, pid, obx = read_message(b"MSH|^~\\&||||B||2026\rPID||||~|x^||\rOBX|||||||||||F").segments

    assert [msh.value(it) for it in range(1, 8)] == ["|", "^~\\&", "", "", "", "B", ""]
    assert msh.repetitions(3) == range(1, 1)
    assert [*pid.parts] == [0, 4, 5]
    assert [*pid.repetitions(4)] == [1, 2]
    assert [obx.value(it) for it in (1, 10, 11, 12)] == ["", "", "F", ""]
