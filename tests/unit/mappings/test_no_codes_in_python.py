"""No code of a terminology stands in Python: it would be a code without a source and without a review date.

What counts: a code of LOINC, SNOMED CT, ICD-10, ICPC or ATC, a unit of UCUM that is more than letters, and
the address of a code system of HL7 or of anybody else. What does not count: the words of a protocol, which
its standard binds once and for all and which mean nothing about a patient (the status of a FHIR resource, the
events, acknowledgements and segment codes of HL7 v2), and the names of our own code systems, which are names
of this program: each is declared, with its words in three languages, in a CodeSystem of
``mappings/valuesets``, and writing one that is not declared is a fault.
"""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from mappings.codes import BASE, UCUM, Loinc, NotACode, Snomed
from mappings.valuesets import resources
from tests import structure

ROOT = Path(__file__).parents[3]
MODULES = sorted(file for room in ("adapter", "mappings", "workers") for file in (ROOT / room).rglob("*.py"))
SYSTEMS = ROOT / "mappings" / "codes.py"  # the one place that names code systems
EVENTS = {"T02", "T10", "R01", "A08", "A31", "A40", "A47"}  # HL7 v2 events, which look like ICD-10
SHAPES = (
    re.compile(r"[A-Z][0-9]{2}(\.[0-9A-Z]{1,4})?"),  # ICD-10, ICPC
    re.compile(r"[A-Z][0-9]{2}[A-Z]([A-Z]([0-9]{2})?)?"),  # ATC
    re.compile(r"LP[0-9]{1,6}-[0-9]"),  # a part of LOINC
)


@cache
def literals(module: Path) -> frozenset[str]:
    """Every text in a module that is no docstring."""
    nodes = structure.nodes(module.relative_to(ROOT))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docs = {
        id(node.body[0].value)
        for node in nodes
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    texts = (it for it in nodes if isinstance(it, ast.Constant) and id(it) not in docs)
    return frozenset(it.value for it in texts if isinstance(it.value, str))


def checks(kind: type[Loinc] | type[Snomed], word: str) -> bool:
    try:
        return bool(kind(word).key)
    except NotACode:
        return False


def is_code(word: str) -> bool:
    if word in EVENTS or not re.search(r"\d", word):
        return False
    shaped = any(shape.fullmatch(word) for shape in SHAPES)
    return shaped or checks(Loinc, word) or checks(Snomed, word)


@cache
def units() -> set[str]:
    """Units of our own files that nobody would take for a word."""
    found: set[str] = set()
    for resource in resources():
        for include in resource.get("compose", {}).get("include", ()):
            if include["system"] == UCUM:
                found |= {concept["code"] for concept in include["concept"]}
        for group in resource.get("group", ()):
            if group["source"] == UCUM:
                found |= {element["code"] for element in group["element"]}
    return {unit for unit in found if re.search(r"[\[{/]", unit) and unit != "/d"}


def names_a_system(text: str) -> bool:
    """The address of a code system; our own may be made from its base."""
    ours = text.startswith(BASE)
    return (
        not ours
        and re.match(r"https?://[^ ]*(/CodeSystem/|/sid/|snomed|loinc|whocc|unitsofmeasure)", text)
        is not None
    )


@cache
def words(module: Path) -> frozenset[str]:
    return frozenset(word for text in literals(module) for word in re.split(r"[|,=\s]+", text))


def test_no_code_of_a_terminology_stands_in_python() -> None:
    codes = {word for word in frozenset().union(*map(words, MODULES)) if is_code(word)}

    assert {str(it.relative_to(ROOT)): held for it in MODULES if (held := codes & words(it))} == {}


def test_units_come_from_the_value_sets() -> None:
    assert {str(it.relative_to(ROOT)): held for it in MODULES if (held := units() & literals(it))} == {}


def test_only_one_module_names_code_systems() -> None:
    assert {file for file in MODULES if any(map(names_a_system, literals(file)))} == {SYSTEMS}


@pytest.mark.parametrize(
    "text", ["38267-1", "64859006", "S72.0", "L95", "M05BA04", "LP29684-5", "http://loinc.org|38267-1"]
)
def test_the_check_knows_a_code_when_it_sees_one(text: str) -> None:
    assert any(is_code(word) for word in re.split(r"[|,=\s]+", text))


@pytest.mark.parametrize("text", ["final", "T02", "2026-11-20", "active", "12", "L1"])
def test_the_check_takes_no_word_for_a_code(text: str) -> None:
    assert not is_code(text)
