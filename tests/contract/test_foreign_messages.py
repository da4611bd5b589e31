"""Messages that nobody here wrote: none crashes us, each comes to a plan, a question or a listed reason.

None of them holds a bone density. So each is taken as it came; then as if its studies were DXA scans; and
then with a T-score among its own segments, in the place and by the separators that its sender uses.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.handover.release.release_codes import code_in
from mappings.hl7v2.input.refusal import MessageRefused
from mappings.hl7v2.input.sender_map import SenderMap
from mappings.hl7v2.input.translation import header_of, translated
from tests.contract.reception import Reception
from tests.examples import examples
from tests.made_resources import a_gp, a_patient
from tests.record_readings import a_record_reading
from tests.server_patients import a_runtime, admitted, written_for
from workers.intake.message_explanation import explain_message
from workers.ledger import reviews
from workers.sandbox import Sandbox

DATA = Path(__file__).parents[1] / "data" / "hl7v2"
FILES = {it.stem: it for it in sorted(DATA.glob("*/*.hl7"))}
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SYSTEM = "urn:oid:2.999.1"
ANOTHER_MATTER, NO_STUDY = "not about bone density", "stands under no study (OBR)"
NO_RESULT = "is no result (OBX-11 is N or O)"
RESULTS = {
    "LAB-ORU-1": [ANOTHER_MATTER] * 2,
    "LAB-ORU-2": [ANOTHER_MATTER] * 2,
    "ORU-R01-01": [NO_STUDY] * 2 + [ANOTHER_MATTER],
    "ORU-R01-RMGEAD": [ANOTHER_MATTER],
    "ORU-multiline-short": [ANOTHER_MATTER],
    "ORU-multiline-short-mixed": [ANOTHER_MATTER],
    "oru-r01-lab": [ANOTHER_MATTER],
}
REFUSED = {
    "edge-crlf-line-endings": "201",
    "edge-custom-delimiters": "201",
    "edge-empty-segments": "201",
    "edge-escaped-delimiters": "201",
    "edge-field-repetitions": "201",
    "edge-non-ascii": "201",
    "edge-z-segments": "201",
    "invalid-missing-msh": "100",
    "invalid-segment-header-length": "201",
    "invalid-trailing-empty-fields": "201",
    "invalid-wrong-version": "203",
    "mdm-t02-document": "200",
}


def content_of(name: str) -> bytes:
    """As it goes over a line: in the files segments end with LF."""
    return re.sub(rb"[\r\n]+", b"\r", FILES[name].read_bytes())


def map_for(raw: bytes, *reports: str) -> SenderMap:
    with suppress(MessageRefused):
        header = header_of(raw)
        sender = {"application": header.application, "facility": header.facility}
        return SenderMap.model_validate({
            "id": "foreign", "sender": sender, "patient": [{"system": SYSTEM}], "order": {"system": "urn:order"},
            "reports": [{"code": it} for it in reports],
            "results": [{"code": "TLS", "loinc": "38267-1"}],
        })  # fmt: skip
    return SenderMap.model_validate(
        {"id": "foreign", "sender": {"application": "?"}, "patient": [{"system": SYSTEM}], "order": {"system": "urn:order"}}
    )  # fmt: skip


def fields(raw: bytes, segment: str, number: int) -> Iterator[str]:
    """The first component of a field of each such segment, taken apart by other means than ours."""
    for line in raw.decode("utf-8-sig").split("\r"):
        if line.startswith(f"{segment}|"):
            parts = line.split("|")
            yield parts[number].split("^")[0] if len(parts) > number else ""


def test_every_file_is_in_one_of_the_lists() -> None:
    assert RESULTS.keys() | REFUSED.keys() == FILES.keys()
    assert not RESULTS.keys() & REFUSED.keys()


@pytest.mark.parametrize("name", FILES)
def test_as_it_came_it_has_a_listed_reason(name: str) -> None:
    raw = content_of(name)
    told = explain_message(raw, map_for(raw), NOW.date(), a_record_reading())

    assert (told["refused"]["code"] if told["refused"] else None) == REFUSED.get(name)
    assert [it["why"] for it in told["left_out"]] == RESULTS.get(name, [])
    assert (told["drafts"], told["t_scores"]) == ([], [])


@pytest.mark.parametrize("name", RESULTS)
@pytest.mark.parametrize("ending", [b"\r", b"\n", b"\r\n"])
def test_as_a_dxa_each_of_its_segments_is_a_draft_a_text_or_has_its_reason(name: str, ending: bytes) -> None:
    raw = content_of(name)
    asked = map_for(raw, *fields(raw, "OBR", 4))
    told = explain_message(raw.replace(b"\r", ending), asked, NOW.date(), a_record_reading())

    reports = [it["content"] for it in told["drafts"] if it["resource"] == "DiagnosticReport"]
    studies = [*fields(raw, "OBR", 4)]
    said = [it for written in fields(raw, "OBX", 5) if written for it in written.split("~")]
    assert len(reports) == len(studies)
    lost = [it for it in said if it not in str(told["drafts"])]
    assert len(lost) <= len(told["left_out"])
    assert {it["why"] for it in told["left_out"]} <= {NO_STUDY, NO_RESULT}
    assert told["t_scores"] == []


@pytest.fixture
def reception(sandbox: Sandbox, tmp_path: Path) -> Iterator[Reception]:
    with a_runtime(sandbox.base_url, lambda: NOW, pathway="antonius") as runtime:
        held = Reception(runtime, tmp_path, "anna")
        yield held
        held.inbox.close()


def reviewed(reception: Reception, raw: bytes, sandbox: Sandbox) -> tuple[list[str], list[str]]:
    """The message kept, written and reviewed: the plans, and what is asked of whom."""
    (number, *_) = fields(raw, "PID", 3)
    admitted(
        sandbox.base_url,
        [a_gp(), a_patient("anna", identifier=[{"system": SYSTEM, "value": number}])],
    )
    reception.senders = (map_for(raw, *fields(raw, "OBR", 4)),)
    assert [it in ("AA", "CA", "") for it in reception.take(raw)] == [True]
    reception.work()
    assert reception.inbox.count_states() == {"waiting": 0, "done": 1, "failed": 0}, (
        reception.inbox.items_in_trouble()
    )
    runtime = reception.runtime
    claim = reviews.claim_patients(runtime.ledger, NOW, runtime.lease, 10, 5)
    assert claim
    assert claim == ("anna",)
    assert [it.fault for it in runtime.review(claim)] == [None]
    written = written_for(sandbox.base_url, "anna")
    return [it["status"] for it in written["CarePlan"]], [code_in(it["code"]) or "" for it in written["Task"]]


@pytest.mark.parametrize("name", RESULTS)
def test_as_a_dxa_without_a_t_score_somebody_is_asked(
    reception: Reception, sandbox: Sandbox, name: str
) -> None:
    _, asked = reviewed(reception, content_of(name), sandbox)

    assert asked


@pytest.mark.parametrize("name", RESULTS)
def test_with_a_t_score_among_its_segments_it_leads_to_a_plan(
    reception: Reception, sandbox: Sandbox, name: str
) -> None:
    raw = content_of(name)
    at = raw.index(b"\r", raw.index(b"\rOBR|") + 1)
    score = b"\rOBX|99|NM|TLS^T-score LWK^L||-2,8|{T-score}|||||F|||20260601"
    plans, _ = reviewed(reception, raw[:at] + score + raw[at:], sandbox)

    assert plans == ["draft"]
    (letter,) = written_for(sandbox.base_url, "anna")["Communication"]
    assert "-2.8" in str(letter["payload"])


@given(st.sampled_from(sorted(FILES)), st.integers(0, 4000), st.binary(max_size=5), st.integers(0, 40))
@settings(max_examples=examples(200), deadline=None)
def test_hurt_on_the_way_it_is_read_or_refused(name: str, at: int, put: bytes, lost: int) -> None:
    whole = content_of(name)
    raw = whole[:at] + put + whole[at + lost :]
    with suppress(MessageRefused):
        translated(raw, header_of(raw), map_for(whole, *fields(whole, "OBR", 4)))
