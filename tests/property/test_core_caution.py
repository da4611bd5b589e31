"""The core alone: a laboratory value that becomes refused makes no option firmer and settles nothing."""

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapter.clinical import BoneRecord, decide
from adapter.clinical.decision import TreatmentDecision
from adapter.clinical.model import Lab, Reason, Rejected
from mappings.pathways import PATHWAY_NAMES, load
from tests.examples import examples
from tests.property.strategies import TODAY, patients

NONE = TreatmentDecision.NONE
pathway_names = st.sampled_from(sorted(PATHWAY_NAMES))


def refused(lab: Lab) -> Rejected:
    return Rejected(Reason.MODIFIER_EXTENSION, "lab", lab.evidence, on=lab.on, about=lab.analyte)


@settings(
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=examples(200),
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
@given(patients.filter(lambda it: bool(it.labs)), pathway_names, st.data())
def test_a_value_that_is_refused_makes_nothing_firmer(
    record: BoneRecord, name: str, data: st.DataObject
) -> None:
    lab = data.draw(st.sampled_from(record.labs))
    kept = tuple(it for it in record.labs if it.analyte is not lab.analyte)
    gone = [refused(it) for it in record.labs if it.analyte is lab.analyte]
    unread = replace(record, labs=kept, rejected=(*record.rejected, *gone))

    before, after = (decide(it, load(name), TODAY).treatment for it in (record, unread))

    assert {it.code for it in after.options if it.firm} <= {it.code for it in before.options if it.firm}
    assert after.decision is not NONE or before.decision is NONE
