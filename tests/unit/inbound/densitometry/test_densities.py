"""A density in g/cm2 gives no T-score; too low for the high score beside it, it has a human look (H01)."""

from decimal import Decimal
from typing import Any

import pytest

from adapter.clinical import decide
from adapter.clinical.model import BoneDensity, Reason, Side, Site
from adapter.input.wire_json import Json
from mappings.codes import LOINC
from mappings.pathways import load
from tests.unit.inbound.made_records import TODAY, answer, coded, observation, quantity, read, snomed, t_score

SPINE, FEMUR, HIP, NECK = "24966-4", "24701-5", "38261-4", "29627003"
HOUSE = "http://codes.example.org/house"


def density(value: object = Decimal("0.71"), unit: str = "g/cm2", code: str = SPINE, **more: object) -> Json:
    return observation(coded((LOINC, code)), **{"id": "bmd", "valueQuantity": quantity(value, unit), **more})


def only(resource: Json) -> BoneDensity:
    (found,) = read(resource).record.densities
    return found


@pytest.mark.parametrize(
    ("resource", "site", "value"),
    [
        (density(), Site.LUMBAR_SPINE, "0.71"),
        (density(710, "mg/cm2"), Site.LUMBAR_SPINE, "0.710"),
        (density(code=FEMUR), Site.FEMUR_REGION_UNKNOWN, "0.71"),
        (density(code=FEMUR, bodySite=snomed(NECK)), Site.FEMORAL_NECK, "0.71"),
        (density(code=HIP), Site.TOTAL_HIP, "0.71"),
    ],
)
def test_it_is_kept_with_its_site(resource: Json, site: Site, value: str) -> None:
    found = only(resource)

    assert (found.site, found.g_cm2) == (site, Decimal(value))


def test_the_side_of_its_code_is_kept() -> None:
    assert only(density(code="80954-1")).side is Side.LEFT


@pytest.mark.parametrize(
    ("resource", "reason"),
    [
        (density(valueQuantity=quantity(Decimal("0.7"), "g/cm2", comparator="<")), Reason.COMPARATOR),
        (density(unit="%"), Reason.UNIT_MISMATCH),
        (density(status="preliminary"), Reason.STATUS_UNUSABLE),
        (density(modifierExtension=[{"url": "x"}]), Reason.MODIFIER_EXTENSION),
        (
            observation(coded((HOUSE, SPINE)), valueQuantity=quantity(Decimal("0.7"), "g/cm2")),
            Reason.UNKNOWN_CODE,
        ),
        (
            observation(coded((HOUSE, "77")), valueQuantity=quantity(Decimal("0.7"), "g/cm2")),
            Reason.UNKNOWN_CODE,
        ),
    ],
)
def test_one_that_cannot_be_used_is_named_beside_a_score(resource: Json, reason: Reason) -> None:
    record = read(t_score(Decimal("-1.2"), id="score"), resource).record

    assert record.densities == ()
    assert [it.reason for it in record.rejected if it.concerns == "density"] == [reason]


def test_one_that_is_named_for_want_of_a_t_score_is_named_once() -> None:
    assert [it.concerns for it in read(density(unit="%")).record.rejected] == ["t_score"]


def doubts(*resources: Json, score: str = "2.7", **more: Any) -> tuple[str, ...]:
    """Why the class of a high score does not stand as it is."""
    high = t_score(Decimal(score), id="score", **more)
    record = read(answer("menopausal-status", "post"), high, *resources).record
    found: tuple[str, ...] = decide(record, load("antonius"), TODAY).classification.doubts
    return found


@pytest.mark.hazard(id="H01")
@pytest.mark.parametrize(
    "resources",
    [
        pytest.param((density(),), id="low at the spine"),
        pytest.param((density(Decimal("0.974")),), id="at the limit"),
        pytest.param((density(710, "mg/cm2"),), id="in milligrams"),
        pytest.param((density(unit="%"),), id="in another unit"),
    ],
)
def test_a_high_score_beside_a_density_that_is_or_may_be_too_low_is_asked_about(
    resources: tuple[Json, ...],
) -> None:
    assert doubts(*resources) == ("sign_suspect",)


@pytest.mark.parametrize(
    ("resource", "more"),
    [
        (density(code=FEMUR), {"code": "38264-8"}),
        (density(code=HIP), {"code": "38264-8"}),
        (
            density(Decimal("0.756"), code=FEMUR, bodySite=snomed(NECK)),
            {"code": "38263-0", "bodySite": snomed(NECK)},
        ),
    ],
)
def test_a_density_at_the_hip_makes_the_sign_suspect_too(resource: Json, more: Json) -> None:
    assert doubts(resource, **more) == ("sign_suspect",)


@pytest.mark.hazard(id="H01")
@pytest.mark.parametrize(
    "resource", [density("0.71"), density(effectiveDateTime=None)], ids=["no number", "no day"]
)
def test_one_that_may_be_a_t_score_leaves_the_class_incomplete(resource: Json) -> None:
    assert doubts(resource) == ("incomplete",)


@pytest.mark.parametrize(
    ("resources", "score"),
    [
        pytest.param((), "2.7", id="no density at all"),
        pytest.param((density(Decimal("0.975")),), "2.7", id="above the limit"),
        pytest.param((density(Decimal("1.38")),), "2.7", id="as high as the score"),
        pytest.param((density(),), "1.0", id="a score that is normal with either sign"),
        pytest.param((density(),), "-2.7", id="a low score beside a low density"),
        pytest.param(
            (density(code=HIP), t_score(Decimal("0.8"), "38264-8", id="hip")), "2.7", id="of another site"
        ),
        pytest.param((density(effectiveDateTime="2024-01-10"),), "2.7", id="of another study"),
        pytest.param((density(status="entered-in-error"),), "2.7", id="that was withdrawn"),
    ],
)
def test_nothing_is_asked_where_the_density_does_not_contradict(
    resources: tuple[Json, ...], score: str
) -> None:
    assert doubts(*resources, score=score) == ()


@pytest.mark.parametrize(
    ("density_of", "found"), [("80954-1", ("sign_suspect",)), ("80953-3", ())], ids=["left", "right"]
)
def test_only_the_same_side_contradicts(density_of: str, found: tuple[str, ...]) -> None:
    assert doubts(density(code=density_of), code="80946-7") == found
