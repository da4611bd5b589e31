"""Pages of a search that are handed over: only what they say is missing leaves its type unknown."""

from datetime import date
from typing import Any

import pytest

from adapter.clinical.model import Reason
from adapter.input.wire_json import Json, JsonValue
from mappings.inbound.gaps import EVERY_TYPE
from osteo_handover import assess
from tests.made_resources import a_gp, a_patient, a_t_score
from workers.assessment.submission import submission_of

SERVER = "https://fhir.example/r4"
FIRST, SECOND = f"{SERVER}/Observation?patient=p1", f"{SERVER}?page=2"
SCORE = a_t_score("p1")
INCOMPLETE = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "warning", "code": "incomplete"}],
}


def page(*resources: JsonValue, at: str | None = FIRST, onto: str | None = None, **more: JsonValue) -> Json:
    links = [("self", at), ("next", onto)]
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "link": [{"relation": name, "url": url} for name, url in links if url],
        "entry": [{"resource": it} for it in resources],
        **more,
    }


def batch(status: str | None) -> Json:
    """One part brought a page, the other nothing."""
    parts = [
        {"response": {"status": "200"}, "resource": page(SCORE, total=1)},
        {"response": {"status": status}},
    ]
    return {"resourceType": "Bundle", "type": "batch-response", "entry": parts}


def history(deleted: str) -> Json:
    entries = [{"request": {"method": "DELETE", "url": deleted}}, {"resource": SCORE}]
    return {"resourceType": "Bundle", "type": "history", "entry": entries}


SHORT = {"Observation": {Reason.ANSWER_INCOMPLETE}}
TOLD = [
    ("a whole page", [page(SCORE, total=1)], {}),
    ("a page that says no number", [page(SCORE)], {}),
    ("an empty page", [page(total=0)], {}),
    ("both pages", [page(SCORE, onto=SECOND, total=2), page(SCORE | {"id": "o2"}, at=SECOND)], {}),
    ("the second page first", [page(SCORE | {"id": "o2"}, at=SECOND), page(SCORE, onto=SECOND, total=2)], {}),
    ("resources that are no page", [SCORE], {}),
    ("a Bundle that is no search", [page(SCORE, type="collection", total=9)], {}),
    ("the next page did not come", [page(SCORE, onto=SECOND)], SHORT),
    ("fewer than the total", [page(SCORE, total=2)], SHORT),
    ("fewer than the total, over two pages", [page(SCORE, onto=SECOND, total=3), page(SCORE | {"id": "o2"}, at=SECOND)], SHORT),
    ("the same result twice", [page(SCORE, onto=SECOND, total=2), page(SCORE, at=SECOND)], SHORT),
    ("pages in a ring", [page(SCORE, onto=SECOND), page(SCORE, at=SECOND, onto=FIRST)], {}),
    ("an address that names no type", [page(SCORE, total=2, at=SECOND)], SHORT),
    ("a warning of the server", [page(SCORE, INCOMPLETE)], SHORT),
    ("an entry without a resource", [page(entry=[{"fullUrl": "urn:x"}])], {"Observation": {Reason.UNREADABLE}}),
    ("an entry that is none", [page({"resourceType": 7})], {"Observation": {Reason.UNREADABLE}}),
    ("a warning that stands alone", [INCOMPLETE], {it: {Reason.ANSWER_INCOMPLETE} for it in EVERY_TYPE}),
    ("nobody can say of what", [page(total=3, at=None)], {it: {Reason.ANSWER_INCOMPLETE} for it in EVERY_TYPE}),
    ("a batch answer", [batch("200 OK")], {}),
    ("a batch answer, one part of which failed", [batch("503")], {it: {Reason.ANSWER_INCOMPLETE} for it in EVERY_TYPE}),
    ("a batch answer, one part of which says nothing", [batch(None)], {it: {Reason.ANSWER_INCOMPLETE} for it in EVERY_TYPE}),
    ("a history in which a result was deleted", [history("Observation/o1")], SHORT),
    ("a history in which a visit was deleted", [history("Encounter/e1")], {"Encounter": {Reason.ANSWER_INCOMPLETE}}),
    ("a history in which an appointment was deleted", [history("Appointment/a1")], {}),
    ("a result without its parts", [SCORE | {"meta": "x"}], {"Observation": {Reason.UNREADABLE}}),
]  # fmt: skip


@pytest.mark.parametrize(("given", "gaps"), [row[1:] for row in TOLD], ids=[row[0] for row in TOLD])
@pytest.mark.hazard(id="H27")
def test_what_did_not_come_leaves_its_type_unknown(given: Any, gaps: Any) -> None:
    assert submission_of(given).gaps == gaps


def test_nothing_that_can_be_read_is_lost() -> None:
    found = submission_of([page(SCORE, {"resourceType": 7}), a_gp()])

    assert found.resources == (SCORE, a_gp())


def test_a_normal_result_on_half_a_search_reassures_of_nothing() -> None:
    normal = a_t_score("p1", -0.3)
    record = [a_patient("p1"), a_gp()]
    whole = assess([*record, page(normal, total=1)], on=date(2026, 11, 20), language="en")
    half = assess([*record, page(normal, total=2)], on=date(2026, 11, 20), language="en")

    assert whole.decision
    assert half.decision
    assert not whole.decision.classification.doubts
    assert [it.reason for it in half.decision.rejected] == [Reason.ANSWER_INCOMPLETE] * 3
    assert half.letter != whole.letter
