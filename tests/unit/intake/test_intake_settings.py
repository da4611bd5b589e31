from pathlib import Path

import pytest
from pydantic import ValidationError

from adapter.input.wire_json import Json
from workers.settings.intake_settings import IntakeSettings

FILE = str(Path(__file__))


def test_by_default_it_listens_on_this_machine_alone() -> None:
    assert IntakeSettings().host == "127.0.0.1"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"host": "0.0.0.0"}, "tls_cert and tls_key, or closed_network"),  # noqa: S104 - just what is refused
        ({"host": "10.1.2.3"}, "tls_cert and tls_key, or closed_network"),
        ({"tls_cert": FILE}, "belong together"),
        ({"client_ca": FILE}, "client_ca needs tls_cert"),
        ({"maps": "/nowhere.yaml"}, "is not a file"),
    ],
)
def test_what_would_be_open_to_others_is_refused(given: Json, told: str) -> None:
    with pytest.raises(ValidationError) as fault:
        IntakeSettings.model_validate(given)

    assert told in str(fault.value)


@pytest.mark.parametrize("more", [{"closed_network": True}, {"tls_cert": FILE, "tls_key": FILE}])
def test_a_network_that_is_closed_or_tls_opens_it(more: Json) -> None:
    assert IntakeSettings.model_validate({"host": "10.1.2.3", "maps": f"{FILE},{FILE}"} | more).maps == (
        Path(FILE),
        Path(FILE),
    )
