"""A device: its model, its bolt and battery, its history, and its record in the cloud."""

from base64 import b64encode
from dataclasses import dataclass, field, replace
from enum import IntEnum

from tests.simulators.base import Bolt

LOCK, UNLOCK, TOGGLE, CLICK = 82, 83, 88, 89
SCRIPTS = range(170, 180)

MAX_TAG = 21
MAX_PAGE = 50

STATUS: dict[Bolt, str] = {"locked": "locked", "unlocked": "unlocked", "unknown": "moved"}
# 1024 is a full turn.
POSITION: dict[Bolt, int] = {"locked": 11, "unlocked": 267, "unknown": 139}

SESAME_5 = "5E5A0005-0B1E-4C57-8D3A-9F62E1A7C505"
SESAME_4 = "5E5A0004-0B1E-4C57-8D3A-9F62E1A7C404"
BOT = "5E5A0011-0B1E-4C57-8D3A-9F62E1A7C011"
BIKE = "5E5A0006-0B1E-4C57-8D3A-9F62E1A7C606"

# Made up: 16 bytes as hex, as the developer page shows them.
SECRETS = {
    SESAME_5: "fbe05e5a3e0f9d2c4b6a87f1fb3ed205",
    SESAME_4: "fbe04e4a2d7c8b1f5a3970e6fb3ed204",
    BOT: "fbe0b07a1c6e7d3b9f2851d4fb3ed211",
    BIKE: "fbe0b1c45f4d6e2a8c1740b3fb3ed206",
}

# A lock that is added later, and its secret.
SPARE = "5E5A0007-0B1E-4C57-8D3A-9F62E1A7C707"
SPARE_SECRET = "fbe05a7e6b1d9c3f2e4a80c7fb3ed207"

# How the vendor's own business page signs a history entry: a type, then a user's id.
_USER_TAG = bytes.fromhex("000c5e5abbbb0b1e4c578d3a9f62e1a7cbbb")


@dataclass(frozen=True, kw_only=True, slots=True)
class Model:
    """A kind of device: its number in share links, and the commands it obeys."""

    key: str
    number: int
    commands: frozenset[int]

    @property
    def is_lock(self) -> bool:
        """Whether it can be told to lock."""
        return LOCK in self.commands

    @property
    def has_short_key(self) -> bool:
        """Whether its share link holds 39 bytes; those of numbers below 5 hold 99."""
        return self.number >= 5


_LOCK = frozenset({LOCK, UNLOCK, TOGGLE})
_BOT = frozenset({CLICK, *SCRIPTS})

MODELS = {
    model.key: model
    for model in (
        Model(key="sesame_2", number=0, commands=_LOCK),
        Model(key="ssmbot_1", number=2, commands=frozenset({CLICK})),
        Model(key="sesame_4", number=4, commands=_LOCK),
        Model(key="sesame_5", number=5, commands=_LOCK),
        Model(key="bike_2", number=6, commands=frozenset({UNLOCK})),
        Model(key="sesame_5_pro", number=7, commands=_LOCK),
        Model(key="BLE_Connector_1", number=11, commands=_LOCK),
        Model(key="sesame_5_us", number=16, commands=_LOCK),
        Model(key="bot_2", number=17, commands=_BOT),
        Model(key="sesame_6_pro", number=21, commands=_LOCK),
        Model(key="bike_3", number=33, commands=frozenset({UNLOCK})),
        Model(key="bot_3", number=35, commands=_BOT),
    )
}


class EntryType(IntEnum):
    """The types of history entry that the simulator writes itself."""

    BLE_LOCK = 1
    BLE_UNLOCK = 2
    AUTO_LOCK = 6
    MANUAL_LOCKED = 7
    MANUAL_UNLOCKED = 8
    MANUAL_ELSE = 9
    DRIVE_LOCKED = 10
    DRIVE_UNLOCKED = 11
    DRIVE_FAILED = 12
    WEB_LOCK = 16
    WEB_UNLOCK = 17
    WEB_CLICK = 20
    DRIVE_CLICK = 21


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One entry of the history; `type` may be a number nobody has explained."""

    record_id: int
    type: int
    at: float
    tag: bytes | None

    @property
    def tag_base64(self) -> str | None:
        """The tag as the cloud sends it."""
        return None if self.tag is None else b64encode(self.tag).decode()


@dataclass(kw_only=True, slots=True)
class History:
    """The entries, oldest first; the cloud has the first `uploaded` of them."""

    entries: list[Entry] = field(default_factory=list)
    uploaded: int = 0
    last_id: int = 0

    def add(self, kind: int, at: float, tag: bytes | None = None) -> None:
        """Write an entry; a tag is cut to 21 bytes."""
        # Ids are unique until a restart, yet not continuous.
        self.last_id += 2 if self.last_id % 5 == 4 else 1
        cut = None if tag is None else tag[:MAX_TAG]
        self.entries.append(Entry(record_id=self.last_id, type=kind, at=at, tag=cut))

    def restart(self) -> None:
        """Start the ids anew, as after a loss of power; the entries stay."""
        self.last_id = 0

    def page(self, number: int, length: int) -> list[Entry]:
        """Return a page of the cloud's entries, newest first; pages count from 0."""
        length = min(max(length, 0), MAX_PAGE)
        return self.entries[: self.uploaded][::-1][number * length : (number + 1) * length]


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """What the cloud was told last; `timestamp` is when it last changed, in unix seconds."""

    status: str
    position: int
    battery: int
    voltage: float
    timestamp: float


@dataclass(kw_only=True)
class Device:
    """The real device; `record` is what the cloud has of it, None if it was never online.

    `autolock`, `status_lag` and `history_lag` are in seconds of the real device; the lags
    are how long the cloud is behind. `is_online` is whether its hub is,
    `is_online_in_cloud` what the cloud says about that. `clock_offset` is how many seconds
    the device's clock is ahead.
    """

    uuid: str
    name: str
    model: Model
    secret: bytes
    bolt: Bolt = "locked"
    battery: int = 94
    voltage: float = 5.87
    is_rechargeable: bool = False
    is_online: bool = True
    is_online_in_cloud: bool = True
    is_jammed: bool = False
    ignores_commands: bool = False
    autolock: float | None = None
    status_lag: float = 0.0
    history_lag: float = 0.0
    clock_offset: float = 0.0
    clicks: int = 0
    history: History = field(default_factory=History)
    record: Record | None = None
    reports: int = 0
    published: int = 0

    def state(self, now: float) -> Record:
        """Return the device's state as it would tell it to the cloud now."""
        return Record(
            status=STATUS[self.bolt],
            position=POSITION[self.bolt],
            battery=self.battery,
            voltage=self.voltage,
            timestamp=now,
        )

    def publish(self, news: Record, number: int) -> None:
        """Let the cloud know a state; its timestamp changes only when something else does.

        Reports are numbered, so that an old one that comes late changes nothing.
        """
        if number < self.published:
            return
        self.published = number
        before = self.record
        self.is_online_in_cloud = self.is_online
        if before is None or replace(before, timestamp=news.timestamp) != news:
            self.record = news

    def upload(self, entries: int) -> None:
        """Let the cloud know the first so many entries of the history."""
        self.history.uploaded = max(self.history.uploaded, entries)


def default_devices(now: float) -> list[Device]:
    """Return a Sesame 5 with a history, a Sesame 4, a Bot and a Bike, all reported before."""
    devices = [
        _device(SESAME_5, "Front door", "sesame_5"),
        _device(SESAME_4, "Back door", "sesame_4"),
        _device(BOT, "Garage button", "bot_2"),
        _device(BIKE, "Bicycle", "bike_2"),
    ]
    _write_history(devices[0].history, now - 600)
    for device in devices:
        device.publish(device.state(now - 600), 0)
        device.upload(len(device.history.entries))
    return devices


def _device(uuid: str, name: str, model: str) -> Device:
    return Device(uuid=uuid, name=name, model=MODELS[model], secret=bytes.fromhex(SECRETS[uuid]))


def _write_history(history: History, at: float) -> None:
    history.add(EntryType.BLE_UNLOCK, at - 300, b"Robin")
    history.add(EntryType.DRIVE_UNLOCKED, at - 298)
    history.add(EntryType.WEB_LOCK, at - 2, _USER_TAG)
    history.add(EntryType.DRIVE_LOCKED, at)
