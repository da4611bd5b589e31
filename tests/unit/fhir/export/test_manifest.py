"""A manifest is read with its errors, or refused."""

import pytest

from adapter.errors import ConfigurationFault
from adapter.fhir.export import ExportManifest, FileKind
from adapter.input.wire_json import Json
from tests.unit.fhir.export.exports import a_client, a_manifest
from tests.unit.fhir.server import Answer, FakeServer


def test_a_manifest_is_read_with_its_errors(server: FakeServer) -> None:
    output = [{"type": "Patient", "url": f"{server.root}/1?sig=x", "count": 3}]
    server.will_answer(Answer(200, a_manifest(output=output, error=[{"url": f"{server.root}/e"}])))

    found = a_client(server).status(f"{server.root}/jobs/7")

    assert isinstance(found, ExportManifest)
    assert [(it.kind, it.type, it.count) for it in found.files] == [
        (FileKind.OUTPUT, "Patient", 3),
        (FileKind.ERROR, "OperationOutcome", None),
    ]
    assert "sig" not in repr(found)


@pytest.mark.parametrize(
    "change",
    [
        {"transactionTime": "today"},
        {"transactionTime": "2026-11-20T10:00:00"},
        {"transactionTime": None},
        {"requiresAccessToken": "yes"},
        {"requiresAccessToken": None},
        {"link": [{"relation": "next", "url": "x"}]},
        {"output": {"type": "Patient"}},
        {"output": [{"type": "../Patient", "url": "x"}]},
        {"output": [{"type": "Patient", "url": ""}]},
        {"output": [{"url": "x"}]},
        {"output": ["x"]},
        {"error": "x"},
    ],
)
def test_a_manifest_that_tells_only_a_part_is_refused(change: Json) -> None:
    with pytest.raises(ConfigurationFault):
        ExportManifest.parse(a_manifest(**change))


def test_a_document_without_output_is_no_manifest() -> None:
    document = a_manifest()
    del document["output"]

    with pytest.raises(ConfigurationFault, match="none"):
        ExportManifest.parse(document)


@pytest.mark.parametrize(("count", "told"), [(3, 3), (0, 0), (-1, None), (True, None), ("3", None)])
def test_a_count_that_is_no_number_is_not_told(count: object, told: int | None) -> None:
    (file,) = ExportManifest.parse(a_manifest(output=[{"type": "Patient", "url": "x", "count": count}])).files

    assert file.count == told


def test_a_file_under_a_fresh_address_is_the_same_file() -> None:
    entries = [{"type": "Patient", "url": f"https://h/1.ndjson?sig={it}"} for it in "ab"]

    assert {it.name for it in ExportManifest.parse(a_manifest(output=entries)).files} == {
        "https://h/1.ndjson"
    }
