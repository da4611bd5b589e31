"""``Type/id`` from parts that others wrote: an id with a slash or question mark makes another request."""

import re

from adapter.errors import RecordFault, SoftwareFault
from adapter.input.wire_json import ReadOnlyJson

_TYPE = re.compile(r"[A-Z][A-Za-z]{1,63}")
# FHIR allows no underscore, some servers hand them out all the same; a dot segment never.
_ID = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9\-._]{1,128}")


def location(resource_type: str, resource_id: str, version_id: str | None = None) -> str:
    """Relative to the base; RecordFault for an id that cannot be one."""
    at = f"{checked_type(resource_type)}/{_checked_id(resource_id)}"
    return at if version_id is None else f"{at}/_history/{_checked_id(version_id)}"


def type_of(resource: ReadOnlyJson) -> str:
    return checked_type(resource.get("resourceType"))


def checked_type(resource_type: object) -> str:
    """A resource type is always our own choice, so a wrong one is our own mistake."""
    if not isinstance(resource_type, str) or not _TYPE.fullmatch(resource_type):
        raise SoftwareFault("A resource without a resourceType was about to be used as one.")
    return resource_type


def _checked_id(resource_id: str) -> str:
    if not _ID.fullmatch(resource_id):
        raise RecordFault("A reference or a resource holds an id that FHIR does not allow.")
    return resource_id
