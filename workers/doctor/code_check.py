"""Whether the codes of the institution's own, which the settings map, are those of its record."""

from adapter.errors import ConfigurationFault
from adapter.fhir import FhirClient
from workers.findings import Finding, State, attempt
from workers.settings import Settings

WHAT = "own codes"


def own_codes(client: FhirClient, settings: Settings) -> Finding:
    """Which mapped codes find no result: one that is misspelled maps nothing, and nobody would notice."""
    mapped = (*settings.local_t_scores, *settings.local_laboratory)
    tried = attempt(
        WHAT,
        lambda: [it for it in mapped if not _found(client, it)],
        lambda _: f"{len(mapped)} mapped, each with results",
        "ask the server's owner for the right to search Observation, or compare the codes by eye",
    )
    if not tried.result:
        return tried.finding
    says = f"no result under {', '.join(tried.result)}"
    do = "compare system and code with those of a result, letter by letter; a code that is not used yet does no harm"
    return Finding(WHAT, State.LIMITED, says, do)


def _found(client: FhirClient, code: str) -> bool:
    """As reading asks for it, in a result or in a part of one."""
    asked = [("combo-code", code), ("_count", "1"), ("_elements", "id")]
    found = client.search("Observation", asked, limit=1)
    if "combo-code" in found.ignored_parameters:
        raise ConfigurationFault("The server cannot search Observation by code.")
    return bool(found.matches)
