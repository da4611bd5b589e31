"""The same question asked in CQL: the lowest T-score of a Bundle, by cql-execution in a process of Node.

    library LowestTScore version '1'
    using FHIR version '4.0.1'
    valueset "T-scores": '...'  // the codes of the concept map `t-score-codes`
    context Patient
    define "Lowest":
      Min([Observation: "T-scores"] O
        where O.status.value in { 'final', 'amended', 'corrected' }
        return (O.value as FHIR.Quantity).value.value)

The ELM below is this library, written by hand: what translates CQL needs Java. It needs no FHIRHelpers.
"""

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from adapter.errors import SoftwareFault
from adapter.input.wire_json import Json, parse, write
from mappings.valuesets import concept_map
from workers.settings.setting_variables import environment_without_settings

BY_CQL = "cql-execution: lowest T-score by the codes"
PACKAGES = ("cql-execution", "cql-exec-fhir")
SCRIPT = Path(__file__).with_suffix(".js")
NAME, STATUSES = "Lowest", ("final", "amended", "corrected")
FHIR, SYSTEM, SCORES = "http://hl7.org/fhir", "urn:hl7-org:elm-types:r1", "urn:osteo-handover:bench:t-scores"
LONGEST = 600  # seconds


@dataclass(frozen=True, slots=True)
class CqlAnswers:
    """The lowest T-score of each Bundle, and microseconds of processor time for each."""

    lowest: tuple[Decimal | None, ...]
    spent: float


def why_no_cql(node_modules: Path | None, path: str | None = None) -> str | None:
    """Why nothing can be asked in CQL; None where it can be. Node is looked for on `path` or the PATH."""
    if node_modules is None:
        return f"--node-modules names no folder with {' and '.join(PACKAGES)}"
    if absent := [name for name in PACKAGES if not (node_modules / name / "package.json").is_file()]:
        return f"{node_modules} has no {' and no '.join(absent)}"
    return None if shutil.which("node", path=path) else "node is not on the PATH"


def ask_cql(node_modules: Path, bundles: Sequence[bytes]) -> CqlAnswers:
    """One process of Node, whose start is not counted; no patient is in two Bundles.

    Raises SoftwareFault when it does not end well, or does not answer for every Bundle.
    """
    ran = subprocess.run(  # noqa: S603 - our own script
        ["node", str(SCRIPT)],  # noqa: S607 - whatever Node there is
        input=b"\n".join((write(_library()), *bundles)),
        env=environment_without_settings() | {"NODE_PATH": str(node_modules.resolve())},
        capture_output=True,
        timeout=LONGEST,
        check=False,
    )
    if ran.returncode:
        raise SoftwareFault(f"node ended with {ran.returncode}, so the figures say nothing.")
    told = parse(ran.stdout)
    lowest = tuple(None if score is None else Decimal(str(score)) for score in told["lowest"])
    if len(lowest) != len(bundles):
        raise SoftwareFault(f"{len(lowest)} of {len(bundles)} Bundles were answered for in CQL.")
    return CqlAnswers(lowest, float(told["microseconds"]) / len(bundles))


def _library() -> Json:
    codes = [{"system": system, "code": code} for system, code in sorted(concept_map("t-score-codes"))]
    return {"elm": {"library": _elm()}, "valueSets": {SCORES: {"1": codes}}, "expression": NAME}


def _elm() -> Json:
    defined = {"name": NAME, "context": "Patient", "expression": {"type": "Min", "source": _t_scores()}}
    return {
        "identifier": {"id": "LowestTScore", "version": "1"},
        "schemaIdentifier": {"id": "urn:hl7-org:elm", "version": "r1"},
        "usings": {"def": [{"localIdentifier": "FHIR", "uri": FHIR, "version": "4.0.1"}]},
        "valueSets": {"def": [{"name": "T-scores", "id": SCORES}]},
        "statements": {"def": [defined]},
    }


def _t_scores() -> Json:
    """From the Retrieve to the return."""
    observation = {"type": "AliasRef", "name": "O"}
    value = {"type": "Property", "path": "value", "source": observation}
    quantity = {"type": "As", "operand": value, "asType": f"{{{FHIR}}}Quantity"}
    status = {"type": "Property", "path": "status.value", "source": observation}
    texts = [{"type": "Literal", "valueType": f"{{{SYSTEM}}}String", "value": text} for text in STATUSES]
    retrieved = {
        "type": "Retrieve",
        "dataType": f"{{{FHIR}}}Observation",
        "codeProperty": "code",
        "codes": {"type": "ValueSetRef", "name": "T-scores"},
    }
    return {
        "type": "Query",
        "source": [{"alias": "O", "expression": retrieved}],
        "relationship": [],
        "where": {"type": "In", "operand": [status, {"type": "List", "element": texts}]},
        "return": {"expression": {"type": "Property", "path": "value.value", "source": quantity}},
    }
