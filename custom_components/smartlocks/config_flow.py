"""The one config flow: it chooses the vendor, runs its forms, and makes or changes the entry."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, override

from homeassistant.components.webhook import async_generate_id
from homeassistant.config_entries import (
    SOURCE_REAUTH,
    SOURCE_RECONFIGURE,
    SOURCE_ZEROCONF,
    ConfigEntry,
    ConfigEntryState,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentryData,
    ConfigSubentryFlow,
    OptionsFlow,
    OptionsFlowWithReload,
    SubentryFlowResult,
)
from homeassistant.const import CONF_CODE, CONF_WEBHOOK_ID, Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.data_entry_flow import FlowHandler, FlowResult
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo
import voluptuous as vol

from .codes import async_hash_code, is_code
from .const import CONF_CODES, CONF_IDS, CONF_VENDOR, DOMAIN, SUBENTRY_LOCK
from .coordinator import SmartLocksConfigEntry
from .entity import device_identifier, lock_id_of
from .vendors import VENDORS
from .vendors.base import (
    Account,
    Answers,
    EntryUpdate,
    FlowAbort,
    FlowContext,
    FlowError,
    Form,
    Later,
    LockAccount,
    Menu,
    Offer,
    Options,
    Outcome,
    Page,
    Result,
    Vendor,
    VendorFlow,
)

_PREFIX = "async_step_"
_CONF_LOCK = "lock"
_CONF_CODE_AGAIN = "code_again"
_NEW_CODE = TextSelector(
    TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="new-password")
)

type Step[R] = Callable[[Answers | None], Awaitable[R]]


class FormRunner[R: FlowResult[Any, Any]]:
    """Shows a vendor's steps and takes their answers, until there is a result.

    Home Assistant calls a flow's step by its name; the steps that a flow has offered so
    far are kept here, and `step` finds them.
    """

    def __init__(
        self, flow: FlowHandler[Any, R, Any], finish: Callable[[Result], Awaitable[R]]
    ) -> None:
        self._flow = flow
        self._finish = finish
        self._pages: dict[str, Offer] = {}

    async def begin(self, first: Callable[[], Awaitable[Page]]) -> R:
        """Show a first step that has to be asked for."""
        try:
            return self.show(await first())
        except FlowAbort as end:
            return self._abort(end)

    def show(self, page: Page) -> R:
        """Show a step; from now on the flow has it."""
        self._pages[page.step_id] = page
        if isinstance(page, Form):
            return self._show_form(page)
        self._pages.update({offered.step_id: offered for offered in page.pages})
        return self._flow.async_show_menu(
            step_id=page.step_id,
            menu_options=[offered.step_id for offered in page.pages],
            description_placeholders=dict(page.placeholders),
        )

    def step(self, name: str) -> Step[R]:
        """Return the step of this method name; AttributeError when it is none of ours."""
        page = self._pages.get(name.removeprefix(_PREFIX)) if name.startswith(_PREFIX) else None
        if page is None:
            raise AttributeError(name)
        return partial(self._run, page)

    async def _run(self, page: Offer, answers: Answers | None) -> R:
        if isinstance(page, Later):
            return await self.begin(page.open)
        if isinstance(page, Menu) or answers is None:
            return self.show(page)
        try:
            return await self._go_on(await page.submit(answers))
        except FlowError as err:
            return self.show(replace(page, suggested=answers, error=err))
        except FlowAbort as end:
            return self._abort(end)

    async def _go_on(self, outcome: Outcome) -> R:
        if isinstance(outcome, Form | Menu):
            return self.show(outcome)
        return await self._finish(outcome)

    def _show_form(self, form: Form) -> R:
        error = form.error
        return self._flow.async_show_form(
            step_id=form.step_id,
            data_schema=self._flow.add_suggested_values_to_schema(form.schema, form.suggested),
            errors={} if error is None else {error.field: error.key},
            description_placeholders={
                **form.placeholders,
                **({} if error is None else error.placeholders),
            },
        )

    def _abort(self, end: FlowAbort) -> R:
        return self._flow.async_abort(reason=end.reason, description_placeholders=end.placeholders)


class SmartLocksConfigFlow(ConfigFlow, domain=DOMAIN):
    """Adds a vendor's account, and renews or changes one that is there."""

    VERSION = 1
    MINOR_VERSION = 1

    def __init__(self) -> None:
        """Prepare to run a vendor's forms."""
        self._runner = FormRunner[ConfigFlowResult](self, self._async_finish)

    def __getattr__(self, name: str) -> Step[ConfigFlowResult]:
        """Find a vendor's step, which this flow has once it was offered."""
        return self._runner.step(name)

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        pages = tuple(self._flow_of(vendor).start() for vendor in VENDORS.values())
        return self._runner.show(Menu(step_id="user", pages=pages))

    @override
    async def async_step_zeroconf(self, discovery_info: ZeroconfServiceInfo) -> ConfigFlowResult:
        for vendor in VENDORS.values():
            try:
                found = await self._flow_of(vendor).discover(discovery_info)
            except FlowAbort as end:
                return self.async_abort(reason=end.reason)
            if found is not None:
                break
        else:
            return self.async_abort(reason="not_a_lock")
        await self.async_set_unique_id(f"{vendor.key}_{found.unique_id}")
        entry = FlowContext(hass=self.hass, vendor=vendor.key).entry_of(found.ids)
        if entry is not None:
            if entry.state is ConfigEntryState.LOADED:
                entry.runtime_data.async_announced(found.host)
            return self.async_abort(reason="already_configured")
        self._abort_if_unique_id_configured()
        self.context["title_placeholders"] = {"name": found.name}
        return self._runner.show(found.page)

    async def async_step_reauth(self, entry_data: Mapping[str, Any]) -> ConfigFlowResult:
        """Ask for new credentials."""
        entry = self._get_reauth_entry()
        return await self._runner.begin(lambda: self._flow_of(_vendor(entry)).reauth(entry))

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Change address or credentials."""
        entry = self._get_reconfigure_entry()
        return await self._runner.begin(lambda: self._flow_of(_vendor(entry)).reconfigure(entry))

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: SmartLocksConfigEntry) -> OptionsFlow:
        return SmartLocksOptionsFlow()

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: SmartLocksConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        vendor = VENDORS.get(config_entry.data.get(CONF_VENDOR, ""))
        return {SUBENTRY_LOCK: LockFlow} if vendor is not None and vendor.has_locks else {}

    def _flow_of(self, vendor: Vendor) -> VendorFlow:
        return vendor.flow(FlowContext(hass=self.hass, vendor=vendor.key))

    async def _async_finish(self, result: Result) -> ConfigFlowResult:
        if isinstance(result, EntryUpdate) and self.source in (SOURCE_REAUTH, SOURCE_RECONFIGURE):
            is_reauth = self.source == SOURCE_REAUTH
            entry = self._get_reauth_entry() if is_reauth else self._get_reconfigure_entry()
            return self._change(entry, result)
        if isinstance(result, Account):
            return await self._async_create(result)
        raise TypeError(result)

    def _change(self, entry: ConfigEntry, change: EntryUpdate) -> ConfigFlowResult:
        ids = frozenset(entry.data[CONF_IDS]) if change.ids is None else change.ids
        flow = self._flow_of(_vendor(entry))
        other = flow.context.entry_of(ids, entry)
        if other is not None:
            raise FlowAbort(flow.configured, name=other.title)
        for key, data in change.locks.items():
            if (lock := entry.subentries.get(key)) is not None:
                self.hass.config_entries.async_update_subentry(entry, lock, data=dict(data))
        self._end_discoveries(flow.context.vendor, ids)
        return self.async_update_reload_and_abort(
            entry,
            title=change.title or entry.title,
            data_updates={**change.data, CONF_IDS: sorted(ids)},
        )

    def _end_discoveries(self, vendor: str, ids: Collection[str]) -> None:
        """End what still offers a device that has an entry now, by whichever of its names."""
        names = {f"{vendor}_{name}" for name in ids}
        for flow in self._async_in_progress(include_uninitialized=True):
            context = flow["context"]
            if context["source"] == SOURCE_ZEROCONF and context.get("unique_id") in names:
                self.hass.config_entries.flow.async_abort(flow["flow_id"])

    async def _async_create(self, account: Account) -> ConfigFlowResult:
        vendor = VENDORS[account.vendor]
        flow = self._flow_of(vendor)
        if (entry := flow.context.entry_of(account.ids)) is not None:
            raise FlowAbort(flow.configured, name=entry.title)
        await self.async_set_unique_id(f"{vendor.key}_{account.unique_id}", raise_on_progress=False)
        self._abort_if_unique_id_configured()
        self._end_discoveries(vendor.key, account.ids)
        return self.async_create_entry(
            title=account.title,
            data={
                CONF_VENDOR: vendor.key,
                CONF_IDS: sorted(account.ids),
                **account.data,
                **({CONF_WEBHOOK_ID: async_generate_id()} if vendor.can_push else {}),
            },
            description=account.note,
            subentries=[_subentry(lock) for lock in account.locks],
        )


class SmartLocksOptionsFlow(OptionsFlowWithReload):
    """The options of one account."""

    def __init__(self) -> None:
        """Prepare to run a vendor's forms."""
        self._runner = FormRunner[ConfigFlowResult](self, self._async_finish)

    def __getattr__(self, name: str) -> Step[ConfigFlowResult]:
        """Find a vendor's step."""
        return self._runner.step(name)

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show the options, in a menu where there is more than one page of them."""
        return await self._runner.begin(self._async_first_page)

    async def _async_first_page(self) -> Page:
        entry = self.config_entry
        vendor = _vendor(entry)
        context = FlowContext(hass=self.hass, vendor=vendor.key)
        first = await vendor.flow(context).options(entry)
        locks = _locks_with_codes(self.hass, entry)
        if not locks and isinstance(first, Form):
            return first
        pages = first.pages if isinstance(first, Menu) else (first,)
        code = (CodePage(self.hass, entry, locks).form(),) if locks else ()
        placeholders = first.placeholders if isinstance(first, Menu) else {}
        return Menu(step_id="init", pages=(*pages, *code), placeholders=placeholders)

    async def _async_finish(self, result: Result) -> ConfigFlowResult:
        """Keep the options of the page, and the codes of the locks that are still there."""
        if not isinstance(result, Options):
            raise TypeError(result)
        data = {**result.data}
        codes = data.pop(CONF_CODES, self.config_entry.options.get(CONF_CODES, {}))
        locks = _locks_with_codes(self.hass, self.config_entry)
        if kept := {lock_id: code for lock_id, code in codes.items() if lock_id in locks}:
            data[CONF_CODES] = kept
        self._change_data(result.entry_data, options=data)
        return self.async_create_entry(data=data)

    @callback
    def _change_data(self, changes: Mapping[str, Any], *, options: Mapping[str, Any]) -> None:
        """Change what is kept with the credentials; changed options reload by themselves."""
        entry = self.config_entry
        kept = {name: value for name, value in entry.data.items() if name not in changes}
        new = {name: value for name, value in changes.items() if value is not None}
        is_changed = self.hass.config_entries.async_update_entry(entry, data={**kept, **new})
        if is_changed and options == entry.options:
            self.hass.config_entries.async_schedule_reload(entry.entry_id)


class CodePage:
    """The options page that sets, changes or removes the code of a lock."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry[Any], locks: Mapping[str, str]
    ) -> None:
        """Offer these locks: names by lock id."""
        self._hass = hass
        self._entry = entry
        self._locks = locks

    def form(
        self, error: FlowError | None = None, suggested: Mapping[str, Any] | None = None
    ) -> Form:
        """Return the form. What was typed into the fields of the code is not shown again."""
        with_code = [self._locks[lock_id] for lock_id in self._locks if lock_id in self._codes]
        return Form(
            step_id="code",
            schema=self._schema(),
            submit=self._submit,
            suggested=suggested or {},
            placeholders={"with_code": ", ".join(with_code) or "-"},
            error=error,
        )

    @property
    def _codes(self) -> Mapping[str, Mapping[str, str]]:
        codes: Mapping[str, Mapping[str, str]] = self._entry.options.get(CONF_CODES, {})
        return codes

    def _schema(self) -> vol.Schema:
        names = [SelectOptionDict(value=key, label=name) for key, name in self._locks.items()]
        picker = SelectSelector(
            SelectSelectorConfig(options=names, mode=SelectSelectorMode.DROPDOWN)
        )
        return vol.Schema(
            {
                **({vol.Required(_CONF_LOCK): picker} if len(names) > 1 else {}),
                vol.Optional(CONF_CODE): _NEW_CODE,
                vol.Optional(_CONF_CODE_AGAIN): _NEW_CODE,
            }
        )

    async def _submit(self, answers: Answers) -> Outcome:
        code, again = answers.get(CONF_CODE, ""), answers.get(_CONF_CODE_AGAIN, "")
        chosen = {_CONF_LOCK: answers[_CONF_LOCK]} if _CONF_LOCK in answers else {}
        lock_id = chosen.get(_CONF_LOCK) or next(iter(self._locks))
        if code and not is_code(code):
            return self.form(FlowError("code_format", field=CONF_CODE), chosen)
        if code != again:
            return self.form(FlowError("codes_differ", field=_CONF_CODE_AGAIN), chosen)
        hashed = {lock_id: await async_hash_code(self._hass, code)} if code else {}
        others = {key: kept for key, kept in self._codes.items() if key != lock_id}
        return Options(data={**self._entry.options, CONF_CODES: {**others, **hashed}})


class LockFlow(ConfigSubentryFlow):
    """Adds a lock to an account, or changes one."""

    def __init__(self) -> None:
        """Prepare to run a vendor's forms."""
        self._runner = FormRunner[SubentryFlowResult](self, self._async_finish)

    def __getattr__(self, name: str) -> Step[SubentryFlowResult]:
        """Find a vendor's step."""
        return self._runner.step(name)

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Add a lock."""
        entry = self._get_entry()
        return await self._runner.begin(lambda: self._vendor_flow(entry).add_lock(entry))

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change a lock."""
        entry, lock = self._get_entry(), self._get_reconfigure_subentry()
        return await self._runner.begin(lambda: self._vendor_flow(entry).edit_lock(entry, lock))

    def _vendor_flow(self, entry: ConfigEntry) -> VendorFlow:
        vendor = _vendor(entry)
        return vendor.flow(FlowContext(hass=self.hass, vendor=vendor.key))

    async def _async_finish(self, result: Result) -> SubentryFlowResult:
        if not isinstance(result, LockAccount):
            raise TypeError(result)
        entry = self._get_entry()
        if self.source == SOURCE_RECONFIGURE:
            lock = self._get_reconfigure_subentry()
            return self.async_update_and_abort(entry, lock, data=result.data, title=result.title)
        return self.async_create_entry(
            title=result.title, data=result.data, unique_id=result.unique_id
        )


def _vendor(entry: ConfigEntry) -> Vendor:
    """Return the vendor of an entry; FlowAbort if this version does not know it."""
    vendor = VENDORS.get(entry.data.get(CONF_VENDOR, ""))
    if vendor is None:
        raise FlowAbort("vendor_unknown")
    return vendor


@callback
def _locks_with_codes(hass: HomeAssistant, entry: ConfigEntry[Any]) -> dict[str, str]:
    """Return the names of the locks that may have a code, loaded or not, by lock id.

    Those with a lock entity, and those that have a code already: it may not be lost only
    because a lock is missing for a while, or has no lock entity at the moment. It goes
    with a lock that a person removes.
    """
    entities = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    locks = {lock_id_of(one.unique_id, entry) for one in entities if one.domain == Platform.LOCK}
    devices = {
        identifier: device.name_by_user or device.name
        for device in dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
        for _, identifier in device.identifiers
    }
    is_removed_by_hand = _vendor(entry).has_locks
    for lock_id in entry.options.get(CONF_CODES, {}):
        if device_identifier(entry, lock_id) in devices or not is_removed_by_hand:
            locks.add(lock_id)
    names = {key: devices.get(device_identifier(entry, key)) or key for key in locks}
    return dict(sorted(names.items(), key=lambda lock: lock[1].casefold()))


def _subentry(lock: LockAccount) -> ConfigSubentryData:
    return ConfigSubentryData(
        # A plain dictionary: the result goes to the frontend, which takes no other.
        data=dict(lock.data),
        subentry_type=SUBENTRY_LOCK,
        title=lock.title,
        unique_id=lock.unique_id,
    )
