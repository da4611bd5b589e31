from pathlib import Path

import pytest

from adapter.errors import ConfigurationFault
from adapter.input.wire_json import Json
from tests.unit.fhir.server import Answer, fake_server
from workers.delivery import read_delivery_settings
from workers.delivery.service import RecipientConnections
from workers.settings.settings_loader import SettingsFault, load_settings


def test_by_default_no_letter_leaves() -> None:
    assert read_delivery_settings({}).channel == "none"


BASE = {"OSTEO_HANDOVER_FHIR_BASE_URL": "http://127.0.0.1:8080/fhir"}


def test_a_variable_holds_the_section_as_json() -> None:
    settings = load_settings({**BASE, "OSTEO_HANDOVER_DELIVERY": '{"channel": "mllp", "mllp_port": 2575}'})

    assert settings.delivery.mllp_port == 2575
    assert str(settings.delivery) == "channel=mllp, mllp_port=2575"


def test_a_file_holds_the_section_as_a_table(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text('[delivery]\nchannel = "folder"\nfolder = "/srv/letters"\n')

    assert load_settings(BASE, tmp_path / "c.toml").delivery.folder == Path("/srv/letters")


@pytest.mark.parametrize("text", ["geheim", "[1]", "7", '{"channel": "geheim"}'])
def test_a_section_that_cannot_be_used_is_a_fault_of_the_settings(text: str) -> None:
    with pytest.raises(SettingsFault) as fault:
        load_settings({**BASE, "OSTEO_HANDOVER_DELIVERY": text})

    assert "OSTEO_HANDOVER_DELIVERY" in str(fault.value)
    assert "geheim" not in str(fault.value)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"channel": "fax"}, "channel"),
        ({"channel": "folder"}, "channel folder needs folder"),
        ({"channel": "mllp"}, "channel mllp needs mllp_port"),
        ({"mllp_prot": 1}, "mllp_prot"),
        ({"lease": 10}, "lease must be at least twice"),
        ({"retry_delays": []}, "retry_delays"),
        (
            {"channel": "fhir", "fhir_tokens": {"https://user:geheim@gp.example": "f"}},
            "need addresses such as",
        ),
        ({"folder": "letters"}, "folder is set and no letter would leave: set channel to folder too"),
        ({"mllp_port": 2575}, "set channel to mllp too"),
        ({"fhir_hosts": ["gp.example"]}, "set channel to fhir too"),
    ],
)
def test_a_fault_names_the_setting_and_never_its_value(values: Json, told: str) -> None:
    with pytest.raises(ConfigurationFault) as fault:
        read_delivery_settings(values)

    assert told in str(fault.value)
    assert "geheim" not in str(fault.value)


@pytest.mark.parametrize(
    ("path", "token"), [("/fhir", "one"), ("/fhir/practice", "two"), ("/other", None), ("/fhirs", None)]
)
def test_a_token_goes_only_to_the_address_that_it_was_given_for(
    tmp_path: Path, path: str, token: str | None
) -> None:
    for name in ("one", "two"):
        (tmp_path / name).write_text(f"{name}\n")
    with fake_server() as gp:
        tokens = {f"{gp.root}/fhir": tmp_path / "one", f"{gp.root}/fhir/practice": tmp_path / "two"}
        addresses = {"x|1": f"{gp.root}/other", "x|2": f"{gp.root}/fhirs"}
        connections = RecipientConnections(
            read_delivery_settings({"channel": "fhir", "fhir_tokens": tokens, "fhir_addresses": addresses})
        )
        client = connections.client_to(f"{gp.root}{path}")
        assert client is not None
        gp.will_answer(Answer(200, {"resourceType": "Patient", "id": "p"}))
        client.read("Patient", "p")
        connections.close()

    (asked,) = gp.asked
    assert asked.headers.get("Authorization") == (f"Bearer {token}" if token else None)


@pytest.mark.parametrize(
    "address",
    [
        "https://elsewhere.example/fhir",
        "http://listed.example/fhir",
        "https://listed.example.evil.com/fhir",
        "https://listed.example@evil.com/fhir",
        "ftp://listed.example/fhir",
        "listed.example",
        "",
        "https://gp.example/fhir-evil",
    ],
)
def test_a_letter_goes_nowhere_that_the_settings_do_not_name(address: str) -> None:
    connections = RecipientConnections(
        read_delivery_settings(
            {
                "channel": "fhir",
                "fhir_hosts": ["listed.example"],
                "fhir_addresses": {"x|1": "https://gp.example/fhir"},
            }
        )
    )

    assert connections.client_to(address) is None
