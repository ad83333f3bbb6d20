"""The signature of The Keys' requests, against the public vectors."""

import pytest

from custom_components.smartlocks.vendors.the_keys.api import sign

from .the_keys_server import VECTORS

ALL = [*VECTORS["vectors"], *VECTORS["independent_vectors"]]


@pytest.mark.parametrize("vector", ALL, ids=lambda vector: vector["ts"])
def test_sign_golden_vector_matches(vector: dict[str, str]) -> None:
    assert sign(vector["code"], int(vector["ts"])) == vector["hash_base64"]


@pytest.mark.parametrize("vector", ALL, ids=lambda vector: vector["ts"])
def test_sign_code_with_flipped_bit_differs(vector: dict[str, str]) -> None:
    code = vector["code"]
    flipped = code[:-1] + chr(ord(code[-1]) ^ 1)
    assert sign(flipped, int(vector["ts"])) != vector["hash_base64"]


@pytest.mark.parametrize("vector", ALL, ids=lambda vector: vector["ts"])
def test_sign_stale_timestamp_differs(vector: dict[str, str]) -> None:
    assert sign(vector["code"], int(vector["ts"]) - 1) != vector["hash_base64"]


@pytest.mark.parametrize("vector", VECTORS["negative"], ids=lambda vector: vector["why"])
def test_sign_other_encodings_differ(vector: dict[str, str]) -> None:
    signed = sign("Zmo1sps2OVyCFtl1", int(vector["ts"]))
    assert signed == vector["right_hash"]
    assert signed != vector["wrong_hash"]


@pytest.mark.parametrize("code", ["pâté ☂", "line\nbreak", "half \ud83d", ""])
def test_sign_any_typed_text_is_signed(code: str) -> None:
    assert len(sign(code, 1_700_000_000)) == 44
