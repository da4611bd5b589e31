"""What the doctor finds before anybody has to."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest

from adapter.fhir import FhirClient
from tests.server_patients import settings_for
from tests.unit.fhir.server import Answer, Asked, fake_server, observation, outcome, searchset
from workers.doctor.code_check import check_forearm_code, check_own_codes
from workers.doctor.examination import examine
from workers.doctor.findings import FindingState
from workers.doctor.server_checks import check_clocks
from workers.doctor.sweep_check import check_sweep
from workers.sandbox import FaultEffect, Sandbox

TOLD = datetime(2026, 11, 20, 10, tzinfo=UTC)  # what the fake server says in its Date header


@pytest.mark.parametrize(
    ("ours", "state", "says"),
    [
        (TOLD, FindingState.WORKS, "0 s"),
        (TOLD - timedelta(hours=1), FindingState.LIMITED, "3600 s ahead of ours"),
        (TOLD + timedelta(hours=1), FindingState.LIMITED, "3600 s behind ours"),
    ],
)
def test_the_clocks_are_compared(ours: datetime, state: FindingState, says: str) -> None:
    with fake_server() as server, FhirClient(server.base) as client:
        server.will_answer(Answer(200, searchset()))

        found = check_clocks(client, lambda: ours)

    assert found.state is state
    assert says in found.says


def test_a_login_in_the_clear_is_a_finding_and_no_trace() -> None:
    settings = settings_for("http://fhir.example.org/r4", fhir_auth="bearer", fhir_token="t")

    last = list(examine(settings, quick=True))[-1]

    assert last.state is FindingState.BROKEN
    assert "allow_unprotected" in last.says


STATEMENT = Answer(200, {"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1"})


def without_a_patient(asked: Asked) -> Answer:
    """A server that finds nothing of anybody unless it is told of whom; it lists its patients."""
    if asked.path.endswith("/metadata"):
        return STATEMENT
    free = asked.path.startswith("/r4/Patient")
    return Answer(200, searchset()) if free else Answer(403, outcome("forbidden"))


def test_a_server_that_searches_by_patient_only_is_named_with_a_way_out() -> None:
    with fake_server() as server, FhirClient(server.base) as client:
        server.will_answer(*[without_a_patient] * 40)

        found = check_sweep(client, settings_for(server.base), lambda: TOLD)

        assert found.state is FindingState.BROKEN
        assert "no search across patients for Observation, DiagnosticReport" in found.says
        assert "HTTP 403" in found.says
        way_out = re.findall(r"sweep_types=(\S+)", found.do)
        server.forget()
        server.will_answer(*[without_a_patient] * 40)
        assert (
            check_sweep(client, settings_for(server.base, sweep_types=way_out[0]), lambda: TOLD).state
            is FindingState.WORKS
        )


def test_a_server_that_lists_no_patients_is_named() -> None:
    with fake_server() as server, FhirClient(server.base) as client:
        server.will_answer(Answer(403, outcome("forbidden")))

        found = check_sweep(client, settings_for(server.base), lambda: TOLD)

    assert found.state is FindingState.BROKEN
    assert "no list of patients" in found.says
    assert "Jansen" not in found.says


def test_a_server_that_answers_the_sweep_works() -> None:
    with fake_server() as server, FhirClient(server.base) as client:
        server.will_answer(Answer(200, searchset()), STATEMENT, *[Answer(200, searchset())] * 40)

        found = check_sweep(client, settings_for(server.base), lambda: TOLD)

    assert found.state is FindingState.WORKS
    assert any("_lastUpdated=ge2026-11-20" in path for path in server.paths)


def test_a_type_that_the_server_does_not_have_is_named_and_keeps_nothing_from_working() -> None:
    def without_lists(asked: Asked) -> Answer:
        if asked.path.endswith("/metadata"):
            return STATEMENT
        absent = asked.path.startswith("/r4/List")
        return Answer(404, outcome("not-supported")) if absent else Answer(200, searchset())

    with fake_server() as server, FhirClient(server.base) as client:
        server.will_answer(*[without_lists] * 40)

        found = check_sweep(client, settings_for(server.base), lambda: TOLD)

    assert found.state is FindingState.LIMITED
    assert "does not have List" in found.says


def results_under(code: str) -> Callable[[Asked], Answer]:
    """A server that has results under one code only, and repeats what it was asked."""

    def answer(asked: Asked) -> Answer:
        found = [observation("result")] if f"combo-code={code}" in unquote(asked.path) else []
        return Answer(200, searchset(*found, self_=f"http://127.0.0.1{asked.path}"))

    return answer


def test_an_own_code_without_a_result_is_named() -> None:
    with fake_server() as server, FhirClient(server.base) as client:
        server.will_answer(*[results_under("http://lab|KREA")] * 6)
        spelled = {"local_laboratory": "http://lab|KREA=creatinine"}
        misspelled = {**spelled, "local_t_scores": "http://lab|TSCOER=body_site"}

        fine = check_own_codes(client, settings_for(server.base, **spelled))
        odd = check_own_codes(client, settings_for(server.base, **misspelled))

    assert (fine.state, fine.says) == (FindingState.WORKS, "1 mapped, each with results")
    assert (odd.state, odd.says) == (FindingState.LIMITED, "no result under http://lab|TSCOER")


def test_a_server_that_cannot_search_by_code_leaves_own_codes_unknown() -> None:
    with fake_server() as server, FhirClient(server.base) as client:
        server.will_answer(Answer(200, searchset(observation("any"), self_=f"{server.base}/Observation")))

        found = check_own_codes(
            client, settings_for(server.base, local_laboratory="http://lab|KREA=creatinine")
        )

    assert found.state is FindingState.BROKEN


def by_patient_only(asked: Asked) -> Answer:
    """A server that answers what names a patient."""
    if asked.path.endswith("/metadata"):
        return STATEMENT
    named = "patient=" in asked.path or "_id=" in asked.path
    return Answer(200, searchset()) if named else Answer(403, outcome("forbidden"))


def one_at_a_time(asked: Asked) -> Answer:
    """And of those only what names a single one."""
    several = "," in asked.path.partition("_id=")[2] or "," in asked.path.partition("patient=")[2]
    return Answer(400, outcome("not-supported")) if several else by_patient_only(asked)


def test_with_a_list_of_patients_such_a_server_works(tmp_path: Path) -> None:
    listed = tmp_path / "patients.txt"
    listed.write_text("anna\nbea\n")
    with fake_server() as server, FhirClient(server.base) as client:
        server.will_answer(*[by_patient_only] * 40)
        assert "patient_source" in check_sweep(client, settings_for(server.base), lambda: TOLD).do

        found = check_sweep(client, settings_for(server.base, patient_source=listed), lambda: TOLD)

    assert (found.state, "by the list" in found.says) == (FindingState.WORKS, True)


def test_a_server_that_takes_one_patient_at_a_time_is_named_with_its_setting(tmp_path: Path) -> None:
    listed = tmp_path / "patients.txt"
    listed.write_text("anna\nbea\n")
    with fake_server() as server, FhirClient(server.base) as client:
        server.will_answer(*[one_at_a_time] * 40)
        given = {"patient_source": listed}

        found = check_sweep(client, settings_for(server.base, **given), lambda: TOLD)
        assert (found.state, found.do) == (FindingState.BROKEN, "set search_size=1")
        server.forget()
        server.will_answer(*[one_at_a_time] * 40)
        found = check_sweep(client, settings_for(server.base, search_size=1, **given), lambda: TOLD)

    assert found.state is FindingState.WORKS


def test_a_group_that_shows_nobody_is_named() -> None:
    with fake_server() as server, FhirClient(server.base) as client:
        server.will_answer(Answer(200, {"resourceType": "Group", "id": "g"}))

        found = check_sweep(client, settings_for(server.base, patient_source="Group/g"), lambda: TOLD)

    assert (found.state, "Group/g names no patient" in found.says) == (FindingState.BROKEN, True)


FOREARM = "38265-5"


@pytest.mark.parametrize(
    ("given", "found", "state"),
    [
        ({}, FOREARM, FindingState.LIMITED),
        ({}, "another", FindingState.WORKS),
        ({"forearm_code_site": "total_hip"}, FOREARM, FindingState.WORKS),
        ({"local_t_scores": f"http://loinc.org|{FOREARM}=body_site"}, FOREARM, FindingState.WORKS),
    ],
)
def test_results_under_the_code_of_the_forearm_that_nobody_mapped_are_named(
    given: dict[str, str], found: str, state: FindingState
) -> None:
    with fake_server() as server, FhirClient(server.base) as client:
        server.will_answer(results_under(found))

        finding = check_forearm_code(client, settings_for(server.base, **given), ())

    assert finding.state is state
    assert ("forearm_code_site" in finding.do) is (state is FindingState.LIMITED)


def test_on_a_server_that_wants_a_patient_the_codes_are_looked_for_by_the_list() -> None:
    with fake_server() as server, FhirClient(server.base) as client:
        server.will_answer(results_under(FOREARM))

        check_forearm_code(client, settings_for(server.base), (("patient", "anna,bea"),))

    assert "patient=anna,bea&" in unquote(server.paths[0])


@pytest.mark.parametrize(
    ("listed", "name", "state"),
    [
        ("anna", "code of the forearm", FindingState.WORKS),
        ("Anna Jansen", "codes", FindingState.LIMITED),
        (None, "codes", FindingState.LIMITED),  # an export: whom it will list nobody knows here
    ],
)
def test_where_nobody_is_known_who_could_be_named_no_code_is_looked_for(
    listed: str | None, name: str, state: FindingState, sandbox: Sandbox, tmp_path: Path
) -> None:
    file = tmp_path / "patients.txt"
    file.write_text(f"{listed}\n")
    sandbox.faults.add_rule(FaultEffect.PATIENT_ONLY)

    found = list(examine(settings_for(sandbox.base_url, patient_source=file if listed else "export")))

    assert [(it.what, it.state) for it in found if it.what.startswith("code")] == [(name, state)]


def test_an_export_is_begun_and_taken_back() -> None:
    def exporting(asked: Asked) -> Answer:
        if "$export" in asked.path:
            return Answer(202, headers={"Content-Location": "/r4/jobs/1"})
        return Answer(202) if asked.method == "DELETE" else by_patient_only(asked)

    with fake_server() as server, FhirClient(server.base) as client:
        server.will_answer(*[exporting] * 40)

        found = check_sweep(client, settings_for(server.base, patient_source="export"), lambda: TOLD)

    assert found.state is FindingState.WORKS
    assert [it.path for it in server.asked if it.method == "DELETE"] == ["/r4/jobs/1"]


def test_a_server_without_export_is_named() -> None:
    with fake_server() as server, FhirClient(server.base) as client:
        server.will_answer(Answer(404, outcome("not-supported")))

        found = check_sweep(client, settings_for(server.base, patient_source="export"), lambda: TOLD)

    assert (found.state, found.do) == (FindingState.BROKEN, "correct patient_source")
