from pathlib import Path
from typing import Any

import pytest

from adapter.errors import ConfigurationFault
from workers.delivery import DeliverySettings, delivery_settings
from workers.delivery.assembly import Connections


def test_by_default_no_letter_leaves() -> None:
    assert delivery_settings({}).channel == "none"


def test_a_variable_holds_the_section_as_json() -> None:
    settings = DeliverySettings.model_validate('{"channel": "mllp", "mllp_port": 2575}')

    assert settings.mllp_port == 2575


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"channel": "fax"}, "channel"),
        ({"channel": "folder"}, "channel folder needs folder"),
        ({"channel": "mllp"}, "channel mllp needs mllp_port"),
        ({"mllp_prot": 1}, "mllp_prot"),
        ({"lease": 10}, "lease must be at least twice"),
        ({"retry_delays": []}, "retry_delays"),
        ({"fhir_tokens": {"https://user:geheim@gp.example": "f"}}, "need addresses such as"),
    ],
)
def test_a_fault_names_the_setting_and_never_its_value(values: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigurationFault) as fault:
        delivery_settings(values)

    assert told in str(fault.value)
    assert "geheim" not in str(fault.value)


GP = "https://gp.example/fhir"


@pytest.mark.parametrize(
    ("address", "token"),
    [
        (GP, "one"),
        (f"{GP}/practice", "two"),
        ("https://gp.example/other", None),
        ("https://listed.example/fhir", None),
    ],
)
def test_a_token_goes_only_to_the_address_that_it_was_given_for(
    tmp_path: Path, address: str, token: str | None
) -> None:
    for name in ("one", "two"):
        (tmp_path / name).write_text(f"{name}\n")
    tokens = {GP: tmp_path / "one", f"{GP}/practice": tmp_path / "two"}
    connections = Connections(
        delivery_settings({"fhir_tokens": tokens, "fhir_hosts": ["listed.example", "gp.example"]})
    )

    client = connections.to(address)

    assert client is not None
    assert client._wire._auth.headers() == ({"Authorization": f"Bearer {token}"} if token else {})
    connections.close()


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
    connections = Connections(
        delivery_settings(
            {"fhir_hosts": ["listed.example"], "fhir_addresses": {"x|1": "https://gp.example/fhir"}}
        )
    )

    assert connections.to(address) is None
