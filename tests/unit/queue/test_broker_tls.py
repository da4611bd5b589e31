"""A password goes to the Redis that it is meant for, over TLS that was checked, or not at all."""

import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from kombu import Connection

from adapter.errors import ConfigurationFault
from adapter.fhir.origin import beyond_this_machine
from tests.server_patients import settings_for
from workers.doctor.examination import check_protection
from workers.doctor.findings import FindingState
from workers.queue import celery_app
from workers.queue.bootstrap import client_of
from workers.settings.protection import FHIR, REDIS, redis_tls, require_protection, unprotected_settings

SERVER = "http://127.0.0.1/fhir"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for localhost with its key, signed by nobody else."""
    folder = tmp_path_factory.mktemp("tls")
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *names]
    places = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    subprocess.run([*command, *places], check=True, capture_output=True)
    return folder


@contextmanager
def impostor(certificate: Path) -> Iterator[tuple[int, bytearray]]:
    """Somebody with their own certificate who answers for Redis and notes what they are told."""
    told = bytearray()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def listen() -> None:
            while True:
                with suppress(OSError):
                    line, _ = listener.accept()
                    with context.wrap_socket(line, server_side=True) as secure:
                        secure.settimeout(1)
                        told.extend(secure.recv(4096))
                        secure.sendall(b"+OK\r\n")
                if listener.fileno() < 0:
                    return

        threading.Thread(target=listen, daemon=True).start()
        yield listener.getsockname()[1], told


def connect(url: str, **given: str) -> None:
    """As a worker does it."""
    options = redis_tls(settings_for(SERVER, broker_url=url, **given))
    with Connection(
        url, ssl={**options}, transport_options={"socket_timeout": 2, "socket_connect_timeout": 2}
    ) as broker:
        broker.ensure_connection(max_retries=1, interval_start=0, timeout=3)


def test_an_impostor_is_not_told_the_password(certificate: Path) -> None:
    with impostor(certificate) as (port, told):
        with pytest.raises(Exception, match=r"(?i)certificate|ssl"):
            connect(f"rediss://:geheim@localhost:{port}/0")
        assert told == b""


def test_the_redis_that_is_meant_is_known_by_its_authority(certificate: Path) -> None:
    with impostor(certificate) as (port, told):
        with suppress(Exception):  # it is no Redis, but it is who it says
            connect(f"rediss://:geheim@localhost:{port}/0", broker_ca_bundle=str(certificate / "cert.pem"))
        assert told


def test_a_user_of_its_own_and_a_certificate_of_ours_are_shown_to_that_redis_alone(certificate: Path) -> None:
    given = {"broker_ca_bundle": "cert.pem", "broker_client_cert": "cert.pem", "broker_client_key": "key.pem"}
    files = {name: str(certificate / file) for name, file in given.items()}
    with impostor(certificate) as (port, told):
        with suppress(Exception):
            connect(f"rediss://worker:geheim@localhost:{port}/0", **files)
        assert b"worker" in told
    options = redis_tls(settings_for(SERVER, broker_url="rediss://w:x@localhost/0", **files))
    assert options["ssl_cert_reqs"] is ssl.CERT_REQUIRED
    assert (options["ssl_certfile"], options["ssl_keyfile"]) == (
        files["broker_client_cert"],
        files["broker_client_key"],
    )


def test_the_name_in_the_certificate_counts(certificate: Path) -> None:
    with impostor(certificate) as (port, told):
        with pytest.raises(Exception, match=r"(?i)certificate|ssl|hostname"):
            connect(f"rediss://:geheim@127.0.0.1:{port}/0", broker_ca_bundle=str(certificate / "cert.pem"))
        assert told == b""


@pytest.mark.parametrize(
    "query", ["ssl_cert_reqs=none", "ssl_cert_reqs=CERT_NONE", "ssl_check_hostname=false"]
)
def test_an_address_cannot_switch_the_check_off(query: str) -> None:
    with pytest.raises(ConfigurationFault):
        redis_tls(settings_for(SERVER, broker_url=f"rediss://:x@redis.example.org:6379/0?{query}"))


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({"broker_url": "redis://:x@redis.example.org:6379/0"}, [REDIS]),
        ({"broker_url": "redis://:x@10.0.0.7:6379/0"}, [REDIS]),
        ({"broker_url": "rediss://:x@redis.example.org:6379/0"}, []),
        ({"broker_url": "redis://:x@127.0.0.1:6379/0"}, []),
        ({"broker_url": "redis://[::1]:6379/0"}, []),
        ({"broker_url": "redis://localhost:6379/0"}, []),
        ({"fhir_auth": "bearer", "fhir_token": "t", "fhir_base_url": "http://fhir.example.org/r4"}, [FHIR]),
        ({"fhir_auth": "bearer", "fhir_token": "t", "fhir_base_url": "https://fhir.example.org/r4"}, []),
        ({"fhir_base_url": "http://fhir.example.org/r4"}, []),
    ],
)
def test_what_goes_in_the_clear_needs_to_be_allowed_and_is_warned_of(
    given: dict[str, str], names: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    base = given.pop("fhir_base_url", SERVER)
    settings = settings_for(base, **given)

    assert [name for name, _ in unprotected_settings(settings)] == names
    for name in names:
        with pytest.raises(ConfigurationFault, match="allow_unprotected"):
            require_protection(settings, name)
        allowed = settings_for(base, **given, allow_unprotected=name)
        require_protection(allowed, name)
        assert "the settings allow it" in caplog.text
        (found,) = check_protection(allowed)
        assert found.state is FindingState.LIMITED
        assert found.says.startswith(f"allowed in the clear: {name}: ")
    assert bool(names) == bool(list(check_protection(settings)))


def test_neither_worker_nor_review_begins_in_the_clear() -> None:
    plain = settings_for("http://fhir.example.org/r4", fhir_auth="bearer", fhir_token="t")
    with pytest.raises(ConfigurationFault):
        client_of(plain)
    with pytest.raises(ConfigurationFault):
        celery_app.configuration_of(settings_for(SERVER, broker_url="redis://redis.example.org/0"))


@pytest.mark.parametrize(
    ("host", "beyond"),
    [("127.0.0.1", False), ("127.9.9.9", False), ("::1", False), ("localhost", False), ("localhost.evil.com", True),
     ("10.1.2.3", True), ("redis", True), (None, True)],
)  # fmt: skip
def test_where_this_machine_ends(host: str | None, beyond: bool) -> None:
    assert beyond_this_machine(host) is beyond
