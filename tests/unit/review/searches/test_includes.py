"""What a search would include comes all the same where the server does not include."""

import json
from collections.abc import Callable, Iterator, Sequence

import pytest

from adapter.errors import AnswerTooLarge, ConfigurationFault, RecordFault
from adapter.fhir.search import SearchResult, pairs
from adapter.input.wire_json import Json, JsonValue
from mappings.inbound.gaps import SPARED
from mappings.inbound.queries import _INCLUDES, is_of_missing, is_wide
from tests.made_resources import LOINC, a_gp, a_patient, a_t_score
from tests.server_patients import settings_for
from tests.servers.without_http import BASE, LocalServer, StraightClient
from tests.unit.handover.plan_in_memory import NOON
from tests.unit.review.hospital_in_memory import reading_institution
from workers.doctor.findings import FindingState
from workers.doctor.server_checks import check_searches
from workers.review.fhir_server import ReadingServer
from workers.review.read import read
from workers.review.searches.includes import NAMED_BY, Search
from workers.sandbox import FaultEffect

HERE, LATELY = reading_institution(), "2026-11-10"
OBSERVED = "http://terminology.hl7.org/CodeSystem/observation-category"
ATC = "http://www.whocc.no/atc"
FOREIGN = {
    "resourceType": "Observation",
    "id": "of-bea",
    "status": "final",
    "subject": {"reference": "Patient/bea"},
}


def the_record() -> Iterator[Json]:
    """A woman whose medicine and whose odd result are named, and found by no search for her."""
    yield from (a_gp(), a_patient("anna"), a_patient("bea"), a_t_score("anna"))
    yield {
        "resourceType": "Medication",
        "id": "pill",
        "code": {"coding": [{"system": ATC, "code": "M05BA04"}]},
    }
    yield {
        "resourceType": "MedicationRequest",
        "id": "order",
        "status": "active",
        "intent": "order",
        "subject": {"reference": "Patient/anna"},
        "medicationReference": {"reference": "Medication/pill"},
    }
    yield {
        "resourceType": "Observation",
        "id": "odd",
        "status": "final",
        "code": {"coding": [{"system": "http://house.test", "code": "odd"}]},
        "subject": {"reference": "Patient/anna"},
    }
    yield FOREIGN | {"code": {"text": "of another patient"}}
    yield {
        "resourceType": "DiagnosticReport",
        "id": "report",
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": "38269-7"}]},
        "subject": {"reference": "Patient/anna"},
        "result": [
            {"reference": "Observation/odd"},
            {"reference": "Observation/of-bea"},
            {"reference": "Observation/none"},
        ],
    }


def test_what_is_included_is_named_by_an_element_of_the_same_types() -> None:
    assert NAMED_BY.keys() == _INCLUDES.keys()


@pytest.fixture
def server() -> LocalServer:
    made = LocalServer()
    made.load(*the_record())
    return made


def record_of(server: ReadingServer, *patients: str) -> list[Json]:
    """The resources of the one patient, or of anna among these."""
    found, *_ = read(patients or ["anna"], server, HERE, NOON.date())
    return list(found.resources)


def read_of(server: ReadingServer) -> list[str]:
    return sorted({json.dumps(it, default=str, sort_keys=True) for it in record_of(server)})


TROUBLE: dict[str, Callable[[LocalServer], object]] = {
    "refused": lambda it: it.faults.add_rule(FaultEffect.NO_INCLUDE),
    "refused for one type": lambda it: it.faults.add_rule(FaultEffect.NO_INCLUDE, type="MedicationRequest"),
    "ignored": lambda it: it.faults.add_rule(FaultEffect.IGNORE_PARAMETER, "_include"),
    "ignored without a word": lambda it: it.faults.add_rule(FaultEffect.UNSEEN_PARAMETER, "_include"),
}


@pytest.mark.parametrize("name", TROUBLE)
def test_the_record_is_the_same_without_includes(name: str, server: LocalServer) -> None:
    client = StraightClient(server)
    before = read_of(client)
    TROUBLE[name](server)

    after = read_of(client)

    assert after == before
    assert any('"pill"' in it for it in after)
    assert any('"odd"' in it for it in after)
    assert not any('"of-bea", "meta"' in it for it in after)


def test_a_type_is_refused_once_and_then_asked_without(server: LocalServer) -> None:
    server.faults.add_rule(FaultEffect.NO_INCLUDE)
    client = StraightClient(server)
    read_of(client)
    asked = server.asked

    read_of(client)

    assert server.asked - asked == 2
    assert "MedicationRequest" in client.refused.includes


def test_a_search_that_is_refused_for_another_reason_stays_refused(server: LocalServer) -> None:
    server.faults.add_rule(FaultEffect.FORBIDDEN, type="MedicationRequest")

    with pytest.raises(ConfigurationFault, match="MedicationRequest"):
        read_of(StraightClient(server))


def test_the_doctor_says_what_is_asked_without(server: LocalServer) -> None:
    server.faults.add_rule(FaultEffect.NO_INCLUDE, type="MedicationRequest")

    found = check_searches(StraightClient(server), settings_for(BASE))

    assert (found.state, found.says) == (
        FindingState.LIMITED,
        "no _include for MedicationRequest: asked without",
    )


@pytest.mark.parametrize("kind", sorted(SPARED))
def test_narratives_that_the_account_may_not_read_hold_nothing_up(kind: str, server: LocalServer) -> None:
    client = StraightClient(server)
    before = read_of(client)
    server.faults.add_rule(FaultEffect.FORBIDDEN, type=kind)

    after = read_of(client)
    found = check_searches(client, settings_for(BASE))

    assert after == before
    assert client.refused.types == {kind}
    assert (found.state, found.says) == (FindingState.LIMITED, f"no right to search {kind}: asked without")


class _Demanding(StraightClient):
    """A server that answers no search for everything of a patient, as several vendors do."""

    asked = 0

    def batch_searches(self, searches: Sequence[Search]) -> list[SearchResult]:
        self.asked += 1
        for number, (_, params, _accept) in enumerate(searches):
            if is_wide(pairs(params)):
                raise RecordFault("a code or a category is needed", status=400, entry=number)
        return super().batch_searches(searches)


def odd(key: str, **changes: JsonValue) -> Json:
    """The odd result once more, under a name of its own."""
    return next(it for it in the_record() if it["id"] == "odd") | {"id": key} | changes


def test_a_server_that_demands_a_category_is_asked_by_category(server: LocalServer) -> None:
    scan = {"coding": [{"system": OBSERVED, "code": "imaging"}]}
    server.load(
        odd("scanned", effectiveDateTime=LATELY, category=[scan]), odd("bare", effectiveDateTime=LATELY)
    )
    demanding = _Demanding(server)

    wide = {it["id"] for it in record_of(StraightClient(server))}
    narrow = {it["id"] for it in record_of(demanding)}
    first = demanding.asked
    record_of(demanding)

    assert wide - narrow == {"bare"}
    assert "scanned" in narrow
    assert demanding.refused.wide == {"Observation", "DiagnosticReport", "DocumentReference"}
    assert demanding.asked - first < first


class _Heavy(StraightClient):
    """A server whose answers about anna's last years, or about several patients at once, are too large."""

    def batch_searches(self, searches: Sequence[Search]) -> list[SearchResult]:
        wide = {dict(pairs(params))["patient"] for _, params, _ in searches if is_wide(pairs(params))}
        if any("anna" in it or "," in it for it in wide):
            raise AnswerTooLarge("too large")
        return super().batch_searches(searches)


def test_one_patient_with_too_heavy_files_is_read_by_category_and_others_as_ever(server: LocalServer) -> None:
    for who in ("anna", "bea"):
        whose = {"reference": f"Patient/{who}"}
        server.load(odd(f"bare-{who}", effectiveDateTime=LATELY, subject=whose))
    heavy = _Heavy(server)

    with pytest.raises(AnswerTooLarge):
        record_of(heavy, "anna", "bea")
    anna, bea = ({it["id"] for it in record_of(heavy, who)} for who in ("anna", "bea"))

    assert {"report", "order"} <= anna
    assert "bare-anna" not in anna
    assert "bare-bea" in bea
    assert not heavy.refused.wide


class _Crowded(_Demanding):
    """Another thread of ours learns of every refusal while this one is being refused."""

    def batch_searches(self, searches: Sequence[Search]) -> list[SearchResult]:
        try:
            return super().batch_searches(searches)
        except RecordFault as fault:
            self.refused.wide.add(searches[fault.entry or 0][0])
            raise


def test_what_two_threads_are_refused_at_once_stops_neither(server: LocalServer) -> None:
    assert {"report", "order"} <= {it["id"] for it in record_of(_Crowded(server))}


class _WithoutMissing(StraightClient):
    """A server that does not take the modifier `:missing`, as HAPI did before 6.2."""

    def batch_searches(self, searches: Sequence[Search]) -> list[SearchResult]:
        for number, (_, params, _accept) in enumerate(searches):
            if is_of_missing(pairs(params)):
                raise RecordFault("the modifier is disabled", status=405, entry=number)
        return super().batch_searches(searches)


def test_what_has_no_day_is_asked_for_and_left_out_of_a_server_that_cannot_be_asked(
    server: LocalServer,
) -> None:
    server.load(odd("undated"))
    without = _WithoutMissing(server)

    whole = {it["id"] for it in record_of(StraightClient(server))}
    record = {it["id"] for it in record_of(without)}

    assert whole - record == {"undated"}
    assert without.refused.missing == {"Observation", "DiagnosticReport", "DocumentReference"}
    assert without.refused.types == {"Encounter"}
