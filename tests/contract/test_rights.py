"""Trying what an account may do leaves nothing behind, and does not call a right lacking that is there."""

import pytest

from adapter.errors import RecordFault
from adapter.fhir import FhirClient
from tests.wards import settings_for
from workers.doctor.rights_check import NO_ONE, PROBES, rights
from workers.doctor.server_checks import NOBODY
from workers.findings import State


@pytest.mark.parametrize("mode", ["put", "conditional"])
def test_rights_that_are_there_are_found_and_nothing_is_left_behind(fhir_server: str, mode: str) -> None:
    scp = {"fhir_profile": "scp", "organization_identifier": "urn:x|1"}
    settings = settings_for(fhir_server, write_mode=mode, **scp)
    with FhirClient(fhir_server) as client:
        found = list(rights(client, client.capabilities(), settings))

        assert [it.state for it in found] == [State.WORKS, State.WORKS], found
        for kind, probe in PROBES.items():
            asked = ("status", probe["status"]) if "status" in probe else ("recorded", "2000-01-01")
            assert NO_ONE not in str(client.search(kind, [asked]).matches)
            with pytest.raises(RecordFault):
                client.read(kind, NOBODY)
