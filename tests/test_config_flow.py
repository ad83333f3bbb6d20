"""The config flow itself, with forms that end in a way that no vendor's do."""

from dataclasses import replace
from typing import Any, ClassVar, override

from homeassistant.config_entries import ConfigEntry, ConfigSubentry, ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import voluptuous as vol

from custom_components.smartlocks.config_flow import SmartLocksConfigFlow
from custom_components.smartlocks.const import DOMAIN, SUBENTRY_LOCK
from custom_components.smartlocks.vendors import VENDORS
from custom_components.smartlocks.vendors.base import (
    Answers,
    EntryUpdate,
    Form,
    Later,
    LockAccount,
    Options,
    Outcome,
    Page,
    VendorFlow,
)

LOCK = LockAccount(unique_id="1", title="Front door", data={})


class EndingFlow(VendorFlow):
    """Empty forms, shown with the texts of a real vendor; each leads to `end`."""

    configured = "the_keys_gateway_configured"
    end: ClassVar[Outcome]

    def _form(self, step_id: str) -> Form:
        async def submit(_: Answers) -> Outcome:
            return self.end

        return Form(step_id=step_id, schema=vol.Schema({}), submit=submit)

    @override
    def start(self) -> Later:
        async def form() -> Page:
            return self._form("the_keys")

        return Later(step_id="the_keys", open=form)

    @override
    async def reauth(self, entry: ConfigEntry[Any]) -> Page:
        return self._form("the_keys")

    @override
    async def reconfigure(self, entry: ConfigEntry[Any]) -> Page:
        return self._form("the_keys")

    @override
    async def options(self, entry: ConfigEntry[Any]) -> Page:
        return self._form("the_keys_options")

    @override
    async def edit_lock(self, entry: ConfigEntry[Any], lock: ConfigSubentry) -> Page:
        form = self._form("the_keys_edit")
        return replace(form, placeholders={"identifier": "1"})


@pytest.fixture
def entry(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> MockConfigEntry:
    """Return an entry whose forms are these."""
    vendor = replace(VENDORS["the_keys"], flow=EndingFlow)
    monkeypatch.setitem(VENDORS, "the_keys", vendor)
    lock = ConfigSubentryData(
        data={"code": "old"}, subentry_type=SUBENTRY_LOCK, title="Front door", unique_id="1"
    )
    entry = MockConfigEntry(
        domain=DOMAIN, data={"vendor": "the_keys", "ids": ["1"]}, subentries_data=[lock]
    )
    entry.add_to_hass(hass)
    return entry


@pytest.mark.parametrize(
    ("source", "end"),
    [("user", EntryUpdate()), ("user", LOCK), ("reconfigure", LOCK), ("reauth", Options(data={}))],
)
async def test_entry_flow_when_a_form_ends_as_of_another_flow_then_nothing_is_changed(
    hass: HomeAssistant, entry: MockConfigEntry, source: str, end: Outcome
) -> None:
    EndingFlow.end = end
    flows, before = hass.config_entries.flow, dict(entry.data)
    context: Any = {"source": source, "entry_id": entry.entry_id}
    page: Any = await flows.async_init(
        DOMAIN, context={"source": source} if source == "user" else context
    )
    if source == "user":
        page = await flows.async_configure(page["flow_id"], {"next_step_id": "the_keys"})
    with pytest.raises(TypeError):
        await flows.async_configure(page["flow_id"], {})
    assert entry.data == before
    assert hass.config_entries.async_entries(DOMAIN) == [entry]


async def test_lock_flow_when_a_form_ends_as_of_another_flow_then_nothing_is_changed(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    EndingFlow.end = Options(data={})
    flows = hass.config_entries.subentries
    (lock,) = entry.subentries
    page: Any = await flows.async_init(
        (entry.entry_id, SUBENTRY_LOCK),
        context={"source": "reconfigure", "subentry_id": lock},
    )
    with pytest.raises(TypeError):
        await flows.async_configure(page["flow_id"], {})
    assert entry.subentries[lock].data == {"code": "old"}


async def test_options_flow_when_a_form_ends_as_of_another_flow_then_nothing_is_changed(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    EndingFlow.end = LOCK
    page: Any = await hass.config_entries.options.async_init(entry.entry_id)
    with pytest.raises(TypeError):
        await hass.config_entries.options.async_configure(page["flow_id"], {})
    assert entry.options == {}


async def test_new_codes_when_a_lock_was_removed_meanwhile_then_the_others_get_theirs(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    (lock,) = entry.subentries
    EndingFlow.end = EntryUpdate(locks={"gone": {"code": "new"}, lock: {"code": "new"}})
    page: Any = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": "reconfigure", "entry_id": entry.entry_id}
    )
    page = await hass.config_entries.flow.async_configure(page["flow_id"], {})
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    assert entry.subentries[lock].data == {"code": "new"}
    assert list(entry.subentries) == [lock]


@pytest.mark.parametrize("source", ["reconfigure", "reauth"])
async def test_entry_of_a_vendor_that_is_not_known_when_changed_says_so(
    hass: HomeAssistant, source: str
) -> None:
    entry = MockConfigEntry(domain=DOMAIN, data={"vendor": "acme", "ids": ["1"]})
    entry.add_to_hass(hass)
    page = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": source, "entry_id": entry.entry_id}, data={}
    )
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "vendor_unknown")


def test_step_that_was_not_offered_is_not_there() -> None:
    assert not hasattr(SmartLocksConfigFlow(), "async_step_the_keys_account")
