from base64 import b64encode
from decimal import Decimal

import pytest

from adapter.input.wire_json import Json
from mappings.hl7v2.input.oru import OmissionReason
from mappings.hl7v2.input.refusal import MessageRefused, Problem
from mappings.hl7v2.input.translation import header_of, sender_of, translated
from mappings.outbound.gate import faults
from tests.unit.hl7v2.messages import OBR, PID, msh, observations, obx, oru, read, report, sender, wire

SUBJECT = {"subject": {"reference": "Patient/1"}}
LOINC = "http://loinc.org"


def codes(resource: Json) -> list[str]:
    return [it["code"] for it in resource["code"]["coding"]]


@pytest.mark.parametrize(
    ("written", "kind", "value"),
    [
        ("-2,8", "NM", Decimal("-2.8")),
        ("-2.80", "NM", Decimal("-2.80")),
        ("+0,4", "NM", Decimal("0.4")),
        ("-.5", "NM", Decimal("-0.5")),
        ("\u22122,1", "NM", Decimal("-2.1")),
        ("-2,5", "ST", Decimal("-2.5")),
        ("^-2.5", "SN", Decimal("-2.5")),
        ("=^-2,5", "SN", Decimal("-2.5")),
    ],
)
def test_a_number_keeps_its_digits_whatever_it_is_written_with(
    written: str, kind: str, value: Decimal
) -> None:
    (found,) = observations(oru(obx("TLS^T-score^L", written, kind)))

    assert found["valueQuantity"]["value"] == value
    assert str(found["valueQuantity"]["value"]) == str(value)
    assert found["valueQuantity"]["code"] == "{T-score}"


@pytest.mark.parametrize(
    ("written", "kind", "value"),
    [
        ("see text", "NM", {"valueString": "see text"}),
        ("1.234,5", "NM", {"valueString": "1.234,5"}),
        ("-2,1~-2,4", "NM", {"valueString": "-2,1\n-2,4"}),
        ("<^-2,5", "SN", {"comparator": "<"}),
        ("^-2^-^-1", "SN", {"low": Decimal(-2), "high": Decimal(-1)}),
        ("^1^:^2", "SN", {"valueString": "1 : 2"}),
        ("OP^osteoporose^L", "CE", {"text": "osteoporose"}),
        ("", "NM", {}),
    ],
)
def test_what_is_no_single_number_never_becomes_one(written: str, kind: str, value: Json) -> None:
    (found,) = observations(oru(obx("TLS^T-score^L", written, kind)))

    held = {name: it for name, it in found.items() if name.startswith("value")}
    flat = dict(held)
    for it in held.values():
        flat |= it if isinstance(it, dict) else {}
    assert {
        name: (it["value"] if isinstance(it, dict) else it) for name, it in flat.items() if name in value
    } == value
    assert bool(held) is bool(value)


@pytest.mark.parametrize(
    ("status", "means"),
    [("F", "final"), ("C", "corrected"), ("P", "preliminary"), ("X", "cancelled"), ("D", "entered-in-error"),
     ("W", "entered-in-error"), ("R", "preliminary"), ("", "unknown"), ("?", "unknown")],
)  # fmt: skip
def test_the_status_of_a_result_is_that_of_table_0085(status: str, means: str) -> None:
    (found,) = observations(oru(obx("TLS^T-score^L", "-2,8", status=status)))

    assert found["status"] == means
    assert ("valueQuantity" in found) is (status != "X")


def test_a_correction_has_the_name_of_what_it_corrects() -> None:
    (first,) = observations(oru(obx("TLS^T-score^L", "-2,8")))
    (other,) = observations(
        wire(
            msh(control_id="M2"), PID, OBR.replace("P1", "P9"), obx("TLS^T^L", "-2,1", status="C", number="7")
        )
    )

    assert other["id"] == first["id"]
    assert other["valueQuantity"]["value"] == Decimal("-2.1")


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(oru(obx("TNL^T hals^L", "-2,8")), id="another code"),
        pytest.param(oru(obx("TLS^T-score^L", "-2,8"), obr=OBR.replace("F1", "F2")), id="another order"),
        pytest.param(oru(obx("TLS^T-score^L", "-2,8", when="20250101")), id="another day"),
        pytest.param(oru(obx("TLS^T-score^L", "-2,8", site="links hals")), id="another site"),
    ],
)
def test_another_result_has_another_name(other: bytes) -> None:
    (first,) = observations(oru(obx("TLS^T-score^L", "-2,8")))
    (found,) = observations(other)

    assert found["id"] != first["id"]


def test_repeated_sites_and_several_studies_stay_apart() -> None:
    raw = oru(
        obx("TLS^T-score^L", "-2,8", sub="1"), obx("TLS^T-score^L", "-2,6", sub="2"),
        OBR.replace("F1", "F2"), obx("TLS^T-score^L", "-1,0"),
    )  # fmt: skip

    found = observations(raw)

    assert len({it["id"] for it in found}) == 3
    assert [len(study.results) for study in read(raw).patients[0].studies] == [2, 1]


def test_a_site_is_told_by_the_code_by_obx_20_or_by_the_sub_id() -> None:
    by_code, by_site, by_sub = observations(
        oru(
            obx("TNL^x^L", "-1"),
            obx("TFEM^x^L", "-2", site="^Links hals"),
            obx("TFEM^x^L", "-3", sub="links hals"),
        )
    )

    assert by_code["bodySite"] == by_site["bodySite"] == by_sub["bodySite"]
    assert by_code["bodySite"]["coding"][0]["code"].startswith("29627003:")


def test_a_code_that_no_map_knows_keeps_its_words_so_that_somebody_is_asked() -> None:
    (found,) = observations(oru(obx("QQ^T-score heup^L", "-2,8")))

    assert found["code"]["text"] == "T-score heup"
    assert codes(found) == ["QQ"]


def test_a_code_of_loinc_needs_no_map() -> None:
    (found,) = observations(oru(obx("38267-1^T^LN", "-2,8"), obr="OBR|1|P1|F1|1^x^L|||20260601"))

    assert found["code"]["coding"] == [{"system": LOINC, "code": "38267-1"}]
    assert found["effectiveDateTime"] == "2026-06-01"


@pytest.mark.parametrize(
    ("written", "when"),
    [
        ("202606011105", "2026-06-01T11:05:00+02:00"),
        ("202601011105", "2026-01-01T11:05:00+01:00"),
        ("20260601110530.1234-0500", "2026-06-01T11:05:30-05:00"),
        ("2026", "2026"),
        ("202606", "2026-06"),
        (
            "193001011105",
            "1930-01-01",
        ),  # Amsterdam was 19 minutes and 32 seconds ahead, which FHIR cannot say
        ("20261301", None),
        ("yesterday", None),
    ],
)
def test_a_time_is_as_exact_as_it_was_written(written: str, when: str | None) -> None:
    (found,) = observations(oru(obx("TLS^T^L", "-2", when=written)))

    assert found.get("effectiveDateTime") == when


def test_a_report_in_words_is_a_report_with_a_conclusion() -> None:
    raw = oru(
        obx("TXT^Verslag^L", "Osteoporose van de LWK \\T\\ hals\\.br\\Advies volgt", "TX"),
        "NTE|1||Heupprothese rechts",
    )

    found = report(raw)

    assert found["conclusion"] == "Osteoporose van de LWK & hals\nAdvies volgt\nHeupprothese rechts"
    assert codes(found)[0] == "38269-7"
    assert observations(raw) == []


def test_a_pdf_comes_along_and_a_broken_one_is_still_named() -> None:
    data = b64encode(b"%PDF-1.7").decode()
    raw = oru(
        obx("PDF^Verslag^L", f"^application^pdf^Base64^{data}", "ED"),
        obx("PDF^Stuk^L", "^application^pdf^Base64^!!", "ED"),
    )

    whole, broken = report(raw)["presentedForm"]

    assert whole == {"contentType": "application/pdf", "data": data, "title": "Verslag"}
    assert broken == {"contentType": "application/pdf", "title": "Stuk"}


def test_everything_else_is_left_out_with_its_reason() -> None:
    raw = wire(
        msh(), PID, obx("TLS^T^L", "1", number="0"), OBR, obx("AANV^x^L", "1"), obx("TLS^T^L", "1", status="O", number="2"),
        "OBR|2|P2|F2|CBC^Blood count^L", obx("WBC^Leukocytes^L", "7.5"),
    )  # fmt: skip

    assert [(it.place, it.reason) for it in read(raw).left_out] == [
        ("OBX 0", OmissionReason.NO_STUDY),
        ("OBX 1", OmissionReason.BY_THE_MAP),
        ("OBX 2", OmissionReason.NO_RESULT),
        ("OBR 2", OmissionReason.ANOTHER_MATTER),
    ]


def test_a_note_and_a_mark_stay_with_their_result() -> None:
    first, second = observations(
        oru(obx("TLS^T^L", "-2", flag="L"), "NTE|1||L2 niet meegeteld", obx("TNL^T^L", "-1", flag="zz"))
    )

    assert first["note"] == [{"text": "L2 niet meegeteld"}]
    assert [it["coding"][0]["code"] for it in first["interpretation"]] == ["L"]
    assert "note" not in second
    assert second["interpretation"] == [{"text": "zz"}]


def test_what_is_drafted_meets_its_model() -> None:
    raw = oru(
        obx("TLS^T-score^L", "-2,8", flag="L"), "NTE|1||note", obx("TNL^x^L", "<^-2", "SN"), obx("X^y^L", "^-2^-^-1", "SN"),
        obx("TXT^v^L", "text", "TX"), obx("PDF^v^L", "^application^pdf^Base64^JVBERg==", "ED"), obx("Z^z^L", "x", status="X"),
    )  # fmt: skip
    drafts = [*observations(raw), report(raw)]

    assert [faults(it | SUBJECT) for it in drafts] == [()] * len(drafts)


@pytest.mark.parametrize(
    ("segments", "problem", "place"),
    [
        ([msh()], Problem.SEGMENTS, "PID"),
        ([msh(), PID, obx("TLS^T-score^L", "-2,8")], Problem.SEGMENTS, "OBR"),
        ([msh(), "PID|1||||Jansen^Anna"], Problem.REQUIRED, "PID^1^3"),
        ([msh(), "PID|1||12345^^^OTHER^PI", OBR], Problem.REQUIRED, "PID^1^3"),
        ([msh(version="1.0"), PID], Problem.VERSION, "MSH^1^12"),
        ([msh(control_id=""), PID], Problem.REQUIRED, "MSH^1^10"),
        ([msh(), PID, OBR, obx("", "-2,8")], Problem.REQUIRED, "OBX^1^3"),
        ([msh("ORU^R30"), PID], Problem.EVENT, "MSH^1^9"),
        ([msh("SIU^S12"), PID], Problem.MESSAGE_TYPE, "MSH^1^9"),
        ([msh("ADT^A40"), PID], Problem.SEGMENTS, "MRG"),
        ([msh(charset="BIG-5"), PID], Problem.DATA_TYPE, "MSH^1^18"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_its_place_and_without_a_quote(
    segments: list[str], problem: Problem, place: str
) -> None:
    raw = wire(*segments)

    with pytest.raises(MessageRefused) as refused:
        translated(raw, header_of(raw), sender())

    assert (refused.value.problem, refused.value.place) == (problem, place)
    assert "Jansen" not in str(refused.value)
    assert "12345" not in str(refused.value)


@pytest.mark.parametrize("raw", [b"", b"PID|1", b"MSH", b"<html>", b"\x00\xff"])
def test_what_has_no_header_is_refused(raw: bytes) -> None:
    with pytest.raises(MessageRefused) as refused:
        header_of(raw)

    assert refused.value.problem is Problem.SEGMENTS


def test_the_most_exact_map_of_a_sender_counts_and_a_stranger_has_none() -> None:
    loose = sender(id="any", sender={"application": "DXA"})
    header = header_of(oru())

    assert sender_of(header, [loose, sender()]).id == "dxa-zkh"
    assert sender_of(header, [loose]).id == "any"
    with pytest.raises(MessageRefused):
        sender_of(header, [sender(sender={"application": "LAB"})])


@pytest.mark.parametrize(
    ("encoding", "charset", "by"),
    [
        ("utf-8", "UNICODE UTF-8", {}),
        ("utf-8", "", {}),
        ("latin-1", "8859/1", {}),
        ("latin-1", "", {"charset": "8859/1"}),
        ("latin-1", "ASCII", {"charset": "8859/1", "believe_msh_18": False}),
        ("iso-8859-15", "8859/15~UNICODE UTF-8", {}),
    ],
)
def test_characters_are_read_by_msh_18_or_by_the_map(encoding: str, charset: str, by: Json) -> None:
    raw = wire(msh(charset=charset), PID, OBR, obx("Q^T-score médiane^L", "-2"), encoding=encoding)

    (found,) = observations(raw, sender(**by))

    assert found["code"]["text"] == "T-score médiane"


def test_characters_that_are_not_what_was_said_are_refused() -> None:
    raw = wire(msh(charset="ASCII"), PID, OBR, obx("Q^T-score médiane^L", "-2"), encoding="latin-1")

    with pytest.raises(MessageRefused) as refused:
        read(raw)

    assert refused.value.place == "MSH^1^18"


def test_a_message_may_hold_the_studies_of_several_people() -> None:
    raw = wire(
        msh(),
        PID,
        OBR,
        obx("TLS^T^L", "-1"),
        PID.replace("12345", "54321"),
        OBR.replace("F1", "F2"),
        obx("TLS^T^L", "-3"),
    )

    assert [it.keys[0].value for it in read(raw).patients] == ["12345", "54321"]
