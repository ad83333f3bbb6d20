"""How an account is set up: its API key and a first device; other devices are added later."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any, Final, override

from homeassistant.config_entries import ConfigEntry, ConfigEntryState, ConfigSubentry
from homeassistant.const import CONF_API_KEY, CONF_NAME
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.selector import (
    BooleanSelector,
    EntitySelector,
    EntitySelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
import voluptuous as vol

from ... import helpers
from ..base import (
    Account,
    Answers,
    EntryUpdate,
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
from ..schemas import API_KEY, HIDDEN, LONG, unwrap
from . import api
from .const import (
    CONF_BUDGET,
    CONF_CALLS,
    CONF_HISTORY,
    CONF_PRODUCT,
    CONF_SECRET,
    CONF_TRIGGERS,
    CONF_UUID,
    DEVELOPER_URL,
    KEY,
)
from .coordinator import SesameWebCoordinator
from .mapping import USABLE_PRODUCTS
from .quota import FREE_BUDGET, FormCounter, async_counter, counted_client

_PLACEHOLDERS: Final = {"url": DEVELOPER_URL, "scheme": "ssm://"}

# Fields.

_CONF_LINK: Final = "link"
_DEFAULT_PRODUCT: Final = "sesame_5"

_PRODUCTS: Final = SelectSelector(
    SelectSelectorConfig(
        options=[
            SelectOptionDict(value=model, label=product.name)
            for model, product in USABLE_PRODUCTS.items()
        ],
        mode=SelectSelectorMode.DROPDOWN,
    )
)
_TRIGGERS: Final[dict[Any, Any]] = {
    vol.Optional(CONF_TRIGGERS): EntitySelector(EntitySelectorConfig(multiple=True))
}
_BY_UUID: Final = vol.Schema(
    {
        vol.Required(CONF_NAME): str,
        # Otherwise the frontend would choose the first of the list.
        vol.Required(CONF_PRODUCT, default=_DEFAULT_PRODUCT): _PRODUCTS,
        vol.Required(CONF_UUID): str,
        vol.Optional(CONF_SECRET): HIDDEN,
        **_TRIGGERS,
    }
)
_BY_LINK: Final = vol.Schema(
    {vol.Required(_CONF_LINK): LONG, vol.Optional(CONF_NAME): str, **_TRIGGERS}
)
_EDIT: Final = vol.Schema(
    {
        vol.Required(CONF_NAME): str,
        vol.Required(CONF_PRODUCT): _PRODUCTS,
        vol.Optional(CONF_SECRET): HIDDEN,
        **_TRIGGERS,
    }
)

_CALLS: Final = NumberSelector(
    NumberSelectorConfig(min=0, max=1_000_000, step=1, mode=NumberSelectorMode.BOX)
)
_OPTIONS: Final = vol.Schema(
    {
        vol.Required(CONF_BUDGET, default=FREE_BUDGET): _CALLS,
        vol.Required(CONF_HISTORY, default=False): BooleanSelector(),
    }
)

type TakeDevice = Callable[[LockAccount], Awaitable[Outcome]]


class SesameWebFlow(VendorFlow):
    """The forms of an account. Each way to a device ends with one read of it."""

    configured = "sesame_web_configured"

    @property
    def _hass(self) -> HomeAssistant:
        return self.context.hass

    @override
    def start(self) -> Page:
        return self._key_form()

    def _key_form(self, error: FlowError | None = None) -> Form:
        return Form(
            step_id=KEY,
            schema=API_KEY,
            placeholders=_PLACEHOLDERS,
            submit=self._take_key,
            error=error,
        )

    async def _take_key(self, answers: Answers) -> Outcome:
        key = answers[CONF_API_KEY].strip()
        if not key:
            raise FlowError("sesame_web_key_missing", field=CONF_API_KEY)
        _check_new_key(self._hass, key)
        take = partial(self._take_first_device, key, FormCounter())
        return Menu(
            step_id=f"{KEY}_device",
            pages=(
                _uuid_form(f"{KEY}_device_uuid", take),
                _link_form(f"{KEY}_device_link", take),
            ),
        )

    async def _take_first_device(
        self, key: str, counter: FormCounter, device: LockAccount
    ) -> Outcome:
        _check_new_device(self._hass, device)
        cloud = counted_client(self._hass, key, counter)
        try:
            await _async_check(cloud, device.unique_id)
        except api.ForbiddenError:
            return self._key_form(FlowError("sesame_web_forbidden", field=CONF_API_KEY))
        # The cloud names no account: it is known by its first device.
        return Account(
            vendor=KEY,
            unique_id=f"account_{device.unique_id}",
            title=self.context.free_title("Sesame Web API"),
            ids=frozenset({device.unique_id}),
            data={CONF_API_KEY: key, CONF_CALLS: counter.calls},
            locks=(device,),
        )

    # An account that is set up.

    @override
    async def reauth(self, entry: ConfigEntry[Any]) -> Page:
        return self._new_key_form(f"{KEY}_reauth", entry)

    @override
    async def reconfigure(self, entry: ConfigEntry[Any]) -> Page:
        return self._new_key_form(f"{KEY}_reconfigure", entry)

    def _new_key_form(self, step_id: str, entry: ConfigEntry[Any]) -> Form:
        async def submit(answers: Answers) -> Outcome:
            key = answers[CONF_API_KEY].strip()
            if not key:
                raise FlowError("sesame_web_key_missing", field=CONF_API_KEY)
            _check_new_key(self._hass, key, besides=entry)
            await self._async_read_any_device(entry, key)
            return EntryUpdate(data={CONF_API_KEY: key})

        return Form(step_id=step_id, schema=API_KEY, placeholders=_PLACEHOLDERS, submit=submit)

    async def _async_read_any_device(self, entry: ConfigEntry[Any], key: str) -> None:
        """Read one device of an account: a key of another account knows none of them.

        One that the cloud cannot tell of says nothing about the key.
        """
        failure: FlowError | None = None
        for device in list(entry.subentries.values()):
            try:
                await self._async_read_device(entry, key, device.data[CONF_UUID])
            except FlowError as err:
                if not isinstance(err.__cause__, api.DeviceError):
                    raise
                failure = failure or err
            else:
                return
        if failure is not None:
            raise failure

    async def _async_read_device(self, entry: ConfigEntry[Any], key: str, uuid: str) -> api.Status:
        """Read a device of an account, on the account's count."""
        cloud = counted_client(self._hass, key, await async_counter(self._hass, entry))
        try:
            return await _async_check(cloud, uuid)
        except api.ForbiddenError as err:
            raise _flow_error(err) from err

    @override
    async def options(self, entry: ConfigEntry[Any]) -> Page:
        return options_form(f"{KEY}_options", _OPTIONS, _read_options, entry.options)

    # Its devices.

    @override
    async def add_lock(self, entry: ConfigEntry[Any]) -> Page:
        async def take(device: LockAccount) -> Outcome:
            _check_new_device(self._hass, device)
            asked_at = helpers.monotonic()
            status = await self._async_read_device(
                entry, entry.data[CONF_API_KEY], device.unique_id
            )
            coordinator = entry.runtime_data if entry.state is ConfigEntryState.LOADED else None
            if isinstance(coordinator, SesameWebCoordinator):
                # It need not be read again.
                coordinator.async_checked(device.unique_id, status, asked_at)
            return device

        return Menu(
            step_id=f"{KEY}_add",
            pages=(_uuid_form(f"{KEY}_add_uuid", take), _link_form(f"{KEY}_add_link", take)),
            placeholders={"name": entry.title},
        )

    @override
    async def edit_lock(self, entry: ConfigEntry[Any], lock: ConfigSubentry) -> Page:
        async def submit(answers: Answers) -> Outcome:
            secret = _parse_secret(answers) or lock.data.get(CONF_SECRET)
            return _lock_account(
                lock.data[CONF_UUID], answers[CONF_NAME], answers[CONF_PRODUCT], secret, answers
            )

        return Form(
            step_id=f"{KEY}_edit",
            schema=_EDIT,
            placeholders=_PLACEHOLDERS,
            suggested={
                CONF_NAME: lock.title,
                CONF_PRODUCT: lock.data[CONF_PRODUCT],
                CONF_TRIGGERS: list(lock.data.get(CONF_TRIGGERS, ())),
            },
            submit=submit,
        )


def _uuid_form(step_id: str, take: TakeDevice) -> Form:
    """Ask for UUID and secret; `take` goes on with the device."""

    async def submit(answers: Answers) -> Outcome:
        try:
            uuid = api.parse_uuid(answers[CONF_UUID])
        except api.NotAUuidError as err:
            raise _flow_error(err) from err
        secret = _parse_secret(answers)
        return await take(
            _lock_account(uuid, answers[CONF_NAME], answers[CONF_PRODUCT], secret, answers)
        )

    return Form(step_id=step_id, schema=_BY_UUID, placeholders=_PLACEHOLDERS, submit=submit)


def _link_form(step_id: str, take: TakeDevice) -> Form:
    """Ask for a share link; `take` goes on with the device."""

    async def submit(answers: Answers) -> Outcome:
        try:
            key = api.parse_share(unwrap(answers[_CONF_LINK]))
        except api.ShareLinkError as err:
            raise _flow_error(err) from err
        if key.product is None:
            raise FlowError("sesame_web_product_unknown", field=_CONF_LINK)
        if key.product.model not in USABLE_PRODUCTS:
            name = key.product.name
            raise FlowError("sesame_web_not_usable", field=_CONF_LINK, product=name)
        name = answers.get(CONF_NAME, "").strip() or key.name or key.product.name
        return await take(_lock_account(key.uuid, name, key.product.model, key.secret, answers))

    return Form(step_id=step_id, schema=_BY_LINK, placeholders=_PLACEHOLDERS, submit=submit)


def _lock_account(
    uuid: str, name: str, model: str, secret: str | None, answers: Answers
) -> LockAccount:
    """Return a device as it is kept."""
    triggers = answers.get(CONF_TRIGGERS) or []
    return LockAccount(
        unique_id=uuid,
        title=name.strip() or USABLE_PRODUCTS[model].name,
        data={
            CONF_UUID: uuid,
            CONF_PRODUCT: model,
            **({} if secret is None else {CONF_SECRET: secret}),
            **({CONF_TRIGGERS: triggers} if triggers else {}),
        },
    )


def _parse_secret(answers: Answers) -> str | None:
    """Return the secret, or None where none is given; FlowError when it is not one."""
    text = answers.get(CONF_SECRET, "").strip()
    try:
        return api.parse_secret(text) if text else None
    except api.NotASecretError as err:
        raise _flow_error(err) from err


def _read_options(answers: Answers) -> dict[str, Any]:
    """Return the options as they are kept."""
    return {CONF_BUDGET: int(answers[CONF_BUDGET]), CONF_HISTORY: answers[CONF_HISTORY]}


# Checks.

_ERRORS: Final[Mapping[type[api.SesameWebError], tuple[str, str]]] = {
    api.ForbiddenError: ("sesame_web_forbidden", "base"),
    api.QuotaError: ("sesame_web_quota", "base"),
    api.NeverOnlineError: ("sesame_web_never_online", "base"),
    api.ServerError: ("sesame_web_server", "base"),
    api.CloudConnectionError: ("sesame_web_no_answer", "base"),
    api.NotAUuidError: ("sesame_web_not_a_uuid", CONF_UUID),
    api.NotASecretError: ("sesame_web_not_a_secret", CONF_SECRET),
    api.NotAShareLinkError: ("sesame_web_not_a_link", _CONF_LINK),
    api.FriendLinkError: ("sesame_web_friend_link", _CONF_LINK),
    api.GuestKeyError: ("sesame_web_guest_key", _CONF_LINK),
    api.EncryptedLinkError: ("sesame_web_encrypted_link", _CONF_LINK),
    api.DamagedLinkError: ("sesame_web_damaged_link", _CONF_LINK),
    api.SesameWebError: ("sesame_web_not_understood", "base"),
}


@callback
def _check_new_key(hass: HomeAssistant, key: str, besides: ConfigEntry[Any] | None = None) -> None:
    """Raise FlowAbort if an entry has this key already, `besides` one."""
    for entry in vendor_entries(hass, KEY):
        if entry is not besides and entry.data[CONF_API_KEY] == key:
            raise FlowAbort("sesame_web_key_known", name=entry.title)


@callback
def _check_new_device(hass: HomeAssistant, device: LockAccount) -> None:
    """Raise FlowAbort if a device is set up already."""
    for entry in vendor_entries(hass, KEY):
        for known in entry.subentries.values():
            if known.unique_id == device.unique_id:
                raise FlowAbort("sesame_web_device_configured", name=known.title)


async def _async_check(cloud: api.WebApi, uuid: str) -> api.Status:
    """Read a device, once; FlowError, or ForbiddenError, which is about the key."""
    try:
        return await cloud.status(uuid)
    except api.ForbiddenError:
        raise
    except api.SesameWebError as err:
        raise _flow_error(err) from err


def _flow_error(err: api.SesameWebError) -> FlowError:
    """Return the message for an error, and the field it stands at."""
    if isinstance(err, api.NotAcceptedError) and err.code == HTTPStatus.NOT_FOUND:
        return FlowError("sesame_web_not_found")
    kind = next(kind for kind in type(err).__mro__ if kind in _ERRORS)
    key, field = _ERRORS[kind]
    return FlowError(key, field=field)
