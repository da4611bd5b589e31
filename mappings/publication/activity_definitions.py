"""What a plan may propose to do: one ActivityDefinition per code of an activity or a follow-up."""

from collections.abc import Iterator, Mapping

from adapter.clinical.pathway.pathway import Pathway
from adapter.input.wire_json import Json
from mappings.outbound.vocabulary import kind, known
from mappings.publication.actions import DEFINED, coded, definition_address
from mappings.publication.names import DRAFT, camel, narrative, on_server
from mappings.publication.terminology import output_version


def activity_definitions(pathway: Pathway, outputs: Mapping[str, str]) -> Iterator[Json]:
    """A code has one definition in all pathways, so that plans of two hospitals can be compared."""
    for code, effect in outputs.items():
        if effect in DEFINED:
            yield _definition(pathway, code)


def _definition(pathway: Pathway, code: str) -> Json:
    named = coded(pathway, code)
    request = kind(code)
    url = definition_address(pathway, code)
    return {
        "resourceType": "ActivityDefinition",
        "id": on_server(url.rpartition("/")[2]),
        "text": narrative(named["text"]),
        "url": url,
        "version": output_version() if known(code) else pathway.ref.version,
        "name": camel(code),
        "title": named["text"],
        **DRAFT,
        **({"kind": request} if request else {}),
        "code": named,
        "intent": "proposal",
    }
