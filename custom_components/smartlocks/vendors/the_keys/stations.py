"""What there is once for each gateway: its queue, and the last timestamp it was sent."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_HOST
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey
from yarl import URL

from ...const import DOMAIN
from ...helpers import format_address, parse_address
from ...request_queue import RequestQueue
from ..base import vendor_entries
from . import api
from .const import KEY

_VERSION = 1
_SAVE_DELAY = 10.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Station:
    """A gateway, and the counter of the timestamps it is sent."""

    gateway: api.Gateway
    timestamps: api.TimestampCounter


class Stations:
    """All gateways, by address; forms and entries that mean the same one share it.

    A gateway takes no timestamp that is not above the last: those of gateways that are
    set up are kept over restarts.
    """

    def __init__(self, hass: HomeAssistant) -> None:
        """Know of none; what was kept is read when the first is asked for."""
        self._hass = hass
        self._store = Store[dict[str, int]](hass, _VERSION, f"{DOMAIN}.{KEY}")
        self._last: dict[str, int] | None = None
        self._stations: dict[str, Station] = {}

    async def async_at(self, url: URL) -> Station:
        """Return the gateway at an address."""
        last = await self._async_load()
        address = format_address(url)
        if address not in self._stations:
            timestamps = api.TimestampCounter(
                last.get(address, 0), now=_now, reserve=partial(self._async_keep, address)
            )
            gateway = api.Gateway(
                async_get_clientsession(self._hass),
                url,
                queue=RequestQueue(),
                timestamps=timestamps,
            )
            self._stations[address] = Station(gateway=gateway, timestamps=timestamps)
        return self._stations[address]

    async def async_tidy(self) -> None:
        """Forget, on disk, the gateways nobody uses any more; their queues stay."""
        await self._async_load()
        self._async_save_soon()

    async def _async_load(self) -> dict[str, int]:
        kept = self._last
        if kept is None:
            loaded = await self._store.async_load() or {}
            # Two may have waited for it.
            kept = self._last = loaded if self._last is None else self._last
        return kept

    async def _async_keep(self, address: str, reserved_until: int) -> None:
        """Save before any timestamp up to this one is used."""
        if self._last is not None:
            self._last[address] = reserved_until
            # All of them: the entry of a gateway that a form is about does not exist yet.
            await self._store.async_save(dict(self._last))

    @callback
    def _async_save_soon(self) -> None:
        self._store.async_delay_save(self._worth_keeping, _SAVE_DELAY)

    @callback
    def _worth_keeping(self) -> dict[str, int]:
        used = {
            format_address(parse_address(entry.data[CONF_HOST]))
            for entry in vendor_entries(self._hass, KEY)
        }
        return {address: last for address, last in (self._last or {}).items() if address in used}


def _now() -> float:
    return dt_util.utcnow().timestamp()


_STATIONS: HassKey[Stations] = HassKey(f"{DOMAIN}_{KEY}_stations")


async def async_station(hass: HomeAssistant, url: URL) -> Station:
    """Return the gateway at an address, the same for forms and entries."""
    return await _stations(hass).async_at(url)


async def async_forget(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Forget the gateway of an entry that was removed."""
    await _stations(hass).async_tidy()


@callback
def _stations(hass: HomeAssistant) -> Stations:
    if _STATIONS not in hass.data:
        hass.data[_STATIONS] = Stations(hass)
    return hass.data[_STATIONS]
