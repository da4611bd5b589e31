"""Each level of an export is asked for at its place."""

import pytest

from adapter.fhir.export import (
    ExportLevel,
    ExportRequest,
)
from tests.unit.fhir.export.exports import TOKEN, a_client, shown
from tests.unit.fhir.server import Answer, FakeServer


@pytest.mark.parametrize(
    ("request_", "path"),
    [
        (ExportRequest(ExportLevel.SYSTEM), "/r4/$export"),
        (
            ExportRequest(ExportLevel.PATIENT, ("Patient", "Observation")),
            "/r4/Patient/$export?_type=Patient,Observation",
        ),
        (ExportRequest(ExportLevel.GROUP, ("Patient",), "g-1"), "/r4/Group/g-1/$export?_type=Patient"),
    ],
)
def test_each_level_is_asked_for_at_its_place(server: FakeServer, request_: ExportRequest, path: str) -> None:
    server.will_answer(Answer(202, headers={"Content-Location": f"{server.root}/jobs/7"}))

    assert a_client(server).kick_off(request_) == f"{server.root}/jobs/7"
    (asked,) = server.asked
    assert (asked.path, asked.headers["Prefer"], shown(server)) == (path, "respond-async", [TOKEN])
