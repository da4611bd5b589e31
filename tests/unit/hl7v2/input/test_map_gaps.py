"""What a sender's map does not know is named by segment, field and key, so that its author need not guess."""

import pytest

from mappings.hl7v2.input.map_gaps import map_gaps
from mappings.hl7v2.input.translation import message_of
from tests.unit.hl7v2.messages import OBR, obx, oru, sender


def gaps(*results: str, obr: str = OBR) -> list[tuple[str, str, str, str]]:
    by = sender()
    return [
        (it.place, it.field_name, it.says, it.key)
        for it in map_gaps(message_of(oru(*results, obr=obr), by), by)
    ]


@pytest.mark.parametrize(
    ("result", "told"),
    [
        (obx("TLS^T-score^L", "-2,8"), []),
        (obx("TLS^T-score^L", "-2,8", unit="SD"), [("OBX 1", "OBX-6", "SD", "units")]),
        (obx("TLS^T-score^L", "-2,8", unit="{T-score}^^UCUM"), []),
        (obx("QQ^T-score heup^L", "-2,8"), [("OBX 1", "OBX-3", "QQ T-score heup", "results")]),
        (obx("QQ^T-score heup^L", "-2,8", "ST"), [("OBX 1", "OBX-3", "QQ T-score heup", "results")]),
        (obx("38267-1^T-score^LN", "-2,8"), []),
        (obx("TFEM^x^L", "-2,1", sub="hals rechts"), [("OBX 1", "OBX-4", "hals rechts", "sites")]),
        (obx("TFEM^x^L", "-2,1", sub="Links Hals"), []),
        (obx("TFEM^x^L", "-2,1", sub="1"), []),
        (obx("TFEM^x^L", "-2,1", sub="1.1.a"), []),
        (obx("TFEM^x^L", "-2,1", site="HR^hals rechts^L"), [("OBX 1", "OBX-20", "hals rechts", "sites")]),
        (obx("TFEM^x^L", "-2,1", site="29627003^hals^SCT"), []),
        (obx("TNL^x^L", "-2,1", sub="elders"), []),  # the code says where
        (obx("TLS^x^L", "-2,8", when="gisteren"), [("OBX 1", "OBX-14", "gisteren", "")]),
        (obx("V^Verslag^L", "Osteoporose.", "TX"), []),
        (obx("AANV^x^L", "1"), []),
    ],
)
def test_each_field_that_the_map_does_not_know_is_named(
    result: str, told: list[tuple[str, str, str, str]]
) -> None:
    assert gaps(result) == told


def test_what_the_study_lacks_is_named_once() -> None:
    study = OBR.replace("F1", "").replace("202606011100", "20261399")

    assert gaps(obx("TLS^x^L", "-2,8"), obx("TFEM^x^L", "-2,1"), obr=study) == [
        ("OBR", "OBR-7", "20261399", ""),
        ("OBR", "OBR-3", "", "order"),
    ]


def test_a_study_of_another_matter_is_not_looked_at() -> None:
    assert gaps(obx("NA^Natrium^L", "140"), obr=OBR.replace("BOTD^Botdichtheid", "LAB^Chemie")) == []
