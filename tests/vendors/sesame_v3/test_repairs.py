"""Repair issues of an account: what a person must do in the app stays told over a reload."""

from homeassistant.core import HomeAssistant
from yarl import URL

from tests.simulators.sesame_v3 import SesameV3Simulator
from tests.vendors.home import issues, settle
from tests.vendors.repairs import ignore, is_ignored, issue_of

from .helpers import REFRESH, command, pass_time, set_up


async def test_integration_that_is_off_when_reloaded_stays_ignored_until_it_is_on(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    entry = await set_up(hass)
    cloud.enable_integration(enabled=False)
    await command(hass, "press", REFRESH)
    told = issue_of(hass, "sesame_v3_integration_off")
    assert told.translation_placeholders == {"name": entry.title, "locks": "Front door"}
    ignore(hass, "sesame_v3_integration_off")
    await hass.config_entries.async_reload(entry.entry_id)
    # The list that is read then says nothing of it.
    await pass_time(hass, 120)
    assert is_ignored(hass, "sesame_v3_integration_off")
    cloud.enable_integration()
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    await pass_time(hass, 61)
    assert issues(hass) == set()
