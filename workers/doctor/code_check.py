"""Whether the codes of the institution's own, which the settings map, are those of its record."""

from collections.abc import Sequence

from adapter.errors import ConfigurationFault
from adapter.fhir import FhirClient
from mappings.inbound.densitometry.sites import FOREARM_CODES
from workers.doctor.findings import Finding, FindingState, check
from workers.settings.all_settings import Settings

WHAT, FOREARM = "own codes", "code of the forearm"


Whose = Sequence[tuple[str, str]]  # what a search needs that must name patients


def check_forearm_code(client: FhirClient, settings: Settings, whose: Whose) -> Finding:
    """Whether results use the forearm code, which some systems use for any site, and nobody said which."""
    mapped = {code.rpartition("|")[2] for code in settings.local_t_scores}
    codes = sorted({code for _, code in FOREARM_CODES} - mapped)
    if settings.forearm_code_site or not codes:
        return Finding(FOREARM, FindingState.WORKS, "the settings say what its code means here")
    asked = [*whose, ("combo-code", ",".join(codes)), ("_count", "1"), ("_elements", "id")]
    do = "ask the server's owner for the right to search Observation"
    tried = check(FOREARM, lambda: client.search("Observation", asked, limit=1), lambda _: "", do)
    if tried.result is None:
        return tried.finding
    if "combo-code" in tried.result.ignored_parameters or not tried.result.matches:
        return Finding(FOREARM, FindingState.WORKS, "no result under its code was found")
    says = (
        f"results stand under {', '.join(codes)}, which by LOINC is the forearm and decides nothing by itself"
    )
    do = (
        "ask the DXA department what it means: set forearm_code_site to that site (also to a forearm), or "
        "local_t_scores to http://loinc.org|CODE=body_site where each result names its own site"
    )
    return Finding(FOREARM, FindingState.LIMITED, says, do)


def check_own_codes(client: FhirClient, settings: Settings, whose: Whose = ()) -> Finding:
    """Which mapped codes find no result: one that is misspelled maps nothing, and nobody would notice."""
    mapped = (*settings.local_t_scores, *settings.local_laboratory)
    tried = check(
        WHAT,
        lambda: [code for code in mapped if not _has_results(client, code, whose)],
        lambda _: f"{len(mapped)} mapped, each with results",
        "ask the server's owner for the right to search Observation, or compare the codes by eye",
    )
    if not tried.result:
        return tried.finding
    says = f"no result under {', '.join(tried.result)}"
    do = "compare system and code with those of a result, letter by letter; a code that is not used yet does no harm"
    return Finding(WHAT, FindingState.LIMITED, says, do)


def _has_results(client: FhirClient, code: str, whose: Whose) -> bool:
    """As reading asks for it, in a result or in a part of one."""
    asked = [*whose, ("combo-code", code), ("_count", "1"), ("_elements", "id")]
    found = client.search("Observation", asked, limit=1)
    if "combo-code" in found.ignored_parameters:
        raise ConfigurationFault("The server cannot search Observation by code.")
    return bool(found.matches)
