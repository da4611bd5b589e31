"""A key file is read or refused, and its private half is shown to nobody."""

import json
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from adapter.errors import ConfigurationFault
from adapter.fhir.smart import load_keys, with_new_key


@pytest.mark.parametrize("content", ["", "geheim", '{"keys": []}', '{"kty": "oct", "k": "geheim", "d": "x"}'])
def test_a_file_without_a_key_is_refused_and_not_quoted(tmp_path: Path, content: str) -> None:
    file = tmp_path / "key"
    file.write_text(content)

    with pytest.raises(ConfigurationFault) as caught:
        load_keys(file)

    assert "geheim" not in str(caught.value)


def test_the_public_set_holds_nothing_private(key: Path) -> None:
    (held,) = load_keys(key)

    assert not {"d", "p", "q", "dp", "dq", "qi"} & held.public().keys()
    assert jwt.PyJWK(held.public()).key_id == held.kid


def test_a_new_key_stands_in_front_and_one_former_key_stays() -> None:
    first = with_new_key(None, "ES384")
    third = with_new_key(with_new_key(first, "ES384"), "ES384")
    kids = [[it["kid"] for it in json.loads(text)["keys"]] for text in (first, third)]

    assert [len(it) for it in kids] == [1, 2]
    assert kids[0][0] not in kids[1]


def test_the_key_that_is_named_is_chosen_among_several(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    file.write_text(with_new_key(with_new_key(None, "ES384"), "ES384"))
    _, second = load_keys(file)

    assert [it.kid for it in load_keys(file, second.kid)] == [second.kid]
    with pytest.raises(ConfigurationFault, match="no-such-kid"):
        load_keys(file, "no-such-kid")


@pytest.mark.parametrize(
    ("private", "algorithm"),
    [
        (ec.generate_private_key(ec.SECP384R1()), "ES384"),
        (ec.generate_private_key(ec.SECP256R1()), None),
        (ed25519.Ed25519PrivateKey.generate(), None),
    ],
)
def test_a_pem_file_is_used_only_for_a_kind_of_key_that_smart_knows(
    tmp_path: Path, private: ec.EllipticCurvePrivateKey, algorithm: str | None
) -> None:
    file = tmp_path / "key.pem"
    file.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))

    if algorithm is None:
        with pytest.raises(ConfigurationFault, match="no private key"):
            load_keys(file)
    else:
        assert [(it.kid, it.algorithm) for it in load_keys(file, "ours")] == [("ours", algorithm)]
