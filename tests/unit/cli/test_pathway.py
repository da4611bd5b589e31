"""The commands of the clinical lead, as typed: what they print and how they end."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from adapter.clinical import decide
from adapter.errors import ConfigurationFault
from adapter.input.wire_json import Json
from mappings import stored_decision
from mappings.pathways import load
from mappings.stored_decision import StoredDecision
from tests.factories import TODAY, a_bone_record
from workers.authoring.cases import WorkedCase
from workers.authoring.cases.record.case_record import record_of
from workers.cli.root import root
from workers.sandbox import Sandbox

OWN = "id: mine\nversion: 1.0.0\ntitle: Mine\nextends: etz\nparameters: {normal_includes_minus_1: {value: false, cite: [{source: who}]}}\n"
NECK = {"site": "femoral_neck", "value": -1.0, "date": "2026-11-10", "status": "final"}
ANNA = {"age_years": 70, "sex": "female", "menopausal_status": "post", "t_scores": [NECK]}


def resources() -> list[Json]:
    """A woman just on the limit, whose name must not be shown."""
    record = record_of(WorkedCase("anna", "etz", TODAY, ANNA))
    return [record.patient | {"name": [{"family": "Secret"}]}, *record.resources]


def typed(*arguments: object) -> Result:
    return CliRunner().invoke(root, [str(it) for it in arguments])


def printed(*arguments: object) -> Json:
    held: Json = json.loads(typed(*arguments, "--json").stdout)
    return held


@pytest.fixture
def own(tmp_path: Path) -> Path:
    file = tmp_path / "mine.yaml"
    file.write_text(OWN)
    return file


@pytest.fixture
def population(tmp_path: Path) -> Path:
    file = tmp_path / "patients.ndjson"
    file.write_text("\n".join(json.dumps(it) for it in resources()) + "\n")
    return file


def test_the_shipped_pathways_are_listed_with_version_and_fingerprint() -> None:
    listed = printed("pathway", "list")["pathways"]

    assert [it["id"] for it in listed] == ["core", "etz", "antonius", "antonius_sneek", "hvrt", "fysio"]
    assert listed[1]["fingerprint"] == load("etz").ref.fingerprint


def test_a_parameter_is_shown_with_every_file_that_had_a_say(own: Path) -> None:
    held = printed("pathway", "show", own)["parameters"]["normal_includes_minus_1"]

    assert held == {"value": "false", "set_by": ["core", "mine"], "cite": ["who"]}


def test_one_rule_is_shown_with_its_source() -> None:
    (rule,) = printed("pathway", "show", "hvrt", "--rule", "HVRT-02")["rules"]

    assert (rule["then"], rule["cite"]) == (["flag rf_fall"], ["hvrt_undated 27-31"])


def test_a_rule_that_is_not_there_is_an_error_that_names_its_neighbours() -> None:
    with pytest.raises(ConfigurationFault, match="etz has no rule ETZ-999; there are ETZ-01, ETZ-02, "):
        CliRunner().invoke(root, ["pathway", "show", "etz", "--rule", "ETZ-999"], catch_exceptions=False)


def test_the_names_that_a_condition_may_use_are_shown_with_what_they_are() -> None:
    assert printed("pathway", "show", "etz", "--terms")["terms"]["male"] == "a man"


@pytest.mark.slow  # hundreds of rows are laid out
@pytest.mark.parametrize("name", ["etz", "hvrt"])
def test_a_pathway_is_shown_for_people_rule_by_rule(name: str) -> None:
    result = typed("pathway", "show", name)

    assert result.exit_code == 0
    assert all(rule.topic in result.stdout for rule in load(name).rules)


def test_a_good_file_can_be_used_and_a_broken_one_ends_with_1(own: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text(OWN + "off:\n  GL-999: no\n")

    assert typed("pathway", "check", own).exit_code == 0
    result = typed("pathway", "check", own, broken)
    assert result.exit_code == 1
    assert "broken.yaml:7: no rule 'GL-999' to switch off" in result.stdout


def test_a_new_file_can_be_used_at_once_and_is_never_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "new.yaml"
    make = ("pathway", "new", "new_clinic", "--extends", "etz", "--title", "New", "--out", file)

    assert typed(*make).exit_code == 0
    assert typed("pathway", "check", file).exit_code == 0
    assert isinstance(typed(*make).exception, ConfigurationFault)


def test_a_name_that_is_no_id_is_refused() -> None:
    assert isinstance(
        typed("pathway", "new", "My Own", "--extends", "etz", "--title", "x").exception, ConfigurationFault
    )


def test_two_editions_are_compared_by_what_they_say(own: Path) -> None:
    held = printed("pathway", "diff", "etz", own)

    assert [(it["kind"], it["name"], it["before"], it["after"]) for it in held["edits"]] == [
        ("parameter", "normal_includes_minus_1", "true", "false")
    ]
    assert "people" not in held


def test_a_population_in_a_file_is_decided_under_both_without_names(own: Path, population: Path) -> None:
    result = typed("pathway", "diff", "etz", own, "--patients", population, "--on", "2026-11-20", "--json")
    held = json.loads(result.stdout)
    (one,) = held["changed"]

    assert result.exit_code == 0
    assert (held["people"], held["would_change"], one["person"]) == (1, 1, "patient")
    assert {"kind": "class", "code": "bmd_class", "before": "normal", "after": "osteopenia"}.items() <= one[
        "changes"
    ][0].items()
    assert "Secret" not in result.stdout


def test_a_population_on_a_server_gives_the_same(own: Path, population: Path, sandbox: Sandbox) -> None:
    sandbox.load(resources())
    on = ("--on", "2026-11-20")

    from_server = printed("pathway", "diff", "etz", own, "--server", sandbox.base_url, *on)

    assert from_server == printed("pathway", "diff", "etz", own, "--patients", population, *on)


def test_the_people_of_a_case_file_are_a_population_too(own: Path) -> None:
    cases = "tests/data/cases/acceptance_cases.json"

    result = typed("pathway", "diff", "etz", own, "--cases", cases)

    assert result.exit_code == 0
    assert "of 83 people would get another proposal." in result.stdout


@pytest.mark.parametrize("line", ["not json", "[]", "{}"])
def test_a_line_that_is_no_resource_is_named_by_file_and_line(line: str, own: Path, population: Path) -> None:
    population.write_text(population.read_text() + line + "\n")

    result = typed("pathway", "diff", "etz", own, "--patients", population)

    assert f"{population}:{len(resources()) + 1}: is not" in str(result.exception)


def test_publishing_says_what_it_wrote_and_a_second_time_that_there_was_nothing(sandbox: Sandbox) -> None:
    publish = ("pathway", "publish", "etz", "--server", sandbox.base_url)

    tried = printed(*publish, "--dry-run")["pathways"]["etz"]
    done = printed(*publish)["pathways"]["etz"]
    again = printed(*publish)["pathways"]["etz"]

    assert tried == done
    assert {it["outcome"] for it in done} == {"created"}
    assert {it["outcome"] for it in again} == {"unchanged"}


def test_a_decision_on_file_is_replayed(tmp_path: Path) -> None:
    record = a_bone_record()
    file = tmp_path / "decision.json"
    file.write_bytes(
        stored_decision.dump(StoredDecision("etz", TODAY, record, decide(record, load("etz"), TODAY)))
    )

    same, other = typed("replay", file), typed("replay", file, "--pathway", "hvrt")

    assert (same.exit_code, other.exit_code) == (0, 1)
    assert same.stdout.startswith("Identical, by etz 1.0.0")
    assert "The rules or their numbers are others than then." in other.stdout


def test_a_file_that_is_no_decision_is_refused_by_name(tmp_path: Path) -> None:
    file = tmp_path / "decision.json"
    file.write_text("{}")

    assert str(typed("replay", file).exception).startswith(f"{file}: no decision on file")


def test_an_explanation_can_be_kept_for_its_reader_alone_and_replayed(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    sandbox.load(resources())
    file = tmp_path / "kept.json"
    settings = {
        "OSTEO_HANDOVER_FHIR_BASE_URL": sandbox.base_url,
        "OSTEO_HANDOVER_LEDGER_URL": f"sqlite:///{tmp_path}/ledger.sqlite",
        "OSTEO_HANDOVER_PATHWAY": "hvrt",
        "OSTEO_HANDOVER_PATHWAY_PARAMS": "normal_from=-0.9",
    }
    keep = ["explain", "patient", "--save", str(file)]

    kept = CliRunner().invoke(root, keep, env=settings)
    again = CliRunner().invoke(root, keep, env=settings)

    assert kept.exit_code == 0, kept.output
    assert isinstance(again.exception, ConfigurationFault)  # an existing file is left alone
    assert file.stat().st_mode & 0o777 == 0o600
    assert b"Secret" not in file.read_bytes()
    assert typed("replay", file).exit_code == 0
