"""What every command really prints with `--json`, held against its schema with no key beside it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml

from tests.command_line import CommandLine
from tests.command_page import require_form
from tests.integration.test_bad_input import OWN
from tests.structure import ROOT
from tests.unit.hl7v2.messages import MAP, obx, oru
from workers.cli.contract.json_schemas import FAULT, OUTPUTS
from workers.demo import LOOP, patients
from workers.sandbox import Sandbox

CASES = "tests/data/cases/acceptance_cases.json"


@dataclass(frozen=True)
class Row:
    """What is typed, after what, with which settings; `ends` where it is not 0, `fault` where it is one."""

    typed: str
    before: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    ends: int = 0
    fault: bool = False


RUN = "run demo-q demo-g --json"
RELEASE = "release demo-q --by Practitioner/demo-specialist"
DELIVERY = {"DELIVERY": '{"channel": "folder", "folder": "TMP/post"}'}
SERVE = {"SERVE": '{"servers": {"here": "TMP/secret"}, "public_url": "https://adapter.example.org"}'}
ROWS = {
    "run": [Row("run"), Row("run --dry-run"), Row(RUN), Row("run", settings={"PATHWAY_PARAMS": "x=1"}, ends=2, fault=True)],
    "assess": [Row("assess TMP/records.ndjson --out TMP/out --processes 1")],
    "explain": [Row("explain demo-q"), Row("explain demo-l"), Row("explain demo-q", (RUN, RELEASE)), Row("explain nobody", ends=1, fault=True)],
    "doctor": [Row("doctor"), Row("doctor --quick", settings={"BROKER_URL": "redis://127.0.0.1:9/0"}, ends=2)],
    "cases run": [Row(f"cases run {CASES} --only AC-A01 --verbose"), Row(f"cases run {CASES} --only AC-A02")],
    "pathway list": [Row("pathway list")],
    "pathway show": [Row("pathway show antonius"), Row("pathway show hvrt --rule HVRT-02"), Row("pathway show etz --terms")],
    "pathway check": [Row("pathway check TMP/mine.yaml"), Row("pathway check TMP/none.yaml", ends=1)],
    "pathway diff": [Row("pathway diff etz antonius"), Row("pathway diff etz antonius --patients TMP/records.ndjson")],
    "pathway publish": [Row("pathway publish etz --server SERVER --dry-run")],
    "pathway coverage": [Row("pathway coverage --cases TMP/cases.json")],
    "replay": [Row("replay TMP/kept.json", ("explain demo-q --save TMP/kept.json",)), Row("replay TMP/kept.json --pathway hvrt", ("explain demo-q --save TMP/kept.json",), ends=1)],
    "letter": [Row("letter demo-q"), Row("letter demo-q --html TMP/l.html", (RUN, RELEASE))],
    "release": [Row("release", (RUN,), ends=1), Row("release demo-q --names", (RUN,), ends=1), Row(RELEASE, (RUN,)), Row("release")],
    "deliveries": [Row("deliveries", (RUN, RELEASE), DELIVERY)],
    "deliveries send": [Row("deliveries send", (RUN, RELEASE), DELIVERY)],
    "due": [Row("due", (RUN, RELEASE))],
    "feedback": [Row("feedback")],
    "hl7 explain": [Row("hl7 explain TMP/m.hl7 --map TMP/map.yaml"), Row("hl7 explain TMP/records.ndjson --map TMP/map.yaml", ends=1)],
    "hl7 inbox": [Row("hl7 inbox", ("hl7 new-key TMP/key",), {"INTAKE": '{"key": "TMP/key", "inbox": "TMP/inbox.sqlite"}'})],
    "subscriptions status": [Row("subscriptions status here", settings=SERVE, ends=1)],
    "settings show": [Row("settings show"), Row("settings show", settings=SERVE)],
}  # fmt: skip
# Where a test that runs the command for another reason holds what it prints against its schema.
ELSEWHERE = {"demo": "integration/test_demo.py", "export": "unit/cli/test_export.py", "bench": "unit/bench/test_bench_report.py", FAULT: "unit/cli/test_messages.py"}  # fmt: skip


def test_every_command_has_its_rows() -> None:
    assert {*ROWS} | {*ELSEWHERE} == {*OUTPUTS}
    for name, file in ELSEWHERE.items():
        assert f'require_form("{name}", told)' in (ROOT / "tests" / file).read_text("utf-8")


@pytest.fixture
def ward(sandbox: Sandbox, tmp_path: Path) -> Sandbox:
    sandbox.load(patients(OWN, LOOP))
    (tmp_path / "records.ndjson").write_text("".join(json.dumps(it) + "\n" for it in patients(OWN, LOOP)))
    (tmp_path / "mine.yaml").write_text("id: mine\nversion: 1.0.0\ntitle: Mine\nextends: etz\n")
    (tmp_path / "map.yaml").write_text(yaml.safe_dump(MAP))
    (tmp_path / "m.hl7").write_bytes(oru(obx("TNL^hals^L", "-2,8"), obx("AANV^x^L", "1")))
    (tmp_path / "secret").write_text("0123456789abcdef")
    (tmp_path / "cases.json").write_text('{"cases": []}')
    return sandbox


@pytest.fixture
def shell(ward: Sandbox, tmp_path: Path) -> CommandLine:
    given = {"fhir_base_url": ward.base_url, "ledger_url": f"sqlite:///{tmp_path}/ledger.sqlite"}
    return CommandLine(given | {"pathway": "antonius", "language": "en"})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "row"), [pytest.param(name, row, id=f"{name}-{n}") for name, rows in ROWS.items() for n, row in enumerate(rows)]
)  # fmt: skip
def test_what_is_printed_is_as_its_schema_says(
    ward: Sandbox, shell: CommandLine, tmp_path: Path, name: str, row: Row
) -> None:
    def words(text: str) -> list[str]:
        return text.replace("TMP", str(tmp_path)).replace("SERVER", ward.base_url).split()

    for line in row.before:
        shell(*words(line))
    settings = {key: value.replace("TMP", str(tmp_path)) for key, value in row.settings.items()}

    ended, out, err = shell(*words(row.typed), *(["--json"] * ("--json" not in row.typed)), **settings)

    told = json.loads(out)
    assert ended == row.ends, err
    require_form(FAULT if row.fault else name, told)
