"""Start and stop: on the address of the settings, until SIGTERM or SIGINT; finishes requests under way."""

import signal
import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import uvicorn

from adapter.errors import ConfigurationFault
from adapter.fhir.smart import key_set, load_keys
from adapter.input.wire_json import ReadOnlyJson
from mappings.handover.institution import Institution
from mappings.handover.patient_record import PatientRecord
from workers.host.clock import Clock, system_clock
from workers.ledger import Ledger, open_ledger
from workers.queue.bootstrap import client_of, institution_of, ruleset_of, scope_of
from workers.queue.broker_calls import follow_up_of
from workers.review.read import read
from workers.server.admission import admission_of, hints_admission_of
from workers.server.cds_clients import clients_of
from workers.server.cds_routes import CdsRoutes
from workers.server.cds_services import CdsServices
from workers.server.health import Health
from workers.server.hint_receiver import HintReceiver
from workers.server.http_routes import HttpRoutes
from workers.settings.all_settings import Settings
from workers.settings.full_pass_rule import full_pass_rule_of
from workers.settings.smart_login import SmartLogin

_GRACE_SECONDS = 10


def routes_of(settings: Settings, clock: Clock = system_clock) -> HttpRoutes:
    """All routes, by the settings; raises ConfigurationFault if any of them cannot work."""
    institution = institution_of(settings)
    scope, url = scope_of(settings, institution), settings.ledger_url.get_secret_value()
    health = Health(
        lambda: open_ledger(url, scope),
        ruleset_of(settings, institution),
        settings.fhir_base_url,
        settings.sweep_interval,
        full_pass_rule_of(settings),
        clock,
    )
    hints = HintReceiver(
        hints_admission_of(settings.serve),
        health.opened,
        clock,
        settings.fhir_base_url,
        follow_up_of(settings),
    )
    return HttpRoutes(
        institution,
        settings.timezone,
        clock,
        admission_of(settings.serve),
        health,
        _public_keys(settings.smart),
        hints if settings.serve.servers else None,
        _cds_routes_of(settings, institution, health.opened, clock),
    )


def _cds_routes_of(
    settings: Settings, institution: Institution, opened: Callable[[], Ledger], clock: Clock
) -> CdsRoutes | None:
    """The CDS services, where somebody may call them."""
    clients = clients_of(settings.serve, clock)
    if clients is None:
        return None
    server = client_of(settings)

    def read_one(patient: str, on: date) -> PatientRecord:
        (found,) = read([patient], server, institution, on)
        return replace(found, existing={})  # as nobody had proposed anything: a card shows the plan whole

    services = CdsServices(institution, settings.timezone, clock, settings.fhir_base_url, opened, read_one)
    return CdsRoutes(clients, services, admission_of(settings.serve), tuple(settings.serve.cds_origins))


def _public_keys(login: SmartLogin | None) -> Callable[[], ReadOnlyJson] | None:
    """The keys, read anew for each request: an exchanged key needs no restart.

    Read once here, to refuse a wrong file at start.
    """
    if login is None:
        return None

    def public_keys() -> ReadOnlyJson:
        return key_set(load_keys(login.key, login.key_id))

    public_keys()
    return public_keys


def serve_forever(settings: Settings, on_ready: Callable[[str], None]) -> None:
    """Only from the main thread; returns after the signal."""
    asked = settings.serve
    app = routes_of(settings).app()
    try:
        listener = socket.create_server((asked.host, asked.port))
    except OSError as error:
        raise ConfigurationFault(f"Cannot listen on {asked.host}:{asked.port} ({error.strerror}).") from error
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ssl_certfile=asked.tls_cert,
        ssl_keyfile=str(asked.tls_key) if asked.tls_key else None,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    # uvicorn raises a signal again when it has stopped: that one ends nothing, so that the exit code is 0
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        on_ready(f"{'https' if asked.tls_cert else 'http'}://{asked.host}:{listener.getsockname()[1]}")
        uvicorn.Server(config).run([listener])
    finally:
        listener.close()
        for number, handler in before.items():
            signal.signal(number, handler)
