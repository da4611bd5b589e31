"""Trying what an account may do leaves nothing behind, and does not call a right lacking that is there."""

import json
from datetime import timedelta

import pytest

from adapter.errors import RecordFault
from adapter.fhir import FhirClient
from tests.server_patients import settings_for
from workers.doctor.findings import FindingState
from workers.doctor.rights_check import check_rights
from workers.doctor.server_checks import NOBODY
from workers.doctor.write_probes import NO_ONE, PROBES
from workers.host.clock import system_clock

HINTS = {"servers": {"hospital": __file__}, "public_url": "https://osteo.example"}
EVERYTHING = {
    "fhir_profile": "scp",
    "organization_identifier": "urn:x|1",
    "intake": json.dumps({"folder": "incoming"}),
    "serve": json.dumps(HINTS),
}


@pytest.mark.parametrize("mode", ["put", "conditional"])
def test_rights_that_are_there_are_found_and_nothing_is_left_behind(fhir_server: str, mode: str) -> None:
    settings = settings_for(fhir_server, write_mode=mode, **EVERYTHING)
    begun = (system_clock() - timedelta(minutes=1)).isoformat(timespec="seconds")
    with FhirClient(fhir_server) as client:
        found = list(check_rights(client, client.capabilities(), settings))

        assert [it.state for it in found] == [FindingState.WORKS, FindingState.WORKS], found
        for kind, probe in PROBES.items():
            assert NO_ONE in str(probe)
            assert NO_ONE not in str(client.search(kind, [("_lastUpdated", f"ge{begun}")]).matches)
            with pytest.raises(RecordFault):
                client.read(kind, NOBODY)
