"""The form of a resource id (https://hl7.org/fhir/R4/datatypes.html#id); any other is not used."""

import re
from typing import TypeGuard

PATTERN = r"[A-Za-z0-9\-.]{1,64}"
_WHOLE = re.compile(PATTERN)


def is_fhir_id(value: object) -> TypeGuard[str]:
    """Whether it is one."""
    return isinstance(value, str) and _WHOLE.fullmatch(value) is not None
