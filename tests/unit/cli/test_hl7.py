"""`hl7 check` and `hl7 explain` on the messages of the tests, and `hl7 inbox` on what failed."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from mappings.codes import BASE
from mappings.pathways import load
from tests.command_line import CommandLine
from tests.command_page import require_form
from tests.unit.hl7v2.messages import MAP, obx, oru
from workers.cli.root import root
from workers.intake.inbox import Arrival, ArrivalInbox, ItemKind
from workers.intake.inbox_cipher import cipher_of, new_key
from workers.settings.setting_variables import variable_name


@pytest.fixture
def map_file(tmp_path: Path) -> Path:
    file = tmp_path / "dxa.yaml"
    file.write_text(yaml.safe_dump(MAP), "utf-8")
    return file


def explained(message: bytes, map_file: Path, *more: str, **variables: str) -> tuple[int, str]:
    file = map_file.with_name("message.hl7")
    file.write_bytes(message)
    words = ["hl7", "explain", str(file), "--map", str(map_file), *more]
    done = CliRunner(env=variables).invoke(root, words)
    return done.exit_code, done.stdout


def test_a_map_is_told_in_a_line(map_file: Path) -> None:
    done = CliRunner().invoke(root, ["hl7", "check", str(map_file)])

    assert done.exit_code == 0
    assert "dxa-zkh for DXA/ZKH: 3 results, 1 site, 1 unit, 1 report" in done.stdout.replace("\n", "")


def test_a_message_is_told_as_drafts_as_t_scores_and_as_what_is_not_used(map_file: Path) -> None:
    code, shown = explained(
        oru(obx("TNL^hals^L", "-2,8"), obx("QQ^T-score heup^L", "-2,0"), obx("AANV^x^L", "1")),
        map_file,
        "--json",
    )

    told = json.loads(shown)
    assert code == 0
    assert [(it["from"], it["value"]) for it in told["drafts"]] == [
        ("OBR", ""), ("OBX 1", "-2.8 {T-score}"), ("OBX 1", "-2.0 {T-score}")
    ]  # fmt: skip
    assert told["t_scores"] == [
        {"site": "femoral_neck", "side": "left", "t_score": "-2.8", "on": "2026-06-01"}
    ]
    assert [it["reason"] for it in told["rejected"]] == ["unknown_code"]
    assert told["left_out"] == [{"segment": "OBX 1", "why": "the map of the sender leaves it out"}]


@pytest.mark.parametrize(("lowest", "refused"), [(25, {"comparator_on_value"}), (35, set())])
def test_a_result_is_read_by_the_limits_of_the_pathway_of_the_settings(
    map_file: Path, lowest: int, refused: set[str]
) -> None:
    kidney = {"code": "EGFR", "loinc": "62238-1"}
    map_file.write_text(yaml.safe_dump({**MAP, "results": [*MAP["results"], kidney]}))
    limits = dict.fromkeys(load("core").core["renal_limits_ml_min"], lowest)

    _, shown = explained(
        oru(obx("EGFR^x^L", "<^28", kind="SN", unit="mL/min")),
        map_file,
        "--json",
        **{variable_name("pathway_params"): json.dumps({"renal_limits_ml_min": limits})},
    )

    told = {it["reason"] for it in json.loads(shown)["rejected"]} - {"report_without_t_score"}
    assert told == refused


def test_people_get_tables(map_file: Path) -> None:
    code, shown = explained(oru(obx("TNL^hals^L", "-2,8")), map_file)

    assert code == 0
    assert "femoral_neck" in shown


def test_a_message_that_would_be_refused_says_why_and_ends_with_1(map_file: Path) -> None:
    code, shown = explained(b"MSH|^~\\&|DXA|ZKH|||2026||ORU^R01|M1|P|2.5\rPID|1||Jansen", map_file)

    assert code == 1
    assert "Refused: 101" in shown
    assert "Jansen" not in shown


def test_the_map_of_another_sender_is_refused_as_the_listener_refuses_it(map_file: Path) -> None:
    code, shown = explained(oru(obx("TNL^hals^L", "-2,8")).replace(b"|DXA|", b"|GE|", 1), map_file)

    assert code == 1
    assert "Refused: 103" in shown


def test_it_is_read_with_the_settings_of_a_review(map_file: Path) -> None:
    """A code for a T-score of any site, as `local_t_scores` says; each place by the map."""
    message = oru(obx("TSC^T-score^L", "-2,9", sub="links hals"))
    _, before = explained(message, map_file, "--json")
    setting = {variable_name("local_t_scores"): f"{BASE}/sender/{MAP['id']}|TSC=body_site"}
    _, after = explained(message, map_file, "--json", **setting)

    assert (json.loads(before)["t_scores"], len(json.loads(before)["rejected"])) == ([], 1)
    assert [(it["from"], it["reason"]) for it in json.loads(before)["rejected"]] == [
        ("OBX 1", "unknown_code")
    ]
    assert [(it["site"], it["t_score"]) for it in json.loads(after)["t_scores"]] == [("femoral_neck", "-2.9")]
    assert json.loads(after)["rejected"] == []


def test_what_the_map_does_not_know_is_told(map_file: Path) -> None:
    message = oru(obx("TFEM^heup^L", "-2,8", sub="rechts hals", unit="SD"))
    code, shown = explained(message, map_file)
    _, told = explained(message, map_file, "--json")

    assert code == 0
    assert "Not known to the map" in shown
    assert [(it["field"], it["says"], it["key"]) for it in json.loads(told)["unmapped"]] == [
        ("OBX-4", "rechts hals", "sites"),
        ("OBX-6", "SD", "units"),
    ]
    require_form("hl7 explain", json.loads(told))


@pytest.fixture
def one_failed(tmp_path: Path) -> CommandLine:
    """A command line with an inbox in which an item needs a human."""
    key, file = tmp_path / "key", tmp_path / "inbox.sqlite"
    key.write_bytes(new_key())
    held, now = ArrivalInbox(file, cipher_of(key)), datetime(2026, 6, 1, tzinfo=UTC)
    held.keep_arrivals([Arrival(ItemKind.FHIR, "file", "1", b"x")], now)
    (item,) = held.due_items(now, 1)
    held.mark_failed(item, "another patient")
    held.close()
    intake = json.dumps({"key": str(key), "inbox": str(file)})
    return CommandLine({"fhir_base_url": "http://127.0.0.1:9/fhir", "intake": intake})


def test_what_is_tried_again_is_a_number_for_programs_and_a_line_for_people(one_failed: CommandLine) -> None:
    def inbox(*more: str) -> tuple[int, str]:
        return one_failed("hl7", "inbox", *more)[:2]

    before, (ended, again), after = inbox("--json"), inbox("--retry", "--json"), inbox("--retry")

    require_form("hl7 inbox", json.loads(again))
    assert (before[0], "tried_again" in json.loads(before[1])) == (1, False)
    assert (ended, json.loads(again)["tried_again"], json.loads(again)["counts"]["waiting"]) == (0, 1, 1)
    assert after[1].startswith("0 items for the next round of `hl7 listen` or `watch`\n1 waiting")
