from decimal import Decimal

from mappings.outbound.content import digest


def test_a_release_of_this_program_knows_the_fingerprints_of_the_one_before() -> None:
    """What stands on servers carries them: another digest of the same content would rewrite every plan."""
    content = {
        "é": ['\x01"\n', None, True, []],
        "b": Decimal("-2.50"),
        "a": {"reference": "https://x.example/Patient/1/_history/2"},
        "div": "<p>a &amp; b</p>",
        "n": 2**70,
    }
    assert digest(content) == "25c664192e4d9a36aa601a982918950c8e88de93133aafd8eb95ee267678c97a"
