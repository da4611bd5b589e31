"""What cannot be mixed: each row tries it, and names the refusal."""

from collections.abc import Callable
from typing import Any

import pytest

from mappings.codes import (
    ATC,
    ICD10,
    ICD10_CM,
    ICD10_NL,
    ICD10_WHO,
    ICPC,
    ICPC_1_NL,
    ICPC_2,
    INTAKE,
    LOINC,
    RXNORM,
    SNOMED,
    UCUM,
    AnyCode,
    Atc,
    Icd10,
    Icpc,
    LocalCode,
    Loinc,
    NotACode,
    RxNorm,
    Snomed,
    Ucum,
    code,
)
from mappings.inbound.resources.codings import concept_of, holds, resembling
from mappings.valuesets import resources, table

OF_EACH_SYSTEM: tuple[AnyCode, ...] = (
    Loinc("38267-1"),
    Snomed("64859006"),
    Icd10("L95", ICD10_WHO),
    Icpc("L95", ICPC_1_NL),
    Atc("M05"),
    RxNorm("904419"),
    Ucum("1"),
    LocalCode("L95", "urn:oid:1.2.3"),
)


@pytest.mark.parametrize(
    ("attempt", "why"),
    [
        (lambda: Loinc("64859006"), "not a code of http://loinc.org: digits, a hyphen and the check digit"),
        (lambda: Snomed("38267-1"), "not a code of http://snomed.info/sct: identifiers of 6 to 18 digits"),
        (lambda: Atc("38267-1"), "not a code of http://www.whocc.no/atc: a letter, then"),
        (lambda: RxNorm("M05BA04"), "not a code of http://www.nlm.nih.gov/.*: one to eight digits"),
        (lambda: Icpc("M80.0", ICPC_2), "not a code of ICPC: a letter and two digits"),
        (lambda: Icd10("L95", ICPC_2), "not a code of ICD-10: the edition is one of .*icd-10"),
        (lambda: Icpc("L95", ICD10_NL), "not a code of ICPC: the edition is one of .*icpc"),
        (lambda: LocalCode("38267-1", LOINC), "not a code of a local system: those of http://loinc.org have"),
        (lambda: LocalCode("38267-1", ""), "not a code of a local system: a code and a system"),
        (lambda: Ucum("bananas"), "not a code of http://unitsofmeasure.org: units of UCUM"),
        (lambda: Ucum("mmol / L"), "not a code of http://unitsofmeasure.org: units of UCUM"),
        (lambda: Ucum("g/cm^2"), "not a code of http://unitsofmeasure.org: units of UCUM"),
        (lambda: Ucum("IU/d"), "not a code of http://unitsofmeasure.org: units of UCUM"),
        (lambda: Ucum("ml/min/1.73m2"), "not a code of http://unitsofmeasure.org: units of UCUM"),
    ],
)
def test_a_code_of_one_system_is_none_of_another(attempt: Callable[[], Any], why: str) -> None:
    with pytest.raises(NotACode, match=why):
        attempt()


@pytest.mark.parametrize("kind", [Icd10, Icpc])
def test_an_edition_is_never_guessed(kind: Callable[[str], Any]) -> None:
    with pytest.raises(TypeError, match="system"):
        kind("L95")


@pytest.mark.parametrize("one", OF_EACH_SYSTEM, ids=lambda it: type(it).__name__)
def test_codes_of_two_systems_are_never_equal(one: AnyCode) -> None:
    assert [it for it in OF_EACH_SYSTEM if it == one] == [one]
    assert len(set(OF_EACH_SYSTEM)) == len(OF_EACH_SYSTEM)


@pytest.mark.parametrize(("editions", "written"), [(ICD10, "M80.0"), (ICPC, "L95")])
def test_an_edition_does_not_meet_another(editions: frozenset[str], written: str) -> None:
    made = {code(edition, written) for edition in editions}

    assert len(made) == len(editions)
    assert {it.system for it in made} == editions


def test_what_an_edition_lists_is_not_found_under_another() -> None:
    """I64 is a stroke to the WHO, and no code of CM."""
    prefixes = table("condition").prefixes
    listed = {edition: {key for system, key in prefixes if system == edition} for edition in ICD10}
    strangers = [
        (key, of, other)
        for of, keys in listed.items()
        for other in ICD10
        for key in keys
        if not any(key.startswith(it) for it in listed[other])
    ]

    assert ("I64", ICD10_WHO, ICD10_CM) in strangers
    for key, of, other in strangers:
        assert table("condition").names(Icd10(key, of))
        assert table("condition").names(Icd10(key, other)) == frozenset()


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (Loinc("38267-1"), Loinc("38267-1"), True),
        (Snomed("71341001"), Snomed("71341001 |Femur|"), True),
        (Snomed("71341001"), Snomed("71341001:272741003=7771000"), False),  # a left one is not any
        (
            Snomed("71341001:272741003=7771000,363698007=71341001"),
            Snomed("71341001:363698007=71341001,272741003=7771000"),
            True,
        ),
        (Icd10("M80.0", ICD10_NL), Icd10("m800+", ICD10_NL), True),
        (Icd10("M80.0", ICD10_NL), Icd10("M80.0", ICD10_CM), False),
        (Icpc("L95", ICPC_2), Icpc("l95", ICPC_2), True),
        (Icpc("L95", ICPC_2), Icpc("L95", ICPC_1_NL), False),
        (Atc("M05BA04"), Atc("m05ba04"), True),
        (RxNorm("904419"), RxNorm("90441"), False),
        (Ucum("{T-score}"), Ucum("{t-score}"), True),
        (Ucum("mL"), Ucum("ML"), False),
        (LocalCode("vfa"), LocalCode("vfa", f"{INTAKE}/"), True),
        (LocalCode("vfa"), LocalCode("VFA"), False),
        (LocalCode("vfa"), LocalCode("vfa", "urn:oid:1.2.3"), False),
    ],
)
def test_what_is_the_same_code(one: AnyCode, other: AnyCode, equal: bool) -> None:
    assert (one == other) is equal
    assert (hash(one) == hash(other)) is equal


@pytest.mark.parametrize(
    ("subject", "value_set", "system", "key"),
    [
        ("mark", "mark-low", "urn:oid:1.2.3", "L"),
        ("lab", "lab-calcium", "urn:oid:1.2.3", "2000-8"),
        ("lab", "lab-calcium", "", "2000-8"),
        ("body", "body-weight", SNOMED, "29463-7"),
    ],
)
def test_a_code_under_another_system_is_only_alike(
    subject: str, value_set: str, system: str, key: str
) -> None:
    said = concept_of({"coding": [{"system": system, "code": key}]})

    assert resembling(said, subject) == {value_set.removeprefix(f"{subject}-")}
    assert not holds(said, value_set)
    assert said.names(subject) == frozenset()


@pytest.mark.parametrize("system", [LOINC, SNOMED, ATC, RXNORM, UCUM, ICD10_CM, ICPC_2, "urn:oid:1.2.3"])
def test_no_lookup_answers_for_another_system(system: str) -> None:
    """Of a code that several systems can hold: the number of one is nothing in the next."""
    held = {system for system, _ in table("lab").codes()}

    assert held <= {LOINC, SNOMED, INTAKE}
    assert table("lab").names(Loinc("2000-8")) == {"calcium"}
    try:
        other = code(system, "2000-8")
    except NotACode:
        return
    assert (table("lab").names(other) == {"calcium"}) is (system == LOINC)


def test_every_unit_in_the_maps_is_one() -> None:
    units = [
        element["code"]
        for resource in resources("map-")
        for group in resource["group"]
        if group["source"] == UCUM
        for element in group["element"]
    ]

    assert units
    assert [Ucum(it).code for it in units] == units
