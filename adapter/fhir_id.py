"""What the id of a resource may look like (https://hl7.org/fhir/R4/datatypes.html#id): an odd one goes nowhere of ours."""

import re
from typing import TypeGuard

PATTERN = r"[A-Za-z0-9\-.]{1,64}"
_WHOLE = re.compile(PATTERN)


def is_fhir_id(value: object) -> TypeGuard[str]:
    """Whether it is one."""
    return isinstance(value, str) and _WHOLE.fullmatch(value) is not None
