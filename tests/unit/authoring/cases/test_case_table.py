import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from workers.authoring.cases import TableFault, read_table
from workers.authoring.cases.case_table import table_of

TODAY = date(2027, 1, 1)
PATIENT = {"resourceType": "Patient", "id": "p"}
SCORE = {"resourceType": "Observation", "id": "o"}
RECORD = {
    "id": "R",
    "profile": "etz",
    "on": "2026-11-20",
    "kind": "odd",
    "title": "One",
    "resources": [SCORE, PATIENT],
}
ONE = {"id": "A", "profile": "etz", "facts": {"age_years": 60}, "expect": {}}


@pytest.mark.parametrize("content", [{"cases": [ONE]}, [ONE], ONE], ids=["table", "list", "one case"])
def test_a_file_may_be_a_table_a_list_or_one_case(content: object) -> None:
    (case,) = table_of(content, "file", TODAY).cases

    assert (case.id, case.pathway, case.facts) == ("A", "etz", {"age_years": 60})


@pytest.mark.parametrize(
    ("meta", "own", "as_of"),
    [
        ({"as_of": "2026-11-20"}, {}, date(2026, 11, 20)),
        ({"date_of_table": "2026-11-19"}, {}, date(2026, 11, 19)),
        ({"as_of": "2026-11-20"}, {"as_of": "2020-02-29"}, date(2020, 2, 29)),
        ({}, {}, TODAY),
    ],
)
def test_the_day_of_deciding_is_the_cases_then_the_tables_then_today(
    meta: dict[str, str], own: dict[str, str], as_of: date
) -> None:
    (case,) = table_of({"meta": meta, "cases": [ONE | own]}, "file", TODAY).cases

    assert case.as_of == as_of


def test_a_case_may_come_as_a_record() -> None:
    (case,) = table_of(RECORD, "file", TODAY).cases

    assert (case.patient, case.as_of, case.kind, case.title) == ("p", date(2026, 11, 20), "odd", "One")
    assert case.resources == (SCORE, PATIENT)


def test_two_records_may_share_a_resource() -> None:
    shared = {"resourceType": "Practitioner", "id": "gp"}
    others = [{"resourceType": "Patient", "id": key} for key in "ab"]

    table = table_of([{"id": it["id"], "resources": [it, shared]} for it in others], "file", TODAY)

    assert [case.patient for case in table.cases] == ["a", "b"]


def test_numbers_keep_their_digits(tmp_path: Path) -> None:
    file = tmp_path / "cases.json"
    file.write_text('{"facts": {"t_scores": [{"value": -2.50}]}}', encoding="utf-8")

    (case,) = read_table(file, TODAY).cases

    assert str(case.facts["t_scores"][0]["value"]) == "-2.50"
    assert isinstance(case.facts["t_scores"][0]["value"], Decimal)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", ":1: ends too early"),
        ("[]]", "is not JSON"),
        ('"cases"', "holds no cases"),
        ('{"meta": {}}', "holds no cases"),
        ('{"cases": {}}', "holds no cases"),
        ("[1]", "case 1 is not an object"),
        (json.dumps([ONE | {"facts": []}]), "facts of A is not an object"),
        (json.dumps([ONE | {"expect": "normal"}]), "expect of A is not an object"),
        (json.dumps([ONE, ONE]), "more than one case is called A"),
        (json.dumps([RECORD | {"resources": PATIENT}]), "resources of R is not a list of FHIR resources"),
        (
            json.dumps([RECORD | {"resources": [{"id": "p"}]}]),
            "resources of R is not a list of FHIR resources",
        ),
        (json.dumps([RECORD | {"resources": [SCORE]}]), "resources of R have no Patient with an id"),
        (json.dumps([RECORD | {"facts": {"age_years": 60}}]), "stand beside facts"),
        (
            json.dumps([RECORD, RECORD | {"id": "S", "resources": [PATIENT | {"gender": "male"}]}]),
            "Patient/p is two",
        ),
        (json.dumps({"meta": {"as_of": "20 November"}, "cases": []}), "meta.as_of is not a date"),
        (json.dumps([ONE | {"as_of": 2026}]), "day of deciding of A is not a date"),
    ],
)
def test_a_file_that_holds_no_cases_is_refused_in_one_line(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "cases.json"
    file.write_text(content, encoding="utf-8")

    with pytest.raises(TableFault) as fault:
        read_table(file, TODAY)

    assert said in str(fault.value)
    assert "\n" not in str(fault.value)


def test_a_file_that_is_no_text_or_not_there_is_refused(tmp_path: Path) -> None:
    binary = tmp_path / "letter.pdf"
    binary.write_bytes(b"%PDF\xff\xfe")

    with pytest.raises(TableFault, match="is not text in UTF-8"):
        read_table(binary, TODAY)
    with pytest.raises(TableFault, match=r"cannot be read \(No such file"):
        read_table(tmp_path / "none.json", TODAY)
