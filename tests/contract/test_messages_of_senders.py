"""Messages as makers and engines of several countries send them: each has its score or a listed reason."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mappings.handover.release.release_codes import code_in
from mappings.hl7v2.input.sender_map import SenderMap
from tests.contract.reception import Reception
from tests.contract.senders import LOW, SentMessage, messages
from tests.made_resources import a_gp, a_patient
from tests.record_readings import a_record_reading
from tests.server_patients import a_runtime, admitted, written_for
from workers.intake.message_explanation import MessageOutput, explain_message
from workers.ledger import reviews
from workers.sandbox import Sandbox

SENT = {it.name: it for it in messages()}
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SYSTEM = "urn:oid:2.999.1"
# By the whole way, one of each kind: a score, a refused score, words alone, a file, letters
# of another set, a broken line.
REVIEWED = (
    "NM with a comma",
    "SN below",
    "a report in RTF",
    "a PDF",
    "8859/1 as said",
    "a line break in a text",
    "a study for each place",
)


def told_of(sent: SentMessage) -> MessageOutput:
    return explain_message(sent.raw, SenderMap.model_validate(sent.sender), NOW.date(), a_record_reading())


def test_each_stands_there_once() -> None:
    assert len(SENT) == len([*messages()])


@pytest.mark.parametrize("name", SENT)
def test_it_comes_to_what_was_written_down_before(name: str) -> None:
    sent, told = SENT[name], told_of(SENT[name])

    scores = {
        " ".join(it for it in (one["site"], one["side"], one["t_score"]) if it) for one in told["t_scores"]
    }
    assert scores == sent.scores
    assert {it["reason"] for it in told["rejected"]} == sent.reasons
    assert {it["why"] for it in told["left_out"]} == sent.left
    assert (told["refused"]["code"] if told["refused"] else "") == sent.refused
    assert tuple(told["news"]) == sent.news


@pytest.mark.parametrize("name", SENT)
def test_it_has_a_score_or_a_listed_reason(name: str) -> None:
    sent, told = SENT[name], told_of(SENT[name])

    cancelled = {it["status"] for it in told["drafts"]} == {"cancelled"}
    assert cancelled == sent.cancelled
    assert (
        cancelled
        or told["t_scores"]
        or told["rejected"]
        or told["left_out"]
        or told["refused"]
        or told["news"]
    )


def test_what_stands_behind_a_line_break_is_kept() -> None:
    told = told_of(SENT["a line break in a text"])

    assert "Ernstige\nosteoporose" in str([it["content"].get("conclusion") for it in told["drafts"]]).replace(
        "\\n", "\n"
    )


@pytest.fixture
def reception(sandbox: Sandbox, tmp_path: Path) -> Iterator[Reception]:
    with a_runtime(sandbox.base_url, lambda: NOW, pathway="antonius") as runtime:
        held = Reception(runtime, tmp_path, "anna")
        yield held
        held.inbox.close()


@pytest.mark.parametrize("name", REVIEWED)
def test_by_the_whole_way_it_leads_to_a_plan_or_a_question(
    reception: Reception, sandbox: Sandbox, name: str
) -> None:
    sent = SENT[name]
    admitted(sandbox.base_url, [a_gp(), a_patient("anna", identifier=[{"system": SYSTEM, "value": "77"}])])
    reception.senders = (SenderMap.model_validate(sent.sender),)
    reception.arrived(sent.raw)
    runtime = reception.runtime
    claim = reviews.claim_patients(runtime.ledger, NOW, runtime.lease, 10, 5)
    assert claim == ("anna",)
    assert [it.fault for it in runtime.review(claim)] == [None]

    written = written_for(sandbox.base_url, "anna")
    if LOW in sent.scores:
        (letter,) = written["Communication"]
        assert "-2.8" in str(letter["payload"])
    else:
        assert {code_in(it["code"]) for it in written["Task"]} - {None}
        assert "-2.8" not in str(written["Communication"])
