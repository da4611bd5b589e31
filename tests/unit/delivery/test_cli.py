import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from adapter.errors import ConfigurationFault, RecordFault, SoftwareFault, TryAgainLater
from tests.structure import ROOT
from tests.unit.delivery.letters import NOON, PATIENT, PLAN, SECRETS, a_communication
from workers.cli.plans import deliveries
from workers.delivery import enqueue_communication
from workers.delivery.message import receipt_of
from workers.ledger import Ledger, open_ledger, outbox
from workers.ledger.outbox import DeliveryResult as Settled
from workers.ledger.outbox import DeliveryState
from workers.queue.bootstrap import scope_of
from workers.queue.runtime import set_up
from workers.sandbox import Sandbox
from workers.settings.settings_loader import load_settings

Command = Callable[..., Result]


@pytest.fixture
def environ(sandbox: Sandbox, tmp_path: Path) -> dict[str, str]:
    ledger = f"sqlite:///{tmp_path}/ledger.sqlite"
    return {"OSTEO_HANDOVER_FHIR_BASE_URL": sandbox.base_url, "OSTEO_HANDOVER_LEDGER_URL": ledger}


@pytest.fixture
def ledger(sandbox: Sandbox, environ: dict[str, str]) -> object:
    """The outbox that the command will find by its settings."""
    sandbox.load([PATIENT, PLAN, a_communication()])
    settings = load_settings(environ)
    with set_up(settings) as runtime:
        scope = scope_of(settings, runtime.institution)
    opened = open_ledger(settings.ledger_url.get_secret_value(), scope)
    yield opened
    opened.close()


@pytest.fixture
def command(environ: dict[str, str]) -> Command:
    return lambda *words: typed(environ, *words)


def typed(environ: dict[str, str], *words: str) -> Result:
    app = typer.Typer()
    deliveries.register(app)
    app.command()(lambda: None)  # a second command, so that the group keeps its name
    return CliRunner(env=environ).invoke(app, ["deliveries", *words])


def a_letter(ledger: Ledger, state: DeliveryState = DeliveryState.QUEUED, reason: str | None = None) -> str:
    message = enqueue_communication(ledger, a_communication(), NOON, channel="folder") or ""
    if state is not DeliveryState.QUEUED:
        entry = outbox.take_letter(ledger, NOON, timedelta(minutes=5))
        assert entry is not None
        outbox.settle_delivery(ledger, entry, Settled(state, reason=reason), NOON)
    return message


def test_without_letters_it_says_so(command: Command, ledger: Ledger) -> None:
    told = command()

    assert (told.exit_code, told.output) == (0, f"There are no letters. {deliveries.NOWHERE}\n")


def test_each_reason_that_a_letter_can_bear_is_explained_to_operators() -> None:
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    table = page.partition("under `why`")[2].partition("\n## ")[0]
    explained = set(re.findall(r"`([A-Za-z-]+)`", table))
    sources = "".join(it.read_text("utf-8") for it in (ROOT / "workers" / "delivery").rglob("*.py"))
    given = set(re.findall(r'(?:reason=|WithheldLetter\()"([a-z-]+)"', sources))
    kinds = {
        receipt_of(fault).reason
        for fault in (TryAgainLater("x"), ConfigurationFault("x"), RecordFault("x"), SoftwareFault("x"))
    }

    assert len(given) > 10
    assert (given | kinds) - explained == set()


def test_letters_are_listed_as_json_without_a_patient(command: Command, ledger: Ledger) -> None:
    message = a_letter(ledger, DeliveryState.REFUSED, "AR")

    told = command("--json")

    held = json.loads(told.output)
    assert told.exit_code == 1
    assert held["counts"]["refused"] == 1
    assert [(it["message_id"], it["state"], it["reason"]) for it in held["letters"]] == [
        (message, "refused", "AR")
    ]
    assert not any(secret in told.output for secret in (*SECRETS, "Patient"))


@pytest.mark.parametrize(
    ("state", "option", "shown"),
    [
        (DeliveryState.QUEUED, "--open", True),
        (DeliveryState.RECEIVED, "--open", True),
        (DeliveryState.REFUSED, "--open", False),
        (DeliveryState.REFUSED, "--failed", True),
        (DeliveryState.SENT, "--failed", False),
    ],
)
def test_a_list_may_be_of_the_open_or_the_failed_ones(
    command: Command, ledger: Ledger, state: DeliveryState, option: str, shown: bool
) -> None:
    a_letter(ledger, state)

    assert bool(json.loads(command(option, "--json").output)["letters"]) is shown


def test_a_refused_letter_is_queued_again(command: Command, ledger: Ledger) -> None:
    message = a_letter(ledger, DeliveryState.REFUSED)

    assert command("retry", message).exit_code == 0
    assert outbox.count_states(ledger)[DeliveryState.QUEUED] == 1
    assert command("retry", "unknown").exit_code == 1


def test_a_table_names_the_letter_and_why_it_waits(command: Command, ledger: Ledger) -> None:
    a_letter(ledger, DeliveryState.REFUSED, "no-endpoint")

    told = command("--failed").output

    assert "no-endpoint" in told
    assert "1 refused" in told


def test_sending_by_hand_goes_past_the_same_gate_as_a_worker(
    command: Command, ledger: Ledger, sandbox: Sandbox
) -> None:
    a_letter(ledger)
    sandbox.recorder.clear()

    told = command("send", "--json")

    assert told.exit_code == 0
    assert json.loads(told.output) == {"sent": {"cancelled": 1}, "answers": {}, "waiting": 0}
    (entry,) = outbox.deliveries_in_state(ledger, *DeliveryState)
    assert entry.reason == "not-released"
    assert sandbox.recorder.writes == []
