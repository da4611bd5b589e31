"""`$export` of each server: into a folder, and decided about."""

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import orjson

from tests.wards import a_gp, a_patient, a_t_score, admitted, settings_for
from workers.bulk.record_files import files_in
from workers.export.export_run import ExportOrder, ExportPace, export_to, issues_in
from workers.queue.bootstrap import export_client_of

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
    assert not issues_in(held_here)
