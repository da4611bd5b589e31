"""Tables are read with the line of every fault, and a rule counts as proved only by a row that passes."""

from pathlib import Path

import pytest

from workers.authoring.cases import CaseStatus
from workers.authoring.rule_coverage import LEAFLET, coverage_of, covered_rules
from workers.authoring.spec_tables import Proof, SpecFault, prove_row, read_spec, specs

TABLE = """\
topic: Class
says: The lowest value decides.
pathway: etz
given: {age_years: 66, sex: female, menopausal_status: post}
rows:
  - id: T-1
    says: Minus 2.6 is osteoporosis
    facts: {t_scores: [{site: femoral_neck, value: -2.6, date: 2026-11-10, status: final}]}
    expect: {classification: osteoporosis}
    rules: [C-01]
  - id: T-2
    says: A man's table row may say so
    pathway: hvrt
    params: {coffee_max: 2}
    facts: {sex: male, t_scores: [{site: femoral_neck, value: -1.1, date: "2026-11-10", status: final}]}
    expect: {classification: osteopenia}
"""


def written(folder: Path, text: str, name: str = "table.yaml") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_a_row_has_the_facts_of_the_table_and_its_own_which_win(tmp_path: Path) -> None:
    first, second = read_spec(written(tmp_path, TABLE)).rows

    assert first.case.facts["t_scores"][0]["date"] == "2026-11-10"
    assert (first.case.pathway, first.case.facts["sex"], first.rules) == ("etz", "female", ("C-01",))
    assert (second.case.pathway, second.case.facts["sex"]) == ("hvrt", "male")
    assert second.case.facts["profile_params"] == {"coffee_max": 2}


def test_rows_that_hold_pass_and_have_a_trace(tmp_path: Path) -> None:
    proofs = [prove_row(row) for row in read_spec(written(tmp_path, TABLE)).rows]

    assert [proof.status for proof in proofs] == [CaseStatus.PASSED, CaseStatus.PASSED]
    assert "C-01" in proofs[0].fired


def test_a_row_fails_when_a_rule_that_it_names_was_not_used(tmp_path: Path) -> None:
    row, _ = read_spec(written(tmp_path, TABLE.replace("[C-01]", "[C-01, ETZ-17]"))).rows

    assert prove_row(row).status is CaseStatus.FAILED
    assert prove_row(row).differences == ("rules: ETZ-17 did not fire",)


def test_a_row_that_fails_has_no_trace_to_count(tmp_path: Path) -> None:
    row, _ = read_spec(
        written(tmp_path, TABLE.replace("classification: osteoporosis", "classification: normal"))
    ).rows

    assert (prove_row(row).status, prove_row(row).fired) == (CaseStatus.FAILED, ())


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("    says: Minus", "    said: Minus", "table.yaml:6: says: Field required"),
        (
            "    expect: {classification: osteoporosis}",
            "    wanted: {}",
            "table.yaml:9: wanted: Extra inputs",
        ),
        ("rows:", "rows: []\nlines:", "table.yaml:5: rows: Tuple should have at least 1 item"),
        ("pathway: etz\n", "", "table.yaml: T-1 has no pathway"),
        ("given: {", "given: [", "table.yaml:4: "),
    ],
)
def test_a_fault_of_a_table_is_shown_with_its_line(old: str, new: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(SpecFault) as caught:
        read_spec(written(tmp_path, TABLE.replace(old, new, 1)))

    assert message in str(caught.value)


def test_a_row_has_one_id_in_all_tables(tmp_path: Path) -> None:
    written(tmp_path, TABLE)
    written(tmp_path, TABLE, "copy.yaml")

    with pytest.raises(SpecFault, match=r"table\.yaml: another row is called T-1 already"):
        specs(tmp_path)


def test_the_leaflets_have_210_rules_and_each_that_does_nothing_says_why() -> None:
    rules = list(covered_rules())

    assert len(rules) == 210
    assert all(LEAFLET.match(rule.id) for rule in rules)
    assert all(rule.reason for rule in rules if rule.reason is not None)


def test_a_rule_is_covered_by_every_test_that_passed_and_by_no_other() -> None:
    passed = [
        Proof("T-1", CaseStatus.PASSED, (), ("ETZ-18",)),
        Proof("T-2", CaseStatus.PASSED, (), ("ETZ-18",)),
    ]
    failed = Proof("T-3", CaseStatus.FAILED, ("x",), ("ETZ-17",))

    found = coverage_of([*passed, failed])
    tests = {rule.id: rule.tests for rule in found.rules}

    assert (tests["ETZ-18"], tests["ETZ-17"]) == (("T-1", "T-2"), ())
    assert "ETZ-17" in found.gaps
    assert "ETZ-18" not in found.gaps
    assert found.failed == (failed,)
