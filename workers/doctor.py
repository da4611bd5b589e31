"""Look at everything that must work, and say in plain words what does, what does not, and what to do about it.

Whether we may write is not asked of the server's statement, which often promises too much, but tried: our Device
is written, the resource that says which program wrote a plan. It holds nothing about a patient, every plan refers to
it, and writing it again changes nothing. So the probe leaves behind only what the first review writes anyway.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import redis

from adapter.errors import ConfigurationFault, OsteoHandoverError
from adapter.fhir import FhirClient
from adapter.fhir.capabilities import Capabilities
from adapter.fhir.smart import SmartAuth
from mappings.codes import PLAN_KEY
from mappings.inbound import queries
from mappings.lifecycle.institution import Institution
from mappings.outbound import WriteContext
from mappings.outbound.resources.provenance import device
from workers.clock import Clock, system_clock
from workers.findings import Finding, State, attempt
from workers.ledger.database import open_ledger, place_of
from workers.protection import REDIS, redis_tls, require_protection
from workers.queue.bootstrap import (
    WRITTEN,
    client_of,
    institution_of,
    reading_of,
    release,
    scope_of,
    smart_of,
    takes_our_ids,
)
from workers.queue.runtime import SWEEP_LEASE, sweep_targets
from workers.queue.sweep import SweepPolicy
from workers.queue.sweep_pages import NEEDED, SweepTarget, denies, lacks
from workers.review.read import offered
from workers.settings import Settings

NOBODY = "osteo-handover-doctor"  # an id that no patient has


def examine(settings: Settings, *, quick: bool = False) -> Iterator[Finding]:
    """Findings as they come. `quick` leaves out what has to search and write on the server."""
    institution = attempt(
        "pathway", lambda: institution_of(settings), _institution, "set another pathway, or correct its file"
    )
    yield institution.finding
    yield sender(settings)
    yield post(settings)
    yield ledger(settings, institution.result)
    yield broker(settings)
    reach = attempt("connection", lambda: client_of(settings), lambda _: "protected", "use TLS, or allow it")
    if reach.result is None:
        yield reach.finding
        return
    if settings.fhir_auth == "smart" and settings.smart:
        yield token(smart_of(settings, settings.smart))
    with reach.result as client:
        statement = attempt(
            "FHIR server", lambda: _statement(client), _software, "check fhir_base_url and fhir_auth"
        )
        yield statement.finding
        known = statement.result
        if known is None or quick:
            return
        yield clocks(client, system_clock)
        yield types(known, settings)
        yield news(known, settings)
        yield bundles(known)
        yield sweeping(client, settings, system_clock)
        yield searching(client, settings)
        yield writing(client, known, settings)


def _institution(institution: Institution) -> str:
    return f"{institution.pathway.ref.id} {institution.pathway.ref.version}, letters in {institution.texts.language}"


def token(auth: SmartAuth) -> Finding:
    """Whether the authorisation server gives a token, and for all that was asked."""
    do = "compare the settings of `smart` with the registration of this client"
    tried = attempt("access token", auth.headers, lambda _: f"given for {auth.granted}", do)
    if auth.missing:
        says = f"given, but not for {'; '.join(auth.missing)}"
        return Finding("access token", State.LIMITED, says, "have these scopes registered for this client")
    return tried.finding


def sender(settings: Settings) -> Finding:
    """Whether a GP can see who wrote a letter, and whom to call."""
    wanted = ("organization_name", "organization_phone")
    if missing := [name for name in wanted if getattr(settings, name) is None]:
        says = "letters do not say who sends them, or which number to call"
        return Finding("sender of letters", State.LIMITED, says, f"set {' and '.join(missing)}")
    return Finding("sender of letters", State.WORKS, "name and number are set")


def post(settings: Settings) -> Finding:
    """Whether a released letter leaves the server."""
    channel = settings.delivery.channel
    if channel == "none":
        says = "released letters stay on the FHIR server"
        return Finding("delivery", State.LIMITED, says, "set delivery to fhir, folder or mllp to bring them")
    return Finding("delivery", State.WORKS, f"by {channel}")


def _statement(client: FhirClient) -> Capabilities:
    return client.capabilities().require_r4()


def _software(known: Capabilities) -> str:
    return f"{known.software or 'unnamed'}, FHIR {known.fhir_version}"


def ledger(settings: Settings, institution: Institution | None) -> Finding:
    """Whether the ledger opens."""
    url = settings.ledger_url.get_secret_value()

    def opened() -> str:
        open_ledger(url, scope_of(settings, institution) if institution else "").close()
        return f"{place_of(url)}, opened"

    do = "check ledger_url and the rights on its file or database"
    return attempt("ledger", opened, str, do).finding


def broker(settings: Settings) -> Finding:
    """Whether Redis answers, and whether it can lose what it was given."""
    if settings.broker_url is None:
        return Finding(
            "broker", State.LIMITED, "none is set", "`run` works without; worker and beat need broker_url"
        )
    try:
        require_protection(settings, REDIS)
        address, tls = settings.broker_url.get_secret_value(), redis_tls(settings)
        with redis.Redis.from_url(address, socket_timeout=5, **tls) as client:
            policy = client.config_get("maxmemory-policy").get("maxmemory-policy")
    except redis.ResponseError:
        return Finding("broker", State.WORKS, "Redis answers; its settings may not be read")
    except ConfigurationFault as fault:
        return Finding("broker", State.BROKEN, "it is not asked", str(fault))
    except (redis.RedisError, ValueError) as error:
        return Finding(
            "broker", State.BROKEN, f"Redis does not answer ({type(error).__name__})", "check broker_url"
        )
    if policy != "noeviction":
        do = "set maxmemory-policy noeviction: Redis may silently drop what it was given"
        return Finding("broker", State.LIMITED, f"Redis answers; maxmemory-policy is {policy}", do)
    return Finding("broker", State.WORKS, "Redis answers")


APART = timedelta(minutes=1)


def clocks(client: FhirClient, clock: Clock) -> Finding:
    """How far the server's clock is from ours."""
    asked = [("_count", "1"), ("_elements", "id")]
    do = "set both clocks by NTP: sweeps stay right, but find changes later"
    found = attempt("clocks", lambda: client.search("Patient", asked, limit=1), lambda _: "", do)
    told = found.result.server_time if found.result else None
    if told is None:
        return replace(found.finding, says=found.finding.says or "the server does not tell its time")
    apart = datetime.fromisoformat(told) - clock()
    says = f"the server's is {abs(apart).total_seconds():.0f} s {'ahead of' if apart > timedelta(0) else 'behind'} ours"
    if abs(apart) > APART:
        return Finding("clocks", State.LIMITED, says, do)
    return Finding("clocks", State.WORKS, says)


def types(known: Capabilities, settings: Settings) -> Finding:
    """Which types we would read and cannot."""
    read = dict.fromkeys(query.type for query in queries([NOBODY], reading_of(settings)))
    missing = [kind for kind in read if not offered(known, kind)]
    if lost := [kind for kind in missing if kind in NEEDED]:
        return Finding(
            "types read",
            State.BROKEN,
            f"the server does not offer {', '.join(lost)}",
            "ask the server's owner",
        )
    if missing:
        do = "what they would tell stays unknown, which is never taken as reassuring"
        return Finding("types read", State.LIMITED, f"the server does not offer {', '.join(missing)}", do)
    return Finding("types read", State.WORKS, f"all {len(read)} are offered")


def news(known: Capabilities, settings: Settings) -> Finding:
    """Whether changes can be found."""
    mute = [
        kind
        for kind in settings.sweep_types
        if "_lastUpdated" not in (known.search_params(kind) or {"_lastUpdated"})
    ]
    if mute:
        says = f"{', '.join(mute)} cannot be searched by _lastUpdated"
        return Finding(
            "finding changes", State.LIMITED, says, "every sweep reads every patient: sweep less often"
        )
    return Finding("finding changes", State.WORKS, "by _lastUpdated")


def bundles(known: Capabilities) -> Finding:
    """Whether many requests can be made as one."""
    slow = [name for name in ("batch", "transaction") if getattr(known, name) is False]
    if slow:
        return Finding(
            "bundles", State.LIMITED, f"no {' and no '.join(slow)}", "it works one by one, and much slower"
        )
    return Finding("bundles", State.WORKS, "batch and transaction")


def sweeping(client: FhirClient, settings: Settings, clock: Clock) -> Finding:
    """Whether the searches of a sweep are answered: they name no patient, which some servers refuse."""
    targets = sweep_targets(settings, reading_of(settings))
    policy = SweepPolicy("", targets, *(timedelta(0),) * 3, SWEEP_LEASE)
    (everybody,) = policy.searches(None, full=True)
    try:
        if fault := _refused(client, everybody):
            return Finding(
                "sweep", State.BROKEN, f"no list of patients: {fault}", "ask for the right to search Patient"
            )
        news = [it for it in policy.searches(clock(), full=False) if not lacks(client, it.type)]
        faults = {it.type: fault for it in news if (fault := _refused(client, it))}
    except OsteoHandoverError as fault:
        return Finding("sweep", State.BROKEN, str(fault), "wait, or find out why it does not answer")
    refused = {kind: fault for kind, fault in faults.items() if not denies(fault, kind)}
    absent = sorted({it.type for it in targets} - {it.type for it in news} | faults.keys() - refused.keys())
    if not refused and absent:
        says = f"the server does not have {', '.join(absent)}: sweeps pass over that and read the rest"
        return Finding("sweep", State.LIMITED, says, "nothing, unless it should be there")
    if not refused:
        return Finding("sweep", State.WORKS, f"{1 + len(news)} searches across all patients, all answered")
    says = f"no search across patients for {', '.join(refused)}: {next(iter(refused.values()))}"
    answered = ",".join(kind for kind in settings.sweep_types if kind not in refused)
    do = (
        f"ask the server's owner for them, or set sweep_types={answered or 'Patient'} and full_sweep_interval to how often "
        "everybody is to be looked at: a full pass reads each patient by searches that name the patient"
    )
    return Finding("sweep", State.BROKEN, says, do)


def _refused(client: FhirClient, target: SweepTarget) -> ConfigurationFault | None:
    try:
        client.search_page(target.type, (*target.params, ("_count", "1")))
    except ConfigurationFault as fault:
        return fault
    return None


def searching(client: FhirClient, settings: Settings) -> Finding:
    """Whether every search that reading makes is answered, asked about a patient who is not there."""
    asked = [(q.type, q.params, lambda _: False) for q in queries([NOBODY], reading_of(settings))]
    asked = [it for it in asked if offered(client.capabilities(), it[0])]
    do = "ask the server's owner for the right to read"
    told = f"{len(asked)} searches, all answered as asked"
    tried = attempt("searching", lambda: client.batch_searches(asked), lambda _: told, do)
    found = tried.result or ()
    ignored = sorted({it for result in found for it in result.ignored_parameters if not it.startswith("_")})
    strays = sum(len(result.foreign) for result in found)
    if strays or ignored:
        says = f"the server ignores {', '.join(ignored) or 'a parameter'}; {strays} resources of others came"
        return Finding(
            "searching", State.LIMITED, says, "they are never used, but reading is slow: ask its owner"
        )
    return tried.finding


def writing(client: FhirClient, known: Capabilities, settings: Settings) -> Finding:
    """Whether and how we may write: by our Device, see above."""
    if absent := [kind for kind in WRITTEN if not offered(known, kind)]:
        return Finding(
            "writing", State.BROKEN, f"the server does not offer {', '.join(absent)}", "ask its owner"
        )

    def probe() -> str:
        machine = dict(device(WriteContext(settings.site, release(), "")).resource)
        if takes_our_ids(known, settings):
            client.update(machine)
            return "new resources get our own ids, by PUT"
        client.create_conditional(machine, [("identifier", f"{PLAN_KEY}|{machine.pop('id')}")])
        return "new resources get the server's ids, by conditional create"

    do = "ask the server's owner for the right to write"
    return attempt("writing", probe, lambda how: f"our Device was written; {how}", do).finding
