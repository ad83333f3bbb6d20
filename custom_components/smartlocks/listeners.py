"""Whom a change concerns: entities are told of their own device's fields, and of no other."""

from collections.abc import Collection
from dataclasses import dataclass

from homeassistant.core import CALLBACK_TYPE, callback

from .const import LOGGER


@dataclass(frozen=True, kw_only=True, slots=True)
class Interest:
    """What a listener is told of: these fields, or all (None), of a device, or of all (None).

    Who is interested in one device is told that it is out of reach, or back, too.
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
    def async_tell(
        self, device_id: str, changed: Collection[str], *, has_turned: bool = False
    ) -> None:
        """Tell whom it concerns that fields of a device have changed.

        If it `has_turned`, to out of reach or back, all who are interested in it are told;
        those that follow fields of all devices learn nothing from that.
        """
        of_device, of_all = self._of.get(device_id, {}), self._of.get(None, {})
        concerned = [
            listener
            for listener, fields in of_device.values()
            if has_turned or fields is None or not fields.isdisjoint(changed)
        ]
        concerned += [
            listener
            for listener, fields in of_all.values()
            if fields is None or not fields.isdisjoint(changed)
        ]
        for listener in concerned:
            try:
                listener()
            except Exception:  # noqa: BLE001 - the others must be told nevertheless
                LOGGER.exception("An entity could not be updated")
