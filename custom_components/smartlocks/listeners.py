"""Whom a change concerns: entities are told of their own device's fields, and of no other."""

from collections.abc import Collection
from dataclasses import dataclass

from homeassistant.core import CALLBACK_TYPE, callback

from .const import LOGGER


@dataclass(frozen=True, kw_only=True, slots=True)
class Interest:
    """What a listener is told of: these fields, or all (None), of a device, or of all (None).

    That a device is out of reach, or back, is told to who is interested in this one, or in
    everything.
    """

    device_id: str | None = None
    fields: frozenset[str] | None = None


class Listeners:
    """The listeners of one entry by the device they are interested in.

    A change costs no more with many locks than with one.
    """

    def __init__(self) -> None:
        """Know nobody yet."""
        self._of: dict[str | None, dict[object, tuple[CALLBACK_TYPE, frozenset[str] | None]]] = {}

    @callback
    def async_add(self, listener: CALLBACK_TYPE, interest: Interest) -> CALLBACK_TYPE:
        """Add a listener; returns the undo."""
        of_device, mark = self._of.setdefault(interest.device_id, {}), object()
        of_device[mark] = (listener, interest.fields)

        def remove() -> None:
            del of_device[mark]

        return remove

    @callback
    def async_tell(self, device_id: str, changed: Collection[str] | None = None) -> None:
        """Tell whom it concerns that fields of a device have changed, or its reach (None).

        Of the reach of one device those that follow fields of all devices learn nothing.
        """
        of_device, of_all = self._of.get(device_id, {}), self._of.get(None, {})
        concerned = [
            listener
            for listener, fields in of_device.values()
            if fields is None or changed is None or not fields.isdisjoint(changed)
        ]
        others = [
            listener
            for listener, fields in of_all.values()
            if fields is None or (changed is not None and not fields.isdisjoint(changed))
        ]
        for listener in (*concerned, *others):
            try:
                listener()
            except Exception:  # noqa: BLE001 - the others must be told nevertheless
                LOGGER.exception("An entity could not be updated")
