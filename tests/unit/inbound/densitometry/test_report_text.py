"""The words of a report: where they are, which numbers are T-scores of spine and hip, what it concludes."""

import base64
from decimal import Decimal

import pytest

from adapter.input.wire_json import Json
from mappings.inbound.densitometry.report_text import LONGEST, concluded, lost_words, scores_told, told


def form(written: str, kind: str = "text/plain") -> Json:
    data = base64.b64encode(written.encode()).decode()
    return {"presentedForm": [{"contentType": kind, "data": data}]}


@pytest.mark.parametrize(
    ("body", "texts"),
    [
        ({"conclusion": "Osteoporose."}, ("Osteoporose.",)),
        ({"valueString": "LWK -2,9", "note": [{"text": "zie brief"}]}, ("LWK -2,9", "zie brief")),
        (form("T-score LWK -2,9"), ("T-score LWK -2,9",)),
        (form("<p>T-score&nbsp;LWK</p>", "text/html; charset=utf-8"), (" T-score\xa0LWK\n",)),
        (form(r"{\rtf1 T-Wert LWS -2,9}", "application/rtf"), ("  T-Wert LWS -2,9 ",)),
        (form("T-score LWK -2,9", "application/pdf"), ()),
        ({"presentedForm": [{"contentType": "text/plain", "data": "é"}]}, ()),
        ({"presentedForm": [{"contentType": "text/plain", "data": "A" * LONGEST}]}, ()),
        ({"content": [{"attachment": form("T -2,9")["presentedForm"][0]}]}, ("T -2,9",)),
        ({"conclusion": 7, "presentedForm": "x", "content": [{"attachment": 1}]}, ()),
    ],
)
def test_its_words_are_found_where_systems_put_them(body: Json, texts: tuple[str, ...]) -> None:
    assert told(body) == texts


@pytest.mark.parametrize(
    ("body", "unread"),
    [
        ({}, False),
        (form("T-score LWK -2,9"), False),
        ({"presentedForm": [{"contentType": "text/plain", "data": "é"}]}, True),
        ({"presentedForm": [{"\u2318": "?"}]}, True),
        ({"content": [{"attachment": {"contentType": "application/pdf", "url": "Binary/1"}}]}, False),
        ({"content": [{"attachment": form("T -2,9")["presentedForm"][0]}]}, False),
        ({"content": [{"attachment": {"contentType": "text/plain", "data": "é"}}]}, True),
        ({"content": [{"\u2318": "?"}]}, True),
        ({"content": "\u2318"}, True),
    ],
)
def test_a_file_of_a_report_or_of_a_document_that_is_none_is_known_as_unread(
    body: Json, unread: bool
) -> None:
    assert lost_words(body) is unread


@pytest.mark.parametrize(
    ("written", "scores"),
    [
        ("T-score LWK L1-L4: -2,9. T-score femurhals links: -0,5.", ["-2.9", "-0.5"]),
        ("T-score L1-L4 -2.94; Z-score -3.4", ["-2.94"]),
        ("L1-L4: BMD 0.701, T-score -2.9, Z-score -1.4", ["-2.9"]),
        ("T-score LWK -1,0. T-score onderarm -3,1.", ["-1.0"]),
        ("T-score -1.1, change since last scan -3.2 %", ["-1.1"]),
        ("T-score heup +0,4", ["0.4"]),
        ("T-score spine minus 2.9", ["-2.9"]),
        ("Z-score -2.4", []),
        ("Temperature change -2.4", []),
    ],
)
def test_its_t_scores_of_spine_and_hip_are_found(written: str, scores: list[str]) -> None:
    assert scores_told([written]) == tuple(map(Decimal, scores))


@pytest.mark.parametrize(
    ("written", "end"),
    [
        ("Vraag: osteoporose?\nT-score LWK -0,4\nConclusie: geen bijzonderheden", ": geen bijzonderheden"),
        ("Indication: osteoporosis. Normal bone.", None),
    ],
)
def test_the_reason_for_a_scan_is_not_its_conclusion(written: str, end: str | None) -> None:
    assert concluded(form(written)) == ((end,) if end else ())
