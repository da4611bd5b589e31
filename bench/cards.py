"""How long a CDS Hooks call with a whole prefetch takes in the process that answers it, from bytes to bytes.

    python bench/cards.py [rounds]

The bundled patients, one call each; the goal is 100 ms for nineteen calls of twenty. Wall time,
of an otherwise idle machine.
"""

import json
import sys
import time
from collections import defaultdict
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from uuid import UUID, uuid5

sys.path.insert(0, str(Path(__file__).parents[1]))

from adapter.errors import RecordFault
from adapter.input.wire_json import Json, write
from mappings import pathways, texts
from mappings.handover.institution import Institution
from mappings.handover.patient_record import PatientRecord
from mappings.inbound import ReadingConfig
from workers.demo import patients
from workers.ledger import open_ledger
from workers.review.references import patients_of
from workers.server.cds_request import prefetch_templates
from workers.server.cds_services import PATIENT_VIEW, CdsServices

INSTITUTION = Institution("bench", "1", pathways.load("antonius"), ReadingConfig(), texts.load("nl"))
NAMESPACE = UUID("d1577c69-dfbe-44ad-ba6d-3e05e953b2ea")


def calls() -> list[bytes]:
    """One body for each bundled patient: everything of its type under the first search of that type."""
    keys = list(prefetch_templates(INSTITUTION.reading))
    held: defaultdict[str, defaultdict[str, list[Json]]] = defaultdict(lambda: defaultdict(list))
    for resource in patients():
        for whose in patients_of(resource, ""):
            held[whose][resource["resourceType"]].append(resource)
    return [_call(whose, by_type, keys) for whose, by_type in held.items() if by_type["Patient"]]


def _call(whose: str, by_type: dict[str, list[Json]], keys: list[str]) -> bytes:
    prefetch: dict[str, Json | None] = dict.fromkeys(keys)
    for kind, found in by_type.items():
        key = next((key for key in keys if key.rstrip("0123456789").lower() == kind.lower()), None)
        if key:
            bundle = {
                "resourceType": "Bundle",
                "type": "searchset",
                "entry": [{"resource": it} for it in found],
            }
            prefetch[key] = found[0] if kind == "Patient" else bundle
    context = {"userId": "Practitioner/1", "patientId": whose}
    body = {"hook": PATIENT_VIEW, "hookInstance": str(uuid5(NAMESPACE, whose)), "context": context}
    return json.dumps(body | {"prefetch": prefetch}, default=float).encode()


def unread(_patient: str, _on: date) -> PatientRecord:
    """Every call brings its record along."""
    raise RecordFault("the prefetch was to be whole")


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    bodies = calls()
    with TemporaryDirectory() as folder:
        address = f"sqlite:///{folder}/ledger.sqlite"
        services = CdsServices(
            INSTITUTION,
            "Europe/Amsterdam",
            lambda: datetime(2026, 11, 20, 9, tzinfo=UTC),
            "http://127.0.0.1:1",
            lambda: open_ledger(address, "bench"),
            unread,
        )
        write(services.cards_for("bone-health", bodies[0]))
        took: list[float] = []
        for body in bodies * rounds:
            start = time.perf_counter()
            write(services.cards_for("bone-health", body))
            took.append((time.perf_counter() - start) * 1000)
    steps = quantiles(took, n=20)
    print(f"{len(took)} calls: median {steps[9]:.1f} ms, p95 {steps[18]:.1f} ms, longest {max(took):.1f} ms")


if __name__ == "__main__":
    main()
