"""A call is answered from its prefetch or from the server of the settings, and from nothing else."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from adapter.errors import RecordFault, TryAgainLater
from adapter.input.wire_json import Json, JsonValue
from mappings import pathways, texts
from mappings.handover.institution import Institution
from mappings.handover.patient_record import PatientRecord
from mappings.inbound import ReadingConfig
from tests.made_resources import a_gp, a_patient, a_t_score
from workers.assessment.record_assessment import record_of
from workers.ledger import Ledger, open_ledger, shown_cards
from workers.server.admission import NotAdmitted
from workers.server.cds_request import prefetch_templates
from workers.server.cds_services import SERVICES, CdsServices

BASE = "https://fhir.example/r4"
CALL = "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"
INSTITUTION = Institution("here", "1", pathways.load("core"), ReadingConfig(base_url=BASE), texts.load("en"))
KEYS = [*prefetch_templates(INSTITUTION.reading)]
LOW = a_t_score("p1", effectiveDateTime="2026-11-10")
Read = Callable[[str, date], PatientRecord]


def on_the_server(patient: str, on: date) -> PatientRecord:
    return record_of([a_patient(patient), a_gp(), LOW], INSTITUTION, on)


def away(patient: str, on: date) -> PatientRecord:
    raise RecordFault(f"{patient} on {on}")


@pytest.fixture
def services(tmp_path: Path) -> Callable[[Read], CdsServices]:
    address = f"sqlite:///{tmp_path / 'ledger.sqlite'}"

    def made(read: Read) -> CdsServices:
        clock = datetime(2026, 11, 20, 9, tzinfo=UTC)
        return CdsServices(
            INSTITUTION, "Europe/Amsterdam", lambda: clock, BASE, lambda: open_ledger(address, "s"), read
        )

    return made


def searchset(*resources: Json, **more: JsonValue) -> Json:
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "entry": [{"resource": it} for it in resources],
        **more,
    }


def prefetch(*resources: Json, **more: JsonValue) -> Json:
    """A whole prefetch: what there is in the first search of its type."""
    found: Json = dict.fromkeys(KEYS)
    for it in resources:
        kind = it["resourceType"]
        key = next(key for key in KEYS if key.lower().startswith(kind.lower()))
        found[key] = it if kind == "Patient" else searchset(it, **more)
    return found


def call(service: str = "bone-health", **changes: Any) -> bytes:
    context = {"userId": "Practitioner/1", "patientId": "p1"}
    body = {"hook": SERVICES[service][0], "hookInstance": CALL, "context": context, **changes}
    return json.dumps(body).encode()


def test_the_list_names_every_service_with_the_searches_of_a_review(
    services: Callable[[Read], CdsServices],
) -> None:
    listed = services(away).discovery()["services"]

    assert {it["hook"] for it in listed} == {"patient-view", "order-select", "encounter-discharge"}
    for it in listed:
        assert it["prefetch"]["patient0"] == "Patient/{{context.patientId}}"
        assert all(
            "{{context.patientId}}" in search and "_include" not in search
            for search in it["prefetch"].values()
        )


@pytest.mark.parametrize("service", ["bone-health", "bone-health-discharge"])
def test_a_whole_prefetch_is_enough(service: str, services: Callable[[Read], CdsServices]) -> None:
    answer = services(away).cards_for(service, call(service, prefetch=prefetch(a_patient("p1"), LOW)))

    (card,) = answer["cards"]
    assert "Osteoporosis" in card["summary"]


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"prefetch": {}},
        {"prefetch": {"patient0": a_patient("p1")}},
        {"prefetch": prefetch(a_patient("p1")) | {KEYS[1]: {"resourceType": "OperationOutcome"}}},
        {"prefetch": prefetch(a_patient("p1")) | {KEYS[1]: "unavailable"}},
        {"prefetch": prefetch(a_patient("somebody-else"), LOW)},
        {"prefetch": prefetch(LOW)},
        {"prefetch": [7]},
        {"fhirServer": BASE},
        {"fhirServer": BASE + "/"},
    ],
    ids=str,
)  # fmt: skip
def test_what_did_not_come_is_read_from_the_server_of_the_settings(
    given: JsonValue, services: Callable[[Read], CdsServices]
) -> None:
    answer = services(on_the_server).cards_for("bone-health", call(**given))

    assert "Osteoporosis" in answer["cards"][0]["summary"]
    with pytest.raises(NotAdmitted) as refusal:
        services(away).cards_for("bone-health", call(**given))
    assert refusal.value.status == 412
    assert "p1" not in str(refusal.value)


def test_another_server_is_never_asked(services: Callable[[Read], CdsServices]) -> None:
    with pytest.raises(NotAdmitted) as refusal:
        services(on_the_server).cards_for("bone-health", call(fhirServer="http://169.254.169.254/"))

    assert refusal.value.status == 412


def test_half_a_search_reassures_of_nothing(services: Callable[[Read], CdsServices]) -> None:
    normal = a_t_score("p1", 0.4, effectiveDateTime="2026-11-10")
    known = prefetch(a_patient("p1"), normal, total=2)

    (card,) = services(away).cards_for("bone-health", call(prefetch=known))["cards"]

    assert card["indicator"] == "warning"


@pytest.mark.parametrize(
    ("service", "body", "status"),
    [
        ("bone-health", b"{", 400),
        ("bone-health", b"[]", 400),
        ("bone-health", call("bone-drug"), 400),
        ("bone-health", call(hookInstance="x"), 400),
        ("bone-health", call(context={}), 400),
        ("bone-health", call(context={"patientId": "../Patient"}), 400),
        ("bone-health", call(context=[]), 400),
        ("unknown", call(), 404),
    ],
)  # fmt: skip
def test_what_is_no_call_is_refused(
    service: str, body: bytes, status: int, services: Callable[[Read], CdsServices]
) -> None:
    with pytest.raises(NotAdmitted) as refusal:
        services(on_the_server).cards_for(service, body)

    assert refusal.value.status == status


def test_only_selected_orders_are_looked_at(services: Callable[[Read], CdsServices]) -> None:
    def order(key: str, atc: str) -> Json:
        coding = {"system": "http://www.whocc.no/atc", "code": atc}
        return {
            "resourceType": "MedicationRequest",
            "id": key,
            "medicationCodeableConcept": {"coding": [coding]},
        }

    context = {
        "userId": "Practitioner/1",
        "patientId": "p1",
        "selections": ["MedicationRequest/b"],
        "draftOrders": searchset(order("a", "M05BX04"), order("b", "M05BA04")),
    }

    cards = services(on_the_server).cards_for("bone-drug", call("bone-drug", context=context))["cards"]

    assert len(cards) == 1
    assert "alendronate" in cards[0]["summary"].lower()


def test_feedback_is_kept_by_rule_and_without_what_was_typed(services: Callable[[Read], CdsServices]) -> None:
    held = services(on_the_server)
    (card,) = held.cards_for("bone-health", call())["cards"]
    held.cards_for("bone-health", call())  # the same call again shows the same card
    told = {
        "card": card["uuid"],
        "outcome": "overridden",
        "overrideReason": {
            "reason": card["overrideReasons"][0],
            "userComment": "Mrs Jansen told me that she fell",
        },
        "outcomeTimestamp": "2026-11-20T09:00:00Z",
    }
    held.keep_feedback("bone-health", json.dumps({"feedback": [told, told]}).encode())

    ledger = held.opened()
    found = shown_cards.rule_feedback(ledger)
    ledger.close()
    assert found
    for it in found:
        assert (it.shown, it.answers) == (1, (("overridden", card["overrideReasons"][0]["code"], 1),))

    held.keep_feedback(
        "bone-health", json.dumps({"feedback": [{"card": card["uuid"], "outcome": "accepted"}]}).encode()
    )
    ledger = held.opened()
    assert {it.answers for it in shown_cards.rule_feedback(ledger)} == {(("accepted", "", 1),)}
    ledger.close()


def test_a_card_is_shown_although_nobody_can_count_it(services: Callable[[Read], CdsServices]) -> None:
    def gone() -> Ledger:
        raise TryAgainLater("the ledger is away")

    answer = replace(services(on_the_server), opened=gone).cards_for("bone-health", call())

    assert len(answer["cards"]) == 1


@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", b"{}", b'{"feedback": {}}', b'{"feedback": [7]}', b'{"feedback": [{"card": "x"}]}'],
)
def test_feedback_that_is_none_is_refused(body: bytes, services: Callable[[Read], CdsServices]) -> None:
    with pytest.raises(NotAdmitted) as refusal:
        services(away).keep_feedback("bone-health", body)

    assert refusal.value.status == 400


def test_feedback_on_a_card_that_nobody_knows_changes_nothing(
    services: Callable[[Read], CdsServices],
) -> None:
    held = services(away)
    held.keep_feedback("bone-health", b'{"feedback": [{"card": "x", "outcome": "accepted"}]}')

    ledger = held.opened()
    assert shown_cards.rule_feedback(ledger) == ()
    ledger.close()
