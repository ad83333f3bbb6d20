"""Repair flows: reload the entry when a person has mended what the issue names."""

from typing import Any, override

from homeassistant.components.repairs import ConfirmRepairFlow, RepairsFlow, RepairsFlowResult
from homeassistant.core import HomeAssistant


class TryAgainFlow(ConfirmRepairFlow):
    """Reloads the entry. If the fault is still there, the issue comes back."""

    def __init__(self, entry_id: str) -> None:
        """Remember the entry."""
        super().__init__()
        self._entry_id = entry_id

    @override
    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        if user_input is not None:
            self.hass.config_entries.async_schedule_reload(self._entry_id)
        return await super().async_step_confirm(user_input)


async def async_create_fix_flow(
    hass: HomeAssistant,
    issue_id: str,
    data: dict[str, Any] | None,
) -> RepairsFlow:
    """Return the flow for an issue; all fixable ones are mended in the same way."""
    return TryAgainFlow((data or {})["entry_id"])
