import json
from pathlib import Path

import pytest

from adapter.errors import ConfigurationFault
from adapter.input.wire_json import Json
from mappings.hl7v2.input.sender_map import load_sender_map
from tests.unit.hl7v2.messages import MAP


def map_file(tmp_path: Path, content: object) -> Path:
    file = tmp_path / "map.yaml"
    file.write_text(json.dumps(content), "utf-8")
    return file


def test_a_map_is_read_whole(tmp_path: Path) -> None:
    assert load_sender_map(map_file(tmp_path, MAP)).model_dump(mode="json", exclude_unset=True) == MAP


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"results": [{"code": "A", "loinc": "38267-2"}]}, "results[0].loinc: is not a code of LOINC"),
        ({"results": [{"code": "A", "loinc": "8867-4"}]}, "results[0].loinc: is a code of LOINC that this program does not read"),
        ({"results": [{"code": "A", "loinc": "38267-1", "site": "1"}]}, "results[0].site: is not a body site of SNOMED CT"),
        ({"results": [{"code": "TLS", "loinc": "38267-1"}] * 2}, "results: TLS stands there twice"),
        ({"units": {"T": "bananas"}}, "units.T: is not a code of http://unitsofmeasure.org: units of UCUM with their prefixes"),
        ({"leave": ["TLS"]}, "leave: TLS is also one of the results"),
        ({"charset": "latin"}, "charset: is not a character set of table 0211"),
        ({"timezone": "Mars/Base"}, "timezone: is not a known time zone"),
        ({"patient": []}, "patient:"),
        ({"resluts": []}, "resluts: is not known here; there are believe_msh_18, charset, id, leave,"),
        ({"sender": {"application": "A", "facilty": "B"}}, "sender.facilty: is not known here; there are application, facility"),
        ({"results": [{"cod": "A", "loinc": "38267-1"}]}, "results[0].code: is needed; results[0].cod: is not known here; there are code, loinc, side, site, system"),
        ({"sites": [{"text": "x", "site": "29627003"}] * 2}, "sites: x stands there twice"),
        ({"id": "With Space"}, "id:"),
    ],
)  # fmt: skip
def test_a_fault_is_named_by_its_place(tmp_path: Path, changes: Json, told: str) -> None:
    with pytest.raises(ConfigurationFault) as fault:
        load_sender_map(map_file(tmp_path, MAP | changes))

    assert told in str(fault.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: [", ":1: is not YAML"),
        ("- 1", "the file:"),
        ("", "the file:"),
        ("units: {T: a}\nid: x\nunits: {Z: b}\n", ":3: the key 'units' stands here twice"),
        ("a: &b {c: 1}\nd: *b\n", "an alias is used"),
        ("[" * 5000, "is not YAML"),
    ],
)
def test_what_is_no_map_is_refused(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "map.yaml"
    file.write_text(text, "utf-8")

    with pytest.raises(ConfigurationFault) as fault:
        load_sender_map(file)

    assert told in str(fault.value)
