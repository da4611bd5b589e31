"""What goes wrong out there: a clear line each, an exit code that says who must act, and the rest goes on."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from adapter.input.wire_json import Json
from tests.command_line import CommandLine
from tests.integration.conftest import wait_until
from tests.made_resources import a_gp, a_patient, a_t_score
from tests.server_patients import written_for
from workers.demo import HERE, patients
from workers.sandbox import FaultEffect, Sandbox

Prepare = Callable[[Sandbox], Mapping[str, str]]  # gives settings
OWN = HERE / "data_own"


@pytest.fixture
def ward(sandbox: Sandbox) -> Sandbox:
    """A sandbox with our own patients."""
    sandbox.load(patients(OWN))
    sandbox.recorder.clear()
    return sandbox


@pytest.fixture
def shell(sandbox: Sandbox, tmp_path: Path) -> CommandLine:
    """A command line that asks this sandbox."""
    given = {"fhir_base_url": sandbox.base_url, "ledger_url": f"sqlite:///{tmp_path}/ledger.sqlite"}
    return CommandLine(given | {"language": "en", "batch_size": "4", "threads": "1"})


def point_to(address: str) -> Prepare:
    return lambda _: {"fhir_base_url": address}


def fault(effect: FaultEffect, value: int | str | None = None, **rule: Any) -> Prepare:
    """Let the sandbox answer like this; no setting changes."""

    def prepare(sandbox: Sandbox) -> dict[str, str]:
        sandbox.faults.add_rule(effect, value, **rule)
        return {}

    return prepare


@pytest.mark.parametrize(
    ("prepare", "code", "says"),
    [
        pytest.param(point_to("http://127.0.0.1:9/fhir"), 3, "no complete answer from http://127.0.0.1:9 (", id="nobody listens"),
        pytest.param(lambda it: {"fhir_base_url": it.base_url + "/nothing"}, 2, "CapabilityStatement", id="wrong path"),
        pytest.param(fault(FaultEffect.VERSION, "3.0.2"), 2, "STU3", id="STU3"),
        pytest.param(fault(FaultEffect.BEARER, "secret"), 2, "401", id="no token"),
        pytest.param(fault(FaultEffect.HTML, 200), 2, "web page", id="a login page"),
        pytest.param(fault(FaultEffect.STATUS, 503), 3, "503", id="maintenance"),
        pytest.param(fault(FaultEffect.TRUNCATE), 3, "", id="cut short"),
    ],
)  # fmt: skip
def test_a_server_that_cannot_be_used_is_one_line(
    ward: Sandbox,
    shell: CommandLine,
    prepare: Prepare,
    code: int,
    says: str,
) -> None:
    settings = prepare(ward)

    ended, out, err = shell("run", **settings)

    assert (ended, len(err.strip().splitlines())) == (code, 1), err
    assert says in err
    assert out == ""
    assert ward.recorder.writes == []


@pytest.mark.parametrize(
    ("prepare", "code", "state"),
    [
        pytest.param(fault(FaultEffect.READ_ONLY), 2, "waiting", id="no right to write"),
        pytest.param(
            fault(FaultEffect.BEARER, "new", method="POST"), 2, "waiting", id="token expires on the way"
        ),
        pytest.param(
            fault(FaultEffect.HTML, 200, method="POST", times=1), 2, "waiting", id="a proxy in between, once"
        ),
        pytest.param(fault(FaultEffect.TRUNCATE, method="POST", times=1), 3, "waiting", id="cut short, once"),
        pytest.param(
            fault(FaultEffect.STATUS, 503, method="POST", times=1, retry_after=7),
            3,
            "waiting",
            id="busy, once",
        ),
        pytest.param(fault(FaultEffect.DROP, method="POST", times=1), 3, "waiting", id="an answer gets lost"),
    ],
)
def test_trouble_on_the_way_is_told_and_the_rest_goes_on(
    ward: Sandbox,
    shell: CommandLine,
    prepare: Prepare,
    code: int,
    state: str,
) -> None:
    settings = prepare(ward)

    ended, out, err = shell("run", "--json", **settings)
    told = json.loads(out)

    assert ended == code, err
    assert told["troubles"]
    assert {it["state"] for it in told["troubles"]} == {state}
    assert all(it["reason"] and "Traceback" not in it["reason"] for it in told["troubles"])
    assert told["patients"] == len(told["troubles"]) + sum(told["outcomes"].values())
    # Where trouble came once, the other batches are done, unless the server asked to be left alone.
    assert told["outcomes"] or ward.faults.rules or "left alone" in out


def test_what_was_in_trouble_is_done_by_a_later_run(ward: Sandbox, shell: CommandLine) -> None:
    ward.faults.add_rule(FaultEffect.STATUS, 503, method="POST", times=1, retry_after=1)

    in_trouble, _, _ = shell("run")

    assert in_trouble == 3
    wait_until(lambda: shell("run")[0] == 0, within=30, what="it stays undone")
    assert {it.version for it in ward.recorder.writes} == {1}


def test_every_input_that_was_not_used_is_listed_with_its_reason(ward: Sandbox, shell: CommandLine) -> None:
    ended, out, _ = shell("run", "--json")
    told = json.loads(out)

    assert (ended, told["troubles"]) == (0, [])
    assert told["rejected"] == {
        "density_without_t_score": 1,
        "non_numeric_t_score": 2,
        "uncoded_text": 1,
        "unit_mismatch": 1,
        "withdrawn": 1,
    }
    assert told["outcomes"]["planned:not_classifiable_by_t_score"] == 2  # before the menopause, and seventeen
    assert told["outcomes"]["planned:indeterminate"] == 2  # the unreadable score, and the forearm
    assert told["outcomes"]["deceased:osteoporosis"] == 1


BROKEN = {
    "a T-score without a value": {"valueQuantity": None},
    "a T-score that is a list": {"valueQuantity": [1, 2]},
    "a code that is text": {"code": "T-score"},
    "a date that is none": {"effectiveDateTime": "yesterday"},
    "no status": {"status": None},
    "not a number": {"valueQuantity": {"value": "minus two"}},
    "a status in another language": {"status": "definitief"},
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
def test_one_broken_resource_harms_nobody_else(
    sandbox: Sandbox,
    shell: CommandLine,
    tmp_path: Path,
    broken: Json,
) -> None:
    sandbox.load([a_gp(), a_patient("whole"), a_t_score("whole"), a_patient("broken")])
    content = {name: value for name, value in (a_t_score("broken") | broken).items() if value is not None}
    sandbox.load([content])

    ended, out, _ = shell("run", "--json")

    assert (ended, json.loads(out)["troubles"]) == (0, [])
    assert len(written_for(sandbox.base_url, "whole")["CarePlan"]) == 1
    assert [name for name in json.loads(out)["outcomes"] if name.endswith(":indeterminate")]


@pytest.mark.parametrize("born", [None, "1957", "not a date"])
def test_a_birth_date_that_is_missing_or_odd_is_no_reason_to_stop(
    ward: Sandbox, shell: CommandLine, born: str | None
) -> None:
    odd = {name: value for name, value in a_patient("odd", None, birthDate=born).items() if value is not None}
    ward.load([odd, a_t_score("odd")])

    ended, out, _ = shell("run", "--json")

    assert (ended, json.loads(out)["troubles"]) == (0, [])


@pytest.mark.parametrize("effect", [FaultEffect.IGNORE_PARAMETER, FaultEffect.UNSEEN_PARAMETER])
def test_the_data_of_others_are_never_used(
    sandbox: Sandbox,
    shell: CommandLine,
    tmp_path: Path,
    effect: FaultEffect,
) -> None:
    sandbox.load([a_patient("hers", None), a_t_score("hers", -3.5), a_patient("his", None, gender="male")])
    sandbox.faults.add_rule(effect, "patient")

    _, out, _ = shell("run", "--json", batch_size="1")
    told = json.loads(out)

    assert told["alarms"]["foreign_data"] >= 1
    assert written_for(sandbox.base_url, "his")["CarePlan"] == []
    assert len(written_for(sandbox.base_url, "hers")["CarePlan"]) == 1


def test_wrong_settings_are_told_all_at_once() -> None:
    ended, out, err = CommandLine()("run", fhir_base_url="ftp://x", chunk_size="0", forrearm="x")

    assert (ended, out, len(err.splitlines())) == (2, "", 3)


@pytest.mark.parametrize(
    ("name", "value"), [("pathway", "nowhere"), ("forearm_code_site", "elbow"), ("pathway_params", "x=1")]
)
def test_a_setting_that_only_the_pathway_can_judge_is_told_as_well(
    ward: Sandbox, shell: CommandLine, name: str, value: str
) -> None:
    ended, _, err = shell("run", **{name: value})

    assert ended == 2
    assert "Traceback" not in err
