"""The same question asked of another evaluator: the T-scores of a Bundle, by FHIRPath.

It finds them by the codes that we know, as anybody must who reads a record of others, or by their unit alone,
which is less work and takes whoever writes it at their word. Both are compiled once, and for R4: without that
the evaluator finds no ``value`` in a ``valueQuantity``, and is quick at finding nothing.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from importlib.util import find_spec

from adapter.input.wire_json import Json
from mappings.valuesets import concept_map

Evaluator = Callable[[Json], list[Decimal]]

BY_CODE, BY_UNIT = "fhirpathpy: T-scores by their codes", "fhirpathpy: T-scores by their unit"
_RESULTS = "Bundle.entry.resource.where(resourceType = 'Observation' and status in ('final' | 'amended' | 'corrected'))"


def fhirpath_expressions() -> Mapping[str, str]:
    """By name; the codes are those of the concept map ``t-score-codes``."""
    codes = " | ".join(sorted(f"'{code}'" for _, code in concept_map("t-score-codes")))
    return {
        BY_CODE: f"{_RESULTS}.where(code.coding.where(code in ({codes})).exists()).value.value",
        BY_UNIT: f"{_RESULTS}.value.where(unit = '{{T-score}}' or code = '1').value",
    }


def evaluators() -> Mapping[str, Evaluator]:
    """By name; none where the library is not installed, which belongs to the tools for developers."""
    if find_spec("fhirpathpy") is None:
        return {}
    from fhirpathpy import compile as compile_path  # noqa: PLC0415 - only where it is installed
    from fhirpathpy.models import models  # noqa: PLC0415 - as above

    def compiled(text: str) -> Evaluator:
        evaluate = compile_path(text, models["r4"])
        return lambda bundle: evaluate(bundle, None)

    return {name: compiled(text) for name, text in fhirpath_expressions().items()}
