"""Repair issues: raise them, take them back, and the flows that mend them.

An issue stands as long as its cause, a reload in between included: whoever has ignored it
is not asked again. It goes when its cause, or the entry, is gone or disabled.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, override

from homeassistant.components.repairs import (
    ConfirmRepairFlow,
    FlowType,
    RepairsFlow,
    RepairsFlowResult,
)
from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    SOURCE_REAUTH,
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigEntryChange,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.loader import async_get_loaded_integration

from .const import CONF_VENDOR, DOMAIN


class Fix(StrEnum):
    """What the fix flow of an issue does."""

    RELOAD = "reload"
    """Load the entry again; an issue that still has its cause comes back."""
    OPTIONS = "options"
    """Open the options."""
    REAUTH = "reauth"
    """Ask for new credentials."""
    RECONFIGURE = "reconfigure"
    """Open the form that changes the address."""


@callback
def async_raise_issue(
    hass: HomeAssistant,
    entry: ConfigEntry[Any],
    *,
    translation_key: str,
    placeholders: Mapping[str, str] | None = None,
    fix: Fix | None = None,
    is_error: bool = False,
) -> None:
    """Raise an issue of an entry, or bring its text up to date."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        f"{translation_key}{_suffix(entry)}",
        is_fixable=fix is not None,
        severity=ir.IssueSeverity.ERROR if is_error else ir.IssueSeverity.WARNING,
        translation_key=translation_key,
        translation_placeholders={"name": entry.title, **(placeholders or {})},
        learn_more_url=documentation_url(hass, entry.data[CONF_VENDOR]),
        data={"entry_id": entry.entry_id, "fix": fix},
    )


@callback
def async_clear_issue(hass: HomeAssistant, entry: ConfigEntry[Any], *keys: str) -> None:
    """Take issues of an entry back."""
    for key in keys:
        ir.async_delete_issue(hass, DOMAIN, f"{key}{_suffix(entry)}")


@callback
def async_raised_issues(hass: HomeAssistant, entry: ConfigEntry[Any]) -> set[str]:
    """Return the keys of an entry's issues that stand since Home Assistant was started."""
    suffix = _suffix(entry)
    return {
        issue_id.removesuffix(suffix)
        for (domain, issue_id), issue in ir.async_get(hass).issues.items()
        if domain == DOMAIN and issue_id.endswith(suffix) and issue.active
    }


@callback
def async_forget_issues(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Take back everything that was raised for an entry."""
    suffix = _suffix(entry)
    for domain, issue_id in tuple(ir.async_get(hass).issues):
        if domain == DOMAIN and issue_id.endswith(suffix):
            ir.async_delete_issue(hass, DOMAIN, issue_id)


@callback
def async_follow_entries(hass: HomeAssistant) -> None:
    """Forget the issues of entries that a person disables, whatever their state."""

    @callback
    def changed(change: ConfigEntryChange, entry: ConfigEntry[Any]) -> None:
        is_ours = entry.domain == DOMAIN and change is ConfigEntryChange.UPDATED
        if is_ours and entry.disabled_by is not None:
            async_forget_issues(hass, entry)

    async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, changed)


@callback
def documentation_url(hass: HomeAssistant, vendor: str) -> str:
    """Return the address of the page that explains a vendor's troubles."""
    documentation = async_get_loaded_integration(hass, DOMAIN).documentation
    return f"{documentation}/blob/main/docs/{vendor.replace('_', '-')}.md#troubleshooting"


def _suffix(entry: ConfigEntry[Any]) -> str:
    return f"_{entry.entry_id}"


class FixFlow(ConfirmRepairFlow):
    """Explains an issue, and does what mends it when a person submits."""

    def __init__(self, entry_id: str, fix: Fix) -> None:
        """Remember which entry it is about."""
        super().__init__()
        self._entry_id = entry_id
        self._fix = fix

    @override
    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        entry = self.hass.config_entries.async_get_entry(self._entry_id)
        if user_input is None or entry is None:
            # Without the entry there is nothing left to mend.
            return await super().async_step_confirm(user_input)
        if self._fix is Fix.RELOAD:
            self.hass.config_entries.async_schedule_reload(entry.entry_id)
            return await super().async_step_confirm(user_input)
        # Not mended yet: the issue stays until its cause is gone.
        return self.async_abort(reason="continue_there", next_flow=await self._open(entry))

    async def _open(self, entry: ConfigEntry[Any]) -> tuple[FlowType, str] | None:
        """Open another form of the entry; None if it has ended at once."""
        if self._fix is Fix.OPTIONS:
            opened = await self.hass.config_entries.options.async_init(entry.entry_id)
            kind = FlowType.OPTIONS_FLOW
        else:
            kind = FlowType.CONFIG_FLOW
            source = SOURCE_REAUTH if self._fix is Fix.REAUTH else SOURCE_RECONFIGURE
            for flow in entry.async_get_active_flows(self.hass, {source}):
                return kind, flow["flow_id"]
            opened = await self.hass.config_entries.flow.async_init(
                DOMAIN,
                context={
                    "source": source,
                    "entry_id": entry.entry_id,
                    "unique_id": entry.unique_id,
                    "title_placeholders": {"name": entry.title},
                },
                data=entry.data if source == SOURCE_REAUTH else None,
            )
        return None if opened["type"] is FlowResultType.ABORT else (kind, opened["flow_id"])


async def async_create_fix_flow(
    hass: HomeAssistant,
    issue_id: str,
    data: dict[str, Any] | None,
) -> RepairsFlow:
    """Return the flow that mends an issue."""
    told = data or {}
    return FixFlow(told["entry_id"], Fix(told["fix"]))
