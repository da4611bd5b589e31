"""`assess FILE|FOLDER...`, as typed: what it prints and how it ends."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from adapter.errors import ConfigurationFault
from tests.made_resources import a_gp, a_patient, a_t_score
from workers.cli.root import root


def typed(folder: Path, *more: str, **variables: str) -> Result:
    given = [
        "assess",
        str(folder / "in.ndjson"),
        "--out",
        str(folder / "out"),
        "--on",
        "2026-11-20",
        "--processes",
        "1",
    ]
    return CliRunner(env=variables).invoke(root, [*given, *more])


def handed_in(folder: Path, *resources: object) -> None:
    (folder / "in.ndjson").write_text("".join(json.dumps(it) + "\n" for it in resources))


def test_the_summary_counts_by_outcome_and_says_where_the_results_are(tmp_path: Path) -> None:
    handed_in(tmp_path, a_gp(), a_patient("p"), a_t_score("p"))

    result = typed(tmp_path, "--pathway", "antonius", "--language", "en", "--json")

    told = json.loads(result.stdout)
    assert (result.exit_code, told["outcomes"], told["failed"]) == (0, {"planned:osteoporosis": 1}, 0)
    letter = next(
        it
        for it in Path(told["resources"]).read_text().splitlines()
        if '"resourceType":"Communication"' in it
    )
    assert "Dear" in letter or "T-score" in letter


def test_a_record_that_cannot_be_used_ends_with_one_and_is_named(tmp_path: Path) -> None:
    handed_in(tmp_path, a_patient("p"), a_t_score("p"), a_t_score("q"))

    result = typed(tmp_path)

    assert result.exit_code == 1
    assert "in.ndjson:3" in result.stdout.replace("\n", "").replace("│", "").replace(" ", "")


def test_a_line_that_nobody_can_read_is_a_fault_to_correct_first(tmp_path: Path) -> None:
    handed_in(tmp_path, a_patient("p"))
    with (tmp_path / "in.ndjson").open("a") as file:
        file.write("{")

    result = typed(tmp_path)

    assert isinstance(result.exception, ConfigurationFault)
    assert "in.ndjson:2: is not JSON" in str(result.exception)


@pytest.mark.parametrize("language", ["nl", "fr"])
def test_a_pathway_file_and_a_language_win_over_the_settings(language: str, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("id: mine\nversion: 1.0.0\ntitle: Mine\nextends: etz\n")
    handed_in(tmp_path, a_gp(), a_patient("p"), a_t_score("p"))

    words = ("--pathway", str(tmp_path / "mine.yaml"), "--language", language)

    assert typed(tmp_path, *words, OSTEO_HANDOVER_LANGUAGE="en").exit_code == 0
    assert f'"language":"{language}"' in (tmp_path / "out" / "resources.ndjson").read_text()
