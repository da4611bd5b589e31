"""The gate that every resource passes before it leaves: our invariants, then its R4B model."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.errors import SoftwareFault
from adapter.input.wire_json import Json, JsonValue
from mappings.outbound import Draft, Drafts, Subject, reconcile
from mappings.outbound.content import outline_of
from mappings.outbound.gate import EVERY, admit, admit_other, faults, kind_of, obstacles, sampling
from mappings.outbound.ids import references
from mappings.outbound.invariants import in_order
from tests.unit.outbound.server_in_memory import CONTEXT, GP, drawn, every

ODD_GP: Json = {"display": "Dr Secret"}  # neither a type nor anything by which to find him
PLAN = drawn().plan


def tasks_of(drafts: Drafts) -> dict[str, Json]:
    return {it.resource["code"]["coding"][0]["code"]: it.resource for it in drafts.tasks}


def broken(**changes: JsonValue) -> Json:
    assert PLAN is not None
    return {**PLAN.resource, **changes}


@pytest.mark.parametrize("draft", every(drawn()), ids=lambda it: it.type)
def test_every_draft_of_ours_fits_its_model(draft: Draft) -> None:
    assert faults(draft.resource) == ()


@pytest.mark.parametrize(
    ("resource", "path"),
    [
        (broken(created="yesterday"), "created"),
        (broken(period={"start": "2026-13-01"}), "period.start"),
        (broken(note=[{"text": "fine"}, {"txt": "Secret"}]), "note[1].txt"),
        (broken(subject={"reference": 17}), "subject.reference"),
        ({"resourceType": "Patient", "name": [{"family": ["Secret"]}]}, "name[0].family"),
        ({"resourceType": "Letter"}, "resourceType"),
        ({}, "resourceType"),
    ],
)
def test_a_resource_that_does_not_fit_is_named_by_element_and_not_by_value(resource: Json, path: str) -> None:
    (found,) = faults(resource)

    assert found.partition(" ")[0] == path
    assert "Secret" not in found


def test_an_element_that_somebody_named_after_a_patient_is_not_repeated() -> None:
    with pytest.raises(SoftwareFault) as raised:
        admit_other({"resourceType": "Patient", "Van Secret, J.": 1})

    assert str(raised.value) == "a resource must not leave: ? (extra_forbidden)"


def test_a_resource_that_breaks_a_rule_of_ours_does_not_pass() -> None:
    odd = broken(status="completed")
    with pytest.raises(SoftwareFault, match="status-list") as raised:
        admit(odd, obstacles(odd, outline_of(odd)))

    assert raised.value.resource_type == "CarePlan"


def test_content_that_must_not_leave_ends_the_review_of_that_patient() -> None:
    drafts = drawn(subject=Subject("Patient/17", ("Patient/18/_history/1",)))

    with pytest.raises(SoftwareFault, match="one-patient"):
        reconcile(drafts, {}, {})


def test_a_letter_with_an_odd_recipient_becomes_a_question_and_the_rest_stands() -> None:
    drafts = drawn(context=replace(CONTEXT, gp=(ODD_GP, GP)))

    writes = reconcile(drafts, {}, {})

    assert [it.resource["recipient"] for it in drafts.communications] == [[GP]]
    assert tasks_of(drafts)["draft_not_written"]["input"][0]["valueString"] == "Communication: recipient"
    assert {it.draft.type for it in writes} >= {"CarePlan", "Communication", "Task"}


def test_where_no_recipient_is_left_somebody_is_asked_for_one() -> None:
    asked = tasks_of(drawn(context=replace(CONTEXT, gp=(ODD_GP,))))

    assert asked.keys() >= {"draft_not_written", "no_general_practitioner"}
    assert "Secret" not in str(asked)


def test_a_reference_without_a_type_is_no_reason_to_lose_the_letter_when_it_says_where_it_leads() -> None:
    drafts = drawn(context=replace(CONTEXT, gp=({"reference": "Practitioner/9"},)))

    assert len(drafts.communications) == 1
    assert "draft_not_written" not in tasks_of(drafts)


# --- what a model costs is paid once per shape --------------------------------------------------------------


class Counted:
    """A check that counts how often it is made, and of which types."""

    def __init__(self, *found: str) -> None:
        self.found, self.of = found, Counter[str]()

    @property
    def made(self) -> int:
        return self.of.total()

    def __call__(self, resource: Json) -> tuple[str, ...]:
        self.of[kind_of(resource)] += 1
        return self.found


def test_a_shape_meets_its_model_once_and_then_every_twentieth_time() -> None:
    check = Counted()
    sampled = sampling(check)

    for number in range(1 + 3 * EVERY):
        sampled({"name": str(number)}, 1)

    assert check.made == 1 + 3


@pytest.mark.parametrize("patient", ["PC", "PCT", "PCTV", "CPTTV", "PCTTTTTTTV"])
def test_whatever_patients_give_rise_to_each_type_meets_its_model_as_often(patient: str) -> None:
    check = Counted()
    sampled = sampling(check)

    for kind in patient * (1 + EVERY):
        sampled({"resourceType": kind}, ord(kind))

    assert check.of == {kind: 1 + patient.count(kind) * (1 + EVERY) // EVERY for kind in patient}


def test_a_shape_that_does_not_fit_is_refused_every_time() -> None:
    check = Counted("name")
    sampled = sampling(check)

    assert [sampled({"name": "x"}, 1) for _ in range(3)] == [("name",)] * 3
    assert check.made == 3


LEAF = st.text(max_size=3) | st.integers() | st.booleans()
JSON = st.recursive(
    LEAF, lambda held: st.lists(held, max_size=3) | st.dictionaries(st.text(max_size=2), held, max_size=3)
)


@given(JSON)
def test_what_repeats_has_the_shape_of_what_stands_once(value: object) -> None:
    assert outline_of({"a": [value, value]}).shape == outline_of({"a": [value]}).shape
    assert outline_of({"a": value}).shape != outline_of({"a": [value]}).shape


def test_a_value_of_another_kind_is_another_shape() -> None:
    held: list[Json] = [{"a": "1"}, {"a": 1}, {"a": True}, {"b": True}, {"b": {}}]
    drawn = [outline_of(it).shape for it in held]

    assert len(set(drawn)) == len(drawn)


@given(JSON)
def test_an_outline_holds_every_reference(value: object) -> None:
    resource = {"subject": {"reference": "Patient/1", "display": "x"}, "a": value, "b": [{"reference": "#c"}]}

    assert outline_of(resource).references == set(references(resource)) >= {"Patient/1", "#c"}


@pytest.mark.parametrize(
    ("begun", "changed", "right"),
    [
        ("2026-11-20T08:00:00Z", "2026-11-20T08:00:00Z", True),
        ("2026-11-20T08:00:01Z", "2026-11-20T08:00:00Z", False),
        ("2026-10-25T02:30:00+02:00", "2026-10-25T02:10:00+01:00", True),  # the night when summer time ends
        ("2026-10-25T02:10:00+01:00", "2026-10-25T02:30:00+02:00", False),
        ("2026-10-25", "2026-10-24T08:00:00Z", True),
        ("no date", "2026-10-24T08:00:00Z", True),
        (None, "2026-10-24T08:00:00Z", True),
    ],
)
def test_moments_are_compared_as_moments_and_not_as_text(begun: object, changed: object, right: bool) -> None:
    assert in_order(begun, changed) is right
