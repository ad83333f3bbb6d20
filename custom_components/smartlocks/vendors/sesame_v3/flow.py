"""How an account of the first generation's cloud is set up: by its API key alone."""

from functools import partial
from typing import Any, override

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.const import CONF_API_KEY

from ..base import Account, Answers, Form, Outcome, Page, VendorFlow, options_form
from ..schemas import API_KEY
from . import api
from .checks import async_check
from .connection import connect
from .const import DASHBOARD_URL, KEY
from .options import OPTIONS, read_options
from .roster import lock_name

_NAMES_IN_TITLE = 3
_NO_HOOK = "—"


class SesameV3Flow(VendorFlow):
    """The pages of the account. Each ends with the list of its locks."""

    @override
    def start(self) -> Page:
        return self._ask(KEY)

    @override
    async def reauth(self, entry: ConfigEntry[Any]) -> Page:
        return self._ask(f"{KEY}_reauth", entry)

    @override
    async def reconfigure(self, entry: ConfigEntry[Any]) -> Page:
        return self._ask(f"{KEY}_reconfigure", entry)

    @override
    async def options(self, entry: ConfigEntry[Any]) -> Page:
        return options_form(
            f"{KEY}_options",
            OPTIONS,
            read_options,
            entry.options,
            url=DASHBOARD_URL,
            hook=_hook(entry) or _NO_HOOK,
        )

    def _ask(self, step_id: str, entry: ConfigEntry[Any] | None = None) -> Form:
        return Form(
            step_id=step_id,
            schema=API_KEY,
            placeholders={"url": DASHBOARD_URL},
            submit=partial(self._with_key, entry),
        )

    async def _with_key(self, entry: ConfigEntry[Any] | None, answers: Answers) -> Outcome:
        key = answers[CONF_API_KEY].strip()
        locks = await async_check(connect(self.context.hass, key))
        ids = frozenset(lock.device_id for lock in locks)
        # The cloud names no account: it is known by its locks.
        return Account(
            vendor=KEY,
            unique_id=f"account_{min(ids)}" if entry is None else entry.unique_id or "",
            title=_title(locks),
            ids=ids,
            data={CONF_API_KEY: key},
            note=f"{KEY}_webhook",
        )


def _hook(entry: ConfigEntry[Any]) -> str | None:
    """Return the address for the vendor's dashboard, while the entry runs and has one."""
    return entry.runtime_data.hook if entry.state is ConfigEntryState.LOADED else None


def _title(locks: tuple[api.Lock, ...]) -> str:
    names = [lock_name(lock) for lock in locks]
    more = ["…"] if len(names) > _NAMES_IN_TITLE else []
    return f"Sesame: {', '.join([*names[:_NAMES_IN_TITLE], *more])}"
