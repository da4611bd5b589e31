import pytest

from mappings.inbound.densitometry.vertebrae import level, vertebrae


@pytest.mark.parametrize(
    ("label", "measured"),
    [
        ("L1-4", "L1-L4"),
        ("AP Spine L1-L4", "L1-L4"),
        ("L1 t/m L4", "L1-L4"),
        ("LWK 1-4", "L1-L4"),
        ("LWK L2-4", "L2-L4"),
        ("L1\N{EN DASH}L4", "L1-L4"),
        ("L1 à L4", "L1-L4"),
        ("L1 bis L4", "L1-L4"),
        ("L1 through L4", "L1-L4"),
        ("lumbale wervels 1 tot en met 4", "L1-L4"),
        ("T12-L4", "L1-L4"),
        ("L1+L2", "L1-L2"),
        ("L1L2L4", "L1, L2, L4"),
        ("L1, L3 et L4", "L1, L3, L4"),
        ("L1-L4 zonder L2", "L1, L3, L4"),
        ("L2-L4 excl. L3", "L2, L4"),
        ("L1-L4 sans L2 et L3", "L1, L4"),
        ("L1-L4 (L3)", "L1, L2, L4"),
        ("L3", "L3"),
        ("LWK 3", "L3"),
        ("lumbar vertebra 2", "L2"),
        ("L1 - L4 T-score -2.4", "L1-L4"),
        ("DXA Hip-L T-score BMD", None),
        ("T-score lumbar spine", None),
        ("", None),
    ],
)
def test_a_label_names_the_vertebrae_that_were_measured(label: str, measured: str | None) -> None:
    assert level(vertebrae(label)) == measured
