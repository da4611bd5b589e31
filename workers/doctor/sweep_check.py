"""Whether the searches of a sweep are answered as the settings make them: for all patients, or by a list.

Many hospitals answer no search that names no patient. Then the sweep walks a list, and here it is said which
setting that is. Searches by a list are tried with the first patients of it, one page each.
"""

from contextlib import closing
from dataclasses import replace
from datetime import timedelta

from adapter.errors import ConfigurationFault, OsteoHandoverError
from adapter.fhir import FhirClient
from workers.doctor.findings import Finding, FindingState
from workers.doctor.server_checks import NOBODY
from workers.host.clock import Clock
from workers.queue.bootstrap import export_client_of, reading_of
from workers.queue.patient_lists.configured_source import list_of
from workers.queue.patient_lists.patient_source import PatientList
from workers.queue.runtime import SWEEP_LEASE, sweep_targets
from workers.queue.sweep_pages.page_reader import SweepPolicy, SweepTarget, denies, lacks
from workers.settings.all_settings import Settings
from workers.settings.full_pass_rule import FullPassRule
from workers.settings.setting_kinds import EXPORT, SEARCH

LISTS = (
    "set patient_source to a file with the ids of patients, to a Group of this server, or to export: the sweep then names "
    "the patients that it asks about"
)


def check_sweep(client: FhirClient, settings: Settings, clock: Clock) -> Finding:
    """One finding about all of them."""
    try:
        listed = first_patients(client, settings)
        if settings.patient_source == EXPORT:
            _try_export(settings)
        return _finding_of_searches(client, settings, _policy_of(settings, listed), clock)
    except OsteoHandoverError as fault:
        do = "correct patient_source" if isinstance(fault, ConfigurationFault) else "wait, or find out why"
        return Finding("sweep", FindingState.BROKEN, str(fault), do)


def first_patients(client: FhirClient, settings: Settings) -> PatientList | None:
    """The first patients of a list, as many as one search names; of an export to come nobody.

    None without a list.
    """
    if settings.patient_source == SEARCH:
        return None
    if settings.patient_source == EXPORT:
        return PatientList((NOBODY,))
    return PatientList((list_of(settings, client).listed().ids or ())[: settings.search_size])


def sample_patients(client: FhirClient, settings: Settings) -> tuple[tuple[str, str], ...] | None:
    """Parameters limiting a search to a list's first patients, none without one; None: nobody is known."""
    if settings.patient_source == EXPORT:
        return None
    try:
        listed = first_patients(client, settings)
    except OsteoHandoverError:
        return None  # the finding about the sweep says so
    return (("patient", ",".join(listed.ids or ())),) if listed else ()


def _try_export(settings: Settings) -> None:
    """Begun and taken back at once."""
    with closing(export_client_of(settings)) as exports:
        exports.delete(exports.kick_off(settings.export.request(("Patient",))))


def _policy_of(settings: Settings, listed: PatientList | None) -> SweepPolicy:
    targets = sweep_targets(settings, reading_of(settings))
    none = timedelta(0)
    return SweepPolicy(
        "",
        targets,
        none,
        none,
        FullPassRule(none),
        SWEEP_LEASE,
        listed=listed,
        search_size=settings.search_size,
    )


def _finding_of_searches(
    client: FhirClient, settings: Settings, policy: SweepPolicy, clock: Clock
) -> Finding:
    (everybody,) = policy.searches(None, full=True)
    if fault := _refusal_of(client, everybody):
        return _finding_without_patients(client, policy, everybody, fault)
    news = [search for search in policy.searches(clock(), full=False) if not lacks(client, search.type)]
    faults = {search.type: fault for search in news if (fault := _refusal_of(client, search))}
    refused = {kind: fault for kind, fault in faults.items() if not denies(fault, kind)}
    absent = sorted(
        {search.type for search in policy.sources} - {search.type for search in news}
        | faults.keys() - refused.keys()
    )
    if refused:
        return _finding_of_refusals(settings, policy, refused)
    if absent:
        says = f"the server does not have {', '.join(absent)}: sweeps pass over that and read the rest"
        return Finding("sweep", FindingState.LIMITED, says, "nothing, unless it should be there")
    return Finding(
        "sweep", FindingState.WORKS, f"{1 + len(news)} searches {_reach_text(policy)}, all answered"
    )


def _finding_without_patients(
    client: FhirClient, policy: SweepPolicy, everybody: SweepTarget, fault: ConfigurationFault
) -> Finding:
    if policy.listed is None:
        return Finding(
            "sweep", FindingState.BROKEN, f"no list of patients: {fault}", f"{LISTS}; or ask for that right"
        )
    alone = next(iter(replace(policy, search_size=1).searches(None, full=True)), everybody)
    if len(policy.listed.ids or ()) > 1 and _refusal_of(client, alone) is None:
        says = f"no search that names several patients: {fault}"
        return Finding("sweep", FindingState.BROKEN, says, "set search_size=1")
    return Finding(
        "sweep", FindingState.BROKEN, f"no search by the id of a patient: {fault}", "ask for that right"
    )


def _finding_of_refusals(
    settings: Settings, policy: SweepPolicy, refused: dict[str, ConfigurationFault]
) -> Finding:
    says = f"no search {_reach_text(policy)} for {', '.join(refused)}: {next(iter(refused.values()))}"
    answered = ",".join(kind for kind in settings.sweep_types if kind not in refused)
    do = (
        f"ask the server's owner for them, or set sweep_types={answered or 'Patient'} and full_sweep_interval to how often "
        "everybody is to be looked at: a full pass reads each patient by searches that name the patient"
    )
    return Finding("sweep", FindingState.BROKEN, says, f"{LISTS}; or {do}" if policy.listed is None else do)


def _reach_text(policy: SweepPolicy) -> str:
    return "across patients" if policy.listed is None else "by the list of patients"


def _refusal_of(client: FhirClient, target: SweepTarget) -> ConfigurationFault | None:
    try:
        client.search_page(target.type, (*target.params, ("_count", "1")))
    except ConfigurationFault as fault:
        return fault
    return None
