"""How the cloud words things: the fields that come and go, and the units that vary."""

from dataclasses import dataclass, field
import json
from typing import Any, Literal

from tests.simulators.base import NONSENSE

from .device import Device, Shadow
from .log import Entry

type Wording = Literal["absent", "empty", "null", "odd"]
type Endpoint = Literal["status", "history", "command"]

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
    },
    "command": {"wrong_fields": {"statusCode": "200 OK"}},
}


def malformed(endpoint: Endpoint, kind: str) -> bytes:
    """The body of a malformed answer; ValueError for a kind the endpoint does not have."""
    if kind in MALFORMED[endpoint]:
        return json.dumps(MALFORMED[endpoint][kind]).encode()
    for name, body in NONSENSE.items():
        if name == kind:
            return body
    raise ValueError(f"no malformed answer {kind} for {endpoint}")


@dataclass(kw_only=True, slots=True)
class Dialect:
    """What was seen in the field, one way by default and the others by wish.

    The vendor's page says milliseconds, real answers have seconds; `wm2State` and
    `isRechargeBattery` are on no page; `devicePk` is on an old one.
    """

    names_hub: bool = True
    names_rechargeable: bool = True
    names_device_pk: bool = False
    in_milliseconds: bool = False
    wording: dict[str, Wording] = field(default_factory=dict)
    malformed: dict[Endpoint, str] = field(default_factory=dict)

    def status(self, device: Device, shadow: Shadow) -> dict[str, Any]:
        """A device's status."""
        answer: dict[str, Any] = {
            "batteryPercentage": shadow.battery,
            "batteryVoltage": shadow.voltage,
            "position": shadow.position,
            **self._state(device.uuid, shadow.status),
            "timestamp": int(shadow.timestamp * (1000 if self.in_milliseconds else 1)),
        }
        if self.names_hub:
            answer["wm2State"] = device.is_online
        if self.names_rechargeable:
            answer["isRechargeBattery"] = int(device.is_rechargeable)
        return answer

    def entry(self, device: Device, entry: Entry) -> dict[str, Any]:
        """A line of a device's history."""
        milliseconds = int(entry.at * 1000)
        answer = {
            "type": int(entry.type),
            "timeStamp": milliseconds if self.in_milliseconds else float(int(entry.at)),
            "historyTag": entry.tag_base64,
            "recordID": entry.record_id,
            "parameter": None,
        }
        return {**answer, "devicePk": device.uuid} if self.names_device_pk else answer

    def _state(self, uuid: str, status: str) -> dict[str, Any]:
        wording = self.wording.get(uuid)
        if wording == "absent":
            return {}
        words = {None: status, "empty": "", "null": None, "odd": "half open"}
        return {"CHSesame2Status": words[wording]}
