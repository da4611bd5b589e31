"""Patients from a list, on each server: looked at once, and found again by what changed."""

from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep

import pytest

from adapter.input.wire_json import Json
from tests.made_resources import a_gp, a_patient, a_t_score
from tests.server_patients import a_runtime, admitted, written_for
from workers.queue.patient_lists import patient_exports
from workers.queue.runtime import Runtime
from workers.queue.sweep_run import work_here
from workers.sandbox import FaultEffect, Sandbox


def worked(runtime: Runtime) -> dict[str, int]:
    """How the patients of one run ended."""
    return dict(work_here(runtime, lambda _: None).outcomes)


def a_group(key: str, *members: str) -> Json:
    named = [{"entity": {"reference": f"Patient/{it}"}} for it in members]
    return {"resourceType": "Group", "id": key, "type": "person", "actual": True, "member": named}


@pytest.mark.parametrize("kind", ["file", "group"])
def test_the_patients_of_a_list_are_proposed_for_and_corrected(
    fhir_server: str, unique_id: Callable[[str], str], tmp_path: Path, kind: str
) -> None:
    one, other, gp, group = (unique_id(it) for it in ("one", "other", "gp", "group"))
    admitted(
        fhir_server, [a_gp(gp), a_patient(one, gp), a_patient(other, gp), a_t_score(one), a_t_score(other)]
    )
    admitted(fhir_server, [a_group(group, one)])
    listed = tmp_path / "patients.txt"
    listed.write_text(f"{one}\n")
    named = str(listed) if kind == "file" else f"Group/{group}"
    with a_runtime(fhir_server, site=one, patient_source=named, pathway="antonius") as runtime:
        assert worked(runtime) == {"planned:osteoporosis": 1}
        worked(runtime)  # what we wrote is no news of the patient
        assert worked(runtime) == {}
        admitted(fhir_server, [a_t_score(one, -1.5)])
        assert sum(worked(runtime).values()) == 1

        listed.write_text(f"{one}\n{other}\n")
        admitted(fhir_server, [a_group(group, one, other)])
        assert worked(runtime) == {"planned:osteoporosis": 1}

    assert written_for(fhir_server, other)["CarePlan"]


def test_a_server_that_refuses_searches_without_a_patient_is_swept_by_a_list(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.load([a_gp(), a_patient("anna"), a_t_score("anna")])
    sandbox.faults.add_rule(FaultEffect.PATIENT_ONLY)
    listed = tmp_path / "patients.txt"
    listed.write_text("anna\n")
    with a_runtime(sandbox.base_url, patient_source=str(listed), pathway="antonius") as runtime:
        assert worked(runtime) == {"planned:osteoporosis": 1}


def test_a_server_that_refuses_such_searches_is_swept_by_its_export(sandbox: Sandbox) -> None:
    sandbox.load([a_gp(), a_patient("anna"), a_t_score("anna"), a_patient("bea")])
    sandbox.faults.add_rule(FaultEffect.PATIENT_ONLY)
    with a_runtime(sandbox.base_url, patient_source="export", pathway="antonius") as runtime:
        assert worked(runtime) == {"planned:osteoporosis": 1, "nothing_to_propose:indeterminate": 1}
        worked(runtime)
        admitted(sandbox.base_url, [a_t_score("anna", -1.5)])

        assert sum(worked(runtime).values()) == 1
    assert sandbox.recorder.requests["DELETE", ""] == 1


def test_the_export_of_a_group_lists_its_patients_on_each_server(
    fhir_server: str, unique_id: Callable[[str], str]
) -> None:
    one, other, gp, group = (unique_id(it) for it in ("one", "other", "gp", "group"))
    admitted(fhir_server, [a_gp(gp), a_patient(one, gp), a_patient(other, gp), a_group(group, one)])
    settings = f'{{"level": "group", "group": "{group}"}}'
    with a_runtime(fhir_server, site=one, patient_source="export", export=settings) as runtime:
        assert runtime.source
        until = monotonic() + 60
        while (found := runtime.source.listed()).ids is None and monotonic() < until:
            sleep(0.5)
            patient_exports.look_at(runtime.ledger, runtime.clock())  # HAPI asks for two minutes

    assert found.ids == (one,)
