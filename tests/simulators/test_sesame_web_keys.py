"""Signatures and share links of the simulated Web API."""

from base64 import b64decode
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest

from .sesame_web import BOT, SECRETS, SESAME_4, SESAME_5, SesameWebSimulator
from .sesame_web.signature import is_signed, signature
from .sesame_web_client import VECTORS, Clock

pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def simulator(clock: Clock) -> AsyncIterator[SesameWebSimulator]:
    simulator = SesameWebSimulator(pace=0.01, clock=clock)
    await simulator.start()
    yield simulator
    await simulator.stop()


@pytest.mark.parametrize("case", VECTORS["web_api_sign"])
def test_signature_is_golden(case: dict[str, Any]) -> None:
    secret = bytes.fromhex(case["secret_key_hex"])
    at = case["unix_time"]
    assert signature(secret, at).hex() == case["sign"]
    assert is_signed(case["sign"], secret, at)
    assert is_signed(case["sign_first_4_bytes"], secret, at)
    flipped = f"{int(case['sign'][0], 16) ^ 1:x}{case['sign'][1:]}"
    assert not is_signed(flipped, secret, at)
    assert not is_signed(case["sign"], secret, at + 256)
    assert is_signed(case["sign"], secret, at + 256, tolerance=1)
    assert not is_signed(case["sign"], secret, at + 512, tolerance=1)


def test_signature_is_no_near_miss() -> None:
    case = VECTORS["web_api_sign_wrong_forms"]
    secret = bytes.fromhex(case["secret_key_hex"])
    assert signature(secret, case["unix_time"]).hex() == case["correct"]
    for wrong in case["must_not_equal"].values():
        assert not is_signed(wrong, secret, case["unix_time"], tolerance=1)
    assert not is_signed(case["correct"][:16], secret, case["unix_time"])
    assert not is_signed("", secret, case["unix_time"])


def key_of(link: str) -> tuple[bytes, dict[str, list[str]]]:
    """The bytes of a link and its parameters, read by the layout."""
    query = parse_qs(urlsplit(link).query)
    return b64decode(query["sk"][0].replace(" ", "+"), validate=True), query


@pytest.mark.parametrize(
    ("link", "expected"),
    [(url, case["expect"]) for case in VECTORS["qr_share_urls"] for url in case["urls"].values()],
)
def test_links_are_read_rightly(link: str, expected: dict[str, Any]) -> None:
    key, _ = key_of(link)
    assert key[0] == expected["product_type"]
    assert key[1:17].hex() == expected["secret_key_hex"]
    assert str(UUID(bytes=key[-16:])).upper() == expected["device_uuid"]


@pytest.mark.parametrize(
    ("uuid", "number", "length"), [(SESAME_5, 5, 39), (SESAME_4, 4, 99), (BOT, 17, 39)]
)
def test_share_link(simulator: SesameWebSimulator, uuid: str, number: int, length: int) -> None:
    for form in ("quoted", "raw", "plus_to_space"):
        link = simulator.share_link(uuid, level=1, form=form)
        assert link.startswith("ssm://UI?t=sk&sk=")
        assert (" " in link) == (form == "plus_to_space")
        assert ("+" in link) == (form == "raw")
        key, query = key_of(link)
        assert (key[0], len(key)) == (number, length)
        assert key[1:17].hex() == SECRETS[uuid]
        assert str(UUID(bytes=key[-16:])).upper() == uuid
        assert query["l"] == ["1"]
        assert query["n"] == [simulator.device(uuid).name]


def test_share_link_without_a_key(simulator: SesameWebSimulator) -> None:
    guest, query = key_of(simulator.share_link(level=2))
    assert query["l"] == ["2"]
    assert len(guest) == 39
    assert guest[1:17].hex() != SECRETS[SESAME_5]
    encrypted, _ = key_of(simulator.share_link(form="encrypted"))
    assert len(encrypted) not in (39, 99)
    assert "sk=" not in simulator.share_link(form="friend")
    with pytest.raises(ValueError, match="level"):
        simulator.share_link(level=3)
