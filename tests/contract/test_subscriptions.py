"""Subscriptions on real servers: made once, mended, removed; on HAPI a change hints at its patient."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
import uvicorn

from adapter.errors import VersionConflict
from adapter.fhir import FhirClient
from adapter.input.wire_json import Json
from mappings.outbound.resources.subscription import Subscriptions, SubscriptionState
from tests.made_resources import a_patient, a_t_score
from tests.server_patients import settings_for
from workers.host.clock import system_clock
from workers.ledger import open_ledger, reviews
from workers.queue.bootstrap import client_of
from workers.sandbox import FaultEffect, Sandbox
from workers.server.http_process import routes_of
from workers.server.subscriptions import (
    subscribe_searches,
    subscription_states,
    subscriptions_of,
    unsubscribe_searches,
)
from workers.settings.all_settings import Settings

SECRET = "a secret of more than sixteen"
HEADERS = {"Content-Type": "application/fhir+json"}


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    held = socket.create_server(("127.0.0.1", 0))
    yield held
    held.close()


@pytest.fixture
def settings(fhir_server: str, tmp_path: Path, listener: socket.socket) -> Settings:
    (tmp_path / "secret").write_text(SECRET)
    section = {
        "public_url": f"http://127.0.0.1:{listener.getsockname()[1]}",
        "servers": {"hospital": str(tmp_path / "secret")},
    }
    return settings_for(
        fhir_server, ledger_url=f"sqlite:///{tmp_path / 'ledger.sqlite'}", serve=json.dumps(section)
    )


@pytest.fixture
def client(settings: Settings) -> Iterator[FhirClient]:
    with client_of(settings) as held:
        yield held
        unsubscribe_searches(held, subscriptions_of(settings, "hospital", payload=True))


def put(base: str, resource: Json) -> None:
    address = f"{base}/{resource['resourceType']}/{resource['id']}"
    requests.put(address, json=resource, headers=HEADERS, timeout=30).raise_for_status()


def test_they_are_made_once_mended_and_taken_away(
    client: FhirClient, settings: Settings, request: pytest.FixtureRequest
) -> None:
    ours = subscriptions_of(settings, "hospital", payload=True)
    theirs = {
        "resourceType": "Subscription",
        "status": "requested",
        "reason": "somebody else's",
        "criteria": "Patient?",
        "channel": {"type": "rest-hook", "endpoint": "http://127.0.0.1:1/theirs"},
    }
    other = client.create(theirs).id

    assert {it.state for it in subscription_states(client, ours)} == {SubscriptionState.ABSENT}
    assert subscribe_searches(client, ours) == len(ours.wanted())
    assert subscribe_searches(client, ours) == 0
    assert {it.state for it in subscription_states(client, ours)} <= {SubscriptionState.ACTIVE, SubscriptionState.REQUESTED}  # fmt: skip

    looked_at(client, ours, request)
    held = [it.held for it in subscription_states(client, ours) if it.held]
    client.update({**held[0], "status": "off"})
    client.delete("Subscription", held[1]["id"])
    client.update({**held[2], "status": "requested", "criteria": "Patient?name=x"})
    found = [it.state for it in subscription_states(client, ours)][:3]
    assert found == [SubscriptionState.FAILED, SubscriptionState.ABSENT, SubscriptionState.DIFFERENT]
    assert subscribe_searches(client, ours) == 3
    looked_at(client, ours, request)

    fewer = subscriptions_of(settings.model_copy(update={"sweep_types": ("Observation",)}), "hospital", payload=True)  # fmt: skip
    assert subscribe_searches(client, fewer) > 0
    looked_at(client, fewer, request)

    assert unsubscribe_searches(client, ours) == len(fewer.wanted())
    assert gone(client, ours)
    assert client.read("Subscription", other)["reason"] == "somebody else's"
    client.delete("Subscription", other)


@pytest.mark.parametrize("fhir_server", ["sandbox"], indirect=True)
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_server_that_writes_to_them_itself_is_in_nobodys_way(
    client: FhirClient, settings: Settings, sandbox: Sandbox, method: str
) -> None:
    ours = subscriptions_of(settings, "hospital", payload=True)
    subscribe_searches(client, ours)
    first = next(it.held for it in subscription_states(client, ours) if it.held)
    client.update({**first, "status": "off"})

    sandbox.faults.add_rule(FaultEffect.STATUS, 409, method=method, type="Subscription", times=2)
    assert subscribe_searches(client, ours) == 1
    assert unsubscribe_searches(client, ours) == len(ours.wanted())
    assert gone(client, ours)


@pytest.mark.parametrize("fhir_server", ["sandbox"], indirect=True)
def test_a_subscription_that_is_written_to_for_ever_is_said(
    client: FhirClient, settings: Settings, sandbox: Sandbox
) -> None:
    ours = subscriptions_of(settings, "hospital", payload=True)
    subscribe_searches(client, ours)
    lasting = sandbox.faults.add_rule(FaultEffect.STATUS, 409, method="DELETE", type="Subscription")
    with pytest.raises(VersionConflict):
        unsubscribe_searches(client, ours)
    sandbox.faults.remove_rule(lasting)


@pytest.mark.hapi
@pytest.mark.parametrize("payload", [True, False], ids=["with the resource", "empty"])
@pytest.mark.parametrize("fhir_server", ["hapi"], indirect=True)
def test_a_change_on_hapi_becomes_a_hint(
    client: FhirClient,
    settings: Settings,
    listener: socket.socket,
    unique_id: Callable[[str], str],
    payload: bool,
) -> None:
    patient, base = unique_id("patient"), settings.fhir_base_url
    ours = subscriptions_of(settings, "hospital", payload=payload)
    swept: list[bool] = []
    routes = routes_of(settings)
    assert routes.hints
    routes.hints.follow_up = swept.append
    server = uvicorn.Server(uvicorn.Config(routes.app(), lifespan="off", log_config=None))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        put(base, a_patient(patient, generalPractitioner=[]))
        subscribe_searches(client, ours)
        activated(client, ours)
        put(base, a_t_score(patient))
        if payload:
            within(60, lambda: patient in queued(settings), "a hint with the patient")
        else:
            within(60, lambda: True in swept, "a hint that asks for a sweep")
    finally:
        server.should_exit = True
        thread.join(20)


def looked_at(client: FhirClient, ours: Subscriptions, request: pytest.FixtureRequest) -> None:
    """HAPI reads each that is requested, and then writes it as active, also when it was deleted in between.

    So one comes back that is taken away while HAPI looks at it, and none that is active already.
    """
    if "hapi" in request.node.callspec.id:
        activated(client, ours)
    assert subscribe_searches(client, ours) == 0


def gone(client: FhirClient, ours: Subscriptions) -> bool:
    """Nothing of ours is there."""
    return unsubscribe_searches(client, ours) == 0 and {
        it.state for it in subscription_states(client, ours)
    } == {SubscriptionState.ABSENT}


# HAPI looks at what is requested when it is told of it, and once a minute at what it missed then.
LOOKED_AT = 150  # seconds


def activated(client: FhirClient, ours: Subscriptions) -> None:
    """Wait until the server has looked at all of them.

    What it writes over ours, with what it read before, is mended by whoever asks again.
    """

    def all_active() -> bool:
        mended = subscribe_searches(client, ours)
        return not mended and {it.state for it in subscription_states(client, ours)} == {
            SubscriptionState.ACTIVE
        }

    within(LOOKED_AT, all_active, "active")


def queued(settings: Settings) -> tuple[str, ...]:
    """Who is work by now."""
    ledger = open_ledger(settings.ledger_url.get_secret_value(), routes_of(settings).health.opened().scope)
    try:
        return reviews.claim_patients(ledger, system_clock(), system_clock() - system_clock(), 100, 5)
    finally:
        ledger.close()


def within(seconds: float, holds: Callable[[], bool], what: str) -> None:
    for _ in range(int(seconds / 0.25)):
        if holds():
            return
        time.sleep(0.25)
    pytest.fail(f"not within {seconds} s: {what}")
