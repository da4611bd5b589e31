"""CQL is asked the same question as FHIRPath: else it would be quick for nothing."""

from pathlib import Path

import orjson
import pytest

from adapter.errors import SoftwareFault
from adapter.input.wire_json import Json, write
from tests.made_resources import a_patient, a_t_score
from tests.servers.node_packages import node_packages
from workers.bench.bench_patients import bench_records
from workers.bench.cql_scores import PACKAGES, ask_cql, why_no_cql
from workers.bench.fhirpath_scores import BY_CODE, evaluators

VERSIONS = ("cql-execution@3.3.2", "cql-exec-fhir@2.2.0")


@pytest.fixture
def node_modules() -> Path:
    return node_packages(*VERSIONS, without="CQL is not compared with FHIRPath") / "node_modules"


def a_bundle(record: list[Json]) -> bytes:
    return write({"resourceType": "Bundle", "entry": [{"resource": it} for it in record]})


def with_status(status: str) -> bytes:
    return a_bundle([a_patient(status), a_t_score(status) | {"status": status}])


@pytest.mark.slow
def test_cql_finds_what_fhirpath_finds(node_modules: Path) -> None:
    find = evaluators()[BY_CODE]
    bundles = [a_bundle(it) for it in bench_records("c", 24)]
    bundles += [with_status(it) for it in ("final", "preliminary", "entered-in-error", "corrected")]

    answered = ask_cql(node_modules, bundles)

    assert answered.lowest == tuple(min(find(orjson.loads(it)), default=None) for it in bundles)
    assert {it is None for it in answered.lowest[-4:]} == {True, False}
    assert sum(it is not None for it in answered.lowest) > 10
    assert answered.spent > 0


@pytest.mark.slow
def test_a_patient_in_two_bundles_is_no_answer_for_both(node_modules: Path) -> None:
    with pytest.raises(SoftwareFault, match="1 of 2 Bundles"):
        ask_cql(node_modules, [with_status("final"), with_status("final")])


@pytest.mark.slow
@pytest.mark.usefixtures("node_modules")
def test_what_node_cannot_load_is_no_figure(tmp_path: Path) -> None:
    with pytest.raises(SoftwareFault, match="node ended with 1"):
        ask_cql(tmp_path, [with_status("final")])


def a_folder(folder: Path, *packages: str) -> Path:
    for name in packages:
        (folder / name).mkdir(parents=True)
        (folder / name / "package.json").write_text("{}")
    return folder


@pytest.mark.parametrize(
    ("packages", "path", "why"),
    [
        (None, "", "--node-modules names no folder with cql-execution and cql-exec-fhir"),
        ((), "", "{folder} has no cql-execution and no cql-exec-fhir"),
        (PACKAGES[:1], "", "{folder} has no cql-exec-fhir"),
        (PACKAGES, "empty", "node is not on the PATH"),
        (PACKAGES, "bin", None),
    ],
)
def test_it_is_said_why_nothing_is_asked_in_cql(
    packages: tuple[str, ...] | None,
    path: str,
    why: str | None,
    tmp_path: Path,
) -> None:
    node = tmp_path / "bin" / "node"
    node.parent.mkdir()
    node.write_text("")
    node.chmod(0o755)
    folder = None if packages is None else a_folder(tmp_path, *packages)

    assert why_no_cql(folder, str(tmp_path / path)) == (why and why.format(folder=folder))
