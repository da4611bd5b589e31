"""Questions to the server that show whether reading works: its clock, what it declares, our searches."""

from dataclasses import replace
from datetime import datetime, timedelta

from adapter.fhir import FhirClient
from adapter.fhir.capabilities import Capabilities
from mappings.inbound import queries
from workers.doctor.findings import Finding, FindingState, check
from workers.host.clock import Clock
from workers.queue.bootstrap import reading_of
from workers.queue.sweep_pages.page_reader import NEEDED
from workers.review.searches.includes import Search, searched
from workers.review.searches.patient_searches import offered
from workers.settings.all_settings import Settings

NOBODY = "osteo-handover-doctor"  # an id that no patient has
APART = timedelta(minutes=1)


def check_clocks(client: FhirClient, clock: Clock) -> Finding:
    """How far the server's clock is from ours."""
    asked = [("_id", NOBODY), ("_elements", "id")]
    do = "set both clocks by NTP: sweeps stay right, but find changes later"
    found = check("clocks", lambda: client.search("Patient", asked, limit=1), lambda _: "", do)
    told = found.result.server_time if found.result else None
    if told is None:
        return replace(found.finding, says=found.finding.says or "the server does not tell its time")
    apart = datetime.fromisoformat(told) - clock()
    says = f"the server's is {abs(apart).total_seconds():.0f} s {'ahead of' if apart > timedelta(0) else 'behind'} ours"
    if abs(apart) > APART:
        return Finding("clocks", FindingState.LIMITED, says, do)
    return Finding("clocks", FindingState.WORKS, says)


def check_types(known: Capabilities, settings: Settings) -> Finding:
    """Which types we would read and cannot."""
    read = dict.fromkeys(query.type for query in queries([NOBODY], reading_of(settings)))
    missing = [kind for kind in read if not offered(known, kind)]
    if lost := [kind for kind in missing if kind in NEEDED]:
        return Finding(
            "types read",
            FindingState.BROKEN,
            f"the server does not offer {', '.join(lost)}",
            "ask the server's owner",
        )
    if missing:
        do = "what they would tell stays unknown, which is never taken as reassuring"
        return Finding(
            "types read", FindingState.LIMITED, f"the server does not offer {', '.join(missing)}", do
        )
    return Finding("types read", FindingState.WORKS, f"all {len(read)} are offered")


def check_news(known: Capabilities, settings: Settings) -> Finding:
    """Whether changes can be found."""
    mute = [
        kind
        for kind in settings.sweep_types
        if "_lastUpdated" not in (known.search_params(kind) or {"_lastUpdated"})
    ]
    if mute:
        says = f"{', '.join(mute)} cannot be searched by _lastUpdated"
        return Finding(
            "finding changes", FindingState.LIMITED, says, "every sweep reads every patient: sweep less often"
        )
    return Finding("finding changes", FindingState.WORKS, "by _lastUpdated")


def check_bundles(known: Capabilities) -> Finding:
    """Whether many requests can be made as one."""
    declared = {"batch": known.batch, "transaction": known.transaction}
    slow = [name for name, support in declared.items() if not support.worth_asking]
    if slow:
        return Finding(
            "bundles",
            FindingState.LIMITED,
            f"no {' and no '.join(slow)}",
            "it works one by one, and much slower",
        )
    return Finding("bundles", FindingState.WORKS, "batch and transaction")


def check_searches(client: FhirClient, settings: Settings) -> Finding:
    """Whether every search that reading makes is answered, asked about a patient who is not there."""
    asked: list[Search] = [
        (q.type, q.params, lambda _: False) for q in queries([NOBODY], reading_of(settings))
    ]
    asked = [search for search in asked if offered(client.capabilities(), search[0])]
    do = "ask the server's owner for the right to read"
    told = f"{len(asked)} searches, all answered as asked"
    tried = check("searching", lambda: searched(client, asked), lambda _: told, do)
    found = tried.result or ()
    ignored = sorted(
        {
            parameter
            for result in found
            for parameter in result.ignored_parameters
            if not parameter.startswith("_")
        }
    )
    strays = sum(len(result.foreign) for result in found)
    if strays or ignored:
        says = f"the server ignores {', '.join(ignored) or 'a parameter'}; {strays} resources of others came"
        return Finding(
            "searching", FindingState.LIMITED, says, "they are never used, but reading is slow: ask its owner"
        )
    if client.refused.types and tried.result is not None:
        says = f"no right to search {', '.join(sorted(client.refused.types))}: asked without"
        do = "give the right: what is told there in words alone stays unknown"
        return Finding("searching", FindingState.LIMITED, says, do)
    if client.refused.missing and tried.result is not None:
        says = f"no search for what has no day, or has a reason, of {', '.join(sorted(client.refused.missing))}: asked without"
        do = "allow the modifier :missing: a result without a day, under a code of the house, stays unseen"
        return Finding("searching", FindingState.LIMITED, says, do)
    if client.refused.includes and tried.result is not None:
        says = f"no _include for {', '.join(sorted(client.refused.includes))}: asked without"
        do = "nothing: what it would bring is asked for by id, which costs a search more"
        return Finding("searching", FindingState.LIMITED, says, do)
    return tried.finding
