import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from adapter.input.wire_json import Json, JsonValue
from tests.unit.authoring.cases.invented import OSTEOPOROSIS
from workers.authoring.cases import TableFault
from workers.cli.root import root

pytestmark = pytest.mark.slow  # whole commands, most with a server of their own

PASSES = {"id": "A", "profile": "etz", "facts": OSTEOPOROSIS, "expect": {"classification": "osteoporosis"}}
FAILS = PASSES | {"id": "B", "expect": {"classification": "normal", "deciding_t": -2.7}}
UNKNOWN_KEY = PASSES | {"id": "C", "expect": {"mood": "good"}}
UNKNOWN_PROFILE = PASSES | {"id": "D", "profile": "mayo"}
UNKNOWN_FACT = PASSES | {"id": "E", "facts": OSTEOPOROSIS | {"shoe_size": 38}}
UNKNOWN_PARAMETER = PASSES | {"id": "F", "facts": OSTEOPOROSIS | {"profile_params": {"moon": "full"}}}
CRASHES = PASSES | {"id": "G", "expect": {"treatment": "propose"}}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    cases = [PASSES, FAILS, UNKNOWN_KEY, UNKNOWN_PROFILE, UNKNOWN_FACT, UNKNOWN_PARAMETER, CRASHES]
    path = tmp_path / "cases.json"
    path.write_text(
        json.dumps({"meta": {"title": "Seven", "as_of": "2026-11-20"}, "cases": cases}), encoding="utf-8"
    )
    return path


def command(*arguments: object) -> Result:
    return CliRunner().invoke(root, ["cases", "run", *map(str, arguments)])


def printed(*arguments: object) -> Json:
    held: Json = json.loads(command(*arguments, "--json").stdout)
    return held


def test_one_object_counts_every_case_once(file: Path) -> None:
    held = printed(file)

    assert {name: count for name, count in held.items() if name not in ("cases", "kinds")} == {
        "total": 7,
        "passed": 1,
        "failed": 2,
        "not_covered": 4,
    }
    assert [(it["id"], it["status"]) for it in held["cases"]] == [
        ("A", "passed"),
        ("B", "failed"),
        ("C", "not_covered"),
        ("D", "not_covered"),
        ("E", "not_covered"),
        ("F", "not_covered"),
        ("G", "failed"),
    ]


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("B", "classification: wanted normal, got osteoporosis"),
        ("C", "expect.mood: not known to this product"),
        ("D", "profile mayo: not known to this product"),
        ("E", "facts.shoe_size: not known to this product"),
        ("F", "facts.profile_params.moon: not known to this product"),
        ("G", "AttributeError"),
    ],
)
def test_a_case_that_did_not_pass_says_why(file: Path, case: str, said: str) -> None:
    (held,) = printed(file, "--case", case)["cases"]

    assert said in held["differences"][0]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([], 1),
        (["--case", "A"], 0),
        (["--case", "B"], 1),
        (["--case", "C"], 0),
        (["--case", "B", "--key", "deciding_t"], 0),
        (["--key", "classification, deciding_t"], 1),
    ],
)
def test_the_exit_code_says_whether_a_case_failed(file: Path, arguments: list[str], code: int) -> None:
    assert command(file, *arguments).exit_code == code
    assert command(file, *arguments, "--json").exit_code == code


def test_a_table_shows_every_case_with_its_differences(file: Path) -> None:
    shown = command(file).stdout

    assert "7 cases: 1 passed, 2 failed, 4 not covered." in shown
    assert "not covered" in shown


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["--key", "clasification"],
            "--key: no such key: clasification; there are classification, deciding_site",
        ),
        (["--case", "Z"], "--only: not in this file: Z"),
        (["--only", "A,Z"], "--only: not in this file: Z"),
        (["--kind", "strange"], "--kind: not in this file: strange"),
    ],
)
def test_a_name_that_is_not_there_is_refused_before_anything_runs(
    file: Path, arguments: list[str], said: str
) -> None:
    fault = command(file, *arguments).exception

    assert isinstance(fault, TableFault)
    assert said in str(fault)


def test_a_key_of_the_file_that_nobody_knows_may_be_asked_for(file: Path) -> None:
    assert printed(file, "--key", "mood", "--case", "C")["not_covered"] == 1


def record(key: str, value: float, **case: JsonValue) -> Json:
    """A case that comes as a record: a woman with one T-score at the spine."""
    score = {
        "resourceType": "Observation",
        "id": f"{key}-spine",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "38267-1"}]},
        "subject": {"reference": f"Patient/{key}"},
        "effectiveDateTime": "2026-11-10",
        "valueQuantity": {"value": value, "unit": "{T-score}"},
    }
    woman = {
        "resourceType": "Patient",
        "id": key,
        "birthDate": "1950-01-01",
        "gender": "female",
        "generalPractitioner": [{"reference": "Practitioner/gp"}],
    }
    gp = {"resourceType": "Practitioner", "id": "gp", "active": True, "name": [{"text": "Demo"}]}
    held = {"id": key.upper(), "profile": "etz", "on": "2026-11-20", "resources": [woman, score, gp]}
    return held | {"kind": "records", "expect": {"classification": "osteoporosis"}} | case


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    path = tmp_path / "mixed.json"
    cases = [
        PASSES,
        record("r1", -3.1),
        record("r2", -1.1, title="Too good"),
        record("r3", -3.1, kind="others"),
    ]
    path.write_text(json.dumps({"meta": {"as_of": "2026-11-20"}, "cases": cases}), encoding="utf-8")
    return path


def test_cases_of_facts_and_of_records_stand_beside_each_other(mixed: Path) -> None:
    held = printed(mixed)

    assert [it["status"] for it in held["cases"]] == ["passed", "passed", "failed", "passed"]
    assert held["kinds"] == {
        "others": {"passed": 1, "failed": 0, "not_covered": 0},
        "records": {"passed": 1, "failed": 1, "not_covered": 0},
    }


@pytest.mark.parametrize(
    ("arguments", "ids"),
    [
        (["--kind", "records"], ["R1", "R2"]),
        (["--kind", "records", "--only", "R2"], ["R2"]),
        (["--only", "A, R3"], ["A", "R3"]),
        (["--only", "A", "--only", "R3"], ["A", "R3"]),
    ],
)
def test_some_cases_may_be_chosen(mixed: Path, arguments: list[str], ids: list[str]) -> None:
    assert [it["id"] for it in printed(mixed, *arguments)["cases"]] == ids


def test_what_was_expected_and_what_came_out_are_shown_on_demand(mixed: Path) -> None:
    shown = command(mixed, "--only", "R2", "-v").stdout
    (held,) = printed(mixed, "--only", "R2", "-v")["cases"]

    assert "R2 under etz on 2026-11-20: Too good" in shown
    assert "class: osteopenia" in shown
    assert "| OVERDRACHT BOTGEZONDHEID" in shown
    assert held["expect"] == {"classification": "osteoporosis"}
    assert held["got"]["class"] == "osteopenia"
    assert held["got"]["used"] == ["Observation/r2-spine", "Patient/r2"]
