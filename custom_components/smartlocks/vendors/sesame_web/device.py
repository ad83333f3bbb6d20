"""A device of the account, as a person has added it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentry

from ...models import Action, Activity, Feature, HubFeature, HubSnapshot, LockSnapshot
from .api import PRODUCTS, Kind, Product
from .const import CONF_PRODUCT, CONF_SECRET, CONF_UUID, KEY, MANUFACTURER

# The models that can be added, by the vendor's word for each.
USABLE: Final[Mapping[str, Product]] = {
    product.model: product for product in PRODUCTS.values() if product.kind is not None
}

_MEASURED: Final = (
    Feature.BATTERY
    | Feature.VOLTAGE
    | Feature.POSITION
    | Feature.CONNECTIVITY
    | Feature.LAST_CHANGE
)
_FEATURES: Final[Mapping[Kind, Feature]] = {
    Kind.LOCK: _MEASURED | Feature.BOLT,
    Kind.BOT: _MEASURED,
    Kind.BIKE: _MEASURED | Feature.BOLT,
}
_COMMANDS: Final[Mapping[Kind, frozenset[Action]]] = {
    Kind.LOCK: frozenset({Action.LOCK, Action.UNLOCK}),
    Kind.BOT: frozenset({Action.PRESS}),
    Kind.BIKE: frozenset({Action.UNLOCK}),
}
_OF_A_BOLT: Final = frozenset(
    {Activity.LOCKED, Activity.UNLOCKED, Activity.JAMMED, Activity.CHANGED}
)
_ACTIVITIES: Final[Mapping[Kind, frozenset[Activity]]] = {
    Kind.LOCK: _OF_A_BOLT | {Activity.DOOR_OPENED, Activity.DOOR_CLOSED},
    Kind.BOT: frozenset({Activity.PRESSED, Activity.JAMMED}),
    Kind.BIKE: _OF_A_BOLT,
}


# Devices that were added keep their model, whatever the list above says later.
_PRODUCTS: Final[Mapping[str, Product]] = {product.model: product for product in PRODUCTS.values()}


@dataclass(frozen=True, kw_only=True, slots=True)
class Device:
    """One device; without a `secret` it can be read and not commanded."""

    uuid: str
    name: str
    product: Product
    kind: Kind
    secret: str | None = field(repr=False)
    subentry_id: str

    @classmethod
    def of(cls, subentry: ConfigSubentry) -> Device:
        """Return the device of a subentry."""
        product = _PRODUCTS[subentry.data[CONF_PRODUCT]]
        return cls(
            uuid=subentry.data[CONF_UUID],
            name=subentry.title,
            product=product,
            kind=product.kind or Kind.LOCK,
            secret=subentry.data.get(CONF_SECRET),
            subentry_id=subentry.subentry_id,
        )

    def snapshot(self, *, has_history: bool) -> LockSnapshot:
        """Return the device when nothing is known of it yet."""
        commands = _COMMANDS[self.kind] if self.secret is not None else frozenset()
        return LockSnapshot(
            id=self.uuid,
            name=self.name,
            manufacturer=MANUFACTURER,
            model=self.product.name,
            subentry_id=self.subentry_id,
            features=_FEATURES[self.kind],
            actions=commands | {Action.REFRESH},
            activities=_ACTIVITIES[self.kind] if has_history else frozenset(),
        )


def devices_of(entry: ConfigEntry[Any]) -> dict[str, Device]:
    """Return the devices of an account by UUID."""
    devices = [Device.of(subentry) for subentry in entry.subentries.values()]
    return {device.uuid: device for device in devices}


def account_snapshot(entry: ConfigEntry[Any]) -> HubSnapshot:
    """Return the account."""
    return HubSnapshot(
        id=(entry.unique_id or entry.entry_id).removeprefix(f"{KEY}_"),
        name=entry.title,
        manufacturer=MANUFACTURER,
        model="Web API",
        is_service=True,
        features=HubFeature.CONNECTIVITY | HubFeature.CALLS,
        actions=frozenset({Action.REFRESH}),
    )
