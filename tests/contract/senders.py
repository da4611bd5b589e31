r"""Messages of made-up people, as devices, RIS and engines of several countries send them, with outcomes.

The right outcome of each was written down before it was read for the first time.
"""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from adapter.input.wire_json import Json

SPINE, HIP_LEFT, FEMUR = (
    "38267-1^DXA L-spine T-score^LN",
    "80946-7^DXA hip left T-score^LN",
    "38263-0^DXA femur T-score^LN",
)
HEAD = "MSH|^~\\&|DXA|RAD|OH|GP|20260601101500||ORU^R01^ORU_R01|M1|P|2.5.1"
PERSON = "PID|1||77^^^ZKH^PI||jansen^anna||19520310|F"
STUDY = "OBR|1|P1|F1|DXA^DXA^L|||20260601|||||||||||||||20260601101400|||F"
PDF = b64encode(b"%PDF-1.4 made up").decode()
MAP: Json = {
    "id": "unseen", "sender": {"application": "DXA"}, "patient": [{"system": "urn:oid:2.999.1"}], "order": {"system": "urn:order"},
}  # fmt: skip
ONLY_WORDS = frozenset({"report_without_t_score"})
LOW = "lumbar_spine -2.8"


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A message, its sender's map if any, and its outcome; one without a score has a reason."""

    name: str
    raw: bytes = field(repr=False)
    scores: frozenset[str] = frozenset()
    reasons: frozenset[str] = frozenset()
    left: frozenset[str] = frozenset()
    refused: str = ""
    news: tuple[str, ...] = ()
    cancelled: bool = False  # nothing came of the order, which says enough
    sender: Json = field(default_factory=dict, repr=False)


def wire(*segments: str, encoding: str = "utf-8") -> bytes:
    return "".join(f"{it}\r" for it in segments).encode(encoding)


def result(
    value: str, code: str = SPINE, kind: str = "NM", unit: str = "{T-score}", status: str = "F", **more: str
) -> str:
    get = more.get
    return f"OBX|1|{kind}|{code}|{get('sub', '')}|{value}|{unit}||{get('flag', '')}|||{status}|||{get('when', '')}||||||{get('site', '')}"


def oru(*segments: str, head: str = HEAD, person: str = PERSON, study: str = STUDY) -> bytes:
    return wire(head, person, study, *segments)


def one(
    name: str,
    raw: bytes,
    *scores: str,
    reasons: str = "",
    left: str = "",
    refused: str = "",
    news: str = "",
    cancelled: bool = False,
    **sender: Any,
) -> SentMessage:
    return SentMessage(
        name, raw, frozenset(scores), frozenset(reasons.split()), frozenset(it for it in left.split("; ") if it), refused,
        tuple(news.split()), cancelled, MAP | sender,
    )  # fmt: skip


def messages() -> Iterator[SentMessage]:
    yield from (
        *_values(),
        *_units(),
        *_codes(),
        *_sites(),
        *_states(),
        *_times(),
        *_texts(),
        *_envelopes(),
        *_people(),
        *_other_kinds(),
    )


def _values() -> Iterator[SentMessage]:
    for name, written in (
        ("a point", "-2.8"), ("a comma", "-2,8"), ("a long minus", "\u22122,8"), ("spaces", " -2.8 "), ("an escaped minus", "\\X2D\\2.8"),
    ):  # fmt: skip
        yield one(f"NM with {name}", oru(result(written)), LOW)
    for kind in ("ST", "TX", "FT", "nm"):
        yield one(f"a plain number in {kind}", oru(result("-2,8", kind=kind)), LOW)
    yield one("SN of a number", oru(result("^-2.8", kind="SN")), LOW)
    yield one("SN of an equal sign", oru(result("=^-2.8", kind="SN")), LOW)
    yield one("SN below", oru(result("<^-2.5", kind="SN")), reasons="comparator_on_value")
    yield one("SN of a range", oru(result("^-2.1^-^-2.9", kind="SN")), reasons="non_numeric_t_score")
    yield one("ST below", oru(result("<-2.5", kind="ST")), reasons="non_numeric_t_score")
    yield one("ST with its unit", oru(result("-2,5 SD", kind="ST")), reasons="non_numeric_t_score")
    yield one("NM below", oru(result("<-2.5")), reasons="non_numeric_t_score")
    yield one("a star", oru(result("-2.8*")), reasons="non_numeric_t_score")
    yield one("a sentence", oru(result("T-score: -2.8", kind="ST")), reasons="non_numeric_t_score")
    yield one(
        "a class for a number", oru(result("OSTP^Osteoporosis^L", kind="CE")), reasons="non_numeric_t_score"
    )
    yield one("not available", oru(result("N/A", kind="ST")), reasons="non_numeric_t_score")
    yield one("two values", oru(result("-2.1~-2.8")), reasons="non_numeric_t_score")
    yield one("no type", oru(result("-2.8", kind="")), reasons="non_numeric_t_score")
    yield one("nothing", oru(result("")), reasons="value_missing")
    yield one("known to be empty", oru(result('""')), reasons="value_missing")
    yield one("a lost point", oru(result("-28")), reasons="implausible_value")
    yield one("a filler number", oru(result("999")), reasons="implausible_value")
    yield one("a zero and a note", oru(result("0"), "NTE|1||T-score -2,8"), reasons="two_values")
    yield one("a good one", oru(result("+0.5")), "lumbar_spine 0.5")


def _units() -> Iterator[SentMessage]:
    for unit in (
        "{T-score}",
        "T",
        "",
        "1",
        "SD",
        "SD^standard deviation^L",
        "{T-score}^T-score^UCUM",
        "1^^UCUM",
        "T-score",
    ):
        yield one(f"unit {unit or 'empty'}", oru(result("-2.8", unit=unit)), LOW)
    yield one("a density for a score", oru(result("0.912", unit="g/cm2")), reasons="unit_mismatch")
    yield one("a share for a score", oru(result("74", unit="%")), reasons="unit_mismatch")


def _codes() -> Iterator[SentMessage]:
    yield one(
        "a house code with words",
        oru(result("-2.8", "TSL14^Total T-score L1-L4^99HOL")),
        reasons="unknown_code",
    )
    yield one(
        "a house code in French",
        oru(result("-2,8", "SCT^Score T rachis lombaire^99LUN")),
        reasons="unknown_code",
    )
    yield one("a house code in German", oru(result("-2,8", "TW^T-Wert LWS^99LUN")), reasons="unknown_code")
    yield one(
        "a house code that the map knows",
        oru(result("-2.8", "TLS^x^L")),
        LOW,
        results=[{"code": "TLS", "loinc": "38267-1"}],
    )
    yield one("LOINC beside it", oru(result("-2.8", "TL^T-score LWK^99X^38267-1^^LN")), LOW)
    yield one(
        "LOINC by another name",
        oru(result("-2.8", "38267-1^^LOINC"), study=STUDY.replace("DXA^DXA", "RX^RX")),
        reasons="unknown_code",
    )
    yield one(
        "LOINC without a system",
        oru(result("-2.8", "38267-1"), study=STUDY.replace("DXA^DXA", "RX^RX")),
        reasons="unknown_code",
    )
    yield one("a Z-score alone", oru(result("-1.9", "ZL^Z-score LWK^99X", unit="")), reasons="unknown_code")
    yield one("a code without words", oru(result("-2.8", "4711")), reasons="unknown_code")
    yield one("no code at all", oru(result("-2.8", "")), refused="101")
    yield one(
        "left out by the map",
        oru(result("-2.8"), result("1", "AANV^x^L")),
        LOW,
        left="the map of the sender leaves it out",
        leave=["AANV"],
    )


def _sites() -> Iterator[SentMessage]:
    hip = [{"text": "Left Hip Total", "site": "287679003"}]
    yield one(
        "a place in OBX-4 that the map knows",
        oru(result("-2.8", FEMUR, sub="left hip total")),
        "total_hip left -2.8",
        sites=hip,
    )
    yield one(
        "a place in OBX-4 that nobody knows",
        oru(result("-2.8", FEMUR, sub="Area 7")),
        "femur_region_unknown -2.8",
    )
    yield one("a place in OBX-20", oru(result("-2.8", HIP_LEFT, site="^Linker heup")), "total_hip left -2.8")
    yield one(
        "a side in OBX-20",
        oru(result("-2.8", "38264-8^DXA hip T-score^LN", site="^Linker heup")),
        "total_hip left -2.8",
    )
    yield one("words of another place than the code", oru(result("-2.8", SPINE, site="^Linker heup")), LOW)
    yield one(
        "a code of another place than the code",
        oru(result("-2.8", SPINE, site="29836001^Hip^SCT")),
        reasons="codes_disagree density_without_t_score",
    )
    yield one(
        "a place in OBR-15",
        oru(
            result("-2.8", "T^T-score^99X"),
            study=STUDY.replace("|||||||||||||||2026", "||||||||^^^HIP L|||||||2026"),
        ),
        reasons="unknown_code",
    )
    yield one(
        "vertebrae in OBX-4",
        oru(result("-2.0", sub="L1-L4"), result("-1.0", sub="L1"), result("-3.1", sub="L2")),
        "lumbar_spine -2.0",
        "lumbar_spine -1.0",
        "lumbar_spine -3.1",
    )
    yield one("the same twice", oru(result("-2.0"), result("-2.8")), "lumbar_spine -2.0", LOW)
    hips = STUDY.replace("OBR|1|P1|F1", "OBR|2|P1|F2")
    yield one(
        "a study for each place",
        oru("ORC|RE|P1", result("-2.8"), hips, result("-1.9", HIP_LEFT)),
        LOW,
        "total_hip left -1.9",
    )
    yield one(
        "one order number for two studies",
        oru(result("-2.0"), hips.replace("F2", "F1"), result("-2.8")),
        "lumbar_spine -2.0",
        LOW,
    )
    yield one(
        "a place in OBR-4",
        oru(
            result("-2.8", "T^T-score^99X"),
            hips.replace("DXA^DXA", "DXAH^DXA heup"),
            result("-1", "T^T-score^99X"),
        ),
        reasons="unknown_code unknown_code",
    )


def _states() -> Iterator[SentMessage]:
    for status in ("F", "C", "U", "P", "R", "S", "I", "A", "B", "V", "f"):
        yield one(f"OBX-11 {status}", oru(result("-2.8", status=status)), LOW)
    for status in ("D", "W", "X"):
        yield one(f"OBX-11 {status}", oru(result("-2.8", status=status)), reasons="withdrawn")
    for status in ("", "Q"):
        yield one(
            f"OBX-11 {status or 'empty'}", oru(result("-2.8", status=status)), reasons="status_unusable"
        )
    for status in ("N", "O"):
        yield one(
            f"OBX-11 {status}",
            oru(result("-2.8", status=status)),
            reasons="report_without_t_score",
            left="is no result (OBX-11 is N or O)",
        )
    for status in ("P", "C", "A", "R", "", "Z"):
        yield one(
            f"OBR-25 {status or 'empty'}",
            oru(result("-2.8"), study=STUDY.replace("|||F", f"|||{status}")),
            LOW,
        )
    yield one(
        "an addendum",
        oru(result("-2.8"), STUDY.replace("OBR|1", "OBR|2"), "OBX|1|TX|ADD^Addendum^L||Zie ook X-LWK||||||F"),
        LOW,
    )


def _times() -> Iterator[SentMessage]:
    bare = STUDY.replace("20260601|", "|", 1)
    yield one("a day in OBX-14", oru(result("-2.8", when="20260530")), LOW)
    yield one("a moment with an offset", oru(result("-2.8", when="20260530101500.123+0200")), LOW)
    yield one("no time but that of the report", oru(result("-2.8"), study=bare), LOW)
    yield one(
        "no time at all",
        oru(result("-2.8"), study="OBR|1|P1|F1|DXA^DXA^L", head=HEAD.replace("20260601101500", "")),
        reasons="date_missing",
    )
    yield one("a time nobody can read, in a study of a day", oru(result("-2.8", when="30-05-2026")), LOW)
    yield one(
        "a study of a time nobody can read",
        oru(result("-2.8"), study=STUDY.replace("|20260601|", "|01-06-2026|")),
        reasons="date_missing",
    )
    yield one(
        "no time that anybody can read",
        oru(result("-2.8", when="30-05-2026"), study=bare),
        reasons="date_missing",
    )
    yield one("the future", oru(result("-2.8", when="20300101")), reasons="date_in_future")


def _texts() -> Iterator[SentMessage]:
    line = "OBX|{}|{}|TXT^Verslag^L||{}||||||F"
    for name, kind, text in (
        ("lines", "TX", "T-score LWK -2,8."),
        ("breaks", "FT", "DXA:\\.br\\T-score LWK -2,8\\.br\\Conclusie: osteoporose"),
        ("RTF", "FT", "{\\E\\rtf1\\E\\ansi T-score LWK -2,8}"),
        ("HTML", "TX", "<p>T-score &lt; -2,5</p>"),
        ("delimiters", "TX", "T-score L1^L4 & hals ~ -2,8"),
        ("a string", "ST", "Normale botdichtheid"),
    ):
        yield one(f"a report in {name}", oru(line.format(1, kind, text)), reasons="report_without_t_score")
    yield one(
        "a report of a RIS",
        oru(line.format(1, "TX", "T-score -2,8"), study=STUDY.replace("DXA^DXA", "BOTD^Botdensitometrie")),
        reasons="report_without_t_score",
    )
    yield one(
        "a report in Spanish",
        oru(
            line.format(1, "TX", "T-score columna -2,8"),
            study=STUDY.replace("DXA^DXA", "X1^Densitometr\u00eda \u00f3sea"),
        ),
        reasons="report_without_t_score",
    )
    yield one("a report in notes", oru("NTE|1||T-score -2,8"), reasons="report_without_t_score")
    for name, value in (
        ("a PDF", f"^application^pdf^Base64^{PDF}"),
        ("a PDF in hexadecimal", "^application^pdf^Hex^255044"),
        ("a broken PDF", "^application^pdf^Base64^%%%"),
    ):
        yield one(name, oru(f"OBX|1|ED|PDF^Verslag^L||{value}||||||F"), reasons="report_without_t_score")
    yield one(
        "an address",
        oru("OBX|1|RP|PDF^Verslag^L||https://pacs.example/1^^^PDF||||||F"),
        reasons="report_without_t_score",
    )
    yield one(
        "a score and a PDF",
        oru(result("-2.8"), f"OBX|2|ED|PDF^Verslag^L||^application^pdf^Base64^{PDF}||||||F"),
        LOW,
    )
    yield one(
        "an X-ray",
        oru(line.format(1, "TX", "Geen fractuur."), study=STUDY.replace("DXA^DXA", "XT^X-thorax")),
        left="not about bone density",
    )
    yield one(
        "an X-ray that tells of a score",
        oru(line.format(1, "TX", "T-score LWK -2,8 bij DXA."), study=STUDY.replace("DXA^DXA", "XT^X-LWK")),
        reasons="report_without_t_score",
    )


def _envelopes() -> Iterator[SentMessage]:
    good = oru(result("-2.8"))
    for name, ending in (("LF", b"\n"), ("CRLF", b"\r\n"), ("empty lines", b"\r\r")):
        yield one(name, good.replace(b"\r", ending), LOW)
    yield one("a byte order mark", b"\xef\xbb\xbf" + good, LOW)
    yield one("zeros at the end", good + b"\x00\x00", LOW)
    yield one("an old end of file", good + b"\x1a\r", LOW)
    yield one("a space before", b" " + good, refused="100")
    yield one(
        "a batch over a line", wire("FHS|^~\\&", "BHS|^~\\&") + good + wire("BTS|1", "FTS|1"), refused="100"
    )
    yield one("the end of a batch alone", good + wire("BTS|1", "FTS|1"), LOW)
    yield one("segments of their own", oru("ZDS|1.2.3^x", "ZBM|1|a^b", result("-2.8"), "ZZZ"), LOW)
    yield one("names in small letters", oru(result("-2.8").replace("OBX", "obx")), LOW)
    yield one(
        "a line break in a text",
        oru(result("-2.8"), "OBX|2|TX|C^Conclusie^L||Ernstige\nosteoporose||||||F"),
        LOW,
    )
    yield one("a line break in a result", oru(result("-2.8").replace("|{T-score}", "\n|{T-score}")), LOW)
    yield one("other delimiters", good.replace(b"^~\\&", b"@!$%").replace(b"^", b"@"), LOW)
    yield one("another separator", good.replace(b"|", b"#"), LOW)
    yield one("a truncation sign", good.replace(b"^~\\&", b"^~\\&#").replace(b"2.5.1", b"2.7"), LOW)
    for version in (
        "2.1",
        "2.2",
        "2.3",
        "2.3.1",
        "2.4",
        "2.5",
        "2.6",
        "2.7",
        "2.8",
        "2.5.1^NLD^2.16.840.1.113883.2.4",
    ):
        yield one(f"version {version}", good.replace(b"2.5.1", version.encode()), LOW)
    for version in ("", "3.0", "2.99"):
        yield one(f"version {version or 'empty'}", good.replace(b"2.5.1", version.encode()), refused="203")
    named = oru(result("-2.8"), person=PERSON.replace("jansen", "M\u00fcller-\u017d"))
    dutch = oru(result("-2.8"), person=PERSON.replace("jansen", "M\u00fcller"))
    latin = dutch.decode().encode("latin-1")
    yield one("UTF-8 by default", named, LOW)
    yield one("UTF-8 as said", named.replace(b"2.5.1", b"2.5.1||||||UNICODE UTF-8"), LOW)
    yield one("8859/1 as said", latin.replace(b"2.5.1", b"2.3||||||8859/1"), LOW)
    yield one("8859/1 first", latin.replace(b"2.5.1", b"2.5||||||8859/1~UNICODE UTF-8"), LOW)
    yield one("8859/1 unsaid", latin, refused="102")
    yield one("8859/1 by the map", latin, LOW, charset="8859/1")
    yield one(
        "8859/1 that calls itself Unicode", latin.replace(b"2.5.1", b"2.5.1||||||UNICODE"), refused="102"
    )
    yield one(
        "the same by the map",
        latin.replace(b"2.5.1", b"2.5.1||||||UNICODE"),
        LOW,
        charset="8859/1",
        believe_msh_18=False,
    )
    yield one("a character set of nobody", good.replace(b"2.5.1", b"2.5.1||||||WINDOWS-1252"), refused="102")
    yield one("no control id", good.replace(b"|M1|", b"||"), refused="101")
    yield one("a stranger", good.replace(b"|DXA|RAD|", b"|RIS|RAD|"), refused="103")
    yield one("cut in the middle", good[: good.index(b"38267-1")], refused="101")


def _people() -> Iterator[SentMessage]:
    good = result("-2.8")
    ours = [{"system": "urn:oid:2.999.1", "authority": "ZKH", "type": "PI"}]
    yield one("no visit and no order", oru(good, study=STUDY.replace("|P1|F1|", "|||")), LOW)
    yield one(
        "several numbers",
        oru(good, person=PERSON.replace("77^^^ZKH^PI", "9^^^NLMINBIZA^NNNLD~77^^^ZKH^PI")),
        LOW,
        patient=ours,
    )
    yield one(
        "an authority by its OID",
        oru(good, person=PERSON.replace("^ZKH^", "^ZKH&2.16.1&ISO^")),
        LOW,
        patient=ours,
    )
    yield one("no authority", oru(good, person=PERSON.replace("^^^ZKH^PI", "")), refused="101", patient=ours)
    yield one(
        "no authority, and the map asks for none", oru(good, person=PERSON.replace("^^^ZKH^PI", "")), LOW
    )
    yield one("a number in PID-2 alone", oru(good, person="PID|1|77||||19520310|F"), refused="101")
    yield one("a number that is empty", oru(good, person=PERSON.replace("77^", '""^')), refused="101")
    yield one("nobody", wire(HEAD, STUDY, good), refused="100")
    yield one("no study", wire(HEAD, PERSON, good), refused="100")
    yield one(
        "a result before its study",
        wire(HEAD, PERSON, good, STUDY, result("-1.1", HIP_LEFT)),
        "total_hip left -1.1",
        left="stands under no study (OBR)",
    )


def _other_kinds() -> Iterator[SentMessage]:
    good = oru(result("-2.8"))
    for kind, refused in (
        ("ORU", "201"),
        ("ORU^W01", "201"),
        ("ORM^O01", "200"),
        ("MDM^T02", "200"),
        ("oru^r01", "200"),
        ("ADT^A01", "201"),
        ("", "200"),
    ):
        yield one(
            f"MSH-9 {kind or 'empty'}", good.replace(b"ORU^R01^ORU_R01", kind.encode()), refused=refused
        )
    for event, news in (("A08", "changed"), ("A31", "changed"), ("A40", "merged"), ("A47", "renumbered")):
        head = HEAD.replace("ORU^R01^ORU_R01", f"ADT^{event}")
        yield one(f"ADT {event}", wire(head, f"EVN|{event}", PERSON, "MRG|78^^^ZKH^PI"), news=news)
    yield one("a merge with nobody", wire(HEAD.replace("ORU^R01^ORU_R01", "ADT^A40"), PERSON), refused="100")
    yield one("a cancelled order", oru(study=STUDY.replace("|||F", "|||X")), cancelled=True)
