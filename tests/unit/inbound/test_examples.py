"""Examples that other people published, read as they are."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from adapter.clinical.model import Side, Site
from adapter.input.wire_json import Json
from mappings.inbound import ReadingConfig, read_record
from tests.record_readings import a_record_reading
from tests.unit.inbound.made_records import ANNA, TODAY, read, reasons

DATA = Path(__file__).parents[2] / "data" / "fhir-examples"
SYNTHEA = Path(__file__).parents[3] / "workers" / "demo" / "data"


def parsed(path: Path) -> Json | None:
    try:
        found = json.loads(path.read_text("utf-8"), parse_float=Decimal)
    except (json.JSONDecodeError, UnicodeDecodeError):
        return None
    return found if isinstance(found, dict) else None


def folder(name: str) -> list[Json]:
    return [found for path in sorted((DATA / name).glob("*.json")) if (found := parsed(path))]


def test_us_core_has_two_t_scores_of_which_the_hip_can_decide() -> None:
    patient = ANNA | {"id": "example"}

    reading = read(*folder("us-core-dxa"), patient=patient)

    assert [(s.site, s.side, s.value) for s in reading.record.t_scores] == [
        (Site.FEMUR_REGION_UNKNOWN, Side.LEFT, Decimal("-1.48")),
        (Site.TOTAL_HIP, Side.LEFT, Decimal("-1.62")),
    ]
    assert reading.record.rejected == ()


def test_the_r4_density_report_holds_no_t_score_outside_its_narrative_and_says_so() -> None:
    (patient,) = [r for r in folder("r4-spec") if (r.get("resourceType"), r.get("id")) == ("Patient", "pat2")]

    reading = read(*folder("r4-spec"), patient=patient)

    assert reading.record.t_scores == ()
    assert {r for r in reasons(reading) if r[0] == "t_score"} == {
        ("t_score", "density_without_t_score"),
        ("t_score", "report_without_t_score"),
    }
    assert reading.foreign > 0


ODD = {path.stem: odd for path in sorted((DATA / "negative").glob("*.json")) if (odd := parsed(path))}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_resource_gives_no_t_score_and_no_crash(name: str) -> None:
    """What is not JSON at all is refused by the wire before reading."""
    odd = ODD[name]
    resources = [e.get("resource") for e in odd.get("entry", []) if isinstance(e, dict)] or [odd]
    subjects = {str(r.get("subject", {}).get("reference", "")) for r in resources if isinstance(r, dict)}

    for patient in {s.removeprefix("Patient/") for s in subjects} | {"anna"}:
        reading = read_record(
            ANNA | {"id": patient}, [r for r in resources if r], a_record_reading(), on=TODAY
        )
        assert reading.record.t_scores == ()


def test_an_odd_patient_is_read_as_far_as_it_goes() -> None:
    for odd in ODD.values():
        assert read(patient=odd).record.t_scores == ()


@pytest.mark.parametrize(
    ("meant", "site", "assumed"), [(None, Site.FOREARM, False), (Site.LUMBAR_SPINE, Site.LUMBAR_SPINE, True)]
)
def test_synthetic_scores_count_only_where_their_code_is_said_to_mean_more(
    meant: Site | None, site: Site, assumed: bool
) -> None:
    lines = (SYNTHEA / "Observation.ndjson").read_text("utf-8").splitlines()
    observations = [json.loads(line, parse_float=Decimal) for line in lines]
    patients = {o["subject"]["reference"].removeprefix("Patient/") for o in observations}

    scores = [
        score
        for one in patients
        for score in read(
            *(o for o in observations if o["subject"]["reference"] == f"Patient/{one}"),
            patient=ANNA | {"id": one},
            config=ReadingConfig(forearm_code_site=meant),
        ).record.t_scores
    ]

    assert len(scores) > 40
    assert {(s.site, s.site_assumed) for s in scores} == {(site, assumed)}
