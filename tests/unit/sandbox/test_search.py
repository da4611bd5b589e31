"""What a search finds, and what it says of itself."""

import pytest

from tests.unit.sandbox.in_process import BASE, Fhir, content, ids

LOINC, LOCAL = "http://loinc.org", "http://hospital.test/codes"


@pytest.fixture
def ward(fhir: Fhir) -> Fhir:
    name = [{"family": "van den Bérg", "given": ["Anna", "Maria"]}]
    bsn = {"system": "http://ids.test/bsn", "value": "900000001"}
    fhir.put(
        "Patient", "anna", active=True, gender="female", name=name, birthDate="1950-02-03", identifier=[bsn]
    )
    fhir.put(
        "Patient",
        "bert",
        active=False,
        gender="male",
        name=[{"text": "Bert Bakker"}],
        identifier=[{"value": "x"}],
    )
    codes = [{"system": LOINC, "code": "38267-1"}, {"system": LOCAL, "code": "TS-L"}]
    fhir.put(
        "Observation", "spine", status="final", code={"coding": codes}, subject={"reference": "Patient/anna"}
    )
    hip = {"coding": [{"system": LOINC, "code": "38263-0"}]}
    fhir.put("Observation", "hip", status="amended", code=hip, subject={"reference": f"{BASE}/Patient/bert"})
    bare = {"coding": [{"code": "38267-1"}], "text": "T-score"}
    abroad = {"reference": "https://elsewhere.test/fhir/Patient/anna"}
    fhir.put("Observation", "bare", code=bare, subject=abroad, hasMember=[{"reference": "Observation/spine"}])
    group = {"reference": "Group/anna", "identifier": bsn}
    fhir.put("Observation", "group", status="final", code={"text": "only words"}, subject=group)
    return fhir


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("code=38267-1", "spine bare"),
        (f"code={LOINC}|38267-1", "spine"),
        (f"code={LOCAL}|TS-L", "spine"),
        (f"code={LOCAL}|38267-1", ""),
        ("code=|38267-1", "bare"),
        (f"code={LOINC}|", "spine hip"),
        (f"code={LOINC}|38267-1,{LOINC}|38263-0", "spine hip"),
        (f"code={LOINC}|38267-1&code={LOCAL}|TS-L", "spine"),
        (f"code={LOINC}|38267-1&code={LOINC}|38263-0", ""),
        ("code:not=38267-1", "hip group"),
        ("code:missing=true", "group"),
        ("status=final", "spine group"),
        ("status=FINAL", ""),
        ("status=http://hl7.org/fhir/observation-status|final", "spine group"),
        ("status:not=final", "hip bare"),
        ("status:missing=true", "bare"),
        ("status:missing=false", "spine hip group"),
        ("patient=anna", "spine"),
        ("patient=Patient/anna", "spine"),
        (f"patient={BASE}/Patient/anna", "spine"),
        ("patient=anna,bert", "spine hip"),
        ("subject=anna", "spine group"),
        ("subject=Patient/anna", "spine"),
        ("subject:Patient=anna", "spine"),
        ("subject:Group=anna", "group"),
        ("subject=https://elsewhere.test/fhir/Patient/anna", "bare"),
        ("subject:identifier=http://ids.test/bsn|900000001", "group"),
        ("patient:missing=true", "group"),
        ("patient.identifier=http://ids.test/bsn|900000001", "spine"),
        ("subject:Patient.gender=male", "hip"),
        ("subject.name=berg", ""),
        ("patient.name=van", "spine"),
        ("has-member=spine", "bare"),
        ("_id=hip,spine,nobody", "spine hip"),
        ("_id=hip&patient=anna", ""),
        ("code=a\\,b", ""),
        ("patient=" + ",".join(f"p{number}" for number in range(3000)) + ",bert", "hip"),
    ],
)
def test_observations_are_found_by_token_and_reference(ward: Fhir, query: str, expected: str) -> None:
    assert ward.found(f"Observation?{query}") == expected.split()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("name=van", "anna"),
        ("name=VAN DEN BERG", "anna"),
        ("family=berg", ""),
        ("family:contains=berg", "anna"),
        ("family:exact=van den Bérg", "anna"),
        ("family:exact=van den Berg", ""),
        ("name=ann", "anna"),
        ("given=mar", "anna"),
        ("name=bert", "bert"),
        ("name=anna,bert", "anna bert"),
        ("name=%25", ""),
        ("active=true", "anna"),
        ("gender=male", "bert"),
        ("identifier=900000001", "anna"),
        ("identifier=http://ids.test/bsn|900000001", "anna"),
        ("identifier=http://ids.test/bsn|", "anna"),
        ("identifier=|x", "bert"),
        ("birthdate=1950", "anna"),
        ("birthdate:missing=true", "bert"),
    ],
)
def test_patients_are_found_by_name_and_identifier(ward: Fhir, query: str, expected: str) -> None:
    assert ward.found(f"Patient?{query}") == expected.split()


def test_tags_labels_and_profiles_are_searched_on_every_type(fhir: Fhir) -> None:
    meta = {
        "tag": [{"system": LOCAL, "code": "demo"}],
        "security": [{"code": "R"}],
        "profile": ["http://p.test/x"],
    }
    fhir.put("CarePlan", "tagged", meta=meta)
    fhir.put("CarePlan", "plain")
    assert fhir.found(f"CarePlan?_tag={LOCAL}|demo") == ["tagged"]
    assert fhir.found("CarePlan?_security=R") == ["tagged"]
    assert fhir.found("CarePlan?_profile=http://p.test/x") == ["tagged"]


def test_a_type_without_a_table_is_found_by_what_every_type_has(fhir: Fhir) -> None:
    fhir.put("ImagingStudy", "dxa", identifier=[{"system": LOCAL, "value": "7"}])
    assert fhir.found(f"ImagingStudy?identifier={LOCAL}|7") == ["dxa"]
    assert fhir.found("ImagingStudy?_id=dxa") == ["dxa"]


def test_a_canonical_is_found_with_and_without_its_version(fhir: Fhir) -> None:
    fhir.put("CarePlan", "p", instantiatesCanonical=["http://o.test/PlanDefinition/core|1.0"])
    assert fhir.found("CarePlan?instantiates-canonical=http://o.test/PlanDefinition/core") == ["p"]
    assert fhir.found("CarePlan?instantiates-canonical=http://o.test/PlanDefinition/core|1.0") == ["p"]
    assert fhir.found("CarePlan?instantiates-canonical=http://o.test/PlanDefinition/core|2.0") == []


def test_a_new_version_is_found_by_its_new_content_only(fhir: Fhir) -> None:
    fhir.put("Patient", "a", gender="female")
    fhir.put("Patient", "a", gender="male")
    assert fhir.found("Patient?gender=female") == []
    assert fhir.found("Patient?gender=male") == ["a"]


def test_an_unknown_parameter_is_ignored_and_the_self_link_says_so(ward: Fhir) -> None:
    bundle = ward.get("Observation?patient=anna&colour=red")
    assert ids(bundle) == ["spine"]
    assert bundle["link"][0]["url"] == f"{BASE}/Observation?patient=anna"


@pytest.mark.parametrize(
    "query", ["colour=red", "_sort=colour", "_summary=text", "_has:x=y", "code:in=http://vs.test"]
)
def test_a_strict_search_refuses_what_it_does_not_know(ward: Fhir, query: str) -> None:
    answer = ward.ask("GET", f"Observation?{query}", prefer="handling=strict")
    assert (answer.status, content(answer)["resourceType"]) == (400, "OperationOutcome")


@pytest.mark.parametrize(
    "query", ["_count=many", "_count=-1", "patient:missing=perhaps", "_include=Nothing:subject"]
)
def test_a_value_that_makes_no_sense_is_refused_in_any_case(ward: Fhir, query: str) -> None:
    assert ward.ask("GET", f"Observation?{query}").status == 400


def test_an_unknown_type_is_not_found(fhir: Fhir) -> None:
    assert fhir.ask("GET", "Patiënt?name=x").status == 404
    assert fhir.ask("GET", "Scan").status == 404


def test_matches_and_includes_are_told_apart(ward: Fhir) -> None:
    entries = ward.get("Observation?_id=spine&_include=Observation:subject")["entry"]
    assert [(entry["fullUrl"], entry["search"]["mode"]) for entry in entries] == [
        (f"{BASE}/Observation/spine", "match"),
        (f"{BASE}/Patient/anna", "include"),
    ]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("Observation?_id=spine,hip&_include=Observation:patient", "spine hip anna bert"),
        ("Observation?_id=spine&_include=Observation:subject:Group", "spine"),
        ("Observation?_id=bare&_include=*", "bare spine"),
        ("Observation?_id=bare&_include=*&_include:iterate=Observation:subject", "bare spine anna"),
        ("Patient?_id=anna&_revinclude=Observation:subject", "anna spine"),
        ("Patient?_id=anna,bert&_revinclude=Observation:patient", "anna bert spine hip"),
        ("Patient?_id=nobody&_revinclude=Observation:patient", ""),
    ],
)
def test_includes_follow_references_both_ways(ward: Fhir, url: str, expected: str) -> None:
    assert ward.found(url) == expected.split()


def test_elements_leave_the_rest_out_and_mark_the_subset(ward: Fhir) -> None:
    (entry,) = ward.get("Patient?_id=anna&_elements=gender,name")["entry"]
    assert set(entry["resource"]) == {"resourceType", "id", "meta", "gender", "name"}
    assert entry["resource"]["meta"]["tag"][0]["code"] == "SUBSETTED"


@pytest.mark.parametrize("query", ["_summary=count", "_count=0"])
def test_a_count_has_a_total_and_no_entries(ward: Fhir, query: str) -> None:
    bundle = ward.get(f"Observation?{query}")
    assert bundle["total"] == 4
    assert "entry" not in bundle


def test_a_form_is_searched_like_a_url(ward: Fhir) -> None:
    bundle = content(ward.ask("POST", "Observation/_search?patient=anna"))
    assert ids(bundle) == ["spine"]


def test_broken_content_is_stored_and_simply_not_found(fhir: Fhir) -> None:
    odd = {
        "code": "text",
        "subject": ["Patient/1", 5, None],
        "effectivePeriod": {"start": 5},
        "identifier": {"value": 3},
    }
    assert fhir.put("Observation", "odd", **odd).status == 201
    assert fhir.found("Observation?_id=odd") == ["odd"]
