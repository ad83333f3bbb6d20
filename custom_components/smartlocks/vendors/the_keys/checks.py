"""What must be true before a lock is added: each failure told by its own sentence."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Final

from homeassistant.const import CONF_CODE, CONF_HOST
from homeassistant.core import HomeAssistant

from ...helpers import async_pause, format_address, parse_address
from ..base import FlowError
from . import api
from .commander import Commander
from .stations import Station, async_station

# A form does not wait as long as a person at the door.
_PATIENCE: Final = 2

_SENTENCES: Mapping[type[api.TheKeysError], tuple[str, str]] = {
    api.TheKeysNotSharedError: ("the_keys_not_shared", CONF_CODE),
    api.TheKeysRefusedError: ("the_keys_code_refused", CONF_CODE),
    api.TheKeysClockError: ("the_keys_clock", "base"),
    api.TheKeysKeyUnknownError: ("the_keys_key_unknown", "base"),
    api.TheKeysNotDetectedError: ("the_keys_not_detected", "base"),
    api.TheKeysNotCompatibleError: ("the_keys_not_compatible", "base"),
    api.TheKeysBusyError: ("the_keys_busy", "base"),
    api.TheKeysConnectionError: ("the_keys_unreachable", "base"),
    api.TheKeysError: ("the_keys_failed", "base"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class SeenGateway:
    """A gateway that has answered at this address, and the locks it sees, by identifier."""

    host: str
    station: Station
    lockers: Mapping[int, api.Locker]


async def async_see_gateway(hass: HomeAssistant, host: str) -> SeenGateway:
    """Go to a gateway and look at its list; FlowError otherwise."""
    try:
        url = parse_address(host)
    except ValueError as err:
        raise FlowError("not_an_address", field=CONF_HOST) from err
    station = await async_station(hass, url)
    try:
        lockers = await station.gateway.lockers()
    except api.TheKeysBusyError as err:
        raise FlowError("the_keys_busy") from err
    except api.TheKeysConnectionError as err:
        raise FlowError("the_keys_unreachable", field=CONF_HOST) from err
    except api.TheKeysError as err:
        raise FlowError("the_keys_not_a_gateway", field=CONF_HOST) from err
    return SeenGateway(
        host=format_address(url),
        station=station,
        lockers={locker.identifier: locker for locker in lockers},
    )


def check_seen(gateway: SeenGateway, identifier: int, name: str) -> None:
    """See that the gateway sees a lock; FlowError otherwise."""
    if identifier not in gateway.lockers:
        raise FlowError("the_keys_not_seen", lock=name)


async def async_spread(hass: HomeAssistant, gateway: SeenGateway, identifiers: list[int]) -> None:
    """Have new shares brought to the gateway, and by it to the locks; what fails shows later."""
    commander = _commander(hass, gateway)
    with suppress(api.TheKeysError):
        await commander.synchronize(patience=_PATIENCE)
    for identifier in identifiers:
        with suppress(api.TheKeysError):
            await commander.synchronize_lock(identifier)


async def async_check_code(
    hass: HomeAssistant, gateway: SeenGateway, identifier: int, code: str, name: str
) -> None:
    """See that a lock answers to its code; FlowError otherwise."""

    async def read() -> api.LockerStatus:
        return await gateway.station.gateway.locker_status(identifier, code, urgent=True)

    try:
        await _commander(hass, gateway).ask(identifier, read, patience=_PATIENCE)
    except api.TheKeysError as err:
        kind = next(kind for kind in type(err).__mro__ if kind in _SENTENCES)
        key, field = _SENTENCES[kind]
        raise FlowError(key, field=field, lock=name) from err


def _commander(hass: HomeAssistant, gateway: SeenGateway) -> Commander:
    return Commander(gateway.station, partial(async_pause, hass))
