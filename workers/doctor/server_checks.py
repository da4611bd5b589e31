"""Questions to the server that show whether reading works: its clock, what it declares, and the searches that are made."""

from dataclasses import replace
from datetime import datetime, timedelta

from adapter.errors import ConfigurationFault, OsteoHandoverError
from adapter.fhir import FhirClient
from adapter.fhir.capabilities import Capabilities
from mappings.inbound import queries
from workers.clock import Clock
from workers.findings import Finding, State, attempt
from workers.queue.bootstrap import reading_of
from workers.queue.runtime import SWEEP_LEASE, sweep_targets
from workers.queue.sweep import SweepPolicy
from workers.queue.sweep_pages import NEEDED, SweepTarget, denies, lacks
from workers.review.read import offered
from workers.settings import Settings

NOBODY = "osteo-handover-doctor"  # an id that no patient has
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
