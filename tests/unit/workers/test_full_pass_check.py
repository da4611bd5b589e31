"""The doctor tells of a full pass that waits, and of changes that would wait with it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.server_patients import settings_for
from tests.servers.without_http import BASE
from workers.doctor.examination import examine
from workers.doctor.findings import Finding, FindingState
from workers.doctor.full_pass_check import check_full_pass
from workers.ledger import open_ledger, passes
from workers.queue.bootstrap import institution_of, ruleset_of, scope_of

NINE = datetime(2026, 11, 29, 8, tzinfo=UTC)  # in the morning, in Amsterdam
MINUTE = timedelta(minutes=1)


def findings(folder: Path, now: datetime, **given: Any) -> list[Finding]:
    """What is found now, where a full pass began at nine."""
    settings = settings_for(BASE, ledger_url=f"sqlite:///{folder}/ledger.sqlite", **given)
    institution = institution_of(settings)
    ledger = open_ledger(settings.ledger_url.get_secret_value(), scope_of(settings, institution))
    begun = passes.start_pass(ledger, ruleset_of(settings, institution), NINE, MINUTE, full=True)
    assert begun
    passes.finish_pass(ledger, begun, NINE)
    ledger.close()
    return list(check_full_pass(settings, institution, lambda: now))


def test_a_full_pass_that_waits_is_told_with_until_when(tmp_path: Path) -> None:
    (found,) = findings(tmp_path, NINE + timedelta(hours=25), full_sweep_hours="22:00-06:00")

    assert found.state is FindingState.WORKS
    assert found.says.endswith("until 2026-11-30 22:00")
    assert "run --full" in found.do


@pytest.mark.parametrize("hours", ["", "22:00-06:00"])
def test_where_nothing_waits_nothing_is_told(tmp_path: Path, hours: str) -> None:
    assert findings(tmp_path, NINE + timedelta(hours=2), full_sweep_hours=hours) == []


def test_the_doctor_tells_it() -> None:
    settings = settings_for(
        "http://fhir.example.org/r4", full_sweep_hours="22:00-06:00", sweep_types="Patient"
    )

    found = [it for it in examine(settings, quick=True) if it.what == "full pass"]

    assert [it.state for it in found] == [FindingState.LIMITED]


def test_changes_that_only_a_full_pass_finds_are_named(tmp_path: Path) -> None:
    kinds = "Patient,Observation,DiagnosticReport,Condition,Procedure,MedicationRequest,List,Task,CarePlan"

    (found,) = findings(tmp_path, NINE, full_sweep_hours="22:00-06:00", sweep_types=kinds)

    assert found.state is FindingState.LIMITED
    assert (
        "changes of MedicationStatement, AllergyIntolerance, FamilyMemberHistory, RiskAssessment"
        in found.says
    )
    assert findings(tmp_path, NINE, sweep_types=kinds) == []
