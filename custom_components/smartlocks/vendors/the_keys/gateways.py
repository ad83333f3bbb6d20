"""The gateways: what all clients of one share, and how a form asks one."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from aiohttp import ClientSession
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_CODE, CONF_HOST
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey
from yarl import URL

from ... import helpers
from ...const import DOMAIN
from ...helpers import async_form_session, format_address, parse_address
from ...request_queue import RequestQueue
from ..base import FlowError, vendor_entries
from . import api
from .commands import GatewayCommands
from .const import KEY

_VERSION = 1

# So many seconds a form waits for a busy gateway.
_PATIENCE: Final = 12.0

# Refusals that end when a share has been brought to the gateway and to the lock.
_NOT_SHARED_YET: Final = (
    api.TheKeysNotSharedError,
    api.TheKeysRefusedError,
    api.TheKeysKeyUnknownError,
)

# What a form says of a read that failed, and at which field.
_MESSAGES: Final[Mapping[type[Exception], tuple[str, str]]] = {
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
class _Shared:
    """What all clients of one gateway share."""

    queue: RequestQueue
    timestamps: api.TimestampCounter


class Gateways:
    """All gateways, by address; forms and entries that mean the same one share its queue.

    A gateway takes no timestamp that is not above the last: those of gateways that are
    set up are kept over restarts.
    """

    def __init__(self, hass: HomeAssistant) -> None:
        """Know of none; what was stored is read when the first is asked for."""
        self._hass = hass
        self._store = Store[dict[str, int]](hass, _VERSION, f"{DOMAIN}.{KEY}")
        self._last: dict[str, int] | None = None
        self._shared: dict[str, _Shared] = {}

    async def async_shared(self, url: URL) -> _Shared:
        """Return what all clients of the gateway at an address share."""
        last = await self._async_load()
        address = format_address(url)
        if address not in self._shared:
            timestamps = api.TimestampCounter(
                last.get(address, 0), now=_now, reserve=partial(self._async_keep, address)
            )
            self._shared[address] = _Shared(queue=RequestQueue(), timestamps=timestamps)
        return self._shared[address]

    async def async_forget_unused(self) -> None:
        """Forget, on disk, the gateways that no entry has any more."""
        await self._store.async_save(self._worth_keeping(await self._async_load()))

    async def _async_load(self) -> dict[str, int]:
        kept = self._last
        if kept is None:
            loaded = await self._store.async_load() or {}
            # Two may have waited for it.
            kept = self._last = loaded if self._last is None else self._last
        return kept

    async def _async_keep(self, address: str, reserved_until: int) -> None:
        """Save before any timestamp up to this one is used."""
        last = await self._async_load()
        last[address] = reserved_until
        # The entry of a gateway that a form is about does not exist yet.
        await self._store.async_save(self._worth_keeping(last) | {address: reserved_until})

    @callback
    def _worth_keeping(self, last: dict[str, int]) -> dict[str, int]:
        used = {address_of(entry) for entry in vendor_entries(self._hass, KEY)}
        return {address: stamp for address, stamp in last.items() if address in used}


_GATEWAYS: HassKey[Gateways] = HassKey(f"{DOMAIN}_{KEY}_gateways")


async def async_client(hass: HomeAssistant, url: URL, session: ClientSession) -> api.Gateway:
    """Return a client of the gateway at an address; all of one gateway take turns."""
    shared = await _gateways(hass).async_shared(url)
    return api.Gateway(session, url, queue=shared.queue, timestamps=shared.timestamps)


async def async_forget(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Forget the gateway of an entry that was removed."""
    await _gateways(hass).async_forget_unused()


def address_of(entry: ConfigEntry[Any]) -> str:
    """Return the address of an entry's gateway, written in the one way we write it."""
    return format_address(parse_address(entry.data[CONF_HOST]))


@callback
def _gateways(hass: HomeAssistant) -> Gateways:
    if _GATEWAYS not in hass.data:
        hass.data[_GATEWAYS] = Gateways(hass)
    return hass.data[_GATEWAYS]


def _now() -> float:
    return dt_util.utcnow().timestamp()


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    """A gateway as a form asks it; failures are raised as FlowError."""

    host: str
    commands: GatewayCommands

    async def async_list(self, *, field: str = "base") -> Mapping[int, api.Locker]:
        """Return the locks that the gateway sees, by identifier; `field` is where errors stand."""
        try:
            return await self.commands.async_list()
        except api.TheKeysBusyError as err:
            raise FlowError("the_keys_busy") from err
        except api.TheKeysConnectionError as err:
            raise FlowError("the_keys_unreachable", field=field) from err
        except api.TheKeysError as err:
            raise FlowError("the_keys_not_a_gateway", field=field) from err

    async def async_check_code(self, identifier: int, code: str, name: str) -> None:
        """See that a lock answers to its code."""
        try:
            await self.async_read(identifier, code)
        except api.TheKeysError as err:
            kind = next(kind for kind in type(err).__mro__ if kind in _MESSAGES)
            key, field = _MESSAGES[kind]
            raise FlowError(key, field=field, lock=name) from err

    async def async_refusal(self, identifier: int, code: str, name: str) -> FlowError | None:
        """Return why a lock does not answer to its code; None if it does."""
        try:
            await self.async_check_code(identifier, code, name)
        except FlowError as err:
            return err
        return None

    async def async_read(self, identifier: int, code: str) -> None:
        """Ask a lock for its status; TheKeysError."""
        await self.commands.async_read(
            identifier, code, patience=_PATIENCE, is_routine=False, is_urgent=True
        )

    async def async_distribute(self, identifiers: Iterable[int]) -> None:
        """Have new shares brought to the gateway, and by it to the locks.

        What fails here shows when the locks are asked.
        """
        with suppress(api.TheKeysError):
            await self.commands.async_synchronize(until=helpers.monotonic() + _PATIENCE)
        for identifier in identifiers:
            with suppress(api.TheKeysError):
                await self.commands.async_synchronize_lock(identifier)


def is_not_shared_yet(refusal: FlowError | None) -> bool:
    """Return whether bringing a share to gateway and lock may end a refusal."""
    return refusal is not None and isinstance(refusal.__cause__, _NOT_SHARED_YET)


async def async_follow_timestamps(
    hass: HomeAssistant, entry: ConfigEntry[Any], visit: Visit
) -> None:
    """Go on after the timestamps that an entry's gateway was sent at its other address."""
    shared = await _gateways(hass).async_shared(parse_address(entry.data[CONF_HOST]))
    visit.commands.gateway.timestamps.follow(shared.timestamps)


@asynccontextmanager
async def async_visit(hass: HomeAssistant, host: str) -> AsyncIterator[Visit]:
    """Give the gateway at an address for as long as a form is checked; FlowError for none."""
    try:
        url = parse_address(host)
    except ValueError as err:
        raise FlowError("not_an_address", field=CONF_HOST) from err
    async with async_form_session(hass) as session:
        gateway = await async_client(hass, url, session)
        yield Visit(host=format_address(url), commands=GatewayCommands(hass, gateway))
