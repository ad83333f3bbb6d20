"""Everything in the vendors' clients that reads bytes or text from outside, vendor by vendor."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
import json
from typing import Any

from aiohttp import ClientSession
from yarl import URL

from custom_components.smartlocks.request_queue import RequestQueue
from custom_components.smartlocks.vendors.loqed import api as loqed
from custom_components.smartlocks.vendors.sesame_v3 import api as sesame_v3
from custom_components.smartlocks.vendors.sesame_web import api as sesame_web
from custom_components.smartlocks.vendors.sesame_web.api import share_link
from custom_components.smartlocks.vendors.the_keys import api as the_keys
from tests.simulators import loqed as loqed_simulator

UUID = "488ABAAB-164F-7A86-595F-DDD778CB86C3"
SECRET = "0123456789abcdef0123456789abcdef"
TASK = "01234567-890a-bcde-f012-34567890abcd"
IDENTIFIER = 45961123

type Request = Callable[[ClientSession, URL], Awaitable[object]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Readers:
    """One vendor's: `requests` whose replies are read, `texts` that a person pastes.

    `error` is what they may raise. `is_locked` tells whether what was read says that the
    lock is locked, and `says_locked` whether the JSON it was read from does. `good` is
    what "status" is answered when the lock is locked. `lists` are the requests that are
    answered with many locks, each told as in a status.
    """

    error: type[Exception]
    requests: Mapping[str, Request]
    texts: Mapping[str, Callable[[str], object]]
    is_locked: Callable[[Any], bool]
    says_locked: Callable[[Any], bool]
    good: Mapping[str, Any]
    lists: tuple[str, ...] = ()


def _bridge(session: ClientSession, url: URL) -> loqed.Bridge:
    keys = loqed.Keys.parse(
        key_id=loqed_simulator.LOCAL_ID,
        key_secret=loqed_simulator.KEY_SECRET,
        bridge_key=loqed_simulator.BRIDGE_KEY,
    )
    return loqed.Bridge(session, url, keys, queue=RequestQueue())


def _loqed_web(session: ClientSession, url: URL) -> loqed.WebApi:
    return loqed.WebApi(session, url, loqed_simulator.API_TOKEN)


def _gateway(session: ClientSession, url: URL) -> the_keys.Gateway:
    timestamps = the_keys.TimestampCounter(now=lambda: 0.0)
    return the_keys.Gateway(session, url, queue=RequestQueue(), timestamps=timestamps)


def _cloud(session: ClientSession, url: URL) -> sesame_v3.Cloud:
    return sesame_v3.Cloud(session, url, "key", queue=RequestQueue(), spacing=0.0)


def _web_api(session: ClientSession, url: URL) -> sesame_web.WebApi:
    return sesame_web.WebApi(session, url, "key", on_call=lambda: None)


async def _account(session: ClientSession, url: URL) -> object:
    cloud = the_keys.Cloud(session, url)
    await cloud.login("+33600000000", "password")
    account = await cloud.locks_and_gateways()
    lock = the_keys.CloudLock(id=1, identifier=2, name="")
    return account, await cloud.shares(lock)


def _word(fields: Any, name: str) -> str:
    value = fields.get(name) if isinstance(fields, dict) else None
    return value.lower() if isinstance(value, str) else ""


def _the_keys_says_locked(fields: Any) -> bool:
    """Return whether a reply holds the number 49 anywhere that it may stand."""
    if not isinstance(fields, dict):
        return False
    numbers = (fields.get(name) for name in ("code", "status"))
    return any(str(number).strip().lower() in {"49", "49.0", "0x31", "+49"} for number in numbers)


READERS: Mapping[str, Readers] = {
    "loqed": Readers(
        error=loqed.LoqedError,
        requests={
            "status": lambda session, url: _bridge(session, url).status(),
            "command": lambda session, url: _bridge(session, url).command(loqed.Command.LOCK),
            "webhooks": lambda session, url: _bridge(session, url).webhooks(),
            "create": lambda session, url: _bridge(session, url).create_webhook("http://a/"),
            "delete": lambda session, url: _bridge(session, url).delete_webhook(1),
            "web list": lambda session, url: _loqed_web(session, url).locks(),
            "web command": lambda session, url: _loqed_web(session, url).command(
                "1", loqed.Command.LOCK
            ),
            "web setting": lambda session, url: _loqed_web(session, url).set(
                "1", loqed.WebSetting.TWIST_ASSIST, is_on=True
            ),
        },
        texts={
            "information": loqed.parse_integration_information,
            "token": loqed.TokenClaims.parse,
            "call of the cloud": lambda text: loqed.CloudCall.parse(
                text.encode(errors="surrogatepass")
            ),
        },
        is_locked=lambda status: status.position is loqed.Position.NIGHT_LOCK,
        says_locked=lambda fields: _word(fields, "bolt_state") == "night_lock",
        good={
            "bolt_state": "night_lock",
            "lock_online": 1,
            "battery_percentage": 78,
            "battery_voltage": 10.4,
            "webhooks_number": 1,
            "up_timestamp": 1653041994,
            "bridge_mac_wifi": "1234567890ab",
            "id": 7,
        },
        lists=("web list",),
    ),
    "the_keys": Readers(
        error=the_keys.TheKeysError,
        requests={
            "status": lambda session, url: _gateway(session, url).locker_status(IDENTIFIER, "c"),
            "lockers": lambda session, url: _gateway(session, url).lockers(),
            "gateway": lambda session, url: _gateway(session, url).status(),
            "command": lambda session, url: _gateway(session, url).close(IDENTIFIER, "c"),
            "synchronize": lambda session, url: _gateway(session, url).synchronize(),
            "cloud": _account,
        },
        texts={},
        is_locked=lambda status: status.state is the_keys.LockerState.CLOSED,
        says_locked=_the_keys_says_locked,
        good={"status": "Door closed", "code": 49, "id": IDENTIFIER, "battery": 7235},
    ),
    "sesame_v3": Readers(
        error=sesame_v3.SesameV3Error,
        requests={
            "status": lambda session, url: _cloud(session, url).status(UUID),
            "locks": lambda session, url: _cloud(session, url).locks(),
            "task": lambda session, url: _cloud(session, url).task(TASK),
            "command": lambda session, url: _cloud(session, url).command(
                UUID, sesame_v3.Command.LOCK
            ),
        },
        texts={},
        is_locked=lambda status: status.locked is True,
        says_locked=lambda fields: isinstance(fields, dict) and fields.get("locked") is True,
        good={"locked": True, "battery": 100, "responsive": True},
    ),
    "sesame_web": Readers(
        error=sesame_web.SesameWebError,
        requests={
            "status": lambda session, url: _web_api(session, url).status(UUID),
            "history": lambda session, url: _web_api(session, url).history(UUID),
            "command": lambda session, url: _web_api(session, url).command(
                UUID, SECRET, sesame_web.Command.LOCK, "tag"
            ),
        },
        texts={
            "share link": share_link.parse_share,
            "uuid": sesame_web.parse_uuid,
            "secret": sesame_web.parse_secret,
        },
        is_locked=lambda status: status.state is sesame_web.Bolt.LOCKED,
        says_locked=lambda fields: _word(fields, "CHSesame2Status") == "locked",
        good={"CHSesame2Status": "locked", "batteryPercentage": 90, "timestamp": 1598523693},
    ),
}


def entries(fields: Any) -> list[Any]:
    """Return what a list of locks may hold: in `data`, or by itself."""
    found = fields.get("data") if isinstance(fields, dict) else fields
    return found if isinstance(found, list) else []


def parsed(body: bytes) -> Any:
    """Return what a body says to a reader that forgives; None when it says nothing."""
    try:
        return json.loads(body.decode("utf-8-sig", "replace"))
    except ValueError, RecursionError:
        return None
