"""The Keys' signature, against the public vectors."""

import pytest

from custom_components.smartlocks.vendors.the_keys.api import sign

from .the_keys_wire import VECTORS

ALL = [*VECTORS["vectors"], *VECTORS["independent_vectors"]]


@pytest.mark.parametrize("vector", ALL, ids=lambda vector: vector["ts"])
def test_vectors(vector: dict[str, str]) -> None:
    assert sign(vector["code"], int(vector["ts"])) == vector["hash_base64"]


@pytest.mark.parametrize("vector", ALL, ids=lambda vector: vector["ts"])
def test_a_flipped_bit_changes_it(vector: dict[str, str]) -> None:
    code = vector["code"]
    flipped = code[:-1] + chr(ord(code[-1]) ^ 1)
    assert sign(flipped, int(vector["ts"])) != vector["hash_base64"]


@pytest.mark.parametrize("vector", ALL, ids=lambda vector: vector["ts"])
def test_another_time_changes_it(vector: dict[str, str]) -> None:
    assert sign(vector["code"], int(vector["ts"]) - 1) != vector["hash_base64"]


@pytest.mark.parametrize("vector", VECTORS["negative"], ids=lambda vector: vector["why"])
def test_other_encodings_are_wrong(vector: dict[str, str]) -> None:
    made = sign("Zmo1sps2OVyCFtl1", int(vector["ts"]))
    assert made == vector["right_hash"]
    assert made != vector["wrong_hash"]


def test_any_text_a_person_types_can_be_signed_with() -> None:
    assert len(sign("pâté ☂", 1_700_000_000)) == 44
