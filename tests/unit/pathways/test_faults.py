"""Whoever edits a pathway file is told the line, what is wrong there, and what would be right."""

from pathlib import Path

import pytest

from adapter.errors import ConfigurationFault
from mappings.pathways import PATHWAY_NAMES, SHIPPED, PathwayFileFault, load
from mappings.pathways.inspection import inspect

# 5 lines
HEAD = 'id: mine\nversion: 1.0.0\ntitle: Mine\nextends: etz\nsources: [{id: us, title: "Our protocol"}]\n'
RULE = "rules:\n  - id: OWN-1\n    mode: propose\n    says: Falls\n"  # lines 6 to 9


def file_with(folder: Path, text: str) -> Path:
    file = folder / "mine.yaml"
    file.write_text(HEAD + text, encoding="utf-8")
    return file


BROKEN = {
    "an unknown key": ("colour: blue\n", "mine.yaml:6: colour: Extra inputs are not permitted; allowed here: id, version"),
    "a key twice": ("off: {}\noff: {}\n", "mine.yaml:7: the key 'off' stands here twice"),
    "no YAML": ("rules: [\n", "mine.yaml:7: "),
    "a mode that is none": (
        "rules:\n  - id: OWN-1\n    mode: always\n    says: x\n",
        "mine.yaml:8: rules.0.mode: Input should be 'deterministic', 'propose', 'information', 'guard' or 'not_propagated'",
    ),
    "a rule id with a space": ("rules:\n  - id: OWN 1\n", "mine.yaml:7: rules.0.id: String should match pattern"),
    "no words": ("rules:\n  - id: OWN-1\n    mode: guard\n", "mine.yaml:7: rules.0.says: Field required"),
    "nothing follows": (RULE, "mine.yaml:7: rule OWN-1 needs 'then', or a 'reason' why nothing follows"),
    "an unknown effect": (
        f"{RULE}    then: {{letter: x}}\n",
        "mine.yaml:10: unknown effect 'letter'; allowed: class, route, block,",
    ),
    "a class that is none": (
        f"{RULE}    then:\n      class: brittle\n",
        "mine.yaml:11: 'brittle' is no class; allowed: indeterminate, normal, not_classifiable_by_t_score, osteopenia",
    ),
    "an attribute that the effect has not": (
        f"{RULE}    then:\n      activity: {{code: x, months: 3}}\n",
        "mine.yaml:11: activity takes no ['months']; allowed: ['details']",
    ),
    "a fact that nobody knows": (
        f"{RULE}    when: fals >= 2\n    then: {{flag: x}}\n",
        "mine.yaml:10: unknown fact 'fals'; did you mean falls",
    ),
    "a parameter that is not there": (
        f"{RULE}    when: falls >= param.fall_trigger\n    then: {{flag: x}}\n",
        "mine.yaml:10: unknown parameter 'param.fall_trigger'; did you mean fall_trigger_falls_per_year?",
    ),
    "a T-score beside a body mass index": (
        f"{RULE}    when: lowest_t <= bmi\n    then: {{flag: x}}\n",
        "mine.yaml:10: 'lowest_t <= bmi' compares standard_deviations with kg_per_m2",
    ),
    "a T-score beside a limit of the kidneys": (
        f"{RULE}    when: falls > 1 and lowest_t < param.renal_limits_ml_min.alendronate\n    then: {{flag: x}}\n",
        "mine.yaml:10: 'lowest_t < param.renal_limits_ml_min.alendronate' compares standard_deviations with ml_per_min",
    ),
    "two units in the condition of an effect": (
        f"{RULE}    then:\n      activity:\n        - x\n        - {{code: y, if: lowest_t <= bmi}}\n",
        "mine.yaml:13: 'lowest_t <= bmi' compares standard_deviations with kg_per_m2",
    ),
    "two units in an attribute that is worked out": (
        f'{RULE}    then:\n      flag: {{code: x, detail: "=lowest_t <= bmi"}}\n',
        "mine.yaml:11: 'lowest_t <= bmi' compares standard_deviations with kg_per_m2",
    ),
    "two units behind a name of a definition": (
        "define:\n  score: lowest_t\n  odd: score <= bmi\n",
        "mine.yaml:8: 'score <= bmi' compares standard_deviations with kg_per_m2",
    ),
    "a parameter in another unit": (
        'parameters:\n  calcium_high_above_mmol_l: {value: 10.4, unit: mg_per_day, cite: [{source: us, lines: "1"}]}\n',
        "mine.yaml:7: 'calcium_high_above_mmol_l' is in mmol_per_l, and mg_per_day is given",
    ),
    "a unit that is none": (
        'parameters:\n  mine: {value: 1, unit: bananas, cite: [{source: us, lines: "1"}]}\n',
        "mine.yaml:7: parameters.mine.unit: Input should be 'standard_deviations', 'g_per_cm2'",
    ),
    "a condition cut short": (
        f"{RULE}    when: falls >=\n    then: {{flag: x}}\n",
        "mine.yaml:10: not readable near column",
    ),
    "a call": (
        f"{RULE}    when: max(falls, 2) > 1\n    then: {{flag: x}}\n",
        "mine.yaml:10: 'max(falls, 2)': the only calls are known(x) and unknown(x)",
    ),
    "arithmetic": (f"{RULE}    when: falls + 1 > 2\n    then: {{flag: x}}\n", "mine.yaml:10: 'falls + 1' is not allowed"),
    "what is settled later": (
        f'{RULE}    when: decision == "propose"\n    then: {{class: normal}}\n',
        "mine.yaml:10: decision is decided later than this rule (CLASS)",
    ),
    "a source that is not named": (
        f"{RULE}    cite: [{{source: somewhere}}]\n    then: {{flag: x}}\n",
        "mine.yaml:10: no source 'somewhere'; known: ['aace_2020'",
    ),
    "a number alone": (
        "parameters:\n  coffee_max: 2\n",
        "mine.yaml:7: parameters.coffee_max: a number or choice stands with its source: {value: ..., cite: [{source: ID,",
    ),
    "a number without a source": (
        "parameters:\n  alcohol: {value: {advice_max: 2}}\n",
        "mine.yaml:7: parameters.alcohol: a number or choice stands with its source",
    ),
    "a number with an empty source": (
        "parameters:\n  coffee_max: {value: 2, cite: []}\n",
        "mine.yaml:7: parameters.coffee_max.cite: Tuple should have at least 1 item",
    ),
    "a number from a source that is not named": (
        "parameters:\n  coffee_max:\n    value: 2\n    cite: [{source: somewhere}]\n",
        "mine.yaml:9: no source 'somewhere'; known: ['aace_2020'",
    ),
    "a number in a table that is of another kind": (
        "parameters:\n  alcohol:\n    value:\n      advice_max: none\n    cite: [{source: us}]\n",
        "mine.yaml:9: 'advice_max' is a text, and a number is wanted",
    ),
    "a recipient that is none": (
        "parameters:\n  handover_recipient:\n    value: gp\n    cite: [{source: us}]\n",
        "mine.yaml:7: 'gp' is not allowed; allowed: general_practitioner, referrer",
    ),
    "an event that lets no letter go": (
        "parameters:\n  handover_trigger: {value: clinician_realese, cite: [{source: us}]}\n",
        "mine.yaml:7: 'clinician_realese' is not allowed; allowed: clinician_release, phone_control_3m, clinic_control,",
    ),
    "a number that is taken away": (
        "parameters:\n  normal_from: {value: null, cite: [{source: us}]}\n",
        "mine.yaml:7: 'normal_from' is not set, and a number is wanted",
    ),
    "a number in a table that is taken away": (
        "parameters:\n  age_gate:\n    value:\n      men_from: null\n    cite: [{source: us}]\n",
        "mine.yaml:9: 'men_from' is not set, and a number is wanted",
    ),
    "an attribute of another kind": (
        f"{RULE}    then:\n      follow_up: {{code: x, months: three}}\n",
        "mine.yaml:11: 'months' is a text, and a number is wanted",
    ),
    "a table whose names are numbers": (
        "parameters:\n  contacts: {value: {1: x}, cite: [{source: us}]}\n",
        "mine.yaml:7: parameters.contacts.value: the names of a table are texts: quote them",
    ),
    "a rule twice": (
        f"{RULE}    then: {{flag: x}}\n  - id: OWN-1\n    mode: guard\n    says: x\n    then: {{flag: x}}\n",
        "mine.yaml:11: rule OWN-1 stands here twice",
    ),
    "a rule off that is not there": ("off:\n  GL-999: no need\n", "mine.yaml:7: no rule 'GL-999' to switch off"),
    "a definition of what is a fact": ("define:\n  falls: age > 3\n", "mine.yaml:7: 'falls' is already a fact of the"),
    "a definition in a circle": ("define:\n  a: b\n  b: a\n", "mine.yaml:7: 'a' is defined by itself, in a circle"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "message"), BROKEN.values(), ids=BROKEN)
def test_a_fault_is_shown_with_its_line_and_what_is_allowed(text: str, message: str, tmp_path: Path) -> None:
    faults = inspect(file_with(tmp_path, text)).faults

    assert any(fault.startswith(message) for fault in faults), faults


def test_every_fault_is_shown_at_once(tmp_path: Path) -> None:
    text = f"{RULE}    when: fals >= 2\n    then: {{letter: x}}\noff:\n  GL-999: no need\n"

    assert {fault.split(":")[1] for fault in inspect(file_with(tmp_path, text)).faults} >= {"10", "11", "13"}


def test_a_file_with_a_fault_is_not_used(tmp_path: Path) -> None:
    with pytest.raises(PathwayFileFault) as caught:
        load(file_with(tmp_path, "off:\n  GL-999: no need\n"))

    assert isinstance(caught.value, ConfigurationFault)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "parameters:\n  cofee_max: {value: 2, cite: [{source: us}]}\n",
            "mine.yaml:7: nothing reads the parameter 'cofee_max'; did you mean coffee_max?",
        ),
        (
            "parameters:\n  alcohol: {value: {max: 2}, cite: [{source: us}]}\n",
            "mine.yaml:7: nothing reads the parameter 'alcohol.max'",
        ),
        (
            "parameters:\n  alcohol.advice_max: {value: 2, cite: [{source: us}]}\n",
            "mine.yaml:7: 'alcohol.advice_max' stands for a table in a table",
        ),
    ],
)
def test_a_parameter_that_nothing_reads_is_taken_for_a_misspelt_one(
    text: str, message: str, tmp_path: Path
) -> None:
    (fault,) = inspect(file_with(tmp_path, text)).faults

    assert fault.startswith(message)


@pytest.mark.parametrize(
    "text",
    [
        "parameters: {alcohol: {value: {advice_max: 2}, cite: [{source: us}]}}\n",
        "parameters: {contacts: {value: {ward_3: x}, cite: [{source: us}]}}\n",
    ],
)
def test_a_parameter_that_something_reads_is_fine(text: str, tmp_path: Path) -> None:
    assert inspect(file_with(tmp_path, text)).faults == ()


def test_an_output_that_nobody_worded_is_a_warning_with_its_line(tmp_path: Path) -> None:
    text = f"{RULE}    then:\n      activity: fall_clinic\ntexts:\n  nl: {{activity.fall_clinic: Valpoli}}\n"

    findings = inspect(file_with(tmp_path, text))

    assert findings.faults == ()
    assert findings.warnings == ("mine.yaml:11: no text activity.fall_clinic in en, fr; give it under texts",)


@pytest.mark.parametrize("name", ["core", *PATHWAY_NAMES])
def test_a_shipped_pathway_has_neither_faults_nor_warnings(name: str) -> None:
    findings = inspect(SHIPPED / f"{name}.yaml")

    assert (findings.faults, findings.warnings) == ((), ())
