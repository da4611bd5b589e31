"""Messages that come to a running process: kept in an inbox, written to its server, without a listener."""

from datetime import timedelta
from pathlib import Path

from adapter.fhir import FhirClient
from adapter.input.wire_json import Json
from mappings.hl7v2 import read_ack
from mappings.hl7v2.input.sender_map import SenderMap
from tests.made_resources import a_gp, a_patient
from tests.server_patients import admitted
from tests.unit.hl7v2.messages import MAP, PID
from workers.intake.inbox import ArrivalInbox
from workers.intake.inbox_cipher import cipher_of, new_key
from workers.intake.intake_process import work_of
from workers.intake.message_reception import MessageReception
from workers.queue.runtime import Runtime

SYSTEM = str(MAP["patient"][0]["system"])


class Reception:
    """One inbox beside a runtime; `number` is the patient's, in PID-3."""

    def __init__(self, runtime: Runtime, folder: Path, number: str) -> None:
        self.runtime, self.number, self.folder = runtime, number, folder
        key = folder / "key"
        if not key.exists():
            key.write_bytes(new_key())
        self.inbox = ArrivalInbox(folder / "inbox.sqlite", cipher_of(key))
        self.senders = (
            SenderMap.model_validate(
                MAP | {"id": f"dxa-{number}", "order": {"system": f"urn:order:{number}"}}
            ),
        )

    def take(self, *messages: bytes) -> list[str]:
        """Kept and answered; what the answers say."""
        reception = MessageReception(self.inbox, self.senders, self.runtime.clock)
        answers = reception.take_frames([it.replace(b"12345", self.number.encode()) for it in messages])
        return [read_ack(it).reason if it else "" for it in answers]

    def work(self, later: timedelta = timedelta(0)) -> int:
        work = work_of(self.runtime, self.inbox, self.senders)
        work.clock = lambda: self.runtime.clock() + later
        return work.work_inbox()

    def arrived(self, *messages: bytes) -> None:
        assert set(self.take(*messages)) == {"AA"}
        self.work()


def known(server: str, key: str) -> None:
    """A patient whom the messages of `Reception(..., number=key)` mean."""
    patient = a_patient(key, f"gp-{key}", identifier=[{"system": SYSTEM, "value": key}])
    admitted(server, [a_gp(f"gp-{key}"), patient])


def standing(server: str, patient: str, kind: str = "Observation") -> list[Json]:
    with FhirClient(server) as client:
        return client.search(kind, [("patient", f"Patient/{patient}")]).matches


__all__ = ["PID", "Reception", "known", "standing"]
