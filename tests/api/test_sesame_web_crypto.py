"""The signature of the Web API's commands: golden bytes, and near misses."""

from typing import Any

import pytest

from custom_components.smartlocks.vendors.sesame_web.api import signature

from .sesame_wire import VECTORS

SIGNED = VECTORS["web_api_sign"]


@pytest.mark.parametrize("case", SIGNED, ids=lambda case: f"{case['unix_time']}")
def test_signature_equals_the_vectors(case: dict[str, Any]) -> None:
    assert signature(bytes.fromhex(case["secret_key_hex"]), case["unix_time"]) == case["sign"]


@pytest.mark.parametrize("case", SIGNED, ids=lambda case: f"{case['unix_time']}")
def test_signature_when_a_bit_of_the_secret_differs_is_another(case: dict[str, Any]) -> None:
    secret = bytearray.fromhex(case["secret_key_hex"])
    secret[7] ^= 0x10
    assert signature(bytes(secret), case["unix_time"]) != case["sign"]


@pytest.mark.parametrize("bit", [8, 15, 16, 23, 24, 31])
@pytest.mark.parametrize("case", SIGNED, ids=lambda case: f"{case['unix_time']}")
def test_signature_when_a_bit_of_the_time_differs_is_another(
    case: dict[str, Any], bit: int
) -> None:
    secret = bytes.fromhex(case["secret_key_hex"])
    assert signature(secret, case["unix_time"] ^ 1 << bit) != case["sign"]


@pytest.mark.parametrize("case", SIGNED, ids=lambda case: f"{case['unix_time']}")
def test_signature_after_its_window_is_another(case: dict[str, Any]) -> None:
    secret, start = bytes.fromhex(case["secret_key_hex"]), case["unix_time"] & ~0xFF
    assert {signature(secret, start + second) for second in range(256)} == {case["sign"]}
    assert signature(secret, start + 256) != case["sign"]
    assert signature(secret, start - 1) != case["sign"]


def test_signature_is_none_of_the_known_mistakes() -> None:
    case = VECTORS["web_api_sign_wrong_forms"]
    made = signature(bytes.fromhex(case["secret_key_hex"]), case["unix_time"])
    assert made == case["correct"]
    assert made not in case["must_not_equal"].values()


def test_signature_takes_the_time_as_32_bits() -> None:
    secret = bytes(range(16))
    assert signature(secret, 1 << 32) == signature(secret, 0)


@pytest.mark.parametrize("length", [0, 15, 17, 24, 32])
def test_signature_with_a_secret_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="key size"):
        signature(bytes(length), 0)
