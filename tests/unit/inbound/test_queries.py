from urllib.parse import urlencode

from adapter.clinical.model import Site
from mappings.codes import INTAKE, LOINC
from mappings.inbound import ReadingConfig, queries
from mappings.inbound.resources.compartment import READ

IDS = [f"018f428e-34f6-4707-8009-5ad742f90{n:03d}" for n in range(50)]


def test_one_question_brings_every_type_that_is_read() -> None:
    """Medication comes along by _include."""
    asked = {query.type for query in queries(IDS, ReadingConfig())}

    assert asked == (set(READ) - {"Medication"}) | {"Patient"}


def test_every_question_is_about_these_patients_only() -> None:
    for query in queries(["a", "b"], ReadingConfig()):
        assert dict(query.params).get("_id" if query.type == "Patient" else "patient") == "a,b"


def test_observations_are_asked_for_by_every_code_that_is_read() -> None:
    local = ReadingConfig(local_t_scores={("urn:local", "FN"): (Site.FEMORAL_NECK, None)})
    codes = {
        code
        for query in queries(IDS, local)
        if query.type == "Observation"
        for code in dict(query.params)["code"].split(",")
    }

    read = [
        f"{LOINC}|38267-1",
        f"{LOINC}|72166-2",
        f"{LOINC}|62238-1",
        f"{LOINC}|90265-0",
        f"{LOINC}|29463-7",
        "urn:local|FN",
    ]
    own = [
        "vfa",
        "exclusion-screen",
        "veil",
        "calcium-portions",
        "adherence",
        "fracture-energy",
        "no-known-fractures",
    ]
    assert {
        *read,
        *(f"{INTAKE}|{code}" for code in (*own, "thigh-or-groin-pain", "creatinine-clearance")),
    } <= codes


def test_conditions_and_medicines_are_asked_for_whole() -> None:
    """A text-only entry has no code to be found by."""
    for query in queries(IDS, ReadingConfig()):
        if query.type in {"Condition", "MedicationRequest", "MedicationStatement", "List"}:
            assert "code" not in dict(query.params)


def test_each_address_stays_below_what_servers_allow() -> None:
    assert max(len(urlencode(query.params)) for query in queries(IDS, ReadingConfig())) < 8000
