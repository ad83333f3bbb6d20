"""Set up an account of the first generation by its API key, and its options."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from itertools import chain, count
from typing import Any, Final, override

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.const import CONF_API_KEY
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    TextSelector,
    TextSelectorConfig,
)
import voluptuous as vol

from ...const import CONF_IDS
from ..base import (
    Account,
    Answers,
    EntryUpdate,
    FlowAbort,
    FlowError,
    Form,
    Later,
    Menu,
    Outcome,
    Page,
    VendorFlow,
    options_form,
    vendor_entries,
)
from ..schemas import API_KEY, push_fields, read_push_fields
from . import api
from .const import CONF_LOCKS, CONF_POLL_SECONDS, DASHBOARD_URL, KEY
from .mapping import TIMING, lock_name, locks_to_store
from .rate_limit import async_cloud
from .yaml import async_yaml_keys

CONF_HOOK: Final = "webhook_address"

# Only so many locks are asked whether they are switched on: each takes a second.
_CHECKED_AT_MOST: Final = 5

_MESSAGES: Final[Mapping[type[api.SesameV3Error], str]] = {
    api.BlockedError: "sesame_v3_blocked",
    api.ThrottledError: "sesame_v3_throttled",
    api.CloudConnectionError: "sesame_v3_no_answer",
    api.ServerError: "sesame_v3_server",
    api.SesameV3Error: "sesame_v3_not_understood",
}

# To be copied: whole. In a field that is read only, browsers let nobody select the text.
_ADDRESS: Final = TextSelector(TextSelectorConfig(multiline=True))

OPTIONS: Final = vol.Schema(
    {
        vol.Required(CONF_POLL_SECONDS, default=int(TIMING.poll)): NumberSelector(
            NumberSelectorConfig(
                min=TIMING.poll,
                max=600,
                step=1,
                mode=NumberSelectorMode.BOX,
                unit_of_measurement="s",
            )
        ),
        **push_fields(),
    }
)


class SesameV3Flow(VendorFlow):
    """The forms of an account: its key is checked by asking for its locks."""

    configured = "sesame_v3_configured"

    @override
    def start(self) -> Later:
        return Later(step_id=KEY, open=self._async_start)

    async def _async_start(self) -> Page:
        """Ask for a key; offer the one in configuration.yaml, if there is a new one."""
        form = self._key_form(KEY, self._async_add)
        known = {entry.data[CONF_API_KEY] for entry in vendor_entries(self.context.hass, KEY)}
        keys = [key for key in await async_yaml_keys(self.context.hass) if key not in known]
        if not keys:
            return form

        async def submit(_: Answers) -> Outcome:
            try:
                return await self._async_add({CONF_API_KEY: keys[0]}, note=f"{KEY}_from_yaml")
            except FlowError as err:
                # There is no field that the message could stand at.
                raise FlowError(err.key, **err.placeholders) from err

        from_yaml = Form(step_id=f"{KEY}_yaml", schema=vol.Schema({}), submit=submit)
        return Menu(step_id=f"{KEY}_start", pages=(from_yaml, form))

    @override
    async def reauth(self, entry: ConfigEntry[Any]) -> Page:
        return self._key_form(f"{KEY}_key", partial(self._async_change, entry))

    @override
    async def reconfigure(self, entry: ConfigEntry[Any]) -> Page:
        return self._key_form(f"{KEY}_key", partial(self._async_change, entry))

    @override
    async def options(self, entry: ConfigEntry[Any]) -> Page:
        hook = _hook(entry)
        address = {} if hook is None else {vol.Optional(CONF_HOOK, default=hook): _ADDRESS}
        return options_form(
            f"{KEY}_options",
            vol.Schema({**address, **OPTIONS.schema}),
            _read_options,
            entry.options,
            url=DASHBOARD_URL,
        )

    def _key_form(self, step_id: str, submit: Callable[[Answers], Awaitable[Outcome]]) -> Form:
        return Form(
            step_id=step_id, schema=API_KEY, placeholders={"url": DASHBOARD_URL}, submit=submit
        )

    async def _async_add(self, answers: Answers, note: str = f"{KEY}_webhook") -> Outcome:
        key = answers[CONF_API_KEY].strip()
        locks = await _async_check(async_cloud(self.context.hass, key))
        ids = frozenset(lock.device_id for lock in locks)
        return Account(
            vendor=KEY,
            unique_id=self._free_id(min(ids)),
            title=self.context.free_title("SESAME account"),
            ids=ids,
            data={CONF_API_KEY: key, CONF_LOCKS: locks_to_store(locks)},
            note=note,
        )

    def _free_id(self, lock_id: str) -> str:
        """Return what the account is known by: a lock, since the cloud names no account.

        With a number where another account is known by it, which has it no more.
        """
        taken = {entry.unique_id for entry in vendor_entries(self.context.hass, KEY)}
        numbered = (f"account_{lock_id}_{number}" for number in count(2))
        names = chain((f"account_{lock_id}",), numbered)
        return next(name for name in names if f"{KEY}_{name}" not in taken)

    async def _async_change(self, entry: ConfigEntry[Any], answers: Answers) -> Outcome:
        key = answers[CONF_API_KEY].strip()
        locks = await _async_check(async_cloud(self.context.hass, key))
        ids = frozenset(lock.device_id for lock in locks)
        if ids.isdisjoint(entry.data[CONF_IDS]):
            raise FlowAbort("sesame_v3_other_account", name=entry.title)
        # New ones come with the next list, unless another account still has them.
        return EntryUpdate(data={CONF_API_KEY: key})


async def _async_check(cloud: api.Cloud) -> tuple[api.Lock, ...]:
    """Return the locks of an account, at least one of which can be used; FlowError otherwise."""
    try:
        locks = await cloud.locks(urgent=True)
        if not locks:
            raise FlowError("sesame_v3_no_locks")
        if not await _is_any_on(cloud, locks[:_CHECKED_AT_MOST]):
            names = ", ".join(lock_name(lock) for lock in locks[:_CHECKED_AT_MOST])
            raise FlowError("sesame_v3_integration_off", locks=names)
    except api.UnauthorizedError as err:
        raise FlowError("sesame_v3_key_refused", field=CONF_API_KEY) from err
    except api.SesameV3Error as err:
        raise FlowError(_message(err)) from err
    return locks


async def _is_any_on(cloud: api.Cloud, locks: tuple[api.Lock, ...]) -> bool:
    for lock in locks:
        try:
            await cloud.status(lock.device_id, urgent=True)
        except api.IntegrationOffError, api.BadParamsError:
            continue
        return True
    return False


def _message(err: api.SesameV3Error) -> str:
    return next(_MESSAGES[kind] for kind in type(err).__mro__ if kind in _MESSAGES)


def _read_options(answers: Answers) -> dict[str, Any]:
    """Return the options as they are kept; FlowError when they cannot be."""
    return {**read_push_fields(answers), CONF_POLL_SECONDS: int(answers[CONF_POLL_SECONDS])}


def _hook(entry: ConfigEntry[Any]) -> str | None:
    """Return the address for the vendor's dashboard, while the entry runs and has one."""
    return entry.runtime_data.hook if entry.state is ConfigEntryState.LOADED else None
