"""Whether the account may do what the settings need: each right is tried, and nothing is left behind by that.

What a server says that it offers is no right. A search is tried about nobody. Our Device is really written:
it holds nothing about a patient, every plan refers to it, and writing it again changes nothing. Every other
write stands in a transaction with the condition that our Device has a version which it cannot have: who lacks
the right is refused, and for whoever has it the condition fails and nothing is written.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import assert_never
from uuid import NAMESPACE_URL, uuid5

from adapter.errors import ConfigurationFault, OsteoHandoverError, RecordFault, VersionConflict
from adapter.fhir import Entry, FhirClient
from adapter.fhir.capabilities import Capabilities
from adapter.fhir.search import without_includes
from adapter.input.wire_json import Json
from adapter.software_version import software_version
from mappings.codes import PLAN_KEY
from mappings.inbound import queries
from mappings.inbound.gaps import SPARED
from mappings.outbound import WriteContext
from mappings.outbound.resources.provenance import device
from workers.doctor.findings import Finding, FindingState, check
from workers.doctor.server_checks import NOBODY
from workers.doctor.write_probes import PROBES
from workers.queue.access_rights import Right, Verb, rights_of
from workers.queue.bootstrap import reading_of, takes_our_ids
from workers.review.searches.patient_searches import offered
from workers.settings.all_settings import Settings

NO_VERSION = 'W/"0"'
ALL_RIGHTS = "give the account these rights; SECURITY.md lists all that the settings need"


@dataclass(frozen=True, slots=True)
class WrittenDevice:
    """Our Device as it stands on the server, and whether under an id of ours."""

    id: str
    own_id: bool
    resource: Json = field(repr=False)

    @property
    def says(self) -> str:
        """How new resources will be written."""
        by_put, by_create = "our own ids, by PUT", "the server's ids, by conditional create"
        return f"our Device was written; new resources get {by_put if self.own_id else by_create}"


def check_rights(client: FhirClient, known: Capabilities, settings: Settings) -> Iterator[Finding]:
    """Whether and how we may write, and each right that is lacking."""
    needed = tuple(rights_of(settings, reading_of(settings)))
    if absent := [
        right.type for right in needed if right.verb is Verb.WRITE and not offered(known, right.type)
    ]:
        yield Finding(
            "writing", FindingState.BROKEN, f"the server does not offer {', '.join(absent)}", "ask its owner"
        )
        return
    do = "ask the server's owner for the right to write"
    tried = check("writing", lambda: write_device(client, known, settings), lambda device: device.says, do)
    yield tried.finding
    there = [right for right in needed if offered(known, right.type)]
    faults = {
        right: fault for right in there if (fault := _fault_of_right(right, client, settings, tried.result))
    }
    if faults:
        told = "; ".join(f"{right}: {fault}" for right, fault in faults.items())
        spared = all(right.verb is Verb.SEARCH and right.type in SPARED for right in faults)
        yield Finding("rights", FindingState.LIMITED if spared else FindingState.BROKEN, told, ALL_RIGHTS)
    elif tried.result and _cannot_be_tried(client, tried.result):
        says = "the searches are allowed; of the writes only that of our Device could be tried"
        yield Finding("rights", FindingState.LIMITED, says, "compare those of the account with SECURITY.md")
    else:
        yield Finding("rights", FindingState.WORKS, f"{len(there)} tried, none is lacking")


def write_device(client: FhirClient, known: Capabilities, settings: Settings) -> WrittenDevice:
    """Our Device, written as the first review would write it."""
    machine = dict(device(WriteContext(settings.site, software_version(), "")).resource)
    if takes_our_ids(known, settings):
        return WrittenDevice(client.update(machine).id, own_id=True, resource=machine)
    unnamed = {name: value for name, value in machine.items() if name != "id"}
    made = client.create_conditional(unnamed, [("identifier", f"{PLAN_KEY}|{machine['id']}")])
    return WrittenDevice(made.id, own_id=False, resource={**machine, "id": made.id})


def _fault_of_right(
    right: Right, client: FhirClient, settings: Settings, written: WrittenDevice | None
) -> OsteoHandoverError | None:
    """What keeps this account from it, if anything. Without a Device that was written, no write is tried."""
    try:
        match right.verb:
            case Verb.SEARCH:
                for params in _searches(right.type, settings):
                    client.search_page(right.type, (*params, ("_count", "1")))
            case Verb.WRITE:
                if written and right.type != "Device" and not _cannot_be_tried(client, written):
                    return _fault_of_write(right.type, client, written)
            case Verb.DELETE:
                client.delete(right.type, NOBODY)
            case unreachable:
                assert_never(unreachable)
    except OsteoHandoverError as fault:
        return fault
    return None


def _searches(kind: str, settings: Settings) -> Iterator[Sequence[tuple[str, str]]]:
    """The searches of a review, about a patient who is not there; of other types by an id that nothing has.

    Without `_include`: what a server cannot include is no matter of rights.
    """
    read = [query for query in queries([NOBODY], reading_of(settings)) if query.type == kind]
    asked = [without_includes(query.params) for query in read]
    yield from asked or ([("_id", NOBODY)],)


def _cannot_be_tried(client: FhirClient, written: WrittenDevice) -> bool:
    """Without transactions and without ids of ours no write is certain to fail, so none may be tried."""
    return not client.capabilities().transaction.worth_asking and not written.own_id


def _fault_of_write(kind: str, client: FhirClient, written: WrittenDevice) -> OsteoHandoverError | None:
    probe = {"resourceType": kind, **PROBES[kind]}
    try:
        if not client.capabilities().transaction.worth_asking:
            client.update({**probe, "id": NOBODY}, if_match=NO_VERSION)
        else:
            client.transaction([_probe_entry(probe, written), _impossible_entry(written)])
    except (VersionConflict, RecordFault):
        return None  # it came as far as the condition
    return ConfigurationFault("written although its condition did not hold: this server compares no versions")


def _probe_entry(probe: Json, written: WrittenDevice) -> Entry:
    if written.own_id:
        named = {**probe, "id": NOBODY}
        return Entry("PUT", f"{probe['resourceType']}/{NOBODY}", named, if_match=NO_VERSION)
    return Entry("POST", probe["resourceType"], probe, full_url=f"urn:uuid:{uuid5(NAMESPACE_URL, NOBODY)}")


def _impossible_entry(written: WrittenDevice) -> Entry:
    return Entry("PUT", f"Device/{written.id}", written.resource, if_match=NO_VERSION)
