"""`$export` of each server: into a folder, and decided about."""

import json
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import orjson
import pytest

from adapter.fhir.export import ExportLevel
from tests.made_resources import a_gp, a_hip_fracture, a_patient, a_t_score
from tests.server_patients import admitted, settings_for
from workers.assessment.record_assessment import assess_resources
from workers.bulk.bulk_folder import RESOURCES
from workers.bulk.bulk_run import BulkOrder, assess_files, processes_here
from workers.bulk.export.export_run import ExportOrder, ExportPace, count_issues, export_to
from workers.bulk.record_files import files_in
from workers.cli.scale.export import order_of
from workers.queue.bootstrap import export_client_of, institution_of
from workers.sandbox import Sandbox

DAY = date(2026, 11, 20)

# HAPI asks for two minutes between two looks.
IMPATIENT = ExportPace(sleep=lambda seconds: time.sleep(min(seconds, 1)))


def test_a_group_is_exported_whole(fhir_server: str, unique_id: Callable[[str], str], tmp_path: Path) -> None:
    one, other, gp, group = (unique_id(it) for it in ("one", "other", "gp", "group"))
    held = {
        "resourceType": "Group",
        "id": group,
        "type": "person",
        "actual": True,
        "member": [{"entity": {"reference": f"Patient/{one}"}}],
    }
    admitted(fhir_server, [a_gp(gp), a_patient(one, gp), a_patient(other, gp), a_t_score(one), held])
    settings = settings_for(fhir_server, export=f'{{"level": "group", "group": "{group}"}}')
    order = ExportOrder(
        fhir_server, settings.export.request(("Patient", "Observation")), timedelta(hours=9), 10**6, 10**6
    )
    client = export_client_of(settings)

    held_here = export_to(tmp_path, client, order, IMPATIENT)
    client.close()

    lines = [orjson.loads(line) for file in files_in([tmp_path]) for line in file.read_bytes().splitlines()]
    assert sorted(it["id"] for it in lines) == sorted([one, f"{one}-spine"])
    assert not count_issues(held_here)


@pytest.mark.parametrize("level", [ExportLevel.SYSTEM, ExportLevel.PATIENT])
def test_the_whole_system_comes_to_the_same_decisions_as_its_patients(
    level: ExportLevel, sandbox: Sandbox, tmp_path: Path
) -> None:
    """Also with what is of nobody, which only the whole system gives."""
    of_a_place = {**a_t_score("anna", -1), "id": "phantom", "subject": {"reference": "Location/room"}}
    room = {"resourceType": "Location", "id": "room", "name": "DXA"}
    sandbox.load(
        [
            a_gp(),
            a_patient("anna"),
            a_t_score("anna", -2.9),
            a_hip_fracture("anna"),
            a_patient("bea"),
            room,
            of_a_place,
        ]
    )
    settings = settings_for(sandbox.base_url, export=f'{{"level": "{level}"}}')
    client = export_client_of(settings)

    held = export_to(tmp_path / "in", client, order_of(settings), IMPATIENT)
    client.close()
    order = BulkOrder((tmp_path / "in",), tmp_path / "out", settings, DAY, processes=1)
    with processes_here(order) as workers:
        assess_files(order, lambda *_: None, workers)

    assert not count_issues(held)
    came = [json.loads(it) for it in (tmp_path / "out" / RESOURCES).read_bytes().splitlines()]
    alone = [
        assess_resources([a_gp(), *record], institution_of(settings), DAY)
        for record in (
            [a_patient("anna"), a_t_score("anna", -2.9), a_hip_fracture("anna")],
            [a_patient("bea")],
        )
    ]
    # A Provenance names the versions that the server gave.
    assert {it["id"] for it in came if it["resourceType"] != "Provenance"} == {
        it["id"] for one in alone for it in one.resources if it["resourceType"] != "Provenance"
    }
    (letter,) = (
        it for it in came if it["resourceType"] == "Communication" and "anna" in it["subject"]["reference"]
    )
    assert "-2.9" in str(letter["payload"])
