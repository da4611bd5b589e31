"""Whatever bytes come, a message is read or refused: nothing else is raised."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.input.wire_json import write
from mappings.hl7v2.er7 import text
from mappings.hl7v2.input.oru import ObservedResults
from mappings.hl7v2.input.refusal import MessageRefused
from mappings.hl7v2.input.translation import header_of, translated
from mappings.outbound.gate import faults
from tests.examples import examples
from tests.unit.hl7v2.messages import OBR, PID, msh, obx, oru, sender, wire

SIGNS = st.text(st.sampled_from("|^~\\&\rMSHOBXPID RE0123456789.-,\x0b\x1cé\u2212"), max_size=120)
WHOLE = oru(obx("TLS^T-score^L", "-2,8"), obx("TXT^v^L", "tekst", "TX"))


def meets(raw: bytes) -> None:
    try:
        found = translated(raw, header_of(raw), sender()).content
    except MessageRefused:
        return
    if isinstance(found, ObservedResults):
        for one in found.patients:
            for study in one.studies:
                for it in (study.report, *(r.observation for r in study.results)):
                    assert json.loads(write(it))
                    assert faults(it | {"subject": {"reference": "Patient/1"}}) == ()


@given(st.binary(max_size=200), SIGNS)
@settings(max_examples=examples(200), deadline=None)
def test_any_bytes_are_read_or_refused(raw: bytes, signs: str) -> None:
    meets(raw)
    meets(b"MSH|^~\\&" + raw)
    meets(wire(msh(), PID, OBR, signs))


@given(st.integers(0, len(WHOLE) - 1), st.binary(max_size=4), st.integers(0, 6))
@settings(max_examples=examples(300), deadline=None)
def test_a_message_that_was_hurt_on_the_way_is_read_or_refused(at: int, put: bytes, lost: int) -> None:
    meets(WHOLE[:at] + put + WHOLE[at + lost :])


@given(st.text(max_size=60))
@settings(max_examples=examples(200), deadline=None)
def test_what_a_person_writes_stays_in_its_field(said: str) -> None:
    raw = oru(obx(f"Q^T-score {text(said)}^L", "-2,8"), obx("TLS^T^L", "-1"))

    found = translated(raw, header_of(raw), sender()).content

    assert isinstance(found, ObservedResults)
    (one,) = found.patients
    assert len(one.studies[0].results) == 2


def test_a_message_of_too_many_parts_is_refused_at_once() -> None:
    with pytest.raises(MessageRefused):
        translated(wire(msh(), PID, "OBX" + "|" * 1_000_000 + "x"), header_of(wire(msh())), sender())
