from datetime import date
from urllib.parse import urlencode

import pytest

from adapter.clinical.model import Analyte, Site
from mappings.codes import INTAKE, LOINC
from mappings.inbound import ReadingConfig, queries
from mappings.inbound.queries import is_wide
from mappings.inbound.resources.compartment import READ

IDS = [f"018f428e-34f6-4707-8009-5ad742f90{n:03d}" for n in range(50)]


def test_one_question_brings_every_type_that_is_read() -> None:
    """Medication comes along by _include."""
    asked = {query.type for query in queries(IDS, ReadingConfig())}

    assert asked == (set(READ) - {"Medication"}) | {"Patient"}


def test_every_question_is_about_these_patients_only() -> None:
    for query in queries(["a", "b"], ReadingConfig()):
        about = {"Patient": ("_id", "a,b"), "AdverseEvent": ("subject", "Patient/a,Patient/b")}
        name, wanted = about.get(query.type, ("patient", "a,b"))
        assert dict(query.params).get(name) == wanted


def params(kind: str, name: str, config: ReadingConfig | None = None, since: date | None = None) -> list[str]:
    asked = [dict(q.params) for q in queries(IDS, config or ReadingConfig(), since) if q.type == kind]
    return [value for one in asked if name in one for value in one[name].split(",")]


def test_observations_are_asked_for_by_every_code_that_is_read() -> None:
    local = ReadingConfig(
        local_t_scores={("urn:local", "FN"): (Site.FEMORAL_NECK, None)},
        local_laboratory={("", "KREA"): Analyte.CREATININE},
    )

    codes = params("Observation", "combo-code", local)

    others = {
        f"{LOINC}|72166-2",
        f"{LOINC}|62238-1",
        f"{LOINC}|90265-0",
        f"{LOINC}|29463-7",
        "urn:local|FN",
        "KREA",
    }
    assert {f"{INTAKE}|", *others} <= set(codes)


@pytest.mark.parametrize(
    "code", ["38267-1", "80946-7", "24701-5", "85394-5", "83311-1"], ids=["T", "T", "BMD", "Z", "panel"]
)
def test_bone_density_is_looked_for_in_components_and_whatever_its_system(code: str) -> None:
    """By ``code`` a component is not found, and with its system no OID, https or missing system is."""
    assert code in params("Observation", "combo-code")


def test_what_no_code_finds_is_looked_for_among_what_is_recent_and_starts_no_review() -> None:
    quiet = [q for q in queries(IDS, ReadingConfig(), date(2026, 2, 28)) if not q.news]
    wide = [q for q in quiet if "date" in dict(q.params) and q.type != "Encounter"]
    undated = [q for q in quiet if dict(q.params).get("date:missing") == "true"]

    assert {q.type for q in quiet} - {"Encounter", "ImagingStudy"} == {q.type for q in undated}
    assert {q.type for q in wide} == {q.type for q in undated}
    assert {q.type for q in wide} == {"Observation", "DiagnosticReport", "DocumentReference"}
    assert {dict(q.params)["date"] for q in wide} == {"ge2026-02-28"}
    assert all(is_wide(q.params) for q in wide)
    assert not any(is_wide(q.params) for q in queries(IDS, ReadingConfig(), date(2026, 2, 28)) if q.news)


def test_without_a_day_recent_results_are_looked_for_by_category() -> None:
    (fallback,) = [q for q in queries(IDS, ReadingConfig()) if not q.news and q.type == "Observation"]

    assert not is_wide(fallback.params)
    assert {"imaging", "RAD", "laboratory", "vital-signs", "procedure", "exam"} <= set(
        params("Observation", "category")
    )


@pytest.mark.parametrize("code", ["38269-7", "77080", "241686001"], ids=["LOINC", "CPT", "SNOMED CT"])
def test_reports_are_looked_for_by_code_and_as_radiology(code: str) -> None:
    assert {code, "18748-4"} <= set(params("DiagnosticReport", "code"))
    assert {"RAD", "LP29684-5"} <= set(params("DiagnosticReport", "category"))
    assert {code, "18748-4"} <= set(params("DocumentReference", "type"))


def test_of_scans_and_visits_only_what_tells_of_bone_is_asked_for() -> None:
    """A study may have hundreds of pictures, and a patient hundreds of visits without a reason."""
    asked = queries(IDS, ReadingConfig(), date(2024, 11, 20))
    parts = [(q.type, dict(q.params)) for q in asked if "_elements" in dict(q.params)]

    assert [kind for kind, _ in parts] == ["ImagingStudy", "Encounter", "Encounter"]
    assert [about.get("reason-code:missing") for _, about in parts] == [None, "false", None]
    assert [about.get("date") for _, about in parts] == [None, None, "ge2024-11-20"]
    assert not any({"series", "participant"} & {*about["_elements"].split(",")} for _, about in parts)


def test_conditions_and_medicines_are_asked_for_whole() -> None:
    """A text-only entry has no code to be found by."""
    for query in queries(IDS, ReadingConfig()):
        if query.type in {"Condition", "MedicationRequest", "MedicationStatement", "List"}:
            assert "code" not in dict(query.params)


def test_each_address_stays_below_what_servers_allow() -> None:
    assert max(len(urlencode(query.params)) for query in queries(IDS, ReadingConfig())) < 8000
