"""Numbers of a case: laboratory results with or without the laboratory's mark, body measures, and FRAX as it was read."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mappings.codes import LOINC
from mappings.inbound.intake.intake_questions import CREATININE_CLEARANCE
from workers.cases.case_table import Json, NotCovered
from workers.cases.record.fact_codes import codeable, local
from workers.cases.record.fact_values import CaseDays, number, only
from workers.cases.record.resources import observation, quantity

Write = Callable[[Any, CaseDays], Iterator[Json]]
_INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"


@dataclass(frozen=True, slots=True)
class LabFact:
    """The LOINC code, the name of the number in a case, and its unit."""

    code: str
    number: str
    unit: str


LABS: Mapping[str, LabFact] = {
    "25_oh_d": LabFact("14635-7", "25_oh_d_nmol_l", "nmol/L"),
    "alkaline_phosphatase": LabFact("6768-6", "alkaline_phosphatase_u_l", "U/L"),
    "calcium_corrected": LabFact("29265-6", "calcium_corrected_mmol_l", "mmol/L"),
}
MARKS: Mapping[str, str] = {"low": "L", "normal": "N", "high": "H"}
FRAX: Mapping[str, str] = {"mof_pct": "90265-0", "hip_pct": "90266-8"}


def labs(values: Any, stage: CaseDays) -> Iterator[Json]:
    """A result may have the laboratory's mark without a number, a number without a mark, or both."""
    only(values, "labs", {name for key, lab in LABS.items() for name in (key, lab.number)})
    for key, lab in LABS.items():
        content: Json = {}
        if lab.number in values:
            content["valueQuantity"] = quantity(number(values[lab.number], f"labs.{lab.number}"), lab.unit)
        if key in values:
            if values[key] not in MARKS:
                raise NotCovered(f"labs.{key}: {values[key]}")
            content["interpretation"] = [codeable(_INTERPRETATION, MARKS[values[key]])]
        if content:
            yield observation(f"lab-{key}", codeable(LOINC, lab.code), stage.as_of, **content)


def frax(risk: Any, stage: CaseDays) -> Iterator[Json]:
    """Ten-year probabilities in percent; the model stands in the method."""
    only(risk, "frax", {*FRAX, "model"})
    method = {"text": f"FRAX {risk['model']}"} if "model" in risk else None
    for name, code in FRAX.items():
        if name in risk:
            value = quantity(number(risk[name], f"frax.{name}"), "%")
            said = {"valueQuantity": value, "method": method}
            yield observation(f"frax-{name}", codeable(LOINC, code), stage.scanned, **said)


def _measure(name: str, code: Json, unit: str) -> Write:
    def write(value: Any, stage: CaseDays) -> Iterator[Json]:
        yield observation(name, code, stage.as_of, valueQuantity=quantity(number(value, name), unit))

    return write


MEASURES: Mapping[str, Write] = {
    name: _measure(name, code, unit)
    for name, code, unit in (
        ("egfr_ml_min", codeable(LOINC, "98979-8"), "mL/min/{1.73_m2}"),
        ("crcl_ml_min", local(CREATININE_CLEARANCE), "mL/min"),
        ("creatinine_umol_l", codeable(LOINC, "14682-9"), "umol/L"),
        ("weight_kg", codeable(LOINC, "29463-7"), "kg"),
        ("bmi", codeable(LOINC, "39156-5"), "kg/m2"),
    )
}
