"""The simulated Web API: commands, signatures and share links."""

import asyncio
from base64 import b64decode
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from aiohttp import ClientConnectionError, ClientSession
import pytest

from .sesame_web import BIKE, BOT, SECRETS, SESAME_4, SESAME_5, SesameWebSimulator
from .sesame_web.crypto import is_signed, signature
from .sesame_web_client import (
    CLICK,
    LOCK,
    STRANGER,
    TAKEN,
    TOGGLE,
    UNLOCK,
    VECTORS,
    Client,
    Clock,
)

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


@pytest.fixture
async def client(simulator: SesameWebSimulator) -> AsyncIterator[Client]:
    async with ClientSession() as session:
        yield Client(session, simulator)


async def test_bolt_when_commanded_moves_after_the_travel_time(
    simulator: SesameWebSimulator, client: Client, clock: Clock
) -> None:
    simulator.hub.travel = 50
    assert await client.command(UNLOCK) == TAKEN
    assert (await client.status())["CHSesame2Status"] == "locked"
    clock.now += 2
    await simulator.rest(52)
    status = await client.status()
    assert (status["CHSesame2Status"], status["position"]) == ("unlocked", 267)
    assert status["timestamp"] == int(clock.now)
    assert simulator.bolt() == "unlocked"
    assert await client.command(LOCK) == TAKEN
    await simulator.rest(52)
    assert simulator.bolt() == "locked"
    assert [(one.number, one.tag, one.outcome) for one in simulator.received] == [
        (UNLOCK, b"Test", "obeyed"),
        (LOCK, b"Test", "obeyed"),
    ]
    assert simulator.commands == {SESAME_5: 2}


async def test_bolt_when_toggled_goes_to_the_other_end(
    simulator: SesameWebSimulator, client: Client
) -> None:
    for bolt in ("unlocked", "locked"):
        await client.command(TOGGLE)
        await simulator.rest(4)
        assert simulator.bolt() == bolt


async def test_bolt_when_commanded_twice_follows_the_last_command(
    simulator: SesameWebSimulator, client: Client
) -> None:
    simulator.hub.travel = 50
    await client.command(UNLOCK)
    await client.command(LOCK)
    await simulator.rest(52)
    assert simulator.bolt() == "locked"
    types = [entry["type"] for entry in await client.history(length=3)]
    assert types == [10, 16, 17]


@pytest.mark.parametrize(
    "mistake", [{"secret": SECRETS[SESAME_4]}, {"age": 256}, {"age": 3600}, {"age": -256}]
)
async def test_command_with_a_bad_signature_is_accepted_and_not_obeyed(
    simulator: SesameWebSimulator, client: Client, mistake: dict[str, Any]
) -> None:
    assert await client.command(UNLOCK, **mistake) == TAKEN
    await simulator.rest(4)
    assert simulator.bolt() == "locked"
    assert simulator.received[0].outcome == "bad_sign"
    assert simulator.count_commands() == 1
    assert (await client.history(length=1))[0]["type"] == 10


async def test_signature_within_the_tolerance_is_obeyed(
    simulator: SesameWebSimulator, client: Client
) -> None:
    simulator.set_signature_tolerance(1)
    await client.command(UNLOCK, age=256)
    await client.command(UNLOCK, age=512)
    assert [one.outcome for one in simulator.received] == ["obeyed", "bad_sign"]


async def test_device_when_offline_keeps_its_last_status(
    simulator: SesameWebSimulator, client: Client
) -> None:
    await simulator.take_offline()
    assert await client.command(UNLOCK) == TAKEN
    simulator.answer_commands(offline=404)
    assert await client.command(UNLOCK) == (404, {"message": "Not Found"})
    await simulator.rest(4)
    assert simulator.bolt() == "locked"
    await simulator.turn_by_hand("unlocked")
    status = await client.status()
    assert (status["CHSesame2Status"], status["wm2State"]) == ("locked", False)
    assert (await client.status(SESAME_4))["wm2State"] is True
    assert (await client.history(length=1))[0]["type"] == 10
    await simulator.bring_online()
    status = await client.status()
    assert (status["CHSesame2Status"], status["wm2State"]) == ("unlocked", True)
    assert (await client.history(length=1))[0]["type"] == 8
    await simulator.rest(4)
    assert [one.outcome for one in simulator.received] == ["offline", "offline"]


async def test_command_answer_as_chosen(simulator: SesameWebSimulator, client: Client) -> None:
    simulator.answer_commands(body="empty")
    assert await client.command(UNLOCK) == (200, None)
    await simulator.rest(4)
    assert simulator.bolt() == "unlocked"
    simulator.answer_commands(status_code=500)
    assert await client.command(LOCK) == (200, {"statusCode": 500})
    await simulator.rest(4)
    assert simulator.bolt() == "unlocked"


async def test_bolt_when_jammed_does_not_move(
    simulator: SesameWebSimulator, client: Client
) -> None:
    simulator.jam()
    assert await client.command(UNLOCK) == TAKEN
    await simulator.rest(4)
    assert simulator.bolt() == "locked"
    assert [entry["type"] for entry in await client.history(length=2)] == [12, 17]


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        "lock",
        {"cmd": "82", "history": "", "sign": ""},
        {"cmd": 82, "history": "%", "sign": "00"},
        {"cmd": 82, "history": "", "sign": None},
        {"cmd": 82, "sign": "00"},
    ],
)
async def test_command_with_an_unreadable_body_is_refused(
    simulator: SesameWebSimulator, client: Client, body: Any
) -> None:
    assert await client.post(body) == (400, {"message": "Bad Request"})
    assert simulator.commands == {}


@pytest.mark.parametrize("case", VECTORS["cmd_requests"])
async def test_command_of_the_vectors_is_obeyed(
    simulator: SesameWebSimulator, client: Client, clock: Clock, case: dict[str, Any]
) -> None:
    clock.now = case["unix_time"]
    simulator.add_device("sesame_5_pro", "Shed", STRANGER, case["secret_key_hex"])
    assert await client.post(case["json"], STRANGER) == TAKEN
    assert simulator.received[0].outcome == "obeyed"
    assert simulator.received[0].tag == case["tag"].encode()
    await simulator.rest(4)
    assert simulator.bolt(STRANGER) == ("locked" if case["action"] == "lock" else "unlocked")


async def test_bot_obeys_clicks_only(simulator: SesameWebSimulator, client: Client) -> None:
    await client.command(CLICK, BOT)
    await simulator.rest(4)
    assert simulator.device(BOT).clicks == 1
    assert [entry["type"] for entry in await client.history(BOT)] == [21, 20]
    await client.command(170, BOT)
    await simulator.rest(4)
    assert simulator.device(BOT).clicks == 2
    simulator.jam(lock_id=BOT)
    await client.command(CLICK, BOT)
    await simulator.rest(4)
    assert simulator.device(BOT).clicks == 2
    await client.command(UNLOCK, BOT)
    assert simulator.received[-1].outcome == "unsupported"


async def test_bike_obeys_unlock_only(simulator: SesameWebSimulator, client: Client) -> None:
    await client.command(UNLOCK, BIKE)
    await simulator.rest(4)
    assert (await client.status(BIKE))["CHSesame2Status"] == "unlocked"
    assert await client.command(LOCK, BIKE) == TAKEN
    assert await client.command(CLICK, SESAME_5) == TAKEN
    await simulator.rest(4)
    assert simulator.bolt(BIKE) == "unlocked"
    assert [one.outcome for one in simulator.received[1:]] == ["unsupported"] * 2
    await simulator.turn_by_hand("locked", BIKE)
    assert simulator.bolt(BIKE) == "locked"


@pytest.mark.parametrize("by_hand", [True, False])
async def test_bolt_when_autolock_is_on_locks_again(
    simulator: SesameWebSimulator, client: Client, *, by_hand: bool
) -> None:
    simulator.set_autolock(10)
    if by_hand:
        await simulator.turn_by_hand("unlocked")
    else:
        await client.command(UNLOCK)
    await simulator.rest(7)
    assert simulator.bolt() == "unlocked"
    await simulator.rest(50)
    assert simulator.bolt() == "locked"
    assert [entry["type"] for entry in await client.history(length=2)] == [10, 6]


async def test_autolock_when_jammed_gives_up(simulator: SesameWebSimulator) -> None:
    simulator.set_autolock(1)
    simulator.jam()
    await simulator.turn_by_hand("unlocked")
    await simulator.rest(30)
    assert simulator.bolt() == "unlocked"
    assert simulator.hub.orders[SESAME_5].done()


async def test_simulator_when_stopped_stops_motors(
    simulator: SesameWebSimulator, client: Client
) -> None:
    simulator.hub.travel = 1000
    await client.command(UNLOCK)
    await simulator.stop()
    await asyncio.sleep(0)
    assert simulator.hub.orders == {}
    assert simulator.bolt() == "locked"


@pytest.mark.parametrize("case", VECTORS["web_api_sign"])
def test_signature_equals_the_vectors(case: dict[str, Any]) -> None:
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


def test_signature_refuses_known_mistakes() -> None:
    case = VECTORS["web_api_sign_wrong_forms"]
    secret = bytes.fromhex(case["secret_key_hex"])
    assert signature(secret, case["unix_time"]).hex() == case["correct"]
    for wrong in case["must_not_equal"].values():
        assert not is_signed(wrong, secret, case["unix_time"], tolerance=1)
    assert not is_signed(case["correct"][:16], secret, case["unix_time"])
    assert not is_signed("", secret, case["unix_time"])


def key_of(link: str) -> tuple[bytes, dict[str, list[str]]]:
    """Return the bytes of a link's key, and its parameters."""
    query = parse_qs(urlsplit(link).query)
    return b64decode(query["sk"][0].replace(" ", "+"), validate=True), query


@pytest.mark.parametrize(
    ("link", "expected"),
    [(url, case["expect"]) for case in VECTORS["qr_share_urls"] for url in case["urls"].values()],
)
def test_share_links_of_the_vectors_have_the_layout(link: str, expected: dict[str, Any]) -> None:
    key, _ = key_of(link)
    assert key[0] == expected["product_type"]
    assert key[1:17].hex() == expected["secret_key_hex"]
    assert str(UUID(bytes=key[-16:])).upper() == expected["device_uuid"]


@pytest.mark.parametrize(
    ("uuid", "number", "length"), [(SESAME_5, 5, 39), (SESAME_4, 4, 99), (BOT, 17, 39)]
)
def test_share_link_holds_type_secret_and_uuid(
    simulator: SesameWebSimulator, uuid: str, number: int, length: int
) -> None:
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


def test_share_link_without_a_secret(simulator: SesameWebSimulator) -> None:
    guest, query = key_of(simulator.share_link(level=2))
    assert query["l"] == ["2"]
    assert len(guest) == 39
    assert guest[1:17].hex() != SECRETS[SESAME_5]
    encrypted, _ = key_of(simulator.share_link(form="encrypted"))
    assert len(encrypted) not in (39, 99)
    assert "sk=" not in simulator.share_link(form="friend")
    with pytest.raises(ValueError, match="level"):
        simulator.share_link(level=3)


async def test_command_answered_with_status_code_500_when_set_so_moves_the_bolt(
    simulator: SesameWebSimulator, client: Client
) -> None:
    simulator.answer_commands(status_code=500, moved=True)
    assert await client.command(UNLOCK) == (200, {"statusCode": 500})
    await simulator.rest(4)
    assert simulator.bolt() == "unlocked"


async def test_command_when_ignored_is_accepted_and_leaves_no_trace(
    simulator: SesameWebSimulator, client: Client
) -> None:
    simulator.ignore_commands()
    assert await client.command(UNLOCK) == TAKEN
    await simulator.rest(4)
    assert simulator.bolt() == "locked"
    assert simulator.received[0].outcome == "ignored"
    assert (await client.history(length=1))[0]["type"] == 10
    simulator.ignore_commands(ignored=False)
    await client.command(UNLOCK)
    await simulator.rest(4)
    assert simulator.bolt() == "unlocked"


async def test_command_when_the_device_has_another_secret_is_not_obeyed(
    simulator: SesameWebSimulator, client: Client
) -> None:
    simulator.change_secret("00" * 16)
    assert await client.command(UNLOCK) == TAKEN
    await client.command(UNLOCK, secret="00" * 16)
    assert [one.outcome for one in simulator.received] == ["bad_sign", "obeyed"]


async def test_command_when_the_device_clock_is_off_is_not_obeyed(
    simulator: SesameWebSimulator, client: Client
) -> None:
    simulator.set_clock_offset(600)
    assert await client.command(UNLOCK) == TAKEN
    await client.command(UNLOCK, age=-600)
    assert [one.outcome for one in simulator.received] == ["bad_sign", "obeyed"]
    entry = (await client.history(length=1))[0]
    assert entry["timeStamp"] == simulator.clock() + 600


async def test_command_when_the_answer_is_lost_is_obeyed(
    simulator: SesameWebSimulator, client: Client
) -> None:
    simulator.fail_lock(SESAME_5, "lost", endpoint="command")
    with pytest.raises(ClientConnectionError):
        await client.command(UNLOCK)
    await simulator.rest(4)
    assert simulator.bolt() == "unlocked"
    assert (await client.status())["CHSesame2Status"] == "unlocked"


async def test_command_when_the_connection_is_dropped_is_not_received(
    simulator: SesameWebSimulator, client: Client
) -> None:
    simulator.fail_lock(SESAME_5, "dropped", endpoint="command")
    with pytest.raises(ClientConnectionError):
        await client.command(UNLOCK)
    assert simulator.received == []


async def test_motor_when_the_lock_restarts_stops(
    simulator: SesameWebSimulator, client: Client
) -> None:
    simulator.hub.travel = 50
    await client.command(UNLOCK)
    simulator.restart_lock()
    await simulator.rest(60)
    assert simulator.bolt() == "locked"
