"""What we write is taken, kept and judged valid by real servers, and read back it is still ours."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

import orjson
import pytest
import requests

from adapter.clinical.decision import Category, Decision
from adapter.clinical.model import Reason
from adapter.fhir.bundles import Entry as WireEntry
from adapter.input.wire_json import Json, JsonValue
from mappings.outbound import Action, Subject, Write, WriteContext, drafts, entries, reconcile
from mappings.outbound.server.plan_changes import REASONS
from tests.factories import (
    a_classification,
    a_decision,
    a_flag,
    a_follow_up,
    a_goal,
    a_not_offered,
    a_rejected,
    a_t_score,
    an_activity,
)
from tests.unit.outbound.server_in_memory import asked, every

HEADERS = {"Content-Type": "application/fhir+json", "Cache-Control": "no-cache"}
OURS = ("CarePlan", "Communication", "Task", "Device")


@dataclass
class Ward:
    """A patient with one T-score and a GP on a server."""

    base: str
    patient: str
    source: str
    gp: str

    def context(self, **changes: Any) -> WriteContext:
        plain = WriteContext(
            site=self.patient,
            software_version="0.1.0",
            now="2026-11-20T08:00:00Z",
            letters="Dear colleague,\n\nline two",
            language="nl",
        )
        return replace(plain, gp=({"reference": f"Practitioner/{self.gp}"},), **changes)

    def subject(self) -> Subject:
        return Subject(f"Patient/{self.patient}", (self.source,))

    def decision(self, **changes: Any) -> Decision:
        score = a_t_score(evidence=self.source)
        judged = a_classification(deciding=score, study=(score,))
        plain = a_decision(
            classification=judged, rejected=(a_rejected(evidence=self.source, concerns="<T> & 'score'"),)
        )
        return replace(plain, **changes)

    def existing(self) -> dict[str, Json]:
        """Everything of ours about this patient, as a worker would gather it."""
        questions = [f"{kind}?patient=Patient/{self.patient}" for kind in OURS[:-1]]
        author = "Device?identifier=https://osteo-handover.org/fhir/NamingSystem/plan-key|"
        found = [it for question in questions for it in self.found(question)]
        return {f"{it['resourceType']}/{it['id']}": it for it in (*found, *self.found(author))}

    def review(self, decision: Decision, context: WriteContext, *, update_create: bool) -> tuple[Write, ...]:
        """One review with a ledger that was lost."""
        writes = reconcile(drafts(self.subject(), decision, context), self.existing(), {})
        sent = [WireEntry(**_fields(it)).as_json() for it in entries(writes, update_create=update_create)]
        if sent:
            self.transact(sent)
        return writes

    def transact(self, sent: list[Json]) -> Json:
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": sent}
        answer = requests.post(self.base, data=orjson.dumps(bundle), headers=HEADERS, timeout=60)
        assert answer.status_code == 200, answer.text
        body: Json = answer.json()
        return body

    def change(self, kind: str, **changes: Any) -> None:
        """A human edits what is there."""
        resource = next(it for it in self.existing().values() if it["resourceType"] == kind)
        answer = requests.put(
            f"{self.base}/{kind}/{resource['id']}", json={**resource, **changes}, headers=HEADERS, timeout=30
        )
        assert answer.status_code == 200

    def found(self, question: str) -> Iterator[Json]:
        found = requests.get(f"{self.base}/{question}", headers=HEADERS, timeout=30).json()
        return (it["resource"] for it in found.get("entry", ()))


def _fields(entry: JsonValue) -> Json:
    return {name: getattr(entry, name) for name in entry.__slots__}


@pytest.fixture
def ward(fhir_server: str, unique_id: Callable[[str], str]) -> Ward:
    return admitted(fhir_server, unique_id)


@pytest.fixture
def hapi_ward(hapi: str, unique_id: Callable[[str], str]) -> Ward:
    return admitted(hapi, unique_id)


def admitted(base: str, unique_id: Callable[[str], str]) -> Ward:
    patient, score, gp = unique_id("patient"), unique_id("score"), unique_id("gp")
    ward = Ward(base, patient, f"Observation/{score}/_history/1", gp)
    observation = {
        "resourceType": "Observation",
        "id": score,
        "status": "final",
        "code": {"text": "T-score"},
        "subject": {"reference": f"Patient/{patient}"},
    }
    people: list[Json] = [
        {"resourceType": "Patient", "id": patient},
        {"resourceType": "Practitioner", "id": gp},
    ]
    put = [
        WireEntry("PUT", f"{it['resourceType']}/{it['id']}", it).as_json() for it in (*people, observation)
    ]
    ward.transact(put)
    return ward


MODES = pytest.mark.parametrize("update_create", [True, False], ids=["our ids", "its ids"])


@MODES
def test_a_second_review_finds_its_own_work_unchanged(ward: Ward, update_create: bool) -> None:
    first = ward.review(ward.decision(), ward.context(), update_create=update_create)
    kept = ward.existing()

    second = ward.review(ward.decision(), ward.context(), update_create=update_create)

    assert {it.action for it in first} <= {Action.CREATE, Action.UNCHANGED}
    assert {it.action for it in second} == {Action.UNCHANGED}
    assert ward.existing() == kept


def test_sent_again_to_a_server_that_gives_the_ids_everything_stands_once(ward: Ward) -> None:
    writes = reconcile(drafts(ward.subject(), ward.decision(), ward.context()), {}, {})
    sent = [WireEntry(**_fields(it)).as_json() for it in entries(writes, update_create=False)]
    for _ in range(2):
        ward.transact(sent)

    held = sorted(it for it in ward.existing() if not it.startswith("Device"))  # which others have too
    assert [it.partition("/")[0] for it in held] == ["CarePlan", "Communication"]
    for location in held:
        (trail,) = ward.found(f"Provenance?target={location}")
        assert trail["meta"]["versionId"] == "1"


@MODES
def test_new_evidence_makes_a_new_version_of_the_same_plan(ward: Ward, update_create: bool) -> None:
    ward.review(ward.decision(), ward.context(), update_create=update_create)

    osteopenia = replace(ward.decision().classification, category=Category.OSTEOPENIA)
    ward.review(ward.decision(classification=osteopenia), ward.context(), update_create=update_create)

    (plan,) = (it for it in ward.existing().values() if it["resourceType"] == "CarePlan")
    assert plan["meta"]["versionId"] == "2"
    assert "Osteopenie" in plan["title"]


@MODES
def test_a_plan_edited_on_the_server_is_left_alone(ward: Ward, update_create: bool) -> None:
    ward.review(ward.decision(), ward.context(), update_create=update_create)
    ward.change("CarePlan", title="My own plan")

    writes = ward.review(ward.decision(activities=()), ward.context(), update_create=update_create)

    (plan,) = (it for it in ward.existing().values() if it["resourceType"] == "CarePlan")
    (task,) = (it for it in ward.existing().values() if it["resourceType"] == "Task")
    assert Action.RESPECT in {it.action for it in writes}
    assert plan["title"] == "My own plan"
    assert task["code"]["coding"][0]["code"] == "plan_edited_by_human"


@MODES
def test_what_is_no_longer_warranted_is_taken_back_and_can_come_again(
    ward: Ward, update_create: bool
) -> None:
    for decision, status in (
        (ward.decision(), "draft"),
        (ward.decision(warranted=False), "revoked"),
        (ward.decision(), "draft"),
    ):
        ward.review(decision, ward.context(), update_create=update_create)

        (plan,) = (it for it in ward.existing().values() if it["resourceType"] == "CarePlan")
        assert plan["status"] == status


def test_hapi_finds_no_error_in_anything_that_we_write(hapi_ward: Ward) -> None:
    ward = hapi_ward
    refused = (
        a_rejected(Reason.CODES_DISAGREE, evidence=ward.source),
        a_rejected(evidence="", concerns="condition"),
    )
    rich = ward.decision(
        flags=(a_flag("duplicate_conflict"), a_flag("rf_disease", detail="rheumatoid_arthritis")),
        goals=(
            a_goal(),
            a_goal("vitamin_d_ug", "ug/d"),
            a_goal("alcohol_max_per_day", "{glass}/d", low=None),
        ),
        activities=(an_activity("calcium_supplement_review"), an_activity("physio_referral", clinical=True)),
        follow_ups=(a_follow_up(), a_follow_up("repeat_dxa", due=None)),
        not_proposed=(a_not_offered(),),
        rejected=refused,
    )
    drawn = drafts(replace(ward.subject(), needs_human=refused, foreign=1), rich, ward.context())
    nobody = drafts(ward.subject(), rich, replace(ward.context(), gp=()))
    writes = (*every(drawn), *nobody.tasks, *(asked(drawn, it) for it in REASONS.values()))

    for draft in writes:
        assert _errors(ward.base, draft.resource) == [], draft.type


def test_hapi_would_have_found_one(hapi_ward: Ward) -> None:
    plan = drafts(hapi_ward.subject(), hapi_ward.decision(), hapi_ward.context()).plan
    assert plan is not None
    resource = deepcopy(plan.resource)
    del resource["activity"][0]["detail"]["status"]

    assert _errors(hapi_ward.base, resource) != []


def _errors(base: str, resource: Json) -> list[str]:
    url = f"{base}/{resource['resourceType']}/$validate"
    outcome = requests.post(url, data=orjson.dumps(resource), headers=HEADERS, timeout=60).json()
    return [str(it.get("diagnostics")) for it in outcome["issue"] if it["severity"] in ("error", "fatal")]
