"""The Web API's values into ours: devices, states, histories, errors, and the timing."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentry

from ...exceptions import Failure, Remedy
from ...models import (
    Action,
    Activity,
    Feature,
    HubFeature,
    HubSnapshot,
    LockSnapshot,
    LockState,
    Method,
)
from ...state_tracker import Timing
from . import api
from .const import (
    CONF_PRODUCT,
    CONF_SECRET,
    CONF_TRIGGERS,
    CONF_UUID,
    DEVELOPER_URL,
    KEY,
    MANUFACTURER,
)

# Timing.

# `poll`, `hold` and `hint_refill` follow the budget: see `timing_of`.
TIMING: Final = Timing(
    lag=30.0,
    hold=9_000.0,
    poll=3_600.0,
    looks=(),
    settle=5.0,
    command_looks=(7.0, 15.0),
    give_up=19.0,
    hint_burst=4,
    hint_refill=7_200.0,
    is_paid=True,
)


def timing_of(*, poll: float, hold: float) -> Timing:
    """Return the timing of a pace: reads for hints take from the polls, so they are as rare."""
    return replace(TIMING, poll=poll, hold=hold, hint_refill=max(TIMING.hint_refill, poll))


# Errors.

ERRORS: Final[Mapping[type[Exception], Failure]] = {
    api.ForbiddenError: Failure(key="sesame_web_forbidden", remedy=Remedy.REAUTH),
    api.QuotaError: Failure(key="sesame_web_quota"),
    api.NeverOnlineError: Failure(key="sesame_web_never_online"),
    api.ServerError: Failure(key="sesame_web_server"),
    api.NotAcceptedError: Failure(key="sesame_web_not_accepted", remedy=Remedy.GIVE_UP),
    api.CloudConnectionError: Failure(key="sesame_web_no_answer"),
    api.SesameWebError: Failure(key="sesame_web_not_understood"),
}
_NOT_FOUND: Final = Failure(key="sesame_web_not_found")


def failure_of(err: Exception) -> Failure | None:
    """Return what an error means where its class alone does not tell."""
    is_404 = isinstance(err, api.NotAcceptedError) and err.code == HTTPStatus.NOT_FOUND
    return _NOT_FOUND if is_404 else None


def was_never_sent(err: BaseException | None) -> bool:
    """Return whether a call never left, so that it cost nothing."""
    return isinstance(err, api.CloudConnectionError) and not err.may_have_arrived


# Statuses.

_STATES: Final[Mapping[api.Bolt | None, LockState]] = {
    api.Bolt.LOCKED: LockState.LOCKED,
    api.Bolt.UNLOCKED: LockState.UNLOCKED,
}


def state_of(status: api.Status) -> LockState:
    """Return where the bolt is; between its ends it is neither locked nor unlocked."""
    return _STATES.get(status.state, LockState.UNKNOWN)


def fields_of(status: api.Status) -> dict[str, Any]:
    """Return the other fields of a device's snapshot that a status tells."""
    return {
        "online": status.online,
        "battery": status.battery,
        "voltage": status.voltage,
        "position": status.position,
        "last_change": status.changed_at,
    }


# Devices.

COMMANDS: Final[Mapping[Action, api.Command]] = {
    Action.LOCK: api.Command.LOCK,
    Action.UNLOCK: api.Command.UNLOCK,
    Action.PRESS: api.Command.CLICK,
}

_MEASURED: Final = (
    Feature.BATTERY
    | Feature.VOLTAGE
    | Feature.POSITION
    | Feature.CONNECTIVITY
    | Feature.LAST_CHANGE
)
_FEATURES: Final[Mapping[api.Kind, Feature]] = {
    api.Kind.LOCK: _MEASURED | Feature.BOLT,
    api.Kind.BOT: _MEASURED,
    api.Kind.BIKE: _MEASURED | Feature.BOLT,
}
_ACTIONS: Final[Mapping[api.Kind, frozenset[Action]]] = {
    api.Kind.LOCK: frozenset({Action.LOCK, Action.UNLOCK}),
    api.Kind.BOT: frozenset({Action.PRESS}),
    api.Kind.BIKE: frozenset({Action.UNLOCK}),
}

# What a read finds, and what a history tells besides.
_OF_A_BOLT: Final = frozenset({Activity.LOCKED, Activity.UNLOCKED})
_FOUND: Final[Mapping[api.Kind, frozenset[Activity]]] = {
    api.Kind.LOCK: _OF_A_BOLT,
    api.Kind.BOT: frozenset(),
    api.Kind.BIKE: _OF_A_BOLT,
}
_TOLD: Final[Mapping[api.Kind, frozenset[Activity]]] = {
    api.Kind.LOCK: _OF_A_BOLT
    | {Activity.JAMMED, Activity.CHANGED, Activity.DOOR_OPENED, Activity.DOOR_CLOSED},
    api.Kind.BOT: frozenset({Activity.PRESSED, Activity.JAMMED}),
    api.Kind.BIKE: _OF_A_BOLT | {Activity.JAMMED, Activity.CHANGED},
}

# Every product by the vendor's word for it, and those that can be added. A device that
# was added keeps its product, whatever the vendor's list says later.
_PRODUCTS: Final[Mapping[str, api.Product]] = {
    product.model: product for product in api.PRODUCTS.values()
}
USABLE_PRODUCTS: Final[Mapping[str, api.Product]] = {
    model: product for model, product in _PRODUCTS.items() if product.kind is not None
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Device:
    """A device as a person has added it; without a `secret` it can be read, not commanded.

    It is read when one of its `triggers` (entity ids) changes.
    """

    uuid: str
    name: str
    product: api.Product
    kind: api.Kind
    secret: str | None = field(repr=False)
    triggers: tuple[str, ...]
    subentry_id: str

    @classmethod
    def of(cls, subentry: ConfigSubentry) -> Device:
        """Return the device of a subentry."""
        product = _PRODUCTS[subentry.data[CONF_PRODUCT]]
        return cls(
            uuid=subentry.data[CONF_UUID],
            name=subentry.title,
            product=product,
            kind=product.kind or api.Kind.LOCK,
            secret=subentry.data.get(CONF_SECRET),
            triggers=tuple(subentry.data.get(CONF_TRIGGERS, ())),
            subentry_id=subentry.subentry_id,
        )

    def snapshot(self, *, has_history: bool) -> LockSnapshot:
        """Return the device when nothing is known of it yet."""
        actions = _ACTIONS[self.kind] if self.secret is not None else frozenset()
        return LockSnapshot(
            id=self.uuid,
            name=self.name,
            manufacturer=MANUFACTURER,
            model=self.product.name,
            url=DEVELOPER_URL,
            subentry_id=self.subentry_id,
            features=_FEATURES[self.kind] | (Feature.WHO if has_history else Feature.NONE),
            actions=actions | {Action.REFRESH},
            activities=(_TOLD if has_history else _FOUND)[self.kind],
        )


def devices_of(entry: ConfigEntry[Any]) -> dict[str, Device]:
    """Return the devices of an account by UUID."""
    devices = [Device.of(subentry) for subentry in entry.subentries.values()]
    return {device.uuid: device for device in devices}


def account_snapshot(entry: ConfigEntry[Any]) -> HubSnapshot:
    """Return the account when nothing is known of it yet."""
    return HubSnapshot(
        id=(entry.unique_id or entry.entry_id).removeprefix(f"{KEY}_"),
        name=entry.title,
        manufacturer=MANUFACTURER,
        model="Web API",
        url=DEVELOPER_URL,
        is_service=True,
        features=HubFeature.CONNECTIVITY | HubFeature.CALLS,
        actions=frozenset({Action.REFRESH}),
    )


# Histories.

# Entries that say that something was done, and how.
CAUSES: Final[Mapping[api.HistoryKind | None, tuple[Activity, Method]]] = {
    api.HistoryKind.BLE_LOCK: (Activity.LOCKED, Method.APP),
    api.HistoryKind.BLE_UNLOCK: (Activity.UNLOCKED, Method.APP),
    api.HistoryKind.AUTO_LOCK: (Activity.LOCKED, Method.AUTOMATIC),
    api.HistoryKind.MANUAL_LOCKED: (Activity.LOCKED, Method.MANUAL),
    api.HistoryKind.MANUAL_UNLOCKED: (Activity.UNLOCKED, Method.MANUAL),
    api.HistoryKind.MANUAL_ELSE: (Activity.CHANGED, Method.MANUAL),
    api.HistoryKind.WM2_LOCK: (Activity.LOCKED, Method.REMOTE),
    api.HistoryKind.WM2_UNLOCK: (Activity.UNLOCKED, Method.REMOTE),
    api.HistoryKind.WEB_LOCK: (Activity.LOCKED, Method.REMOTE),
    api.HistoryKind.WEB_UNLOCK: (Activity.UNLOCKED, Method.REMOTE),
    api.HistoryKind.BLE_CLICK: (Activity.PRESSED, Method.APP),
    api.HistoryKind.WM2_CLICK: (Activity.PRESSED, Method.REMOTE),
    api.HistoryKind.WEB_CLICK: (Activity.PRESSED, Method.REMOTE),
    api.HistoryKind.MANUAL_CLICK: (Activity.PRESSED, Method.MANUAL),
}

# Entries of the door's own sensor, which has nothing to do with the bolt.
DOORS: Final[Mapping[api.HistoryKind | None, Activity]] = {
    api.HistoryKind.DOOR_OPEN: Activity.DOOR_OPENED,
    api.HistoryKind.DOOR_CLOSED: Activity.DOOR_CLOSED,
}

# Entries that say how the motor ended what was begun.
RESULTS: Final[Mapping[api.HistoryKind | None, Activity]] = {
    api.HistoryKind.DRIVE_LOCKED: Activity.LOCKED,
    api.HistoryKind.DRIVE_UNLOCKED: Activity.UNLOCKED,
    api.HistoryKind.DRIVE_CLICK: Activity.PRESSED,
    api.HistoryKind.DRIVE_FAILED: Activity.JAMMED,
}

# Where an activity leaves the bolt.
BOLT_AFTER: Final[Mapping[Activity, LockState]] = {
    Activity.LOCKED: LockState.LOCKED,
    Activity.UNLOCKED: LockState.UNLOCKED,
}
