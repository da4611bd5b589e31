"""`export FOLDER`, as typed: what it prints and how it ends."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from adapter.errors import ConfigurationFault
from tests.command_page import require_form
from tests.made_resources import a_gp, a_patient, a_t_score
from workers.cli.root import root
from workers.sandbox import FaultEffect, Sandbox


@pytest.fixture
def ward(sandbox: Sandbox) -> Sandbox:
    sandbox.load([a_gp(), a_patient("anna"), a_t_score("anna")])
    return sandbox


def typed(ward: Sandbox, *words: str) -> Result:
    return CliRunner(env={"OSTEO_HANDOVER_FHIR_BASE_URL": ward.base_url}).invoke(root, list(words))


def test_the_summary_counts_by_type(ward: Sandbox, tmp_path: Path) -> None:
    result = typed(ward, "export", str(tmp_path / "out"), "--json")

    told = json.loads(result.stdout)
    require_form("export", told)
    assert result.exit_code == 0
    assert {name: it["resources"] for name, it in told["types"].items()} == {
        "Observation": 1,
        "Patient": 1,
        "Practitioner": 1,
    }
    assert told["issues"] == {}


@pytest.mark.parametrize(
    ("issue", "lacking"),
    [("error exception", True), ("warning incomplete", True), ("information informational", False)],
)
def test_an_export_that_says_that_something_did_not_come_ends_with_one_and_is_not_assessed(
    issue: str, lacking: bool, ward: Sandbox, tmp_path: Path
) -> None:
    ward.faults.add_rule(FaultEffect.WARNING, issue, times=1)

    result = typed(ward, "export", str(tmp_path / "out"))
    assessed = typed(
        ward, "assess", str(tmp_path / "out"), "--out", str(tmp_path / "results"), "--processes", "1"
    )

    assert issue.replace(" ", ": ") in result.stdout
    assert (result.exit_code, "osteo-handover assess" in result.stdout) == (int(lacking), not lacking)
    assert isinstance(assessed.exception, ConfigurationFault) is lacking
    assert ("not everything came" in str(assessed.exception)) is lacking
