"""The CapabilityStatement promises what the server does, and no more."""

from tests.unit.sandbox.in_process import Fhir
from workers.sandbox.query.search_parameters import PARAMETERS


def test_every_promised_search_parameter_is_accepted(fhir: Fhir) -> None:
    (rest,) = fhir.get("metadata")["rest"]
    values = {"date": "2024", "reference": "x", "token": "x", "string": "x", "uri": "x"}
    asked = [
        (resource["type"], parameter["name"], values[parameter["type"]])
        for resource in rest["resource"]
        for parameter in resource["searchParam"]
    ]
    assert len(asked) > 800
    for type_, name, value in asked:
        assert fhir.found(f"{type_}?{name}={value}&_sort={name}") == []


def test_the_statement_covers_all_types_of_r4(fhir: Fhir) -> None:
    statement = fhir.get("metadata")
    assert statement["fhirVersion"] == "4.0.1"
    assert len(PARAMETERS) == 146  # those that are not abstract
    plan = next(resource for resource in statement["rest"][0]["resource"] if resource["type"] == "CarePlan")
    assert plan["updateCreate"] is plan["conditionalCreate"] is plan["conditionalUpdate"] is True
    assert {each["code"] for each in statement["rest"][0]["interaction"]} == {
        "batch",
        "transaction",
        "history-system",
    }
    assert "patch" not in {each["code"] for each in plan["interaction"]}
