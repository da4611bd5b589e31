"""The page about SMART servers, followed as it stands."""

import contextlib
import json
import re
import stat
import tomllib
from pathlib import Path

from typer.testing import CliRunner

from workers.cli.root import root
from workers.settings.settings_loader import load_settings
from workers.settings.smart_login import SmartLogin

PAGE = (Path(__file__).parents[3] / "docs" / "connect" / "smart-server.md").read_text("utf-8")
COMMANDS = re.findall(r"^    osteo-handover (smart .*)$", PAGE, re.MULTILINE)


def test_the_commands_of_the_page_make_a_key_and_show_its_public_half(tmp_path: Path) -> None:
    with contextlib.chdir(tmp_path):
        made, shown = [CliRunner().invoke(root, command.split()) for command in COMMANDS]

    assert made.exit_code == shown.exit_code == 0
    assert stat.S_IMODE((tmp_path / "keys.json").stat().st_mode) == 0o600
    (public,) = json.loads(shown.stdout)["keys"]
    assert public["alg"] == "ES384"
    assert "d" not in public


def test_a_second_key_comes_first_and_the_former_one_stays(tmp_path: Path) -> None:
    kids = []
    for _ in range(3):
        with contextlib.chdir(tmp_path):
            CliRunner().invoke(root, COMMANDS[0].split())
            shown = CliRunner().invoke(root, COMMANDS[1].split())
        kids.append([it["kid"] for it in json.loads(shown.stdout)["keys"]])

    assert kids[1][1:] == kids[0]
    assert kids[2][1:] == kids[1][:1]


def test_the_settings_of_the_page_are_settings(tmp_path: Path) -> None:
    found = re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert found
    key = tmp_path / "keys.json"
    key.write_text("{}")
    file = tmp_path / "settings.toml"
    file.write_text(found[1].replace("/etc/osteo-handover/keys.json", str(key)))

    settings = load_settings({}, file)

    assert settings.fhir_auth == "smart"
    assert settings.smart
    assert settings.smart.key == key
    assert tomllib.loads(found[1])["smart"].keys() == {"client_id", "key"}


def test_every_key_of_the_section_is_on_the_page() -> None:
    assert all(f"`{name}`" in PAGE or f"{name} =" in PAGE for name in SmartLogin.model_fields)


def test_the_settings_of_the_page_about_http_are_settings(tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "connect" / "http.md").read_text("utf-8")
    found = re.search(r"```toml\n(.*?)```", page, re.DOTALL)
    assert found
    secret = tmp_path / "secret"
    secret.write_text("x")
    file = tmp_path / "settings.toml"
    file.write_text(found[1].replace("/etc/osteo-handover/portal-secret", str(secret)))

    settings = load_settings({}, file)

    assert settings.serve.clients == {"portal": secret}
    assert str(settings.serve.port) in page
