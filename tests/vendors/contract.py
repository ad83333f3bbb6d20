"""Set up a vendor's simulator through the real flow."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from homeassistant.config_entries import SOURCE_USER, ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from custom_components.smartlocks.const import DOMAIN, SUBENTRY_LOCK
from tests.simulators.base import Simulator
from tests.vendors.answers import ANSWERS, OTHER_WAYS, Answers
from tests.vendors.home import settle


@dataclass(frozen=True, kw_only=True, slots=True)
class Installation:
    """One vendor's devices, and how a person sets them up."""

    simulator: Simulator
    answers: Answers

    @classmethod
    def of(cls, simulator: Simulator, way: str = "") -> Installation:
        """Take the answers that fit a running simulator; `way` is another than the usual."""
        addresses = {
            name: str(url)
            for name in ("url", "cloud_url")
            if (url := getattr(simulator, name, None)) is not None
        }
        answers = OTHER_WAYS[way][1] if way else ANSWERS[simulator.key]
        return cls(simulator=simulator, answers=answers(addresses))

    @property
    def lock(self) -> str:
        """The entity of the simulator's first lock."""
        return self.answers.lock

    async def set_up(self, hass: HomeAssistant) -> ConfigEntry:
        """Set everything up through the real flow."""
        flows = hass.config_entries.flow
        page: Any = await flows.async_init(DOMAIN, context={"source": SOURCE_USER})
        page = await self._walk(flows, page, self.answers.forms)
        entry: ConfigEntry = page["result"]
        await settle(hass)
        for forms in self.answers.locks:
            subflows = hass.config_entries.subentries
            page = await subflows.async_init(
                (entry.entry_id, SUBENTRY_LOCK), context={"source": SOURCE_USER}
            )
            await self._walk(subflows, page, forms)
            await settle(hass)
        return entry

    async def _walk(self, flows: Any, page: Any, forms: Mapping[str, Mapping[str, Any]]) -> Any:
        while page["type"] is not FlowResultType.CREATE_ENTRY:
            assert not page.get("errors"), page["errors"]
            if page["type"] is FlowResultType.MENU:
                (choice,) = self.answers.choices.intersection(page["menu_options"])
                filled: Mapping[str, Any] = {"next_step_id": choice}
            else:
                assert page["type"] is FlowResultType.FORM, page
                filled = forms[page["step_id"]]
            page = await flows.async_configure(page["flow_id"], dict(filled))
        return page
