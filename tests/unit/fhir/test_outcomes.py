"""Of an OperationOutcome codes and places are kept, and nothing that could quote a patient."""

import pytest

from adapter.errors import Issue
from adapter.fhir import FhirClient
from adapter.fhir.outcomes import entry_named_by, failures, issues_beside, issues_of
from tests.unit.fhir.server import Answer, FakeServer, caught_from, outcome


def test_an_outcome_is_kept_without_what_it_quotes(server: FakeServer, client: FhirClient) -> None:
    body = outcome("invalid", location=["Patient.birthDate"])
    body["issue"] += [
        "Jansen",
        {"severity": "Jansen", "code": "Jansen 1950-02-03", "expression": ["Line[1] Jansen", 7]},
    ]
    server.will_answer(Answer(422, body))

    first, second = caught_from(client).issues

    assert (first.severity, first.code, first.expression) == ("error", "invalid", "Patient.birthDate")
    assert (second.severity, second.code, second.expression) == ("error", "unknown", None)


@pytest.mark.parametrize(
    ("severity", "failed"),
    [
        ("fatal", True), ("error", True), ("warning", False), ("information", False),
        ("success", True), (None, True), (7, True),
    ],
)  # fmt: skip
def test_a_severity_that_is_none_counts_as_an_error(severity: object, failed: bool) -> None:
    document = {"resourceType": "OperationOutcome", "issue": [{"severity": severity, "code": "invalid"}]}

    assert bool(failures(issues_of(document))) is failed


@pytest.mark.parametrize(
    ("expressions", "entry"),
    [
        (["Bundle.entry[2].resource.status"], 2),
        (["CarePlan.status", "Bundle.entry[0]"], 0),
        (["Task.entry[3]"], None),
        ([], None),
    ],
)
def test_the_entry_that_an_issue_points_at_is_found(expressions: list[str], entry: int | None) -> None:
    assert entry_named_by(Issue("error", "invalid", it) for it in expressions) == entry


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        {"resourceType": "Patient", "issue": [{"severity": "error"}]},
        {"resourceType": "OperationOutcome"},
    ],
)
def test_a_document_that_is_no_outcome_has_no_issues(document: object) -> None:
    assert issues_of(document) == ()


@pytest.mark.parametrize("body", [b"", b"<html>Bad gateway</html>", b'{"resourceType": "OperationOut'])
def test_a_page_beside_a_failed_status_adds_nothing(body: bytes) -> None:
    assert issues_beside(body) == ()
