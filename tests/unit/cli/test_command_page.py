"""docs/cli.md and docs/schemas say what the commands do."""

import json
import re

import jsonschema
import pytest

from tests.command_page import PAGE, SCHEMAS, page, schemas, with_json
from workers.cli.contract.exit_codes import Exit
from workers.cli.contract.fault_report import FaultCode
from workers.cli.contract.json_schemas import FAULT, OUTPUTS, schema_of

TEXT = PAGE.read_text("utf-8")


def test_every_command_with_json_has_a_schema_and_no_other() -> None:
    assert {*OUTPUTS} - {FAULT} == {*with_json()}


def test_the_page_is_as_it_is_made() -> None:
    assert page() == TEXT


def test_the_schemas_are_as_they_are_made() -> None:
    assert {it.name: it.read_text("utf-8") for it in SCHEMAS.iterdir()} == schemas()


@pytest.mark.parametrize("command", OUTPUTS)
def test_a_schema_is_one(command: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema_of(command))


def test_the_page_has_every_exit_code_and_every_code_of_a_fault() -> None:
    assert set(re.findall(r"^\| (\d) \|", TEXT, re.MULTILINE)) == {str(int(it)) for it in Exit}
    assert set(re.findall(r"^\| `(\w+)` \| \d \|", TEXT, re.MULTILINE)) == {str(it) for it in FaultCode}


def test_the_fault_of_the_page_is_one() -> None:
    (shown,) = re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)

    jsonschema.validate(json.loads(shown), schema_of(FAULT))
