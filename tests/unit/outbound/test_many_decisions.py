"""Over many decisions: valid R4, the gate passes, the same bytes twice, no order of sources matters."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import orjson
import pytest
from fhir.resources.R4B import get_fhir_model_class
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.clinical.decision import (
    Activity,
    Category,
    Classification,
    Decision,
    Diagnosis,
    DiagnosisStatus,
    Flag,
    FollowUp,
    Goal,
    NotOffered,
    Option,
    Route,
    Treatment,
    TreatmentDecision,
    Why,
)
from adapter.clinical.model import Reason, Rejected, Side, Site, StandardDeviations, TScore
from adapter.clinical.quantities import T_SCORE
from mappings.outbound import Drafts, Subject, check, entries, reconcile
from mappings.outbound.draft import WriteContext
from mappings.outbound.resources.goals import UCUM_OF
from mappings.outbound.vocabulary import codes
from tests.examples import examples
from tests.factories import a_decision, a_handover
from tests.unit.outbound.server_in_memory import CONTEXT, GP, OTHER_GP, SUBJECT, ServerInMemory, drawn, every

pytestmark = pytest.mark.slow  # hundreds of whole sets of resources, each checked as R4

DAYS = st.dates(date(2020, 1, 1), date(2030, 1, 1))
WHYS = st.builds(
    Why,
    st.lists(st.sampled_from(["ETZ-20", "C-07", "GL-13"]), min_size=1, unique=True).map(tuple),
    st.lists(st.sampled_from(SUBJECT.sources), unique=True).map(tuple),
)
TEXTS = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=30
).filter(str.strip)
AMOUNTS = st.none() | st.decimals(0, 3000, places=1)


def some(strategy: st.SearchStrategy[Any], most: int = 3) -> st.SearchStrategy[Any]:
    return st.lists(strategy, max_size=most).map(tuple)


def one_of(group: str) -> st.SearchStrategy[str]:
    return st.sampled_from(sorted(codes(group)))


SCORES = st.builds(
    TScore,
    st.sampled_from(Site),
    st.decimals(T_SCORE.lowest, T_SCORE.highest, places=1).map(StandardDeviations),
    DAYS,
    side=st.none() | st.sampled_from(Side),
    evidence=st.sampled_from(SUBJECT.sources),
)
CLASSIFICATIONS = st.builds(Classification, st.sampled_from(Category), WHYS, st.none() | SCORES, some(SCORES))
OPTIONS = st.builds(
    Option, one_of("option"), some(one_of("drug")), WHYS, some(st.sampled_from(["renal_function", "x_y"]))
)
GONE = st.builds(NotOffered, one_of("option"), TEXTS, WHYS)
DECISIONS: st.SearchStrategy[Decision] = st.builds(
    replace,
    st.just(a_decision()),
    on=DAYS,
    age=st.none() | st.integers(18, 110),
    classification=CLASSIFICATIONS,
    diagnosis=st.builds(Diagnosis, st.sampled_from(DiagnosisStatus), WHYS, some(st.sampled_from(Route))),
    treatment=st.builds(Treatment, st.sampled_from(TreatmentDecision), TEXTS, WHYS, some(OPTIONS), some(GONE)),
    handover=st.builds(a_handover, interim_release_offered=st.booleans()),
    goals=some(st.builds(Goal, one_of("goal"), st.sampled_from([*UCUM_OF, "knots"]), WHYS, AMOUNTS, AMOUNTS)),
    activities=some(
        st.builds(Activity, one_of("activity"), WHYS, st.booleans(), some(st.tuples(TEXTS, TEXTS), 2)), 6
    ),
    follow_ups=some(
        st.builds(
            FollowUp, one_of("follow-up"), WHYS, st.none() | DAYS, st.none() | one_of("trigger"),
            st.sampled_from([None, "3y", "6m"]),
        )
    ),
    flags=some(st.builds(Flag, one_of("flag"), WHYS, st.none() | TEXTS), 6),
    unknown=some(TEXTS),
    not_proposed=some(GONE),
    rejected=some(
        st.builds(
            Rejected, st.sampled_from(Reason), TEXTS, st.sampled_from(["", "Observation/9/_history/1", *SUBJECT.sources]),
            st.none() | st.sampled_from(Site), st.none(), st.none() | DAYS,
        )
    ),
    warranted=st.booleans(),
)  # fmt: skip
CONTEXTS = st.builds(
    replace,
    st.just(CONTEXT),
    gp=st.sampled_from([(), (GP,), (GP, OTHER_GP)]),
    organization=st.sampled_from([None, CONTEXT.organization]),
    letters=TEXTS,
    language=st.sampled_from(["en", "nl", "fr"]),
)
SUBJECTS = st.builds(
    replace, st.just(SUBJECT), foreign=st.integers(0, 2), sources=st.permutations(SUBJECT.sources).map(tuple)
)


def as_bytes(drafts: Drafts) -> bytes:
    return orjson.dumps([draft.resource for draft in every(drafts)])


@settings(max_examples=examples(60), deadline=None)
@given(DECISIONS, SUBJECTS, CONTEXTS)
def test_every_draft_is_valid_r4_and_passes_the_gate(
    decision: Decision, subject: Subject, context: WriteContext
) -> None:
    for draft in every(drawn(decision, subject, context)):
        get_fhir_model_class(draft.type).model_validate_json(orjson.dumps(draft.resource))
        assert check(draft.resource) == ()


@settings(max_examples=examples(60), deadline=None)
@given(DECISIONS, SUBJECTS, CONTEXTS)
def test_the_same_decision_gives_the_same_bytes_whatever_the_order_of_its_sources(
    decision: Decision, subject: Subject, context: WriteContext
) -> None:
    turned = replace(subject, sources=tuple(reversed(subject.sources)))

    assert as_bytes(drawn(decision, subject, context)) == as_bytes(drawn(decision, turned, context))


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(st.tuples(DECISIONS, CONTEXTS), min_size=1, max_size=4), st.booleans(), st.booleans())
def test_whatever_came_before_a_repeated_review_writes_nothing(
    history: list[tuple[Decision, WriteContext]], own_ids: bool, strips_versions: bool
) -> None:
    server = ServerInMemory(own_ids=own_ids, strips_versions=strips_versions)
    for decision, context in history:
        server.review(drawn(decision, context=context))
    written = server.written

    decision, context = history[-1]
    server.review(
        drawn(decision, context=replace(context, now="2031-01-01T00:00:00Z", software_version="later")),
        ledger={},
    )

    assert server.written == written
    assert len(server.of("CarePlan")) <= 1


@settings(max_examples=examples(30), deadline=None)
@given(DECISIONS, CONTEXTS)
def test_what_goes_over_the_wire_is_valid_on_either_kind_of_server(
    decision: Decision, context: WriteContext
) -> None:
    writes = reconcile(drawn(decision, context=context), {}, {})

    for update_create in (True, False):
        for entry in entries(writes, update_create=update_create):
            kind = entry.resource["resourceType"]
            get_fhir_model_class(kind).model_validate_json(orjson.dumps(entry.resource))


@pytest.mark.parametrize("score", [Decimal("-2.70"), Decimal("-2.7")])
def test_digits_are_shown_as_reported(score: Decimal) -> None:
    judged = replace(
        a_decision().classification,
        deciding=TScore(Site.LUMBAR_SPINE, StandardDeviations(score), date(2026, 11, 10)),
    )

    plan = drawn(a_decision(classification=judged)).plan

    assert plan is not None
    assert f"T {score} on" in plan.resource["description"]
