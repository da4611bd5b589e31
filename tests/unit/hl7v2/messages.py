"""Messages as a DXA system sends them, of made-up people, and the map of that system."""

from typing import Any

from adapter.input.wire_json import Json
from mappings.hl7v2.input.oru import ObservedResults
from mappings.hl7v2.input.sender_map import SenderMap
from mappings.hl7v2.input.translation import header_of, translated

MAP: Json = {
    "id": "dxa-zkh",
    "sender": {"application": "DXA", "facility": "ZKH"},
    "patient": [{"system": "urn:oid:2.16.528.1.1007.3.3.1", "authority": "ZKH", "type": "PI"}],
    "order": {"system": "https://ziekenhuis.example/dxa-order"},
    "reports": [{"code": "BOTD"}],
    "results": [
        {"code": "TLS", "loinc": "38267-1"},
        {"code": "TNL", "loinc": "38263-0", "site": "29627003", "side": "left"},
        {"code": "TFEM", "loinc": "38263-0"},
    ],
    "sites": [{"text": "links hals", "site": "29627003", "side": "left"}],
    "units": {"T": "{T-score}"},
    "leave": ["AANV"],
}
PID = "PID|1||12345^^^ZKH^PI~999^^^BSN^NNNLD||Jansen^Anna||19520310|F"
OBR = "OBR|1|P1|F1|BOTD^Botdichtheid^L|||202606011100||||||||||||||||||F"


def sender(**changes: Any) -> SenderMap:
    return SenderMap.model_validate(MAP | changes)


def msh(kind: str = "ORU^R01", version: str = "2.5.1", control_id: str = "M1", charset: str = "") -> str:
    return f"MSH|^~\\&|DXA|ZKH|OH|ZKH|20260601101500||{kind}|{control_id}|P|{version}||||||{charset}"


def obx(code: str, value: str, kind: str = "NM", status: str = "F", **more: str) -> str:
    """`site` is OBX-20, `sub` OBX-4, `unit` OBX-6, `when` OBX-14."""
    get = more.get
    return "|".join((
        "OBX", get("number", "1"), kind, code, get("sub", ""), value, get("unit", "T"), "", get("flag", ""), "", "", status,
        "", "", get("when", ""), "", "", "", "", "", get("site", ""),
    ))  # fmt: skip


def wire(*segments: str, encoding: str = "utf-8") -> bytes:
    return "".join(f"{it}\r" for it in segments).encode(encoding)


def oru(*results: str, obr: str = OBR, pid: str = PID) -> bytes:
    return wire(msh(), pid, obr, *results)


def read(raw: bytes, by: SenderMap | None = None) -> ObservedResults:
    found = translated(raw, header_of(raw), by or sender()).content
    assert isinstance(found, ObservedResults)
    return found


def observations(raw: bytes, by: SenderMap | None = None) -> list[Json]:
    return [it.observation for one in read(raw, by).patients for study in one.studies for it in study.results]


def report(raw: bytes, by: SenderMap | None = None) -> Json:
    return read(raw, by).patients[0].studies[0].report
