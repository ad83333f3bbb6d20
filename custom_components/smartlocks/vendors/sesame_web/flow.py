"""How an account is set up: its API key, and a first device; the others are added later."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final, override

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import CONF_API_KEY, CONF_NAME
from homeassistant.core import HomeAssistant

from ...const import CONF_IDS
from ..base import (
    Account,
    Answers,
    FlowAbort,
    FlowError,
    Form,
    LockAccount,
    Menu,
    Outcome,
    Page,
    VendorFlow,
    options_form,
    vendor_entries,
)
from ..schemas import API_KEY
from . import api
from .checks import as_flow_error, async_check
from .connection import connect
from .const import CONF_CALLS, CONF_PRODUCT, CONF_UUID, DEVELOPER_URL, KEY
from .forms import BY_LINK, BY_UUID, EDIT
from .options import OPTIONS, read_options
from .quota import FormCalls, async_counter
from .subentry import changed_device, check_free, linked_device, typed_device

_WORDS: Final = {"url": DEVELOPER_URL, "scheme": "ssm://"}

type Taker = Callable[[LockAccount], Awaitable[Outcome]]


class SesameWebFlow(VendorFlow):
    """The pages of the account. Each way to a device ends with one read of it."""

    @property
    def _hass(self) -> HomeAssistant:
        return self.context.hass

    @override
    def start(self) -> Page:
        return self._ask_key()

    def _ask_key(self, error: FlowError | None = None) -> Form:
        return Form(
            step_id=KEY,
            schema=API_KEY,
            placeholders=_WORDS,
            submit=self._with_key,
            error=error,
        )

    async def _with_key(self, answers: Answers) -> Outcome:
        key = answers[CONF_API_KEY].strip()
        if not key:
            raise FlowError("sesame_web_key_missing", field=CONF_API_KEY)
        for entry in vendor_entries(self._hass, KEY):
            if entry.data[CONF_API_KEY] == key:
                raise FlowAbort("sesame_web_key_known", name=entry.title)
        take = partial(self._first, key, FormCalls())
        return Menu(
            step_id=f"{KEY}_device",
            pages=(_by_uuid(f"{KEY}_device_uuid", take), _by_link(f"{KEY}_device_link", take)),
        )

    async def _first(self, key: str, calls: FormCalls, device: LockAccount) -> Outcome:
        check_free(self._hass, device)
        cloud = connect(self._hass, key, on_call=calls.count, on_not_sent=calls.uncount)
        try:
            await async_check(cloud, device.unique_id)
        except api.ForbiddenError:
            return self._ask_key(FlowError("sesame_web_forbidden", field=CONF_API_KEY))
        # The cloud names no account: it is known by its first device.
        return Account(
            vendor=KEY,
            unique_id=f"account_{device.unique_id}",
            title="Sesame Web API",
            ids=frozenset({device.unique_id}),
            data={CONF_API_KEY: key, CONF_CALLS: calls.calls},
            locks=(device,),
        )

    # An account that is set up.

    @override
    async def reauth(self, entry: ConfigEntry[Any]) -> Page:
        return self._ask_new_key(f"{KEY}_reauth", entry)

    @override
    async def reconfigure(self, entry: ConfigEntry[Any]) -> Page:
        return self._ask_new_key(f"{KEY}_reconfigure", entry)

    def _ask_new_key(self, step_id: str, entry: ConfigEntry[Any]) -> Form:
        async def submit(answers: Answers) -> Outcome:
            key = answers[CONF_API_KEY].strip()
            for device in list(entry.subentries.values())[:1]:
                await self._check(entry, key, device.data[CONF_UUID])
            return Account(
                vendor=KEY,
                unique_id=entry.unique_id or "",
                title=entry.title,
                ids=frozenset(entry.data[CONF_IDS]),
                data={CONF_API_KEY: key},
            )

        return Form(step_id=step_id, schema=API_KEY, placeholders=_WORDS, submit=submit)

    async def _check(self, entry: ConfigEntry[Any], key: str, uuid: str) -> None:
        counter = await async_counter(self._hass, entry)
        cloud = connect(self._hass, key, on_call=counter.count, on_not_sent=counter.uncount)
        try:
            await async_check(cloud, uuid)
        except api.ForbiddenError as err:
            raise as_flow_error(err) from err

    @override
    async def options(self, entry: ConfigEntry[Any]) -> Page:
        return options_form(f"{KEY}_options", OPTIONS, read_options, entry.options)

    # Its devices.

    @override
    async def add_lock(self, entry: ConfigEntry[Any]) -> Page:
        async def take(device: LockAccount) -> Outcome:
            check_free(self._hass, device)
            await self._check(entry, entry.data[CONF_API_KEY], device.unique_id)
            return device

        return Menu(
            step_id=f"{KEY}_add",
            pages=(_by_uuid(f"{KEY}_add_uuid", take), _by_link(f"{KEY}_add_link", take)),
        )

    @override
    async def edit_lock(self, entry: ConfigEntry[Any], lock: ConfigSubentry) -> Page:
        async def submit(answers: Answers) -> Outcome:
            return changed_device(lock, answers)

        return Form(
            step_id=f"{KEY}_edit",
            schema=EDIT,
            suggested={
                CONF_NAME: lock.title,
                CONF_PRODUCT: lock.data[CONF_PRODUCT],
            },
            submit=submit,
        )


def _by_uuid(step_id: str, take: Taker) -> Form:
    """Ask for UUID and secret; `take` goes on with the device."""

    async def submit(answers: Answers) -> Outcome:
        return await take(typed_device(answers))

    return Form(step_id=step_id, schema=BY_UUID, placeholders=_WORDS, submit=submit)


def _by_link(step_id: str, take: Taker) -> Form:
    """Ask for a share link; `take` goes on with the device."""

    async def submit(answers: Answers) -> Outcome:
        return await take(linked_device(answers))

    return Form(step_id=step_id, schema=BY_LINK, placeholders=_WORDS, submit=submit)
