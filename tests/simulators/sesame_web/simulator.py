"""The simulator of the Web API: its verbs, and what a test may look at."""

from base64 import b64decode
from collections import Counter
from collections.abc import Callable
import time
from typing import Any, ClassVar, Literal, override

from yarl import URL

from tests.simulators.base import Act, Bolt, Simulator, Spare, verb

from .acts import ACTS
from .cloud import FAULTS, OTHER_API_KEY, Cloud, DeviceFault, Endpoint, Fault, StatusWord, malformed
from .crypto import Form, share_link
from .device import MAX_TAG, MODELS, SPARE, SPARE_SECRET, Device, default_devices
from .hub import BY_HAND, Command, Hub


class SesameWebSimulator(Simulator):
    """The Web API of Sesame 3 and later; a client's base URL is `cloud_url`.

    It knows one key, `API_KEY`, with 1,000 calls a month, and four devices: `SESAME_5`,
    `SESAME_4`, `BOT` and `BIKE`, with the secrets in `SECRETS`. A command is answered the
    same whatever becomes of it; `received` tells what did.
    """

    key: ClassVar[str] = "sesame_web"
    maker: ClassVar[str] = "Sesame 3 and later"
    acts: ClassVar[tuple[Act, ...]] = ACTS

    def __init__(self, *, pace: float = 1.0, clock: Callable[[], float] = time.time) -> None:
        """Make the cloud, with its default devices."""
        super().__init__(pace=pace, clock=clock)
        self.hub = Hub(pace=pace, clock=clock)
        self.hub.devices = {device.uuid: device for device in default_devices(clock())}
        self.cloud = Cloud(hub=self.hub)
        self.cloud.add_to(self.app.router)

    @override
    async def stop(self) -> None:
        await self.hub.stop()
        await super().stop()

    # What a test may look at.

    @property
    def cloud_url(self) -> URL:
        """The base URL a client is given: /api/sesame2 under the server's root."""
        return self.url / "api" / "sesame2"

    @property
    def device_ids(self) -> list[str]:
        """The ids of all devices, locks or not."""
        return list(self.hub.devices)

    @property
    @override
    def lock_ids(self) -> list[str]:
        """The ids of the devices that can be told to lock: no Bot, no Bike."""
        return [uuid for uuid, device in self.hub.devices.items() if device.model.is_lock]

    @property
    def received(self) -> list[Command]:
        """The commands that came for known devices, in order, with their outcome."""
        return self.hub.received

    @property
    def commands(self) -> Counter[str]:
        """How many commands came for each device, obeyed or not."""
        return Counter(command.uuid for command in self.received)

    @property
    def calls(self) -> int:
        """How many calls with a good key came this month."""
        return self.cloud.account.calls

    def device(self, lock_id: str | None = None) -> Device:
        """Return a device: its real state, its history, and its record in the cloud."""
        return self.hub.device(lock_id)

    @override
    def bolt(self, lock_id: str | None = None) -> Bolt:
        return self.device(lock_id).bolt

    @override
    def lock_name(self, lock_id: str) -> str:
        return self.device(lock_id).name

    @override
    async def add_spare(self, port: int = 0, cloud_port: int = 0) -> Spare:
        self.add_device("sesame_5", "Garage", SPARE, SPARE_SECRET)
        return Spare(
            enter={
                "API key of another account": OTHER_API_KEY,
                "UUID": SPARE,
                "Secret": SPARE_SECRET,
                "or its share link": self.share_link(SPARE),
            }
        )

    # The verbs every vendor knows.

    @verb
    @override
    async def turn_by_hand(self, bolt: Bolt, lock_id: str | None = None) -> None:
        """Turn a lock; "unknown" leaves it between its two ends, which the cloud calls moved."""
        if bolt not in BY_HAND:
            raise ValueError("this lock is locked, unlocked or unknown")
        self.hub.turn_by_hand(self.device(lock_id), bolt)

    @verb
    @override
    async def take_offline(self, lock_id: str | None = None) -> None:
        """The hub is gone: the last status stays, with `wm2State` false where it is sent."""
        self.hub.lose(self.device(lock_id))

    @verb
    @override
    async def bring_online(self, lock_id: str | None = None) -> None:
        """The hub is back, and what happened meanwhile comes through."""
        device = self.device(lock_id)
        device.is_online = True
        self.hub.report(device)

    @verb
    @override
    def refuse_credentials(self) -> None:
        """The key was made anew on the developer page, and the old one died: 403."""
        self.cloud.account.accepts_key = False

    @verb
    @override
    def accept_credentials(self) -> None:
        """The key is good again."""
        self.cloud.account.accepts_key = True

    @verb
    @override
    def jam(self, *, jammed: bool = True, lock_id: str | None = None) -> None:
        """Commands are answered and written down as ever, and the bolt stays where it is."""
        self.device(lock_id).is_jammed = jammed

    # The account's devices.

    @verb
    def add_device(self, model: str, name: str, uuid: str, secret: str) -> None:
        """Register one more device: a model of `MODELS`, an id in capitals, a secret as hex."""
        device = Device(uuid=uuid, name=name, model=MODELS[model], secret=bytes.fromhex(secret))
        self.hub.report(device)
        self.hub.devices[uuid] = device

    @verb
    def remove_device(self, lock_id: str) -> None:
        """Forget a device."""
        device = self.hub.devices.pop(lock_id)
        self.hub.cancel(device)
        self.hub.drop_reports(lock_id)

    @verb
    def list_devices(self) -> list[dict[str, Any]]:
        """List every device: id, name, model, its bolt, how many commands it was sent."""
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
        """Count the commands that came for a device, obeyed or not."""
        return self.commands[self.device(lock_id).uuid]

    @verb
    def share_link(
        self, lock_id: str | None = None, *, level: int = 0, form: Form = "quoted"
    ) -> str:
        """Return the ssm:// link of a device, for an owner (0), a manager (1) or a guest (2)."""
        return share_link(self.device(lock_id), level, form)

    @verb
    def change_secret(self, secret: str, lock_id: str | None = None) -> None:
        """Reset a device: from now on it obeys another secret, and the cloud does not say so."""
        self.device(lock_id).secret = bytes.fromhex(secret)

    # A device and its battery, clock and history.

    @verb
    def never_online(self, lock_id: str | None = None) -> None:
        """The device has never been near a hub: 500 to every question about it."""
        device = self.device(lock_id)
        self.hub.drop_reports(device.uuid)
        device.is_online = device.is_online_in_cloud = False
        device.record = None
        device.history.uploaded = 0

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
        device = self.device(lock_id)
        device.battery = battery
        device.voltage = device.voltage if voltage is None else voltage
        if rechargeable is not None:
            device.is_rechargeable = rechargeable
        self.hub.report(device)

    @verb
    def set_autolock(self, seconds: float | None, lock_id: str | None = None) -> None:
        """Lock so many seconds (of the real device) after the next unlocking; None is off."""
        self.device(lock_id).autolock = seconds

    @verb
    def set_clock_offset(self, seconds: float, lock_id: str | None = None) -> None:
        """Set a device's clock so many seconds ahead (negative: behind)."""
        self.device(lock_id).clock_offset = seconds

    @verb
    def ignore_commands(self, *, ignored: bool = True, lock_id: str | None = None) -> None:
        """A device does nothing with commands and writes nothing down; the answers stay."""
        self.device(lock_id).ignores_commands = ignored

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
        device = self.device(lock_id)
        device.history.add(kind, self.clock() - ago, data)
        self.hub.report(device)

    @verb
    def restart_lock(self, lock_id: str | None = None) -> None:
        """Change the batteries: the motor stops, and the history's ids begin anew."""
        device = self.device(lock_id)
        self.hub.cancel(device)
        device.history.restart()

    # The cloud's answers.

    @verb
    def delay_status(self, seconds: float, lock_id: str | None = None) -> None:
        """Show a device's changes so many seconds (of the real device) late."""
        self.device(lock_id).status_lag = seconds

    @verb
    def delay_history(self, seconds: float, lock_id: str | None = None) -> None:
        """Show the entries of a device's history so many seconds (of the real device) late."""
        self.device(lock_id).history_lag = seconds

    @verb
    def set_status_word(self, word: StatusWord | None, lock_id: str | None = None) -> None:
        """Send the status word absent, empty, null or odd; None sends it as it is."""
        uuid = self.device(lock_id).uuid
        self.cloud.format.status_words.pop(uuid, None)
        if word is not None:
            self.cloud.format.status_words[uuid] = word

    @verb
    def choose_fields(
        self,
        *,
        hub_state: bool = True,
        rechargeable: bool = True,
        device_pk: bool = False,
        milliseconds: bool = False,
        hub_state_as_number: bool = False,
    ) -> None:
        """Choose which of the undocumented fields are sent, and the unit of every time."""
        answers = self.cloud.format
        answers.has_hub_state, answers.has_rechargeable = hub_state, rechargeable
        answers.has_device_pk, answers.in_milliseconds = device_pk, milliseconds
        answers.hub_state_as_number = hub_state_as_number

    @verb
    def malform(self, endpoint: Endpoint, kind: str | None) -> None:
        """Answer one endpoint with JSON that is not as it should be, or with nonsense."""
        self.cloud.format.malformed.pop(endpoint, None)
        if kind is not None:
            malformed(endpoint, kind)
            self.cloud.format.malformed[endpoint] = kind

    @verb
    def answer_commands(
        self,
        *,
        body: Literal["status_code", "empty"] = "status_code",
        status_code: int = 200,
        moved: bool = False,
        offline: Literal[200, 404] = 200,
    ) -> None:
        """Choose the answer to commands.

        With a `status_code` other than 200 nothing moves, unless `moved` says that it does.
        """
        answers = self.cloud.format
        answers.command, answers.status_code, answers.offline = body, status_code, offline
        self.hub.refuses = status_code != 200 and not moved

    @verb
    def answer_unknown_devices(self, status: Literal[500, 404] = 500) -> None:
        """Choose the HTTP status for an id the cloud has never heard of."""
        self.cloud.format.unknown = status

    @verb
    def set_signature_tolerance(self, windows: int) -> None:
        """Accept signatures so many windows of 256 seconds too old or too new."""
        self.hub.tolerance = windows

    # Failures.

    @verb
    def fail_lock(
        self,
        lock_id: str | None,
        fault: Fault | None,
        *,
        endpoint: Endpoint | None = None,
        times: int | None = None,
    ) -> None:
        """Let the calls about one device fail while the others are answered; None ends it.

        At one endpoint or at all three, so many `times` or until it is ended.
        """
        uuid = self.device(lock_id).uuid
        self.cloud.faults.pop(uuid, None)
        if fault is None:
            return
        if fault not in FAULTS:
            raise ValueError("the fault is one of " + ", ".join(FAULTS))
        self.cloud.faults[uuid] = DeviceFault(fault=fault, endpoint=endpoint, times=times)

    @verb
    def break_down(self, *, broken: bool = True) -> None:
        """Answer 500 to everything."""
        self.cloud.account.is_down = broken

    @verb
    def set_quota(
        self, quota: int | None, *, used: int | None = None, text: str = "Limit Exceeded"
    ) -> None:
        """Set the month's calls (None: no limit), how many are used, and the text of the 429."""
        account = self.cloud.account
        account.quota, account.quota_text = quota, text
        account.calls = account.calls if used is None else used

    @verb
    def use_up_quota(self, *, status: Literal[429, 403] = 429) -> None:
        """Use up the month's calls: 429 to everything, or 403, which was seen, too."""
        account = self.cloud.account
        account.quota = account.calls = account.calls if account.quota is None else account.quota
        account.quota_status = status

    @verb
    def begin_month(self) -> None:
        """Start the month's count at zero again."""
        self.cloud.account.calls = 0

    @verb
    def exceed_plan(self, *, exceeded: bool = True) -> None:
        """The plan covers fewer doors than are asked for: 403, as for a bad key."""
        self.cloud.account.is_over_plan = exceeded
