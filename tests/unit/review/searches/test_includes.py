"""What a search would include comes all the same where the server does not include."""

import json
from collections.abc import Callable, Iterator, Sequence

import pytest

from adapter.errors import AnswerTooLarge, ConfigurationFault, RecordFault
from adapter.fhir.capabilities import Capabilities, ServerRefusals
from adapter.fhir.search import SearchResult, pairs
from adapter.input.wire_json import Json
from mappings.inbound.gaps import SPARED
from mappings.inbound.queries import _INCLUDES, is_of_missing, is_wide
from tests.made_resources import LOINC, a_gp, a_patient, a_t_score
from tests.server_patients import a_runtime, settings_for
from workers.doctor.findings import FindingState
from workers.doctor.server_checks import check_searches
from workers.queue.runtime import Runtime
from workers.review.read import read
from workers.review.searches.includes import NAMED_BY, Search
from workers.sandbox import FaultEffect, Sandbox

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


def read_of(runtime: Runtime) -> list[str]:
    (record,) = read(["anna"], runtime.client, runtime.institution, runtime.now().date())
    return sorted({json.dumps(it, default=str, sort_keys=True) for it in record.resources})


TROUBLE: dict[str, Callable[[Sandbox], object]] = {
    "refused": lambda it: it.faults.add_rule(FaultEffect.NO_INCLUDE),
    "refused for one type": lambda it: it.faults.add_rule(FaultEffect.NO_INCLUDE, type="MedicationRequest"),
    "ignored": lambda it: it.faults.add_rule(FaultEffect.IGNORE_PARAMETER, "_include"),
    "ignored without a word": lambda it: it.faults.add_rule(FaultEffect.UNSEEN_PARAMETER, "_include"),
}


@pytest.mark.parametrize("name", TROUBLE)
def test_the_record_is_the_same_without_includes(name: str, sandbox: Sandbox) -> None:
    sandbox.load(the_record())
    with a_runtime(sandbox.base_url) as runtime:
        before = read_of(runtime)
        TROUBLE[name](sandbox)

        after = read_of(runtime)

    assert after == before
    assert any('"pill"' in it for it in after)
    assert any('"odd"' in it for it in after)
    assert not any('"of-bea", "meta"' in it for it in after)


def test_a_type_is_refused_once_and_then_asked_without(sandbox: Sandbox) -> None:
    sandbox.load(the_record())
    sandbox.faults.add_rule(FaultEffect.NO_INCLUDE)
    with a_runtime(sandbox.base_url) as runtime:
        read_of(runtime)
        sandbox.recorder.clear()

        read_of(runtime)

        assert sandbox.recorder.requests["POST", ""] == 2
        assert "MedicationRequest" in runtime.client.refused.includes


def test_a_search_that_is_refused_for_another_reason_stays_refused(sandbox: Sandbox) -> None:
    sandbox.load(the_record())
    sandbox.faults.add_rule(FaultEffect.FORBIDDEN, type="MedicationRequest")
    with a_runtime(sandbox.base_url) as runtime, pytest.raises(ConfigurationFault, match="MedicationRequest"):
        read_of(runtime)


def test_the_doctor_says_what_is_asked_without(sandbox: Sandbox) -> None:
    sandbox.faults.add_rule(FaultEffect.NO_INCLUDE, type="MedicationRequest")
    with a_runtime(sandbox.base_url) as runtime:
        found = check_searches(runtime.client, settings_for(sandbox.base_url))

    assert (found.state, found.says) == (
        FindingState.LIMITED,
        "no _include for MedicationRequest: asked without",
    )


@pytest.mark.parametrize("kind", sorted(SPARED))
def test_narratives_that_the_account_may_not_read_hold_nothing_up(kind: str, sandbox: Sandbox) -> None:
    sandbox.load(the_record())
    with a_runtime(sandbox.base_url) as runtime:
        before = read_of(runtime)
        sandbox.faults.add_rule(FaultEffect.FORBIDDEN, type=kind)

        after = read_of(runtime)
        found = check_searches(runtime.client, settings_for(sandbox.base_url))

    assert after == before
    assert runtime.client.refused.types == {kind}
    assert (found.state, found.says) == (FindingState.LIMITED, f"no right to search {kind}: asked without")


class _Demanding:
    """A server that answers no search for everything of a patient, as several vendors do."""

    def __init__(self, runtime: Runtime) -> None:
        self._client = runtime.client
        self.refused = ServerRefusals()
        self.asked = 0

    def capabilities(self) -> Capabilities:
        return self._client.capabilities()

    def batch_searches(self, searches: Sequence[Search]) -> list[SearchResult]:
        self.asked += 1
        for number, (_, params, _accept) in enumerate(searches):
            if is_wide(pairs(params)):
                raise RecordFault("a code or a category is needed", status=400, entry=number)
        return self._client.batch_searches(searches)


def test_a_server_that_demands_a_category_is_asked_by_category(sandbox: Sandbox) -> None:
    sandbox.load(the_record())
    scan = {
        "coding": [
            {"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "imaging"}
        ]
    }
    named = next(it for it in the_record() if it["id"] == "odd") | {"effectiveDateTime": "2026-11-10"}
    sandbox.load([named | {"id": "scanned", "category": [scan]}, named | {"id": "bare"}])
    with a_runtime(sandbox.base_url) as runtime:
        day = runtime.now().date()
        wide = read_of(runtime)
        server = _Demanding(runtime)
        (record,) = read(["anna"], server, runtime.institution, day)
        again = server.asked
        read(["anna"], server, runtime.institution, day)

    narrow = [it["id"] for it in record.resources]
    assert any('"bare"' in it for it in wide)
    assert "scanned" in narrow
    assert "bare" not in narrow
    assert server.refused.wide == {"Observation", "DiagnosticReport", "DocumentReference"}
    assert server.asked - again < again


class _Heavy(_Demanding):
    """A server whose answers about anna's last years, or about several patients at once, are too large."""

    def batch_searches(self, searches: Sequence[Search]) -> list[SearchResult]:
        self.asked += 1
        wide = {dict(pairs(params))["patient"] for _, params, _ in searches if is_wide(pairs(params))}
        if any("anna" in it or "," in it for it in wide):
            raise AnswerTooLarge("too large")
        return self._client.batch_searches(searches)


def test_one_patient_with_too_heavy_files_is_read_by_category_and_others_as_ever(sandbox: Sandbox) -> None:
    sandbox.load(the_record())
    bare = next(it for it in the_record() if it["id"] == "odd") | {"effectiveDateTime": "2026-11-10"}
    sandbox.load(
        [bare | {"id": f"bare-{who}", "subject": {"reference": f"Patient/{who}"}} for who in ("anna", "bea")]
    )
    with a_runtime(sandbox.base_url) as runtime:
        server, day = _Heavy(runtime), runtime.now().date()
        with pytest.raises(AnswerTooLarge):
            read(["anna", "bea"], server, runtime.institution, day)
        (anna,) = read(["anna"], server, runtime.institution, day)
        (bea,) = read(["bea"], server, runtime.institution, day)

    assert {"report", "order"} <= {it["id"] for it in anna.resources}
    assert "bare-anna" not in {it["id"] for it in anna.resources}
    assert "bare-bea" in {it["id"] for it in bea.resources}
    assert not server.refused.wide


class _Crowded(_Demanding):
    """Another thread of ours learns of every refusal while this one is being refused."""

    def batch_searches(self, searches: Sequence[Search]) -> list[SearchResult]:
        try:
            return super().batch_searches(searches)
        except RecordFault as fault:
            self.refused.wide.add(searches[fault.entry or 0][0])
            raise


def test_what_two_threads_are_refused_at_once_stops_neither(sandbox: Sandbox) -> None:
    sandbox.load(the_record())
    with a_runtime(sandbox.base_url) as runtime:
        (record,) = read(["anna"], _Crowded(runtime), runtime.institution, runtime.now().date())

    assert {"report", "order"} <= {it["id"] for it in record.resources}


class _WithoutMissing(_Demanding):
    """A server that does not take the modifier `:missing`, as HAPI did before 6.2."""

    def batch_searches(self, searches: Sequence[Search]) -> list[SearchResult]:
        self.asked += 1
        for number, (_, params, _accept) in enumerate(searches):
            if is_of_missing(pairs(params)):
                raise RecordFault("the modifier is disabled", status=405, entry=number)
        return self._client.batch_searches(searches)


def test_what_has_no_day_is_asked_for_and_left_out_of_a_server_that_cannot_be_asked(sandbox: Sandbox) -> None:
    sandbox.load(the_record())
    bare = next(it for it in the_record() if it["id"] == "odd")
    undated = {name: held for name, held in bare.items() if not name.startswith(("effective", "category"))}
    sandbox.load([undated | {"id": "undated"}])
    with a_runtime(sandbox.base_url) as runtime:
        day = runtime.now().date()
        (whole,) = read(["anna"], runtime.client, runtime.institution, day)
        server = _WithoutMissing(runtime)
        (record,) = read(["anna"], server, runtime.institution, day)

    assert "undated" in {it["id"] for it in whole.resources}
    assert "undated" not in {it["id"] for it in record.resources}
    assert server.refused.missing == {"Observation", "DiagnosticReport", "DocumentReference"}
    assert server.refused.types == {"Encounter"}
