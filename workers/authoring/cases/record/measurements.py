"""Numbers of a case: laboratory results with or without the laboratory's mark, body measures, read FRAX."""

from collections.abc import Iterator, Mapping

from adapter.input.wire_json import Json, ReadOnlyJson
from workers.authoring.cases.case_table import UncoveredCase
from workers.authoring.cases.record.fact_codes import case_names, named_concept
from workers.authoring.cases.record.fact_values import CaseDays, FactWriter, decimal_of, require_parts
from workers.authoring.cases.record.resources import observation, quantity

# The name of a laboratory value in a case, and of its number.
LABS: Mapping[str, str] = {
    "25_oh_d": "25_oh_d_nmol_l",
    "alkaline_phosphatase": "alkaline_phosphatase_u_l",
    "calcium_corrected": "calcium_corrected_mmol_l",
    "calcium_total": "calcium_total_mmol_l",
    "albumin": "albumin_g_l",
}
FRAX = ("mof_pct", "hip_pct")


def labs(values: ReadOnlyJson, days: CaseDays) -> Iterator[Json]:
    """A result may have the laboratory's mark, a number or both, and a day of its own."""
    require_parts(values, "labs", {*LABS, *LABS.values(), "date"})
    day = values.get("date", days.as_of)
    for key, counted in LABS.items():
        content: Json = {}
        if counted in values:
            content["valueQuantity"] = _measurement(key, values[counted], f"labs.{counted}")
        if key in values:
            if values[key] not in case_names("mark"):
                raise UncoveredCase(f"labs.{key}: {values[key]}")
            content["interpretation"] = [named_concept("mark", values[key])]
        if content:
            yield observation(f"lab-{key}", named_concept("measurement", key), day, **content)


def frax(risk: ReadOnlyJson, days: CaseDays) -> Iterator[Json]:
    """Ten-year probabilities in percent; the model stands in the method."""
    require_parts(risk, "frax", {*FRAX, "model"})
    method = {"text": f"FRAX {risk['model']}"} if "model" in risk else None
    for name in FRAX:
        if name in risk:
            said = {"valueQuantity": _measurement(name, risk[name], f"frax.{name}"), "method": method}
            yield observation(f"frax-{name}", named_concept("measurement", name), days.scanned, **said)


def _measurement_writer(name: str) -> FactWriter:
    def write(value: object, days: CaseDays) -> Iterator[Json]:
        said = _measurement(name, value, name)
        yield observation(name, named_concept("measurement", name), days.as_of, valueQuantity=said)

    return write


def _measurement(name: str, value: object, place: str) -> Json:
    return quantity(decimal_of(value, place), case_names("measurement")[name].also["unit"])


MEASURES: Mapping[str, FactWriter] = {
    name: _measurement_writer(name)
    for name in ("egfr_ml_min", "crcl_ml_min", "creatinine_umol_l", "weight_kg", "bmi")
}
