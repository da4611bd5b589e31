"""When a list is complete: only then may its silence mean none (C-56).

A list that holds something was written by somebody and counts as complete, unless one of its entries could not be
read. An empty one is complete only when somebody said so: a List with emptyReason ``nilknown``, an intake answer, or the
institution's setting.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from adapter.clinical.model import Certainty, Condition, ConditionKind, Standing
from mappings.codes import INTAKE
from mappings.inbound.intake.intake_questions import NONE_KNOWN
from mappings.inbound.resources.codings import concept, holds, within
from mappings.inbound.resources.compartment import Compartment
from mappings.inbound.resources.datatypes import objs, text
from mappings.inbound.resources.observations import Measurement
from mappings.valuesets import table

_MODES = frozenset({"working", "snapshot"})

# A diagnosis of low bone mass, or a finding that answers one question, is no sign that a medical history was written
# down: the osteoporosis itself is what the DXA is about, and the others come from the intake.
ALONE_NO_HISTORY = frozenset(
    {
        ConditionKind.OSTEOPOROSIS,
        ConditionKind.OSTEOPENIA,
        ConditionKind.POSTMENOPAUSAL,
        ConditionKind.PREGNANCY,
        ConditionKind.LACTATION,
        ConditionKind.DENTAL_PROBLEM,
        ConditionKind.SMOKING,
    }
)


def is_history(conditions: Iterable[Condition]) -> bool:
    """Whether the conditions found show that a history was recorded."""
    return any(c.kind not in ALONE_NO_HISTORY and c.certainty is not Certainty.REFUTED for c in conditions)


def none_known(chart: Compartment, measured: Iterable[Measurement], on: date) -> Mapping[str, str]:
    """Which lists somebody declared empty, and where."""
    declared: dict[str, str] = {}
    for entry in chart.of("List"):
        usable = entry.body.get("status") == "current" and text(entry.body.get("mode")) in _MODES
        stated = usable and within(entry.body.get("emptyReason"), "empty-none-known")
        if stated and not objs(entry.body.get("entry")) and not entry.body.get("modifierExtension"):
            names = {n for c in concept(entry.body.get("code")).codes for n in table("list").names(c)}
            declared.update(dict.fromkeys(names, entry.evidence))
    for one in measured:
        for name, code in NONE_KNOWN.items():
            if any((c.system, c.key) == (INTAKE, code) for c in one.code.codes) and _affirmed(one, on):
                declared[name] = one.evidence
    return declared


def _affirmed(one: Measurement, on: date) -> bool:
    said = one.value[1] is True or holds(one.value[1], INTAKE, "none")
    return said and not one.problem(on) and one.standing is Standing.VALID
