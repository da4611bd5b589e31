"""A clinic can live with the Tasks: one per patient and decision, no reminder of what nobody released."""

from collections import Counter

import pytest

from adapter.fhir import FhirClient
from adapter.input.wire_json import Json
from mappings.handover.release.release_codes import code_in
from tests.server_patients import a_runtime
from workers.demo import FOREARM_MEANS, patients
from workers.review.batches import batches
from workers.review.review import review
from workers.sandbox import Sandbox

OPEN_TASKS = 1.15  # for each planned patient


@pytest.mark.parametrize("pathway", ["antonius", "etz"])
def test_the_bundled_patients_lead_to_one_task_each(sandbox: Sandbox, pathway: str) -> None:
    bundled = list(patients())
    sandbox.load(bundled)
    ids = [it["id"] for it in bundled if it["resourceType"] == "Patient"]

    with a_runtime(sandbox.base_url, pathway=pathway, forearm_code_site=FOREARM_MEANS) as runtime:
        for some in batches(ids, 40):
            review(some, runtime.client, runtime.institution, runtime.now())
    with FhirClient(sandbox.base_url) as client:
        plans = client.search("CarePlan", [("status", "draft")]).matches
        tasks = client.search("Task", [("status", "requested")]).matches

    assert len(plans) > 50
    assert len(tasks) <= OPEN_TASKS * len(plans)
    assert "follow_up_overdue" not in {code_in(it["code"]) for it in tasks}
    assert set(Counter(whose(it) for it in tasks).values()) == {1}


def whose(task: Json) -> str:
    return str(task["for"]["reference"])
