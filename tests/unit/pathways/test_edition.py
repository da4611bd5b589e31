"""What two editions say differently is listed by parameter, definition, rule and part."""

from pathlib import Path

from mappings.pathways import PATHWAY_NAMES, load
from mappings.pathways.edition import Edit, edits

HEAD = "id: mine\nversion: 1.0.0\ntitle: Mine\nextends: etz\n"


def changed(folder: Path, text: str) -> tuple[Edit, ...]:
    file = folder / "mine.yaml"
    file.write_text(HEAD + text, encoding="utf-8")
    return edits(load("etz"), load(file))


def test_a_pathway_says_the_same_as_itself() -> None:
    assert [edits(load(name), load(name)) for name in PATHWAY_NAMES] == [()] * len(PATHWAY_NAMES)


def test_a_number_is_shown_before_and_after_and_so_is_the_rule_that_writes_it(tmp_path: Path) -> None:
    number, rule = changed(
        tmp_path, "parameters: {alcohol: {value: {advice_max: 0}, cite: [{source: settlements}]}}\n"
    )

    assert number == Edit("parameter", "alcohol.advice_max", "", "1", "0")
    assert (rule.name, rule.part) == ("C-15a", "then")
    assert "high 0" in str(rule.after)


def test_a_rule_is_compared_part_by_part(tmp_path: Path) -> None:
    old = {rule.id: rule for rule in load("etz").rules}["C-10"]
    rule = f"rules:\n  - id: C-10\n    mode: guard\n    says: {old.says}\n    when: vfa_grade1_only\n"

    assert changed(tmp_path, f"{rule}    then: {{flag: something_else}}\n") == (
        Edit("rule", "C-10", "then", "flag vfa_grade1_not_counted", "flag something_else"),
    )


def test_a_new_rule_has_no_before(tmp_path: Path) -> None:
    text = "rules: [{id: OWN-1, mode: guard, says: Falls, when: falls >= 2, then: {flag: fall}}]\n"

    assert changed(tmp_path, text) == (
        Edit("rule", "OWN-1", "mode", None, "guard"),
        Edit("rule", "OWN-1", "says", None, "Falls"),
        Edit("rule", "OWN-1", "when", None, "falls >= 2"),
        Edit("rule", "OWN-1", "then", None, "flag fall"),
    )


def test_switching_off_is_a_change_with_its_reason(tmp_path: Path) -> None:
    assert changed(tmp_path, "off: {C-10: not here}\n") == (Edit("off", "C-10", "", None, "not here"),)
