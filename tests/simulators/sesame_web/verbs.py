"""The verbs only this cloud knows."""

from base64 import b64decode
from collections.abc import Callable
from typing import Any, Literal

from tests.simulators.base import verb

from .device import Device
from .dialect import Endpoint, Wording, malformed
from .endpoints import Endpoints
from .hub import Hub
from .log import MAX_TAG
from .models import MODELS
from .share import Form, share_link


class CloudVerbs:
    """What can happen to a key, its quota, its devices and the cloud's manners."""

    cloud: Endpoints
    hub: Hub
    clock: Callable[[], float]

    @verb
    def add_device(self, model: str, name: str, uuid: str, secret: str) -> None:
        """Register one more device: a model of `MODELS`, an id in capitals, a secret as hex."""
        device = Device(uuid=uuid, name=name, model=MODELS[model], secret=bytes.fromhex(secret))
        device.report(self.clock())
        self.hub.devices[uuid] = device

    @verb
    def remove_device(self, lock_id: str) -> None:
        """Forget a device."""
        device = self.hub.devices.pop(lock_id)
        self.hub.motors.rest(device)

    @verb
    def list_devices(self) -> list[dict[str, Any]]:
        """Every device: id, name, model, where its bolt is, how many commands it was sent."""
        return [
            {
                "uuid": device.uuid,
                "name": device.name,
                "model": device.model.key,
                "bolt": device.bolt,
                "clicks": device.clicks,
                "commands": self.count_commands(device.uuid),
            }
            for device in self.hub.devices.values()
        ]

    @verb
    def count_commands(self, lock_id: str | None = None) -> int:
        """How many commands came for a device, obeyed or not."""
        uuid = self.hub.device(lock_id).uuid
        return sum(command.uuid == uuid for command in self.hub.received)

    @verb
    def share_link(
        self, lock_id: str | None = None, *, level: int = 0, form: Form = "quoted"
    ) -> str:
        """The app's ssm:// link of a device, for an owner (0), a manager (1) or a guest (2)."""
        return share_link(self.hub.device(lock_id), level, form)

    @verb
    def never_online(self, lock_id: str | None = None) -> None:
        """The device has never been near a hub: 500 to every question about it."""
        device = self.hub.device(lock_id)
        device.is_online, device.shadow = False, None
        device.log.uploaded = []

    @verb
    def set_battery(
        self,
        battery: int,
        *,
        voltage: float | None = None,
        rechargeable: bool | None = None,
        lock_id: str | None = None,
    ) -> None:
        """Set the charge in percent, and the voltage (V) and the kind of battery if given."""
        device = self.hub.device(lock_id)
        device.battery = battery
        device.voltage = device.voltage if voltage is None else voltage
        if rechargeable is not None:
            device.is_rechargeable = rechargeable
        device.report(self.clock())

    @verb
    def set_autolock(self, seconds: float | None, lock_id: str | None = None) -> None:
        """Lock so many seconds (of the real device) after the next unlocking; None is off."""
        self.hub.device(lock_id).autolock = seconds

    @verb
    def add_history(
        self,
        kind: int,
        *,
        text: str | None = None,
        tag: str | None = None,
        ago: float = 0.0,
        lock_id: str | None = None,
    ) -> None:
        """Write an entry of any type, with a tag as text (<= 21 bytes) or as base64, or none."""
        data = text.encode() if text is not None else None if tag is None else b64decode(tag)
        if data is not None and len(data) > MAX_TAG:
            raise ValueError(f"a tag has at most {MAX_TAG} bytes")
        device = self.hub.device(lock_id)
        device.log.add(kind, self.clock() - ago, data)
        device.report(self.clock())

    @verb
    def restart_lock(self, lock_id: str | None = None) -> None:
        """Change the batteries: the numbers of the history begin anew."""
        self.hub.device(lock_id).log.restart()

    @verb
    def word_status(self, wording: Wording | None, lock_id: str | None = None) -> None:
        """Send the status word absent, empty, null or odd; None sends it as it is."""
        uuid = self.hub.device(lock_id).uuid
        self.cloud.dialect.wording.pop(uuid, None)
        if wording is not None:
            self.cloud.dialect.wording[uuid] = wording

    @verb
    def speak(
        self,
        *,
        hub_state: bool = True,
        rechargeable: bool = True,
        device_pk: bool = False,
        milliseconds: bool = False,
    ) -> None:
        """Choose which of the undocumented fields are sent, and the unit of every time."""
        dialect = self.cloud.dialect
        dialect.names_hub, dialect.names_rechargeable = hub_state, rechargeable
        dialect.names_device_pk, dialect.in_milliseconds = device_pk, milliseconds

    @verb
    def malform(self, endpoint: Endpoint, kind: str | None) -> None:
        """Answer one endpoint with JSON that breaks the promise, or with nonsense; None ends it."""
        self.cloud.dialect.malformed.pop(endpoint, None)
        if kind is not None:
            malformed(endpoint, kind)
            self.cloud.dialect.malformed[endpoint] = kind

    @verb
    def answer_commands(
        self,
        *,
        body: Literal["status_code", "empty"] = "status_code",
        status_code: int = 200,
        offline: Literal[200, 404] = 200,
    ) -> None:
        """Choose the answer to commands; with a `status_code` other than 200 nothing moves."""
        answers = self.cloud.answers
        answers.command, answers.status_code, answers.offline = body, status_code, offline
        self.hub.refuses = status_code != 200

    @verb
    def answer_strangers(self, status: Literal[500, 404] = 500) -> None:
        """Choose the HTTP status for an id the cloud has never heard of."""
        self.cloud.answers.unknown = status

    @verb
    def tolerate(self, windows: int) -> None:
        """Take signatures so many windows of 256 seconds too old or too new."""
        self.hub.tolerance = windows

    @verb
    def set_quota(
        self, quota: int | None, *, used: int | None = None, text: str = "Limit Exceeded"
    ) -> None:
        """Set the month's calls (None: no limit), how many are used, and the text of the 429."""
        gate = self.cloud.gate
        gate.quota, gate.quota_text = quota, text
        gate.calls = gate.calls if used is None else used

    @verb
    def use_up_quota(self) -> None:
        """Nothing is left of the month's calls: 429 to everything."""
        gate = self.cloud.gate
        gate.quota = gate.calls = gate.calls if gate.quota is None else gate.quota

    @verb
    def begin_month(self) -> None:
        """The counter starts at nothing again."""
        self.cloud.gate.calls = 0

    @verb
    def exceed_plan(self, *, exceeded: bool = True) -> None:
        """The plan covers fewer doors than are asked for: 403, as for a bad key."""
        self.cloud.gate.is_over_plan = exceeded

    @verb
    def break_down(self, *, broken: bool = True) -> None:
        """Answer 500 to everything."""
        self.cloud.gate.is_down = broken
