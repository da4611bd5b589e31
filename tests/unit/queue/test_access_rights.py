"""The account of SECURITY.md can do all that is done, and the doctor names each right that it lacks."""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from adapter.fhir import FhirClient
from adapter.input.wire_json import Json
from mappings.inbound.gaps import SPARED
from tests.examples import sample
from tests.made_resources import a_gp, a_patient, a_t_score
from tests.server_patients import a_runtime, settings_for
from tests.structure import ROOT
from workers.doctor.findings import Finding, FindingState
from workers.doctor.rights_check import check_rights
from workers.doctor.write_probes import PROBES
from workers.queue.access_rights import Right, Verb, rights_of
from workers.queue.bootstrap import reading_of
from workers.queue.deliver import deliver
from workers.queue.runtime import ANSWERED, Runtime
from workers.queue.sweep_run import work_here
from workers.sandbox import FaultEffect, Sandbox

VERBS = {"read and search": Verb.SEARCH, "create and update": Verb.WRITE, "delete": Verb.DELETE}
FILE = str(ROOT / "SECURITY.md")  # any that is there
FOLDER = {"folder": "incoming"}
HINTS = {"servers": {"hospital": FILE}, "public_url": "https://osteo.example"}
WHEN: dict[str, Json] = {
    "always": {},
    "`release_owner` is a CareTeam": {"release_owner": "CareTeam/team"},
    "`delivery.channel` is fhir": {"delivery": '{"channel": "fhir"}'},
    "`patient_source` is a Group, or `export.group` is set": {"export": '{"level": "group", "group": "g"}'},
    "`fhir_profile` is scp": {
        "fhir_profile": "scp",
        "organization_identifier": "http://fhir.nl/fhir/NamingSystem/ura|1",
        "author_role": "PractitionerRole/role",
    },
    "`intake.maps` is set: HL7 v2 comes in": {"intake": json.dumps({"maps": [FILE]})},
    "`intake.maps` is set and `intake.patients` is create": {
        "intake": json.dumps({"maps": [FILE], "patients": "create"})
    },
    "`intake.folder` is set: files come in": {"intake": json.dumps(FOLDER)},
    "`serve.servers` and `serve.public_url` are set: hints can be asked for": {"serve": json.dumps(HINTS)},
}
INCLUDES = {"`intake.maps` is set and `intake.patients` is create": "`intake.maps` is set: HL7 v2 comes in"}
GP = {
    "type": "Practitioner",
    "identifier": {"system": "https://fhir.nl/fhir/NamingSystem/agb-z", "value": "01234567"},
    "display": "Dr Example",
}
EVERYTHING: Json = {name: value for given in WHEN.values() for name, value in given.items()}
EVERYTHING["intake"] = json.dumps({"maps": [FILE], "patients": "create"} | FOLDER)


def the_table() -> Iterator[tuple[str, Right]]:
    """When, and which right, as SECURITY.md has it."""
    page = (ROOT / "SECURITY.md").read_text("utf-8")
    for verb, types, when in re.findall(
        r"^\| ([a-z ]+) \| ([A-Z][A-Za-z, ]+) \| (.+) \|$", page, re.MULTILINE
    ):
        for kind in types.split(", "):
            yield when, Right(VERBS[verb], kind)


NEEDED = list(dict.fromkeys(right for _, right in the_table()))


@pytest.mark.parametrize("when", WHEN)
def test_the_table_of_rights_is_what_the_settings_need(when: str) -> None:
    settings = settings_for("http://127.0.0.1/r4", **WHEN[when])

    asked = [right for reason, right in the_table() if reason in ("always", when, INCLUDES.get(when))]

    assert set(rights_of(settings, reading_of(settings))) == set(asked)
    assert len(asked) == len(set(asked))


@pytest.fixture(scope="module")
def server() -> Iterator[Sandbox]:
    with Sandbox(port=0, path=":memory:") as running:
        yield running


def looked_at(server: Sandbox, **given: Any) -> list[Finding]:
    settings = settings_for(server.base_url, **{**EVERYTHING, **given})
    with FhirClient(server.base_url) as client:
        return list(check_rights(client, client.capabilities(), settings))


@pytest.mark.parametrize(
    ("right", "mode"), sample([(it, mode) for it in NEEDED for mode in ("put", "conditional")]), ids=str
)
def test_the_doctor_names_the_right_that_is_lacking(server: Sandbox, right: Right, mode: str) -> None:
    write = "PUT" if mode == "put" else "POST"
    method = {Verb.SEARCH: "GET", Verb.WRITE: write, Verb.DELETE: "DELETE"}[right.verb]
    server.faults.clear()
    server.faults.add_rule(FaultEffect.FORBIDDEN, method=method, type=right.type)

    writing, lacking = looked_at(server, write_mode=mode)

    if right == Right(Verb.WRITE, "Device"):
        assert writing.state is FindingState.BROKEN
        return
    spared = right.type in SPARED and right.verb is Verb.SEARCH
    assert lacking.state is (FindingState.LIMITED if spared else FindingState.BROKEN)
    assert lacking.says.startswith(f"{right}: ")
    assert lacking.says.count("HTTP 403") == 1


@pytest.mark.parametrize("mode", ["put", "conditional"])
def test_with_all_rights_nothing_is_lacking_and_nothing_is_left_behind(server: Sandbox, mode: str) -> None:
    server.faults.clear()
    server.recorder.clear()

    writing, lacking = looked_at(server, write_mode=mode)

    assert (writing.state, lacking.state) == (FindingState.WORKS, FindingState.WORKS)
    assert {it.type for it in server.recorder.writes} <= {"Device"}


def test_every_type_that_is_written_can_be_tried() -> None:
    settings = settings_for("http://127.0.0.1/r4", **EVERYTHING)
    written = {it.type for it in rights_of(settings, reading_of(settings)) if it.verb is Verb.WRITE}

    assert written - {"Device"} == PROBES.keys()


def forbid_all_but(needed: set[Right], server: Sandbox, kinds: Iterable[str]) -> None:
    for kind in kinds:
        for verb, methods in (
            (Verb.SEARCH, ["GET"]),
            (Verb.WRITE, ["PUT", "POST"]),
            (Verb.DELETE, ["DELETE"]),
        ):
            for method in methods if Right(verb, kind) not in needed else ():
                server.faults.add_rule(FaultEffect.FORBIDDEN, method=method, type=kind)


@pytest.mark.parametrize("profile", ["`fhir_profile` is scp", "always"])
def test_an_account_with_the_rights_of_the_table_and_no_others_reviews_releases_and_sends(
    sandbox: Sandbox, tmp_path: Path, profile: str
) -> None:
    clinic = {"resourceType": "PractitionerRole", "id": "role"}
    someone = a_patient("p1", None, generalPractitioner=[GP])
    sandbox.load([a_gp("clinician"), clinic, someone, a_t_score("p1")])
    delivery = f'{{"channel": "folder", "folder": "{tmp_path}"}}'
    with a_runtime(sandbox.base_url, pathway="antonius", delivery=delivery, **WHEN[profile]) as runtime:
        needed = {right for when, right in the_table() if when in ("always", profile)}
        forbid_all_but(needed, sandbox, runtime.client.capabilities().types)

        sweep_and_review(runtime)
        (asked,) = runtime.client.search(
            "Task", [("patient", "p1"), ("status", "requested"), ANSWERED[0]]
        ).matches
        by = {"owner": {"reference": "Practitioner/clinician"}, "status": "completed"}
        runtime.client.update({**asked, **by})
        sweep_and_review(runtime)

        assert deliver(runtime) == {"sent": 1}


def sweep_and_review(runtime: Runtime) -> None:
    summary = work_here(runtime, lambda _: None)
    assert (summary.finished, summary.troubles) == (True, ())
