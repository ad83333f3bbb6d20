"""The forms of LOQED's web API: a lock without its bridge, the token, and the names."""

from collections.abc import Awaitable, Callable
from functools import partial
from math import inf
from typing import Any, Final

from homeassistant.components.webhook import async_generate_id
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_API_TOKEN, CONF_HOST
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    TextSelector,
    TextSelectorConfig,
)
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ... import helpers
from ...const import CONF_HINT_CLOUDHOOK, CONF_HINT_WEBHOOK_ID, CONF_IDS
from ..base import (
    Account,
    Answers,
    EntryUpdate,
    FlowAbort,
    FlowContext,
    FlowError,
    Form,
    Options,
    Outcome,
)
from ..schemas import LONG, unwrap
from . import api
from .account import Purpose, ReadLimitError, async_account, moment_in, web_api
from .const import (
    CONF_CAN_OPEN,
    CONF_CLOUD_COMMANDS,
    CONF_LEARNT_NAMES,
    CONF_LOCK_ID,
    CONF_MODEL,
    CONF_WEB_KEY_ID,
    CONF_WEB_LOCK_ID,
    KEY,
    TOKEN_URL,
)

CONF_ADDRESS: Final = "address"
CONF_LOCK: Final = "lock"
CONF_USE_NAMES: Final = "use_names"
CONF_USE_WEB: Final = "use_web_api"
# Where a person enters the address that the cloud calls.
WEBHOOK_URL: Final = "https://app.loqed.com"

_TOKEN = vol.Schema({vol.Required(CONF_API_TOKEN): LONG})
_WEB = vol.Schema(
    {
        vol.Required(CONF_USE_WEB): BooleanSelector(),
        vol.Optional(CONF_API_TOKEN): LONG,
        vol.Required(CONF_CLOUD_COMMANDS, default=False): BooleanSelector(),
    }
)
_NAMES = vol.Schema({vol.Required(CONF_USE_NAMES): BooleanSelector()})
# A field that is read-only cannot be copied from, and shows its beginning only.
_ADDRESS = vol.Schema(
    {vol.Required(CONF_ADDRESS): TextSelector(TextSelectorConfig(multiline=True))}
)


async def async_listed(hass: HomeAssistant, token: str) -> tuple[api.CloudLock, ...]:
    """Return the locks of the account of a token, which may cost a read; FlowError otherwise."""
    account = await async_account(hass, token)
    web, now = web_api(hass, token), helpers.monotonic()
    asked_after = -inf if account.knows_by(web, now) else now
    try:
        _, locks = await account.async_locks(web, Purpose.OTHER, asked_after=asked_after)
    except api.LoqedTokenError as err:
        raise FlowError("loqed_token_refused", field=CONF_API_TOKEN) from err
    except ReadLimitError as err:
        key = "loqed_blocked" if err.is_blocked else "loqed_no_reads_left"
        raise FlowError(key, time=moment_in(err.wait)) from err
    except api.LoqedError as err:
        raise FlowError("loqed_cloud_unreachable") from err
    if not locks:
        raise FlowError("loqed_no_locks")
    return locks


def lock_picker(
    step_id: str,
    locks: tuple[api.CloudLock, ...],
    choose: Callable[[api.CloudLock], Awaitable[Outcome]],
) -> Form:
    """Return a form that lets a person select one of several locks."""
    by_id = {lock.lock_id: lock for lock in locks}
    options = [SelectOptionDict(value=lock.lock_id, label=_name_of(lock)) for lock in locks]
    picker = SelectSelector(SelectSelectorConfig(options=options))

    async def submit(answers: Answers) -> Outcome:
        return await choose(by_id[answers[CONF_LOCK]])

    return Form(
        step_id=step_id, schema=vol.Schema({vol.Required(CONF_LOCK): picker}), submit=submit
    )


def _name_of(lock: api.CloudLock) -> str:
    return lock.name or f"LOQED {lock.lock_id}"


# Without a bridge.


def web_form(context: FlowContext) -> Form:
    """Return the form that sets a lock up by its account alone."""
    return Form(
        step_id=f"{KEY}_web",
        schema=_TOKEN,
        placeholders={"url": TOKEN_URL},
        submit=partial(_without_bridge, context),
    )


async def _without_bridge(context: FlowContext, answers: Answers) -> Outcome:
    token = unwrap(answers[CONF_API_TOKEN])
    locks = await async_listed(context.hass, token)
    new = tuple(lock for lock in locks if context.entry_of(lock.ids) is None)
    if not new:
        raise FlowAbort("all_locks_configured")
    choose = partial(_account_of, token)
    return await choose(new[0]) if len(locks) == 1 else lock_picker(f"{KEY}_pick", new, choose)


async def _account_of(token: str, lock: api.CloudLock) -> Account:
    return Account(
        vendor=KEY,
        unique_id=lock.lock_id,
        title=_name_of(lock),
        ids=lock.ids,
        data={
            CONF_API_TOKEN: token,
            CONF_WEB_LOCK_ID: lock.lock_id,
            CONF_LOCK_ID: lock.lock_id,
            CONF_CAN_OPEN: bool(lock.can_open),
            CONF_MODEL: lock.model,
        },
    )


# The token.


def token_form(context: FlowContext, entry: ConfigEntry[Any], step_id: str) -> Form:
    """Return the form that asks for another token, and for nothing else."""
    return Form(
        step_id=step_id,
        schema=_TOKEN,
        placeholders={"url": TOKEN_URL},
        submit=partial(_with_other_token, context, entry),
    )


async def _with_other_token(
    context: FlowContext, entry: ConfigEntry[Any], answers: Answers
) -> Outcome:
    data = await _async_token_data(context, entry, unwrap(answers[CONF_API_TOKEN]))
    if data is None:
        raise FlowAbort("unique_id_mismatch")
    return EntryUpdate(data=data)


async def _async_token_data(
    context: FlowContext, entry: ConfigEntry[Any], token: str
) -> dict[str, Any] | None:
    """Return what is kept of a token; None when its account does not list the lock."""
    ids = frozenset(entry.data[CONF_IDS])
    for lock in await async_listed(context.hass, token):
        if not ids.isdisjoint(lock.ids):
            key_id = None if lock.keys is None else lock.keys.key_id
            return {
                CONF_API_TOKEN: token,
                CONF_WEB_LOCK_ID: lock.lock_id,
                CONF_WEB_KEY_ID: key_id,
            }
    return None


# Options.


def web_options_form(context: FlowContext, entry: ConfigEntry[Any]) -> Form:
    """Return the form that switches the web API on and off for a lock behind a bridge."""
    token: str | None = entry.data.get(CONF_API_TOKEN)
    expires = None if token is None else api.TokenClaims.parse(token).expires
    return Form(
        step_id=f"{KEY}_web_options",
        schema=_WEB,
        suggested={
            CONF_USE_WEB: token is not None,
            CONF_CLOUD_COMMANDS: bool(entry.options.get(CONF_CLOUD_COMMANDS)),
        },
        placeholders={
            "url": TOKEN_URL,
            "expires": "-" if expires is None else dt_util.as_local(expires).date().isoformat(),
        },
        submit=partial(_with_web_options, context, entry),
    )


async def _with_web_options(
    context: FlowContext, entry: ConfigEntry[Any], answers: Answers
) -> Outcome:
    kept = {key: value for key, value in entry.options.items() if key != CONF_CLOUD_COMMANDS}
    if not answers[CONF_USE_WEB]:
        keys = (CONF_API_TOKEN, CONF_WEB_LOCK_ID, CONF_WEB_KEY_ID)
        return Options(data=kept, entry_data=dict.fromkeys(keys))
    options = {**kept, CONF_CLOUD_COMMANDS: answers[CONF_CLOUD_COMMANDS]}
    token = unwrap(answers.get(CONF_API_TOKEN, ""))
    if not token:
        if CONF_API_TOKEN not in entry.data:
            raise FlowError("loqed_token_needed", field=CONF_API_TOKEN)
        return Options(data=options)
    data = await _async_token_data(context, entry, token)
    if data is None:
        raise FlowError("loqed_not_listed", field=CONF_API_TOKEN)
    return Options(data=options, entry_data=data)


def names_form(context: FlowContext, entry: ConfigEntry[Any]) -> Form:
    """Return the form that opens and closes the webhook for calls of the cloud."""
    has_bridge = CONF_HOST in entry.data
    return Form(
        step_id=f"{KEY}_names" if has_bridge else f"{KEY}_hints",
        schema=_NAMES,
        suggested={CONF_USE_NAMES: CONF_HINT_WEBHOOK_ID in entry.data},
        submit=partial(_with_names, context, entry),
    )


async def _with_names(context: FlowContext, entry: ConfigEntry[Any], answers: Answers) -> Outcome:
    options = dict(entry.options)
    known: str | None = entry.data.get(CONF_HINT_WEBHOOK_ID)
    if not answers[CONF_USE_NAMES]:
        if known is not None and entry.data.get(CONF_HINT_CLOUDHOOK):
            await helpers.async_delete_cloudhook(context.hass, known)
        keys = (CONF_HINT_WEBHOOK_ID, CONF_HINT_CLOUDHOOK, CONF_LEARNT_NAMES)
        return Options(data=options, entry_data=dict.fromkeys(keys))
    webhook_id = known or async_generate_id()
    url = helpers.external_webhook_url(context.hass, webhook_id)
    # One that was made before is deleted with the webhook.
    has_cloudhook = url is None or bool(entry.data.get(CONF_HINT_CLOUDHOOK))
    if url is None:
        url = await helpers.async_cloudhook(context.hass, webhook_id)
    if url is None:
        raise FlowError("loqed_no_address")
    data = {CONF_HINT_WEBHOOK_ID: webhook_id, CONF_HINT_CLOUDHOOK: has_cloudhook}

    async def submit(_: Answers) -> Outcome:
        return Options(data=options, entry_data=data)

    return Form(
        step_id=f"{KEY}_cloud_webhook",
        schema=_ADDRESS,
        suggested={CONF_ADDRESS: url},
        placeholders={"url": WEBHOOK_URL},
        submit=submit,
    )
