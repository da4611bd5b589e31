"""Looks at everything that must work; says in plain words what does, what does not, and what to do."""

from collections.abc import Iterator

import redis

from adapter.errors import OsteoHandoverError
from adapter.fhir import FhirClient
from adapter.fhir.capabilities import Capabilities
from adapter.fhir.smart import SmartAuth
from mappings.handover.institution import Institution
from workers.broker.connection_check import connect_redis
from workers.doctor.code_check import check_forearm_code, check_own_codes
from workers.doctor.findings import Finding, FindingState, check
from workers.doctor.full_pass_check import check_full_pass
from workers.doctor.rights_check import check_rights
from workers.doctor.server_checks import check_bundles, check_clocks, check_news, check_searches, check_types
from workers.doctor.sweep_check import check_sweep, sample_patients
from workers.host.clock import system_clock
from workers.ledger.database import ledger_address, open_ledger
from workers.queue.bootstrap import client_of, institution_of, scope_of, smart_of
from workers.settings.all_settings import Settings
from workers.settings.protection import broker_of, unprotected_settings


def examine(settings: Settings, *, quick: bool = False) -> Iterator[Finding]:
    """Findings as they come. `quick` leaves out what has to search and write on the server."""
    institution = check(
        "pathway",
        lambda: institution_of(settings),
        _institution_text,
        "set another pathway, or correct its file",
    )
    yield institution.finding
    yield check_sender(settings)
    yield check_post(settings)
    yield check_ledger(settings, institution.result)
    if institution.result:
        yield from check_full_pass(settings, institution.result, system_clock)
    yield check_broker(settings)
    reach = check("connection", lambda: client_of(settings), lambda _: "protected", "use TLS, or allow it")
    if reach.result is None:
        yield reach.finding
        return
    yield from check_protection(settings)
    if settings.fhir_auth == "smart" and settings.smart:
        yield check_token(smart_of(settings, settings.smart))
    with reach.result as client:
        statement = check(
            "FHIR server",
            lambda: _capabilities_of(client),
            _software_text,
            "check fhir_base_url and fhir_auth",
        )
        yield statement.finding
        known = statement.result
        if known is None or quick:
            return
        yield check_clocks(client, system_clock)
        yield check_types(known, settings)
        yield check_news(known, settings)
        yield check_bundles(known)
        yield check_sweep(client, settings, system_clock)
        yield check_searches(client, settings)
        yield from _check_codes(client, settings)
        yield from check_rights(client, known, settings)


def _check_codes(client: FhirClient, settings: Settings) -> Iterator[Finding]:
    whose = sample_patients(client, settings)
    if whose is None:
        says = "not looked for, since no patient is known here whom a search could name"
        yield Finding("codes", FindingState.LIMITED, says, "compare the codes of the settings by eye")
        return
    if settings.local_t_scores or settings.local_laboratory:
        yield check_own_codes(client, settings, whose)
    yield check_forearm_code(client, settings, whose)


def check_protection(settings: Settings) -> Iterator[Finding]:
    """What the settings allow to go over a network for everybody to read."""
    told = [f"{name}: {why}" for name, why in unprotected_settings(settings)]
    told += [f"{name} of delivery" for name in settings.delivery.allow_unprotected]
    if told:
        says = f"allowed in the clear: {'; '.join(told)}"
        yield Finding(
            "connections", FindingState.LIMITED, says, "use TLS as soon as the other side offers it"
        )


def _institution_text(institution: Institution) -> str:
    return f"{institution.pathway.ref.id} {institution.pathway.ref.version}, letters in {institution.texts.language}"


def check_token(auth: SmartAuth) -> Finding:
    """Whether the authorisation server gives a token, and for all that was asked."""
    do = "compare the settings of `smart` with the registration of this client"
    tried = check("access token", auth.headers, lambda _: f"given for {auth.granted}", do)
    if auth.missing:
        says = f"given, but not for {'; '.join(auth.missing)}"
        return Finding(
            "access token", FindingState.LIMITED, says, "have these scopes registered for this client"
        )
    return tried.finding


def check_sender(settings: Settings) -> Finding:
    """Whether a GP can see who wrote a letter, and whom to call."""
    wanted = ("organization_name", "organization_phone")
    if missing := [name for name in wanted if getattr(settings, name) is None]:
        says = "letters do not say who sends them, or which number to call"
        return Finding("sender of letters", FindingState.LIMITED, says, f"set {' and '.join(missing)}")
    return Finding("sender of letters", FindingState.WORKS, "name and number are set")


def check_post(settings: Settings) -> Finding:
    """Whether a released letter leaves the server."""
    channel = settings.delivery.channel
    if channel == "none":
        says = "released letters stay on the FHIR server"
        return Finding(
            "delivery",
            FindingState.LIMITED,
            says,
            "set channel of delivery to fhir, folder or mllp to bring them",
        )
    return Finding("delivery", FindingState.WORKS, f"by {channel}")


def _capabilities_of(client: FhirClient) -> Capabilities:
    return client.capabilities().require_r4()


def _software_text(known: Capabilities) -> str:
    return f"{known.software or 'unnamed'}, FHIR {known.fhir_version}"


def check_ledger(settings: Settings, institution: Institution | None) -> Finding:
    """Whether the ledger opens."""
    url = settings.ledger_url.get_secret_value()

    def opened() -> str:
        open_ledger(url, scope_of(settings, institution) if institution else "").close()
        return f"{ledger_address(url)}, opened"

    do = "check ledger_url and the rights on its file or database"
    return check("ledger", opened, str, do).finding


def check_broker(settings: Settings) -> Finding:
    """Whether Redis answers, and whether it can lose what it was given."""
    if settings.broker_url is None:
        return Finding(
            "broker",
            FindingState.LIMITED,
            "none is set",
            "`run` works without; worker and beat need broker_url",
        )
    try:
        with connect_redis(*broker_of(settings)) as client:
            policy = client.config_get("maxmemory-policy").get("maxmemory-policy")
    except redis.ResponseError:
        return Finding("broker", FindingState.WORKS, "Redis answers; its settings may not be read")
    except redis.RedisError as error:
        says = f"Redis answered once and then no more ({type(error).__name__})"
        return Finding("broker", FindingState.BROKEN, says, "see whether it runs, and what lies in between")
    except OsteoHandoverError as fault:
        says, _, do = str(fault).partition(": ")
        return Finding("broker", FindingState.BROKEN, says, do)
    if policy != "noeviction":
        do = "set maxmemory-policy noeviction: Redis may silently drop what it was given"
        return Finding("broker", FindingState.LIMITED, f"Redis answers; maxmemory-policy is {policy}", do)
    return Finding("broker", FindingState.WORKS, "Redis answers")
