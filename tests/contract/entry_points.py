"""A runtime with all its entry points open, each with its real parts: HTTP, MLLP, a folder, the sweep.

What comes in is a T-score of the spine, and its correction. Whoever opens an entry point asks for nothing
else: no sweep, but by the entry point that is the sweep or that asks for one.
"""

import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

import requests
import uvicorn

from adapter.fhir.smart import key_set, load_keys, with_new_key
from adapter.input.wire_json import Json, parse, write
from tests.contract.reception import PID, Reception
from tests.made_resources import a_gp, a_patient, a_t_score
from tests.server_patients import a_runtime, admitted
from tests.unit.hl7v2.messages import OBR, msh, obx, wire
from tests.unit.intake.listening import Listening, asked, connected
from tests.unit.server.notifications import event, topic
from workers.host.clock import Clock
from workers.intake.message_reception import MessageReception
from workers.intake.watched_folder import WatchedFolder
from workers.server.http_process import routes_of

SECRET, ISSUER, PUBLIC = "a secret of more than sixteen", "https://ehr.example", "https://adapter.example"
DAY = "2026-06-01"


@dataclass(frozen=True)
class News:
    """A T-score of the spine, or what it is corrected to."""

    value: float
    corrected: bool = False

    def score(self, patient: str) -> Json:
        status = "amended" if self.corrected else "final"
        return a_t_score(patient, self.value, status=status, effectiveDateTime=DAY)

    def message(self) -> bytes:
        """As a DXA system sends it, of patient 12345."""
        result = obx(
            "TLS^T-score LWK^L", str(self.value).replace(".", ","), status="C" if self.corrected else "F"
        )
        head = msh(control_id="M2" if self.corrected else "M1")
        made = "20260602101500" if self.corrected else "20260601101500"
        return wire(head.replace("20260601101500", made), PID, OBR, result)


class OpenInstitution(Reception):
    """One process, or several, before one FHIR server."""

    def __init__(self, server: str, folder: Path, number: str, clock: Clock, **given: Any) -> None:
        folder.mkdir(exist_ok=True)
        (folder / "secret").write_text(SECRET)
        (folder / "private.json").write_text(with_new_key(None, "ES384"))
        (folder / "ehr.json").write_text(json.dumps(key_set(load_keys(folder / "private.json"))))
        secret = str(folder / "secret")
        section = {
            "servers": {"hospital": secret},
            "clients": {"portal": secret},
            "cds_clients": {"ehr": {"issuer": ISSUER, "keys": str(folder / "ehr.json")}},
            "public_url": PUBLIC,
        }
        plain = {"ledger_url": f"sqlite:///{folder / 'ledger.sqlite'}", "site": number, "pathway": "antonius"}
        runtime = a_runtime(server, clock, **plain | {"serve": json.dumps(section)} | given)
        super().__init__(runtime, folder, number)
        self.server, self.hints = server, 0
        self.watched: WatchedFolder | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.inbox.close()
        self.runtime.close()

    def reviewed(self) -> list[str]:
        """Whoever is due is reviewed; gives who that was."""
        runtime, found = self.runtime, list[str]()
        while claim := runtime.claim(10):
            found += claim
            assert [it.fault for it in runtime.review(claim)] == [None] * len(claim)
        return found

    @contextmanager
    def serving(self) -> Iterator[tuple[str, list[bool]]]:
        """`serve` on a port of its own; what it asked the workers for."""
        routes, asked_for = routes_of(self.runtime.settings, self.runtime.clock), list[bool]()
        assert routes.hints
        routes.hints.follow_up = asked_for.append
        with socket.create_server(("127.0.0.1", 0)) as listener:
            server = uvicorn.Server(uvicorn.Config(routes.app(), lifespan="off", log_config=None))
            thread = threading.Thread(target=server.run, args=([listener],))
            thread.start()
            try:
                yield f"http://127.0.0.1:{listener.getsockname()[1]}", asked_for
            finally:
                server.should_exit = True
                thread.join(20)

    def hinted(self, body: bytes) -> None:
        """As a server says that something changed; where it does not say of whom, a sweep looks."""
        with self.serving() as (address, asked_for):
            headers = {"Authorization": f"Bearer {SECRET}", "Content-Type": "application/fhir+json"}
            answer = requests.post(
                f"{address}/hints/hospital/0-Observation", data=body, headers=headers, timeout=30
            )
            assert answer.status_code == 200
        if asked_for == [True]:
            self.runtime.sweep()

    def assessed(self, record: Sequence[Json], on: str) -> Json:
        """What `POST /assess` answers."""
        with self.serving() as (address, _):
            headers = {"Authorization": f"Bearer {SECRET}", "Content-Type": "application/fhir+json"}
            answer = requests.post(
                f"{address}/assess?on={on}", data=_bundle(record), headers=headers, timeout=30
            )
        assert answer.status_code == 200, answer.text
        return parse(answer.content)

    def cards(self) -> list[Json]:
        """What a hospital's own system is shown if it sends along what the services' searches find."""
        with self.serving() as (address, _):
            path = "/cds-services/bone-health"
            (service,) = (
                it
                for it in requests.get(f"{address}/cds-services", timeout=30).json()["services"]
                if it["id"] == "bone-health"
            )
            prefetch = {
                key: requests.get(
                    f"{self.server}/{search.replace('{{context.patientId}}', self.number)}", timeout=30
                ).json()
                for key, search in service["prefetch"].items()
            }
            body = {
                "hook": "patient-view",
                "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
                "context": {"userId": "Practitioner/doctor", "patientId": self.number},
                "prefetch": prefetch,
            }
            stamp = int(self.runtime.clock().timestamp())
            claims = {"iss": ISSUER, "aud": PUBLIC + path, "iat": stamp, "exp": stamp + 300, "jti": "1"}
            key = load_keys(self.folder / "private.json")[0]
            headers = {"Authorization": f"Bearer {key.signed(claims)}"}
            answer = requests.post(f"{address}{path}", json=body, headers=headers, timeout=30)
        assert answer.status_code == 200, answer.text
        return list(parse(answer.content)["cards"])

    def sent(self, message: bytes) -> None:
        """Over MLLP, acknowledged, and then written."""
        reception = MessageReception(self.inbox, self.senders, self.runtime.clock)
        with Listening(frame_seconds=20) as listening, connected(listening) as line:
            listening.answered = reception.take_frames
            assert b"MSA|AA|" in asked(line, message.replace(b"12345", self.number.encode()))
        self.work()

    def put_in_folder(self, name: str, content: bytes) -> None:
        root = self.folder / "in"
        root.mkdir(exist_ok=True)
        (root / name).write_bytes(content)
        self.watched = WatchedFolder(root, self.senders, self.inbox, self.runtime.clock, lambda: 4e9)
        self.watched.look_for_files()
        self.work()
        self.watched.look_for_files()

    def settled(self) -> None:
        """Whatever lost a race was written a little later; then nothing waits at any entry point."""
        self.work(timedelta(hours=1))
        counts = self.inbox.count_states()
        assert (counts["failed"], counts["waiting"]) == (0, 0), self.inbox.items_in_trouble()
        if self.watched:
            self.watched.look_for_files()
            assert [*(self.watched.root / "taken").iterdir(), *(self.watched.root / "failed").iterdir()] == []


@dataclass(frozen=True)
class EntryPoint:
    """One way in: what opens it, and whether the result stands on the server before that one hears of it."""

    open: Callable[[OpenInstitution, News], None]
    stands_before: bool = False

    def __call__(self, institution: OpenInstitution, news: News) -> None:
        if self.stands_before:
            admitted(institution.server, [news.score(institution.number)])
        self.open(institution, news)


def _swept(institution: OpenInstitution, _: News) -> None:
    institution.runtime.sweep()


def _topic(institution: OpenInstitution, news: News) -> None:
    score = news.score(institution.number)
    institution.hints += 1
    told = event(institution.hints, f"{institution.server}/Observation/{score['id']}")
    institution.hinted(topic("event-notification", institution.hints, told, resources=[score]))


def _bundle(news: Sequence[Json]) -> bytes:
    entries = [{"resource": it} for it in news]
    return write({"resourceType": "Bundle", "type": "collection", "entry": entries})


def _addressed(institution: OpenInstitution, news: News) -> bytes:
    """A transaction in which the result names its patient by the address of the entry."""
    urn = "urn:uuid:6f1cf0b6-1f2f-4f8e-8f63-0d5f0d5f0d5f"
    score = news.score(institution.number) | {"subject": {"reference": urn}}
    patient, *_ = institution.runtime.client.search("Patient", [("_id", institution.number)]).matches
    put = {"method": "PUT"}
    entries = [
        {"fullUrl": urn, "resource": patient, "request": put | {"url": f"Patient/{institution.number}"}},
        {"resource": score, "request": put | {"url": f"Observation/{score['id']}"}},
    ]
    return write({"resourceType": "Bundle", "type": "transaction", "entry": entries})


def _lines(resources: Sequence[Json]) -> bytes:
    return b"".join(write(it) + b"\n" for it in resources)


def _hl7(institution: OpenInstitution, news: News) -> bytes:
    return news.message().replace(b"12345", institution.number.encode()).replace(b"\r", b"\n")


ENTRY_POINTS: Mapping[str, EntryPoint] = {
    "sweep": EntryPoint(_swept, stands_before=True),
    "hint with the resource": EntryPoint(
        lambda institution, news: institution.hinted(json.dumps(news.score(institution.number)).encode()),
        stands_before=True,
    ),
    "hint of a topic": EntryPoint(_topic, stands_before=True),
    "empty hint": EntryPoint(lambda institution, _: institution.hinted(b""), stands_before=True),
    "MLLP": EntryPoint(lambda institution, news: institution.sent(news.message())),
    "folder, NDJSON": EntryPoint(
        lambda institution, news: institution.put_in_folder(
            "a.ndjson", _lines([news.score(institution.number)])
        )
    ),
    "folder, Bundle": EntryPoint(
        lambda institution, news: institution.put_in_folder(
            "a.json", _bundle([news.score(institution.number)])
        )
    ),
    "folder, transaction": EntryPoint(
        lambda institution, news: institution.put_in_folder("t.json", _addressed(institution, news))
    ),
    "folder, HL7 v2": EntryPoint(
        lambda institution, news: institution.put_in_folder("a.hl7", _hl7(institution, news))
    ),
}

DOCTOR: Json = {
    "resourceType": "Practitioner",
    "id": "doctor",
    "name": [{"text": "Dr A. Vermeer"}],
    "qualification": [{"code": {"text": "internist"}}],
}


def furnished(server: str, key: str, system: str) -> None:
    """A patient whom messages and resources mean, with a GP and a clinician."""
    patient = a_patient(key, f"gp-{key}", identifier=[{"system": system, "value": key}])
    admitted(server, [a_gp(f"gp-{key}"), DOCTOR, patient])
