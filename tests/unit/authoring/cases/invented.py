"""Cases with sensible defaults: a test names only what it is about."""

from datetime import date
from typing import Any

from adapter.input.wire_json import Json
from workers.authoring.cases import WorkedCase

AS_OF = date(2026, 11, 20)
SCANNED = "2026-11-10"
SPINE = {"site": "lumbar_spine", "value": -2.7, "date": SCANNED, "status": "final"}
NECK = {"site": "femoral_neck", "value": -1.9, "date": SCANNED, "status": "final"}
WOMAN = {"age_years": 70, "sex": "female", "menopausal_status": "post"}
OSTEOPOROSIS = {**WOMAN, "t_scores": [SPINE, NECK]}


def a_case(facts: Json | None = None, **changes: Any) -> WorkedCase:
    """A woman of 70 with osteoporosis at the spine, in the ETZ, of whom nothing is expected."""
    held: dict[str, Any] = {"id": "X-01", "pathway": "etz", "as_of": AS_OF, "expect": {}}
    return WorkedCase(facts=OSTEOPOROSIS if facts is None else facts, **held | changes)
