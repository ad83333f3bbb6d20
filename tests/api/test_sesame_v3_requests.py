"""How the Sesame V3 client sends a request: once, in turn, and with an error for every failure."""

import asyncio
from collections.abc import AsyncIterator
import gzip
from itertools import pairwise
import socket
from typing import Any

import pytest
from yarl import URL

from custom_components.smartlocks.request_queue import RequestQueue
from custom_components.smartlocks.vendors.sesame_v3.api import (
    BadParamsError,
    BlockedError,
    BusyError,
    Cloud,
    CloudConnectionError,
    Command,
    IntegrationOffError,
    LowBatteryError,
    ServerError,
    SesameV3Error,
    ThrottledError,
    UnauthorizedError,
    UnexpectedResponseError,
)
from custom_components.smartlocks.vendors.sesame_v3.api.const import (
    COMMAND_TIMEOUT,
    CONNECT_TIMEOUT,
    READ_TIMEOUT,
)

from .sesame_v3_server import CALLS, DEVICE, KEY, TASK, VECTORS, ScriptedServer, scripted_server

type ErrorCase = tuple[int, Any, type[SesameV3Error], bool]

# Status, body, the error, and whether a command may have arrived.
ERRORS: list[ErrorCase] = [
    (400, {"error": "BAD_PARAMS"}, BadParamsError, False),
    (400, {"error": "bad_params "}, BadParamsError, False),
    (400, {"error": "CLOUD_INTEGRATION_NOT_ENABLED"}, IntegrationOffError, False),
    (400, {"error": "LOW_BATTERY"}, LowBatteryError, False),
    (400, {"error": "DEVICE_IS_BUSY"}, BusyError, False),
    (400, {"error": "NEW_ERROR"}, UnexpectedResponseError, True),
    (400, {"error": 7}, UnexpectedResponseError, True),
    (400, b"nonsense", UnexpectedResponseError, True),
    (401, {"error": "UNAUTHORIZED"}, UnauthorizedError, False),
    (401, b"", UnauthorizedError, False),
    (403, {"error": "Forbidden"}, BlockedError, False),
    (403, {"error": "ACCESS_DENY"}, BlockedError, False),
    (403, {"message": "Forbidden"}, BlockedError, False),
    (403, b"<html>Forbidden</html>", BlockedError, False),
    (404, {"message": "Not Found"}, UnexpectedResponseError, False),
    (405, b"", UnexpectedResponseError, False),
    (408, b"", UnexpectedResponseError, True),
    (410, b"", UnexpectedResponseError, False),
    (429, {"error": "THROTTLED"}, ThrottledError, False),
    (429, b"", ThrottledError, False),
    (500, {"error": "INTERNAL_ERROR"}, ServerError, True),
    (502, b"<html>Bad gateway</html>", ServerError, True),
    (503, {"error": "DEVICE_IS_BUSY 35"}, ServerError, True),
    (200, {"error": "UNAUTHORIZED"}, UnauthorizedError, True),
    (200, {"error": "ACCESS_DENY"}, BlockedError, True),
    (200, {"error": "DEVICE_IS_BUSY 35"}, BusyError, True),
    (200, {"error": "SOMETHING_NEW"}, UnexpectedResponseError, True),
    (200, b"<html>It works!</html>", UnexpectedResponseError, True),
    (200, b"", UnexpectedResponseError, True),
    (200, b'{"locked": tr', UnexpectedResponseError, True),
    (200, b'{"battery": NaN}', UnexpectedResponseError, True),
    (200, b"\xff\xfe\xfd", UnexpectedResponseError, True),
    (200, b"[" * 100_000, UnexpectedResponseError, True),
    (200, b'{"locked":' * 30 + b"1" + b"}" * 30, UnexpectedResponseError, True),
]


@pytest.fixture
async def server(socket_enabled: None) -> AsyncIterator[ScriptedServer]:
    """Yield a listening server."""
    async with scripted_server() as server:
        yield server


@pytest.fixture
def cloud(server: ScriptedServer) -> Cloud:
    """Return a client of the server."""
    return server.cloud()


def _hides_secrets(err: SesameV3Error) -> bool:
    return not any(secret in f"{err} {err!r}" for secret in (KEY, DEVICE, TASK, "127.0.0.1"))


async def test_status_when_a_number_is_too_large_then_only_it_is_none(
    server: ScriptedServer, cloud: Cloud
) -> None:
    server.respond(b'{"locked": false, "responsive": true, "battery": %s}' % (b"9" * 5000), 200)
    status = await cloud.status(DEVICE)
    assert (status.locked, status.responsive, status.battery) == (False, True, None)


async def test_status_when_sent_then_on_send_is_called_right_before(
    server: ScriptedServer, cloud: Cloud
) -> None:
    seen: list[int] = []
    server.respond({"locked": True, "battery": 1, "responsive": True}, 200)
    await cloud.status(DEVICE, on_send=lambda: seen.append(len(server.received)))
    assert seen == [0]


# Refusals and unusable responses.


@pytest.mark.parametrize("case", ERRORS)
@pytest.mark.parametrize("name", ["locks", "status", "command"])
async def test_response_when_it_is_an_error_then_its_class_is_raised(
    server: ScriptedServer, cloud: Cloud, name: str, case: ErrorCase
) -> None:
    status, data, kind, may_have_arrived = case
    server.respond(data, status)
    with pytest.raises(SesameV3Error) as raised:
        await CALLS[name](cloud)
    assert type(raised.value) is kind
    assert raised.value.status == status
    assert raised.value.may_have_arrived is may_have_arrived
    assert len(server.received) == 1
    assert _hides_secrets(raised.value)


@pytest.mark.parametrize(
    "case",
    VECTORS["v3_error_parse"],
    ids=lambda case: f"{case['status']} {case['expect']['kind']}",
)
async def test_error_vectors(server: ScriptedServer, cloud: Cloud, case: dict[str, Any]) -> None:
    kinds = {
        "integration_off": IntegrationOffError,
        "busy": BusyError,
        "ip_blocked": BlockedError,
        "throttled": ThrottledError,
        "server": ServerError,
    }
    body = case["body"]
    server.respond(body.encode() if isinstance(body, str) else body, case["status"])
    with pytest.raises(kinds[case["expect"]["kind"]]) as raised:
        await cloud.status(DEVICE)
    assert getattr(raised.value, "seconds", None) == case["expect"].get("wait_s")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("DEVICE_IS_BUSY", None),
        ("DEVICE_IS_BUSY 35", 35),
        ("DEVICE_IS_BUSY :35", 35),
        ("DEVICE_IS_BUSY:35", 35),
        ("DEVICE_IS_BUSY :seconds", None),
        ("device_is_busy 0", 0),
        ("DEVICE_IS_BUSY " + "9" * 5000, 999_999_999),
    ],
)
async def test_busy_when_seconds_are_named_then_they_are_read(
    server: ScriptedServer, cloud: Cloud, text: str, seconds: int | None
) -> None:
    server.respond({"error": text}, 400)
    with pytest.raises(BusyError) as raised:
        await cloud.command(DEVICE, Command.LOCK)
    assert raised.value.seconds == seconds
    assert not raised.value.may_have_arrived


@pytest.mark.parametrize("name", CALLS)
async def test_response_when_too_large_then_error(
    server: ScriptedServer, cloud: Cloud, name: str
) -> None:
    server.respond(b" " * 1_000_000 + b"[]")
    with pytest.raises(UnexpectedResponseError) as raised:
        await CALLS[name](cloud)
    assert raised.value.may_have_arrived


@pytest.mark.parametrize(
    "body", [b'{"task_id": "plain"}', gzip.compress(b" " * 1_000_000)], ids=["no gzip", "bomb"]
)
async def test_response_when_compression_is_wrong_then_error(
    server: ScriptedServer, cloud: Cloud, body: bytes
) -> None:
    server.respond(body)
    server.headers = {"Content-Encoding": "gzip"}
    with pytest.raises(UnexpectedResponseError) as raised:
        await cloud.command(DEVICE, Command.UNLOCK)
    assert raised.value.may_have_arrived


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_redirect_is_not_followed(server: ScriptedServer, cloud: Cloud, status: int) -> None:
    server.respond(b"", status)
    server.headers = {"Location": "/public/elsewhere"}
    with pytest.raises(UnexpectedResponseError) as raised:
        await cloud.command(DEVICE, Command.UNLOCK)
    assert raised.value.may_have_arrived
    assert len(server.received) == 1


# Connections.


@pytest.mark.parametrize("name", CALLS)
async def test_request_when_connection_drops_then_it_is_not_repeated(
    server: ScriptedServer, cloud: Cloud, name: str
) -> None:
    server.respond([])
    await cloud.locks()
    server.received.clear()
    server.is_dropping = True
    for _ in range(2):  # on the open connection, and on a new one
        with pytest.raises(CloudConnectionError) as raised:
            await CALLS[name](cloud)
        assert raised.value.may_have_arrived
        assert _hides_secrets(raised.value)
    assert len(server.received) == 2


async def test_command_when_nobody_listens_then_it_has_not_arrived(
    server: ScriptedServer,
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        server.url = URL.build(scheme="http", host="127.0.0.1", port=taken.getsockname()[1])
        async with asyncio.timeout(2):
            with pytest.raises(CloudConnectionError) as raised:
                await server.cloud().command(DEVICE, Command.UNLOCK)
    assert not raised.value.may_have_arrived
    assert raised.value.status is None
    assert _hides_secrets(raised.value)


async def test_command_when_connecting_takes_too_long_then_it_has_not_arrived(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert CONNECT_TIMEOUT == 10.0
    monkeypatch.setattr(f"{Cloud.__module__}.CONNECT_TIMEOUT", 0.2)
    with socket.socket() as listening:
        # A full backlog: the system takes no more connections, and refuses none.
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        address = listening.getsockname()
        with socket.create_connection(address):
            server.url = URL.build(scheme="http", host=address[0], port=address[1])
            async with asyncio.timeout(2):
                with pytest.raises(CloudConnectionError) as raised:
                    await server.cloud().command(DEVICE, Command.UNLOCK)
    assert not raised.value.may_have_arrived


async def test_command_when_address_is_none_then_it_has_not_arrived(
    server: ScriptedServer,
) -> None:
    server.url = URL("http:///public")
    with pytest.raises(CloudConnectionError) as raised:
        await server.cloud().command(DEVICE, Command.UNLOCK)
    assert not raised.value.may_have_arrived


@pytest.mark.parametrize("name", CALLS)
async def test_request_when_no_response_comes_then_it_may_have_arrived(
    server: ScriptedServer, cloud: Cloud, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (COMMAND_TIMEOUT, READ_TIMEOUT) == (15.0, 10.0)
    own, other = "COMMAND_TIMEOUT", "READ_TIMEOUT"
    if name != "command":
        own, other = other, own
    monkeypatch.setattr(f"{Cloud.__module__}.{own}", 0.3)
    monkeypatch.setattr(f"{Cloud.__module__}.{other}", 60.0)
    server.delay = 3.0
    with pytest.raises(CloudConnectionError) as raised:
        await CALLS[name](cloud)
    assert raised.value.may_have_arrived
    assert len(server.received) == 1


# Keys.


async def test_key_when_pasted_with_spaces_then_it_is_trimmed(server: ScriptedServer) -> None:
    await server.cloud(f" {KEY}\n").locks()
    assert [one.headers["Authorization"] for one in server.received] == [KEY]


@pytest.mark.parametrize("key", ["two\r\nlines", "k\0y", "鍵", "", " \n"])
@pytest.mark.parametrize("name", CALLS)
async def test_key_when_no_header_can_hold_it_then_unauthorized(
    server: ScriptedServer, key: str, name: str
) -> None:
    with pytest.raises(UnauthorizedError) as raised:
        await CALLS[name](server.cloud(key))
    assert not raised.value.may_have_arrived
    assert server.received == []


# The moment of sending.


async def test_command_when_its_turn_comes_then_on_send_is_called_once_before_sending(
    server: ScriptedServer,
) -> None:
    queue = RequestQueue()
    server.respond({"task_id": TASK})
    sent: list[int] = []
    async with queue.turn():
        job = asyncio.create_task(
            server.cloud(queue=queue).command(
                DEVICE, Command.UNLOCK, on_send=lambda: sent.append(len(server.received))
            )
        )
        await asyncio.sleep(0.05)
        assert sent == []
    assert await job == TASK
    assert sent == [0]
    assert len(server.received) == 1


async def test_command_when_on_send_raises_then_nothing_is_sent(
    server: ScriptedServer, cloud: Cloud
) -> None:
    class TooLateError(Exception):
        pass

    reason = TooLateError()

    def refuse() -> None:
        raise reason

    with pytest.raises(TooLateError) as raised:
        await cloud.command(DEVICE, Command.UNLOCK, on_send=refuse)
    assert raised.value is reason
    assert server.received == []
    server.respond({"task_id": TASK})
    # The turn was given back.
    assert await cloud.command(DEVICE, Command.LOCK) == TASK


async def test_command_when_cancelled_while_waiting_then_it_is_not_sent(
    server: ScriptedServer,
) -> None:
    queue = RequestQueue()
    sent: list[None] = []
    async with queue.turn():
        job = asyncio.create_task(
            server.cloud(queue=queue).command(
                DEVICE, Command.UNLOCK, on_send=lambda: sent.append(None)
            )
        )
        await asyncio.sleep(0.02)
        job.cancel()
        await asyncio.wait([job])
    await asyncio.sleep(0.02)
    assert (sent, server.received) == ([], [])


# The rate.


async def test_requests_when_many_clients_share_a_queue_then_they_are_a_second_apart(
    server: ScriptedServer,
) -> None:
    queue = RequestQueue()
    clouds = [Cloud(server.session, server.url, KEY, queue=queue) for _ in range(3)]
    await asyncio.gather(*(cloud.locks() for cloud in clouds))
    assert len(server.received) == 3
    assert min(_gaps(server)) >= 1.0


async def test_commands_when_a_hundred_reads_wait_then_commands_go_first(
    server: ScriptedServer,
) -> None:
    server.respond({"locked": True, "task_id": TASK})
    server.delay = 0.001
    cloud = server.cloud(spacing=0.01)
    polls = [asyncio.create_task(cloud.status(f"lock-{number}")) for number in range(100)]
    await asyncio.sleep(0.05)
    before = len(server.received)
    await asyncio.gather(*(cloud.command(DEVICE, Command.LOCK) for _ in range(10)))
    await asyncio.gather(*polls)
    assert min(_gaps(server)) >= 0.01
    assert len(server.received) == 110
    # One read may have been under way.
    methods = [one.method for one in server.received]
    first = methods.index("POST")
    assert first - before in (0, 1)
    assert methods[first : first + 10] == ["POST"] * 10


@pytest.mark.parametrize("name", ["command", "task"])
async def test_request_when_a_person_waits_then_it_goes_first(
    server: ScriptedServer, name: str
) -> None:
    server.respond({"status": "processing", "task_id": TASK, "locked": True})
    cloud = server.cloud(spacing=0.02)
    first = asyncio.create_task(cloud.status("first"))
    await asyncio.sleep(0.01)
    await asyncio.gather(first, cloud.status("poll"), CALLS[name](cloud))
    assert server.received[2].path.endswith("/poll")


async def test_read_when_urgent_then_it_goes_first(server: ScriptedServer) -> None:
    server.respond({"locked": True})
    cloud = server.cloud(spacing=0.02)
    first = asyncio.create_task(cloud.status("first"))
    await asyncio.sleep(0.01)
    await asyncio.gather(first, cloud.status("poll"), cloud.status("read", urgent=True))
    paths = [one.path.rpartition("/")[2] for one in server.received]
    assert paths == ["first", "read", "poll"]


def _gaps(server: ScriptedServer) -> list[float]:
    return [later.at - earlier.at for earlier, later in pairwise(server.received)]
