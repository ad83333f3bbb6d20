"""How a LOQED lock is set up: by token, pasted keys, taking over, or from a found bridge."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, override

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.const import CONF_API_TOKEN, CONF_HOST
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    ObjectSelector,
    ObjectSelectorConfig,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ...const import CONF_IDS
from ...helpers import (
    async_form_session,
    format_address,
    parse_address,
    unix_time,
)
from ...request_queue import RequestQueue
from ..base import (
    Account,
    Answers,
    Discovery,
    EntryUpdate,
    FlowAbort,
    FlowError,
    Form,
    Menu,
    Outcome,
    Page,
    VendorFlow,
    options_form,
    vendor_entries,
)
from ..schemas import LONG, push_fields, read_push_fields, unwrap
from . import api
from .const import (
    CONF_BRIDGE_KEY,
    CONF_CAN_OPEN,
    CONF_HOST_IS_TYPED,
    CONF_KEY_ID,
    CONF_KEY_NAME,
    CONF_KEY_NAMES,
    CONF_KEY_NUMBER,
    CONF_KEY_SECRET,
    CONF_LAST_KEY_NAME,
    CONF_LOCK_ID,
    CONF_MODEL,
    CONF_NAME,
    CONF_UNSIGNED_DETAILS,
    CONF_WEB_KEY_ID,
    CONF_WEB_LOCK_ID,
    CONF_WINDOW,
    DEFAULT_WINDOW,
    KEY,
    TOKEN_URL,
)
from .coordinator import LoqedCoordinator
from .discovery import async_announced_hosts, async_note_announcement
from .mapping import key_names, learnt_names
from .takeover import Fate, async_other_entries, is_at, names_of, read_keys, replacement
from .web_flow import (
    CONF_LOCK,
    async_listed,
    lock_picker,
    names_form,
    token_form,
    web_form,
    web_options_form,
)

CONF_INFORMATION: Final = "integration_information"
CONF_KEEP_TOKEN: Final = "keep_token"  # noqa: S105 - a name
CONF_FATE: Final = "other_entry"
INFORMATION_URL: Final = "https://app.loqed.com/API-Config"

_TOKEN = vol.Schema(
    {
        vol.Required(CONF_API_TOKEN): LONG,
        vol.Optional(CONF_HOST): str,
        vol.Required(CONF_KEEP_TOKEN, default=False): BooleanSelector(),
    }
)
_PASTE = vol.Schema(
    {
        vol.Required(CONF_INFORMATION): LONG,
        vol.Optional(CONF_NAME): str,
        vol.Optional(CONF_HOST): str,
        vol.Required(CONF_CAN_OPEN, default=False): BooleanSelector(),
    }
)
_TAKEOVER: dict[Any, Any] = {
    vol.Required(CONF_CAN_OPEN, default=False): BooleanSelector(),
    # Nothing is removed unless a person selects it.
    vol.Required(CONF_FATE, default=Fate.KEEP.value): SelectSelector(
        SelectSelectorConfig(
            options=[fate.value for fate in Fate],
            translation_key=CONF_FATE,
            mode=SelectSelectorMode.LIST,
        )
    ),
}
_ADDRESS = vol.Schema({vol.Required(CONF_HOST): str})
_KEY_NAMES = ObjectSelector(
    ObjectSelectorConfig(
        multiple=True,
        translation_key=CONF_KEY_NAMES,
        label_field=CONF_KEY_NAME,
        description_field=CONF_KEY_NUMBER,
        fields={
            CONF_KEY_NUMBER: {
                "required": True,
                "selector": {"number": {"min": 0, "max": 250, "mode": "box"}},
            },
            CONF_KEY_NAME: {"required": True, "selector": {"text": {}}},
        },
    )
)
# At most less than a status may lag behind, so that no late call outweighs a fresh status.
_WINDOW = NumberSelector(
    NumberSelectorConfig(
        min=5, max=90, step=1, mode=NumberSelectorMode.BOX, unit_of_measurement="s"
    )
)
_OPTIONS = vol.Schema(
    {
        vol.Optional(CONF_KEY_NAMES, default=list): _KEY_NAMES,
        vol.Required(CONF_CAN_OPEN): BooleanSelector(),
        vol.Required(CONF_UNSIGNED_DETAILS, default=False): BooleanSelector(),
        vol.Required(CONF_WINDOW, default=DEFAULT_WINDOW): _WINDOW,
        **push_fields(),
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Purpose:
    """What keys are asked for: a new lock, one on a found bridge, or a lock that is set up.

    `host` is where the bridge was found or is known to be, `ids` whose keys they must be.
    """

    host: str | None = None
    ids: frozenset[str] = frozenset()
    entry: ConfigEntry[Any] | None = None

    def fits(self, ids: frozenset[str]) -> bool:
        """Return whether this can be the lock: none of its names is known for every bridge."""
        return not self.ids or not self.ids.isdisjoint(ids)

    def wants(self, other: ConfigEntry[Any]) -> bool:
        """Return whether the lock of another integration's entry can be the one."""
        is_here = self.host is not None and is_at(other, self.host)
        return not self.ids or is_here or not self.ids.isdisjoint(names_of(other))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Wanted:
    """A lock whose bridge is to be checked, and what a person said of it.

    `name` and `can_open` outweigh what LOQED says. `token` is kept for the web API.
    `replaces` is what is kept of an entry that the lock is taken over from, `note` what is
    said in the end.
    """

    lock: api.LockInformation
    name: str | None = None
    can_open: bool | None = None
    token: str | None = field(default=None, repr=False)
    replaces: Mapping[str, Any] = field(default_factory=dict)
    note: str | None = None

    @property
    def web_data(self) -> dict[str, Any]:
        """Return what is kept for the web API, if that is wanted."""
        if self.token is None:
            return {}
        return {
            CONF_API_TOKEN: self.token,
            CONF_WEB_LOCK_ID: self.lock.lock_id,
            CONF_WEB_KEY_ID: self.lock.key_id,
        }


class LoqedFlow(VendorFlow):
    """The forms of LOQED. Every way ends with a signed call to the bridge."""

    configured = "loqed_configured"

    @override
    def start(self) -> Page:
        ways = self._ways(KEY, _Purpose())
        return Menu(step_id=KEY, pages=(*ways.pages, web_form(self.context)))

    @override
    async def reauth(self, entry: ConfigEntry[Any]) -> Page:
        if CONF_HOST not in entry.data:
            return token_form(self.context, entry, f"{KEY}_web_reauth")
        # It may be refused while the entry is still being set up.
        if getattr(getattr(entry, "runtime_data", None), "is_token_refused", False):
            # The bridge takes its key: only the cloud is concerned.
            return token_form(self.context, entry, f"{KEY}_cloud_reauth")
        return self._ways(f"{KEY}_reauth", _renewal_of(entry))

    @override
    async def reconfigure(self, entry: ConfigEntry[Any]) -> Page:
        ways = self._ways(f"{KEY}_reconfigure", _renewal_of(entry))
        if CONF_HOST not in entry.data:
            renew = token_form(self.context, entry, f"{KEY}_web_token")
            return Menu(step_id=f"{KEY}_web_reconfigure", pages=(renew, *ways.pages))
        announced = async_announced_hosts(self.context.hass, entry)
        if entry.state is ConfigEntryState.LOADED and entry.runtime_data.is_account_answering:
            announced = []
        suggested = announced[0] if announced else entry.data[CONF_HOST]
        address = Form(
            step_id=f"{KEY}_address",
            schema=_ADDRESS,
            suggested={CONF_HOST: suggested},
            submit=partial(self._moved, entry, suggested),
        )
        return Menu(step_id=ways.step_id, pages=(address, *ways.pages))

    @override
    async def options(self, entry: ConfigEntry[Any]) -> Page:
        names = names_form(self.context, entry)
        if CONF_HOST not in entry.data:
            return names
        suggested = {CONF_CAN_OPEN: bool(entry.data.get(CONF_CAN_OPEN)), **entry.options}
        pages = (_bridge_options(entry, suggested), web_options_form(self.context, entry), names)
        return Menu(step_id="init", pages=pages)

    @override
    async def discover(self, info: ZeroconfServiceInfo) -> Discovery | None:
        found = api.bridge_id(info.name) if info.name.lower().startswith(f"{KEY}-") else None
        if found is None:
            return None
        try:
            host = format_address(parse_address(_netloc(info)))
        except ValueError as err:
            raise FlowAbort("not_a_lock") from err
        ids, name = frozenset({found}), f"LOQED {found[-4:].upper()}"
        if (entry := self._entry_at(ids, host)) is not None:
            ids = frozenset(entry.data[CONF_IDS])
            if entry.state is not ConfigEntryState.LOADED:
                async_note_announcement(self.context.hass, entry, host)
        purpose = _Purpose(host=host, ids=ids)
        return Discovery(
            unique_id=found,
            name=name,
            ids=ids,
            host=host,
            page=self._ways(f"{KEY}_discovered", purpose, name=name, host=host),
        )

    def _entry_at(self, ids: frozenset[str], host: str) -> ConfigEntry[Any] | None:
        """Return the entry of a found bridge: by its name, or by the address it is known at.

        The newest bridges announce another name than their status has.
        """
        by_name = self.context.entry_of(ids)
        others = vendor_entries(self.context.hass, KEY)
        return by_name or next(
            (entry for entry in others if entry.data.get(CONF_HOST) == host), None
        )

    def _ways(self, step_id: str, purpose: _Purpose, **placeholders: str) -> Menu:
        """Return the ways to a lock's keys: the other integration, a token, or pasted."""
        suggested = {} if purpose.host is None else {CONF_HOST: purpose.host}
        entry = purpose.entry
        can_open = {} if entry is None else {CONF_CAN_OPEN: bool(entry.data.get(CONF_CAN_OPEN))}
        token = Form(
            step_id=f"{KEY}_token",
            schema=_TOKEN,
            suggested=suggested,
            placeholders={"url": TOKEN_URL},
            submit=partial(self._with_token, purpose),
        )
        paste = Form(
            step_id=f"{KEY}_paste",
            schema=_PASTE,
            suggested={**suggested, **can_open},
            placeholders={"url": INFORMATION_URL},
            submit=partial(self._with_information, purpose),
        )
        pages = (*self._takeover(purpose), token, paste)
        return Menu(step_id=step_id, pages=pages, placeholders=placeholders)

    def _takeover(self, purpose: _Purpose) -> tuple[Form, ...]:
        """Return the step that takes a lock over from Home Assistant's own integration, if any."""
        others = {
            other.entry_id: other
            for other in async_other_entries(self.context.hass)
            if purpose.wants(other)
        }
        if not others or purpose.entry is not None:
            return ()
        options = [SelectOptionDict(value=key, label=other.title) for key, other in others.items()]
        picker = SelectSelector(SelectSelectorConfig(options=options))
        choice = {vol.Required(CONF_LOCK): picker} if len(others) > 1 else {}

        async def submit(answers: Answers) -> Outcome:
            chosen = answers.get(CONF_LOCK) or next(iter(others))
            return await self._take_over(purpose, others[chosen], answers)

        return (
            Form(
                step_id=f"{KEY}_takeover",
                schema=vol.Schema({**choice, **_TAKEOVER}),
                placeholders={"locks": ", ".join(other.title for other in others.values())},
                submit=submit,
            ),
        )

    async def _take_over(
        self, purpose: _Purpose, other: ConfigEntry[Any], answers: Answers
    ) -> Outcome:
        try:
            lock = read_keys(other)
        except api.LoqedInformationError as err:
            raise FlowError("loqed_takeover_unreadable", name=other.title) from err
        fate = Fate(answers[CONF_FATE])
        wanted = _Wanted(
            lock=lock,
            name=other.title,
            can_open=answers[CONF_CAN_OPEN],
            replaces={} if fate is Fate.KEEP else replacement(other, fate),
            note=f"{KEY}_takeover_kept" if fate is Fate.KEEP else f"{KEY}_taken_over",
        )
        return await self._check(purpose, wanted, None)

    async def _with_token(self, purpose: _Purpose, answers: Answers) -> Outcome:
        token = unwrap(answers[CONF_API_TOKEN])
        listed = await async_listed(self.context.hass, token)
        locks = tuple(lock for lock in listed if lock.keys is not None)
        if not locks:
            raise FlowError("loqed_no_locks")
        kept = token if answers[CONF_KEEP_TOKEN] else None
        host: str | None = answers.get(CONF_HOST)

        async def check(lock: api.CloudLock) -> Outcome:
            assert lock.keys is not None  # noqa: S101 - the others were left out
            return await self._check(purpose, _Wanted(lock=lock.keys, token=kept), host)

        if purpose.entry is not None:
            locks = tuple(lock for lock in locks if purpose.fits(lock.ids))
            if not locks:
                raise FlowAbort("unique_id_mismatch")
            return await check(locks[0])
        new = tuple(lock for lock in locks if self.context.entry_of(lock.ids) is None)
        if not new:
            raise FlowAbort("all_locks_configured")
        fitting = tuple(lock for lock in new if purpose.fits(lock.ids)) or new
        if len(fitting) == 1 and (purpose.ids or len(locks) == 1):
            return await check(fitting[0])
        return lock_picker(f"{KEY}_pick", fitting, check)

    async def _with_information(self, purpose: _Purpose, answers: Answers) -> Outcome:
        try:
            lock = api.parse_integration_information(unwrap(answers[CONF_INFORMATION]))
        except api.LoqedInformationError as err:
            raise FlowError("loqed_not_an_information", field=CONF_INFORMATION) from err
        wanted = _Wanted(lock=lock, name=answers.get(CONF_NAME), can_open=answers[CONF_CAN_OPEN])
        return await self._check(purpose, wanted, answers.get(CONF_HOST))

    async def _check(self, purpose: _Purpose, wanted: _Wanted, host: str | None) -> Outcome:
        """Go to the bridge with the keys; where it is not, ask for its address."""
        address = host or wanted.lock.host
        entry = self.context.entry_of(wanted.lock.ids)
        if purpose.entry is None and entry is not None:
            raise FlowAbort(self.configured, name=entry.title)
        asked = {CONF_HOST: address} if address else {}
        form = Form(
            step_id=f"{KEY}_bridge",
            schema=_ADDRESS,
            suggested=asked,
            submit=partial(self._with_address, purpose, wanted),
        )
        if not address:
            return form
        try:
            return await form.submit(asked)
        except FlowError as err:
            if err.field != CONF_HOST:
                raise
            return Form(
                step_id=form.step_id,
                schema=form.schema,
                suggested=asked,
                submit=form.submit,
                error=err,
            )

    async def _with_address(self, purpose: _Purpose, wanted: _Wanted, answers: Answers) -> Outcome:
        lock, host = wanted.lock, _read_address(answers)
        listed = _as_kept(lock.host)
        status = await self._async_check_bridge(host, lock.keys)
        ids = lock.ids | status.macs
        data = {
            CONF_HOST: host,
            CONF_LOCK_ID: lock.lock_id,
            CONF_KEY_ID: lock.key_id,
            CONF_KEY_SECRET: lock.key_secret,
            CONF_BRIDGE_KEY: lock.bridge_key,
            CONF_CAN_OPEN: lock.can_open if wanted.can_open is None else wanted.can_open,
            **wanted.web_data,
        }
        if (entry := purpose.entry) is not None:
            if ids.isdisjoint(entry.data[CONF_IDS]):
                raise FlowAbort("unique_id_mismatch")
            known = _as_kept(entry.data.get(CONF_HOST))
            is_typed = host not in (listed, known)
            was_typed = bool(entry.data.get(CONF_HOST_IS_TYPED)) and host == known
            data |= {CONF_HOST_IS_TYPED: is_typed or was_typed}
            model = {} if lock.model is None else {CONF_MODEL: lock.model}
            return EntryUpdate(data={**data, **model}, ids=ids.union(entry.data[CONF_IDS]))
        if host == purpose.host:
            # What it was announced as; not always the address that its status has.
            ids |= purpose.ids
        unique_id = status.mac_wifi or next(iter(sorted(lock.ids)))
        return Account(
            vendor=KEY,
            unique_id=unique_id,
            title=(wanted.name or "").strip() or lock.name or f"LOQED {unique_id[-4:].upper()}",
            ids=ids,
            data={
                **data,
                CONF_MODEL: lock.model,
                CONF_HOST_IS_TYPED: host not in (listed, purpose.host),
                **wanted.replaces,
            },
            note=wanted.note,
        )

    async def _moved(self, entry: ConfigEntry[Any], suggested: str, answers: Answers) -> Outcome:
        """Follow a bridge to another address; it must be the same bridge."""
        host = _read_address(answers)
        keys = api.Keys.parse(
            key_id=entry.data[CONF_KEY_ID],
            key_secret=entry.data[CONF_KEY_SECRET],
            bridge_key=entry.data[CONF_BRIDGE_KEY],
        )
        status = await self._async_check_bridge(host, keys)
        if status.macs and status.macs.isdisjoint(entry.data[CONF_IDS]):
            raise FlowAbort("unique_id_mismatch")
        is_typed = entry.data.get(CONF_HOST_IS_TYPED, False)
        if _names_usual_port(answers):
            is_typed = True
        elif host != _as_kept(entry.data[CONF_HOST]):
            is_typed = host != _as_kept(suggested)
        return EntryUpdate(
            data={CONF_HOST: host, CONF_HOST_IS_TYPED: is_typed},
            ids=status.macs.union(entry.data[CONF_IDS]),
        )

    async def _async_check_bridge(self, host: str, keys: api.Keys) -> api.BridgeStatus:
        """See that the bridge is there and takes our signature; FlowError otherwise."""
        url = parse_address(host)
        async with async_form_session(self.context.hass) as session:
            bridge = api.Bridge(session, url, keys, queue=RequestQueue(), now=unix_time)
            try:
                status = await bridge.status()
                await _async_list(bridge, status)
            except api.LoqedResponseError as err:
                raise FlowError("loqed_not_a_bridge", field=CONF_HOST) from err
            except api.LoqedError as err:
                raise FlowError("loqed_bridge_unreachable", field=CONF_HOST) from err
        return status


async def _async_list(bridge: api.Bridge, status: api.BridgeStatus) -> None:
    """Make a signed call; a refusal is the key's fault, or the clock's."""
    try:
        await bridge.webhooks()
    except api.LoqedAuthError as err:
        offset = err.clock_offset
        if offset is None:
            offset = status.clock_offset(unix_time())
        if offset is not None and abs(offset) > api.COMMAND_LIFE:
            raise FlowError("loqed_clock", seconds=f"{offset:+.0f}") from err
        raise FlowError("loqed_bridge_key_refused") from err


def _renewal_of(entry: ConfigEntry[Any]) -> _Purpose:
    """Return the purpose of renewing what an entry holds."""
    return _Purpose(
        host=entry.data.get(CONF_HOST), ids=frozenset(entry.data[CONF_IDS]), entry=entry
    )


def _read_address(answers: Answers) -> str:
    """Return the address that was entered, as announcements have it; FlowError if it is none."""
    if (host := _as_kept(answers[CONF_HOST])) is None:
        raise FlowError("not_an_address", field=CONF_HOST)
    return host


def _as_kept(host: str | None) -> str | None:
    """Return an address in the one form in which it is kept; None if it is none."""
    try:
        return None if host is None else format_address(parse_address(host))
    except ValueError:
        return None


def _names_usual_port(answers: Answers) -> bool:
    """Return whether port 80 was entered: nobody suggests it, so a person means this address."""
    entered = answers[CONF_HOST].strip().rstrip("/")
    # What ends so without a port is an IPv6 address.
    shorter = _as_kept(entered.removesuffix(":80"))
    return entered.endswith(":80") and shorter == _as_kept(entered)


def _netloc(info: ZeroconfServiceInfo) -> str:
    host = f"[{info.host}]" if ":" in info.host else info.host
    return f"{host}:{info.port or 80}"


def _bridge_options(entry: ConfigEntry[Any], suggested: Mapping[str, Any]) -> Form:
    """Return the form of what the bridge and its lock do."""
    key, used_at = _unnamed_key(entry)
    if key is None:
        read = partial(_read_options, entry.options)
        return options_form(f"{KEY}_options", _OPTIONS, read, suggested)
    return options_form(
        f"{KEY}_options",
        vol.Schema({vol.Optional(CONF_LAST_KEY_NAME): str, **_OPTIONS.schema}),
        partial(_read_options, entry.options, last_key=key),
        suggested,
        key=str(key),
        used_at=used_at,
    )


def _unnamed_key(entry: ConfigEntry[Any]) -> tuple[int | None, str]:
    """Return the number of the last key used that has no name, and when that was."""
    coordinator = getattr(entry, "runtime_data", None)
    if not isinstance(coordinator, LoqedCoordinator) or coordinator.unnamed_key is None:
        return None, ""
    number, at = coordinator.unnamed_key
    when = dt_util.as_local(at).strftime("%Y-%m-%d %H:%M")
    is_named = number in key_names(entry) or number in learnt_names(entry)
    return (None, "") if is_named else (number, when)


def _read_options(
    known: Mapping[str, Any], answers: Answers, *, last_key: int | None = None
) -> dict[str, Any]:
    """Return all options as they are kept; FlowError when they cannot be.

    `last_key` is the number of the key that a name may have been given to by itself.
    """
    others = {key: value for key, value in known.items() if key not in _OPTIONS.schema}
    answers = dict(answers)
    rows = list(answers.get(CONF_KEY_NAMES, []))
    if name := answers.pop(CONF_LAST_KEY_NAME, "").strip():
        rows.append({CONF_KEY_NUMBER: last_key, CONF_KEY_NAME: name})
    # A key whose name was emptied has none, and is shown by its number.
    rows = [row for row in rows if row[CONF_KEY_NAME].strip()]
    numbers = [int(row[CONF_KEY_NUMBER]) for row in rows]
    if len(set(numbers)) != len(numbers):
        raise FlowError("loqed_key_named_twice", field=CONF_KEY_NAMES)
    return {
        **others,
        **answers,
        **read_push_fields(answers),
        CONF_KEY_NAMES: [
            {CONF_KEY_NUMBER: number, CONF_KEY_NAME: row[CONF_KEY_NAME].strip()}
            for number, row in zip(numbers, rows, strict=True)
        ],
        CONF_WINDOW: int(answers[CONF_WINDOW]),
    }
