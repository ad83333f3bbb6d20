"""The three calls of the Web API, under /api/sesame2: who may make them, and the answers."""

import asyncio
from base64 import b64decode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
import hmac
import json
from typing import Any, Literal, NamedTuple

from aiohttp import web

from tests.simulators.base import NONSENSE

from .device import MAX_PAGE, Device, Entry, Record
from .hub import Hub, Outcome

API_KEY = "made0up0SesameWebKey0made0up0SesameWebK1"
# A second account, which shares everything else with the first.
OTHER_API_KEY = "made0up0SesameWebKey0made0up0SesameWebK2"
FREE_PLAN = 1000
ROOT = "/api/sesame2/{uuid}"

type Endpoint = Literal["status", "history", "command"]
type StatusWord = Literal["absent", "empty", "null", "odd"]
# "error" and "unavailable" are HTTP 500 and 503, "garbled" is half a JSON text; "dropped"
# closes the connection before the call is acted on, "lost" after that; "silent" is acted
# on and never answered.
type Fault = Literal["error", "unavailable", "garbled", "dropped", "lost", "silent"]
type Handler = Callable[[web.Request], Awaitable[web.Response]]

FAULTS = ("error", "unavailable", "garbled", "dropped", "lost", "silent")
HUGE = 10**400

MALFORMED: dict[Endpoint, dict[str, Any]] = {
    "status": {
        "missing_fields": {},
        "wrong_fields": {
            "batteryPercentage": "full",
            "batteryVoltage": None,
            "position": [],
            "CHSesame2Status": 1,
            "timestamp": "yesterday",
            "wm2State": "true",
        },
        "odd_side_fields": {
            "batteryPercentage": 255,
            "batteryVoltage": HUGE,
            "position": HUGE,
            "CHSesame2Status": "unlocked",
            "timestamp": HUGE,
            "wm2State": 1,
        },
    },
    "history": {
        "object": {"items": []},
        "missing_fields": [{}],
        "wrong_fields": [
            {"type": "x", "timeStamp": None, "historyTag": 5, "recordID": [], "parameter": 0}
        ],
        "bad_tag": [
            {"type": 2, "timeStamp": 1.0, "historyTag": "%%%", "recordID": 1, "parameter": None}
        ],
        "one_odd_entry": [
            {"type": HUGE, "timeStamp": HUGE, "historyTag": [], "recordID": HUGE},
            {"type": 7, "timeStamp": 1.0, "historyTag": None, "recordID": 1, "parameter": None},
        ],
    },
    "command": {"wrong_fields": {"statusCode": "200 OK"}},
}


def malformed(endpoint: Endpoint, kind: str) -> bytes:
    """Return the body of a malformed answer; ValueError for a kind the endpoint has not."""
    if kind in MALFORMED[endpoint]:
        return json.dumps(MALFORMED[endpoint][kind]).encode()
    for name, body in NONSENSE.items():
        if name == kind:
            return body
    raise ValueError(f"no malformed answer {kind} for {endpoint}")


def message(status: int, text: str) -> web.Response:
    """Return an error as the vendor's gateway words it."""
    return web.json_response({"message": text}, status=status)


@dataclass(kw_only=True, slots=True)
class Account:
    """The API key, its plan, and the calls it has made this month.

    Without a `quota` (None) there is no limit. 403 has causes that look the same: a key
    nobody knows, a plan that does not cover what is asked, and with `quota_status` 403
    the month's calls being used up.
    """

    api_key: str = API_KEY
    accepts_key: bool = True
    is_over_plan: bool = False
    quota: int | None = FREE_PLAN
    quota_status: Literal[429, 403] = 429
    quota_text: str = "Limit Exceeded"
    calls: int = 0
    is_down: bool = False

    def refusal(self, request: web.Request) -> web.Response | None:
        """Return why the request goes no further, or None; a call with a good key counts."""
        if self.is_over_plan or not self._knows(request.headers.get("x-api-key", "")):
            return message(403, "Forbidden")
        self.calls += 1
        if self.quota is not None and self.calls > self.quota:
            text = "Forbidden" if self.quota_status == 403 else self.quota_text
            return message(self.quota_status, text)
        return message(500, "Internal server error") if self.is_down else None

    def _knows(self, key: str) -> bool:
        known = (self.api_key, OTHER_API_KEY) if self.accepts_key else (OTHER_API_KEY,)
        return any(hmac.compare_digest(key.encode(), one.encode()) for one in known)


@dataclass(kw_only=True, slots=True)
class Format:
    """What the answers look like where sources differ or are silent.

    The vendor's page says milliseconds, real answers have seconds; `wm2State` and
    `isRechargeBattery` are on no page, and the one is a yes or no, the other 0 or 1;
    `devicePk` is on an old one. `command` is the body for an accepted command;
    `status_code` other than 200 says that it failed, still with HTTP 200. `offline` is the
    HTTP status when the hub is offline, `unknown` the one for a device the cloud has never
    heard of.
    """

    has_hub_state: bool = True
    hub_state_as_number: bool = False
    has_rechargeable: bool = True
    has_device_pk: bool = False
    in_milliseconds: bool = False
    status_words: dict[str, StatusWord] = field(default_factory=dict)
    malformed: dict[Endpoint, str] = field(default_factory=dict)
    command: Literal["status_code", "empty"] = "status_code"
    status_code: int = 200
    offline: Literal[200, 404] = 200
    unknown: Literal[500, 404] = 500

    def status(self, device: Device, record: Record) -> dict[str, Any]:
        """Return a device's status."""
        answer: dict[str, Any] = {
            "batteryPercentage": record.battery,
            "batteryVoltage": record.voltage,
            "position": record.position,
            **self._status_word(device.uuid, record.status),
            "timestamp": int(record.timestamp * (1000 if self.in_milliseconds else 1)),
        }
        if self.has_hub_state:
            is_online = device.is_online_in_cloud
            answer["wm2State"] = int(is_online) if self.hub_state_as_number else is_online
        if self.has_rechargeable:
            answer["isRechargeBattery"] = int(device.is_rechargeable)
        return answer

    def entry(self, device: Device, entry: Entry) -> dict[str, Any]:
        """Return an entry of a device's history."""
        milliseconds = int(entry.at * 1000)
        answer = {
            "type": int(entry.type),
            "timeStamp": milliseconds if self.in_milliseconds else float(int(entry.at)),
            "historyTag": entry.tag_base64,
            "recordID": entry.record_id,
            "parameter": None,
        }
        return {**answer, "devicePk": device.uuid} if self.has_device_pk else answer

    def _status_word(self, uuid: str, status: str) -> dict[str, Any]:
        word = self.status_words.get(uuid)
        if word == "absent":
            return {}
        words = {None: status, "empty": "", "null": None, "odd": "half open"}
        return {"CHSesame2Status": words[word]}


@dataclass(kw_only=True, slots=True)
class DeviceFault:
    """What fails for one device, at one endpoint or all, so many times or always."""

    fault: Fault
    endpoint: Endpoint | None
    times: int | None


class CommandBody(NamedTuple):
    """The body of a command."""

    number: int
    tag: bytes
    sign: str


@dataclass(kw_only=True)
class Cloud:
    """What the cloud answers over HTTP."""

    hub: Hub
    account: Account = field(default_factory=Account)
    format: Format = field(default_factory=Format)
    faults: dict[str, DeviceFault] = field(default_factory=dict)

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Add the calls where the vendor has them."""
        router.add_get(ROOT, self._guarded("status", self._status))
        router.add_get(f"{ROOT}/history", self._guarded("history", self._history))
        router.add_post(f"{ROOT}/cmd", self._guarded("command", self._command))

    def _guarded(self, endpoint: Endpoint, handler: Handler) -> Handler:
        async def answer(request: web.Request) -> web.Response:
            refused = self.account.refusal(request)
            if refused is not None:
                return refused
            fault = self._fault(request.match_info["uuid"], endpoint)
            if fault is not None:
                return await _failing(fault, request, handler)
            response = await handler(request)
            kind = self.format.malformed.get(endpoint)
            if kind is None:
                return response
            return web.Response(body=malformed(endpoint, kind), content_type="application/json")

        return answer

    def _fault(self, uuid: str, endpoint: Endpoint) -> Fault | None:
        """Return what fails now, and count it."""
        found = self.faults.get(uuid)
        if found is None or found.endpoint not in (None, endpoint):
            return None
        if found.times is not None:
            found.times -= 1
            if found.times <= 0:
                del self.faults[uuid]
        return found.fault

    def _find(self, request: web.Request) -> Device | None:
        # Every sample has the id in capitals: nothing is known of any other spelling.
        return self.hub.devices.get(request.match_info["uuid"])

    def _unknown(self) -> web.Response:
        status = self.format.unknown
        return message(status, "Not Found" if status == 404 else "Internal server error")

    async def _status(self, request: web.Request) -> web.Response:
        device = self._find(request)
        if device is None:
            return self._unknown()
        if device.record is None:
            return message(500, "Internal server error")
        return web.json_response(self.format.status(device, device.record))

    async def _history(self, request: web.Request) -> web.Response:
        device = self._find(request)
        if device is None:
            return self._unknown()
        if device.record is None:
            return message(500, "Internal server error")
        try:
            page = int(request.query.get("page", "0"))
            length = int(request.query.get("lg", str(MAX_PAGE)))
        except ValueError:
            return message(400, "Bad Request")
        entries = device.history.page(page, length)
        return web.json_response([self.format.entry(device, entry) for entry in entries])

    async def _command(self, request: web.Request) -> web.Response:
        device = self._find(request)
        body = _command_body(await request.read())
        if device is None:
            return self._unknown()
        if body is None:
            return message(400, "Bad Request")
        return self._accepted(self.hub.command(device, *body))

    def _accepted(self, outcome: Outcome) -> web.Response:
        """Answer the same whatever became of it: the cloud does not know."""
        if outcome == "offline" and self.format.offline == 404:
            return message(404, "Not Found")
        if self.format.command == "empty":
            return web.Response()
        return web.json_response({"statusCode": self.format.status_code})


async def _failing(fault: Fault, request: web.Request, handler: Handler) -> web.Response:
    match fault:
        case "error":
            return message(500, "Internal server error")
        case "unavailable":
            return message(503, "Service Unavailable")
        case "dropped":
            return _close(request)
    response = await handler(request)
    match fault:
        case "lost":
            return _close(request)
        case "silent":
            while request.transport is not None and not request.transport.is_closing():  # noqa: ASYNC110
                await asyncio.sleep(0.02)
    assert isinstance(response.body, bytes)
    return web.Response(body=response.body[:-1], content_type="application/json")


def _close(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _command_body(body: bytes) -> CommandBody | None:
    """Return a command's body: {"cmd": int, "history": base64, "sign": hex}."""
    try:
        match json.loads(body):
            case {"cmd": int(number), "history": str(history), "sign": str(sign)}:
                return CommandBody(number, b64decode(history, validate=True), sign)
    except ValueError:
        pass
    return None
