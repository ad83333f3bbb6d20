"""Repair issues of an account: the budget in the options, the plan at the vendor."""

from typing import Any

from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from yarl import URL

from tests.simulators.sesame_web import SesameWebSimulator
from tests.vendors.home import Clock, call, issues, let_pass, refresh, refused, settle
from tests.vendors.repairs import ignore, is_ignored, issue_of, opened, submit

from .helpers import LOCK, REFRESH, local, reload, set_up


async def test_budget_when_submitted_is_raised_in_the_options(
    hass: HomeAssistant,
    address: URL,
    cloud: SesameWebSimulator,
    clock: Clock,
    hass_client: ClientSessionGenerator,
) -> None:
    clock.set(local(2027, 1, 2))
    entry = await set_up(hass, budget=10)
    for _ in range(6):
        await refresh(hass, entry)
    assert issue_of(hass, "sesame_web_budget").translation_placeholders == {
        "name": entry.title,
        "budget": "10",
    }
    ignore(hass, "sesame_web_budget")
    await reload(hass, entry)
    assert is_ignored(hass, "sesame_web_budget")
    flow_id = opened(await submit(hass, hass_client, "sesame_web_budget"), "options_flow")
    options: Any = hass.config_entries.options
    await options.async_configure(flow_id, {"next_step_id": "sesame_web_options"})
    page = await options.async_configure(flow_id, {"budget": 30_000, "history": False})
    assert page["type"] == "create_entry", page
    await settle(hass)
    assert issues(hass) == set()


async def test_plan_that_is_used_up_when_reloaded_stays_told_until_a_call_is_answered(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass)
    cloud.use_up_quota()
    assert await refused(hass, "unlock", LOCK) == "sesame_web_quota"
    ignore(hass, "sesame_web_quota")
    await reload(hass, entry)
    assert is_ignored(hass, "sesame_web_quota")
    cloud.begin_month()
    await reload(hass, entry)
    await let_pass(hass, seconds=6)
    await call(hass, "press", REFRESH)
    assert issues(hass) == set()
