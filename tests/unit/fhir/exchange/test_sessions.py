"""Connections stay open for whoever comes next, and no two requests share one."""

import threading
from concurrent.futures import ThreadPoolExecutor

from adapter.fhir import FhirClient
from adapter.input.wire_json import JsonValue
from tests.command_line import variables
from tests.unit.fhir.server import PATIENT, Answer, FakeServer


def test_threads_that_come_and_go_leave_no_connections_behind(server: FakeServer) -> None:
    server.will_answer(*[Answer(200, PATIENT)] * 6)

    with FhirClient(server.base) as client:
        for _ in range(6):
            with ThreadPoolExecutor(1) as pool:
                pool.submit(client.read, "Patient", "p1").result()

    assert len({it.port for it in server.asked}) == 1


def test_the_environment_is_not_looked_at(server: FakeServer) -> None:
    server.will_answer(Answer(200, PATIENT))

    with variables(HTTP_PROXY="http://127.0.0.1:9"), FhirClient(server.base) as client:
        assert client.read("Patient", "p1") == PATIENT


def test_threads_share_a_client_and_not_a_connection(server: FakeServer, client: FhirClient) -> None:
    server.will_answer(*[Answer(200, PATIENT)] * 8)
    read: list[JsonValue] = []

    threads = [threading.Thread(target=lambda: read.append(client.read("Patient", "p1"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert read == [PATIENT] * 8
