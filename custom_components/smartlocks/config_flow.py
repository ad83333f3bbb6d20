"""The one config flow: it chooses the vendor, runs the vendor's pages, and makes the entry."""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.components.webhook import async_generate_id
from homeassistant.config_entries import (
    SOURCE_REAUTH,
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentryData,
    ConfigSubentryFlow,
    OptionsFlow,
    OptionsFlowWithReload,
    SubentryFlowResult,
)
from homeassistant.const import CONF_WEBHOOK_ID
from homeassistant.core import callback
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo

from .const import CONF_IDS, CONF_VENDOR, DOMAIN, SUBENTRY_LOCK
from .pages import Ending, PageRunner, Step
from .push import PushCoordinator
from .vendors import VENDORS
from .vendors.base import (
    Account,
    FlowAbort,
    FlowContext,
    LockAccount,
    Menu,
    Options,
    Vendor,
    VendorFlow,
)


class SmartLocksConfigFlow(ConfigFlow, domain=DOMAIN):
    """Adds a vendor's account, and renews or changes one that is there."""

    VERSION = 1
    MINOR_VERSION = 1

    def __init__(self) -> None:
        """Prepare to run pages."""
        self._runner = PageRunner[ConfigFlowResult](self, self._async_finish)

    def __getattr__(self, name: str) -> Step[ConfigFlowResult]:
        """Find the vendor's pages, which are steps of this flow once they were offered."""
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
            return self._follow(entry, found.updates)
        self._abort_if_unique_id_configured()
        self.context["title_placeholders"] = {"name": found.name}
        return self._runner.show(found.page)

    async def async_step_reauth(self, entry_data: Mapping[str, Any]) -> ConfigFlowResult:
        """Ask for new credentials."""
        entry = self._get_reauth_entry()
        return await self._runner.begin(self._flow_of(_vendor(entry)).reauth(entry))

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Change address or credentials."""
        entry = self._get_reconfigure_entry()
        return await self._runner.begin(self._flow_of(_vendor(entry)).reconfigure(entry))

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> OptionsFlow:
        return SmartLocksOptionsFlow()

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: ConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        return {SUBENTRY_LOCK: LockFlow} if _vendor(config_entry).has_locks else {}

    def _flow_of(self, vendor: Vendor) -> VendorFlow:
        return vendor.flow(FlowContext(hass=self.hass, vendor=vendor.key))

    def _follow(self, entry: ConfigEntry, updates: Mapping[str, Any]) -> ConfigFlowResult:
        """Keep up with a device that is set up and was found somewhere else."""
        if self.hass.config_entries.async_update_entry(entry, data={**entry.data, **updates}):
            self.hass.config_entries.async_schedule_reload(entry.entry_id)
        return self.async_abort(reason="already_configured")

    async def _async_finish(self, ending: Ending) -> ConfigFlowResult:
        if not isinstance(ending, Account):
            raise TypeError(ending)
        if self.source == SOURCE_REAUTH:
            return self._renew(self._get_reauth_entry(), ending)
        if self.source == SOURCE_RECONFIGURE:
            return self._renew(self._get_reconfigure_entry(), ending)
        return await self._async_create(ending)

    def _renew(self, entry: ConfigEntry, account: Account) -> ConfigFlowResult:
        if account.ids.isdisjoint(entry.data[CONF_IDS]):
            return self.async_abort(reason="unique_id_mismatch")
        ids = sorted(account.ids.union(entry.data[CONF_IDS]))
        return self.async_update_reload_and_abort(
            entry, data_updates={**account.data, CONF_IDS: ids}
        )

    async def _async_create(self, account: Account) -> ConfigFlowResult:
        vendor = VENDORS[account.vendor]
        if FlowContext(hass=self.hass, vendor=vendor.key).entry_of(account.ids) is not None:
            return self.async_abort(reason="already_configured")
        await self.async_set_unique_id(f"{vendor.key}_{account.unique_id}", raise_on_progress=False)
        self._abort_if_unique_id_configured()
        can_push = issubclass(vendor.coordinator, PushCoordinator)
        return self.async_create_entry(
            title=account.title,
            data={
                CONF_VENDOR: vendor.key,
                CONF_IDS: sorted(account.ids),
                **account.data,
                **({CONF_WEBHOOK_ID: async_generate_id()} if can_push else {}),
            },
            description=account.note,
            subentries=[_subentry(lock) for lock in account.locks],
        )


class SmartLocksOptionsFlow(OptionsFlowWithReload):
    """The options of one account."""

    def __init__(self) -> None:
        """Prepare to run pages."""
        self._runner = PageRunner[ConfigFlowResult](self, self._async_finish)

    def __getattr__(self, name: str) -> Step[ConfigFlowResult]:
        """Find the vendor's pages."""
        return self._runner.step(name)

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show the vendor's options."""
        entry = self.config_entry
        context = FlowContext(hass=self.hass, vendor=entry.data[CONF_VENDOR])
        return await self._runner.begin(_vendor(entry).flow(context).options(entry))

    async def _async_finish(self, ending: Ending) -> ConfigFlowResult:
        if not isinstance(ending, Options):
            raise TypeError(ending)
        return self.async_create_entry(data=ending.data)


class LockFlow(ConfigSubentryFlow):
    """Adds a lock to an account, or changes one."""

    def __init__(self) -> None:
        """Prepare to run pages."""
        self._runner = PageRunner[SubentryFlowResult](self, self._async_finish)

    def __getattr__(self, name: str) -> Step[SubentryFlowResult]:
        """Find the vendor's pages."""
        return self._runner.step(name)

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Add a lock."""
        entry = self._get_entry()
        return await self._runner.begin(self._vendor_flow(entry).add_lock(entry))

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change a lock."""
        entry, lock = self._get_entry(), self._get_reconfigure_subentry()
        return await self._runner.begin(self._vendor_flow(entry).edit_lock(entry, lock))

    def _vendor_flow(self, entry: ConfigEntry) -> VendorFlow:
        vendor = _vendor(entry)
        return vendor.flow(FlowContext(hass=self.hass, vendor=vendor.key))

    async def _async_finish(self, ending: Ending) -> SubentryFlowResult:
        if not isinstance(ending, LockAccount):
            raise TypeError(ending)
        entry = self._get_entry()
        if self.source == SOURCE_RECONFIGURE:
            lock = self._get_reconfigure_subentry()
            return self.async_update_and_abort(entry, lock, data=ending.data, title=ending.title)
        return self.async_create_entry(
            title=ending.title, data=ending.data, unique_id=ending.unique_id
        )


def _vendor(entry: ConfigEntry) -> Vendor:
    return VENDORS[entry.data[CONF_VENDOR]]


def _subentry(lock: LockAccount) -> ConfigSubentryData:
    return ConfigSubentryData(
        # A plain dictionary: the result goes to the frontend, which takes no other.
        data=dict(lock.data),
        subentry_type=SUBENTRY_LOCK,
        title=lock.title,
        unique_id=lock.unique_id,
    )
