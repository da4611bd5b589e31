"""DEVELOPERS.md names every module that can hold patient data, and one module reads the environment."""

import ast
import re
from pathlib import Path

import pytest

from tests import structure

PAGE = (
    (structure.ROOT / "DEVELOPERS.md")
    .read_text("utf-8")
    .partition("## Patient data")[2]
    .partition("\n## ")[0]
)
ROWS = sorted(
    path
    for line in PAGE.splitlines()
    if line.startswith("|")
    for path in re.findall(r"`([\w/.]+)`", line.split("|")[1])
)
NOBODY = {
    "mappings/publication": "resources about a pathway",
    "mappings/code_system.py": "codes and words",
    "mappings/ucum_syntax.py": "units",
    "workers/broker/connection_check.py": "options of a Redis client",
    "workers/queue/broker_calls.py": "how many messages wait, and which tasks are known",
    "mappings/valuesets": "codes and words",
}

# Who reads resources names one of these elements or calls their type Json; who takes what was
# made of them names its class.
ELEMENTS = frozenset({"resourceType", "subject", "birthDate", "meta"})
TYPES = frozenset(
    {
        *(
            "Json",
            "ReadOnlyJson",
            "Unreadable",
            "FhirClient",
            "FhirServer",
            "OwnFhirServer",
            "BoneRecord",
            "Decision",
            "StoredDecision",
        ),
        *(
            "PatientRecord",
            "Proposal",
            "Situation",
            "Draft",
            "Letter",
            "LetterMessage",
            "Assessment",
            "WorkedCase",
        ),
    }
)


def holds(module: Path) -> bool:
    """Whether a module can hold something about a patient."""
    for node in structure.nodes(module):
        match node:
            case ast.Constant(value=str(text)) if text in ELEMENTS:
                return True
            case ast.Name(id=name) | ast.ClassDef(name=name) | ast.Attribute(attr=name) if name in TYPES:
                return True
            case ast.ImportFrom(names=names) if any(it.name in TYPES for it in names):
                return True
    return False


def under(module: Path, places: list[str]) -> bool:
    return any(module.is_relative_to(place) for place in places)


HOLDERS = [it for it in structure.modules() if holds(it)]


@pytest.mark.parametrize("module", HOLDERS, ids=str)
def test_a_module_that_can_hold_patient_data_has_a_row(module: Path) -> None:
    assert under(module, [*ROWS, *NOBODY])


@pytest.mark.parametrize("place", [*ROWS, *NOBODY])
def test_a_row_names_a_place_in_the_tree(place: str) -> None:
    assert (structure.ROOT / place).exists()


def test_the_criterion_sees_resources_and_what_is_made_of_them() -> None:
    """One module each that reads by element, by type and by class: the test above must not run on nothing."""
    known = ("workers/queue/sweep.py", "workers/queue/letter_gate.py", "adapter/letter/letter_core.py")

    assert {Path(it) for it in known} <= set(HOLDERS)


def test_one_module_reads_the_environment() -> None:
    readers = {
        it.as_posix()
        for it in structure.modules()
        for node in structure.nodes(it)
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "environb", "getenv"}
    }

    assert readers == {"workers/settings/setting_variables.py"}
