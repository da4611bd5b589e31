"""A create that is made once where the server gives the ids: its condition finds what was made before.

Our name for a resource stands on it as an identifier. A Provenance has none in R4: there the name is a tag,
for which every type can be searched (``_tag``, https://hl7.org/fhir/R4/search.html#all).
"""

from adapter.input.wire_json import Json
from mappings.outbound.fingerprint import carried

BY_TAG = "_tag="


def created_once(resource: Json, system: str) -> tuple[Json, str]:
    """The content without its id, and the condition (``If-None-Exist``) of its create.

    ``system`` is the naming system of the name. A resource without an identifier of it has its own id as tag.
    """
    # R4: an id that comes with a create is ignored (https://hl7.org/fhir/R4/http.html#create).
    # Some servers refuse it instead.
    content: Json = {part: value for part, value in resource.items() if part != "id"}
    if name := carried(resource, system):
        return content, f"identifier={system}|{name}"
    tag = {"system": system, "code": resource["id"]}
    content["meta"] = {**content.get("meta", {}), "tag": [tag]}
    return content, f"{BY_TAG}{system}|{resource['id']}"
