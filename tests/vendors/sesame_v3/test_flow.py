"""Every way to set the account up, and every sentence that says why it did not work."""

from itertools import pairwise
from typing import Any

from homeassistant.config_entries import SOURCE_RECONFIGURE, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from yarl import URL

from custom_components.smartlocks.const import DOMAIN
from custom_components.smartlocks.vendors.sesame_v3 import connection
from custom_components.smartlocks.vendors.sesame_v3.api import REQUEST_SPACING
from tests.simulators.sesame_v3 import API_KEY, BACK_DOOR, FRONT_DOOR, SesameV3Simulator
from tests.vendors.home import answer, issues, reauth_flows, refresh, settle, state
from tests.vendors.sesame_v3.home import BACK, LOCK, asked, give_key, set_up

NEW_KEY = "another.made-up.key"


async def options_page(hass: HomeAssistant, entry: Any) -> Any:
    return await hass.config_entries.options.async_init(entry.entry_id)


def shown_hook(page: Any) -> str | None:
    """The address a person can copy; a dash says that there is none."""
    shown: str = page["description_placeholders"]["hook"]
    return None if shown == "—" else shown


async def test_by_api_key(hass: HomeAssistant, address: URL, cloud: SesameV3Simulator) -> None:
    page = await give_key(hass, f"  {API_KEY}\n")
    assert page["type"] is FlowResultType.CREATE_ENTRY
    assert page["title"] == "Sesame: Front door, Back door"
    assert page["description"] == "sesame_v3_webhook"
    entry = page["result"]
    assert entry.unique_id == f"sesame_v3_account_{FRONT_DOOR}"
    assert entry.data["ids"] == [FRONT_DOOR, BACK_DOOR]
    assert entry.data["api_key"] == API_KEY
    assert (state(hass, LOCK), state(hass, BACK)) == ("locked", "unlocked")
    assert issues(hass) == set()


async def test_a_title_for_many_locks(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    cloud.add_lock("Cellar")
    cloud.add_lock("Attic")
    page = await give_key(hass)
    assert page["title"] == "Sesame: Front door, Back door, Cellar, …"


async def test_a_lock_without_a_name(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    cloud.remove_lock(BACK_DOOR)
    cloud.rename_lock("")
    assert (await give_key(hass))["title"] == "Sesame: Sesame SIM0000001"


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        ("Forbidden", "sesame_v3_blocked"),
        ("ACCESS_DENY", "sesame_v3_blocked"),
        ("THROTTLED", "sesame_v3_throttled"),
        ("INTERNAL_ERROR", "sesame_v3_server"),
        ("NEVER_SEEN", "sesame_v3_not_as_documented"),
        ("UNAUTHORIZED", "sesame_v3_key_refused"),
    ],
)
async def test_every_error_of_the_cloud(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator, error: str, sentence: str
) -> None:
    cloud.answer_error(error)
    page = await give_key(hass)
    field = "api_key" if sentence == "sesame_v3_key_refused" else "base"
    assert page["errors"] == {field: sentence}
    assert asked(cloud) == 1


async def test_an_error_is_followed_by_success(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    page = await give_key(hass, "wrong")
    assert page["errors"] == {"api_key": "sesame_v3_key_refused"}
    page = await answer(hass, page, api_key=API_KEY)
    assert page["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize("kind", ["object", "strings", "html", "missing_fields", "empty"])
async def test_a_service_that_is_not_what_it_was(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator, kind: str
) -> None:
    cloud.malform("list", kind)
    assert (await give_key(hass))["errors"] == {"base": "sesame_v3_not_as_documented"}


async def test_a_service_that_is_gone(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await cloud.stop()
    assert (await give_key(hass))["errors"] == {"base": "sesame_v3_no_answer"}


async def test_an_account_without_locks(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    cloud.remove_lock(FRONT_DOOR)
    cloud.remove_lock(BACK_DOOR)
    assert (await give_key(hass))["errors"] == {"base": "sesame_v3_no_locks"}


async def test_locks_that_are_all_switched_off(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    cloud.enable_integration(enabled=False, lock_id=FRONT_DOOR)
    cloud.enable_integration(enabled=False, lock_id=BACK_DOOR)
    page = await give_key(hass)
    assert page["errors"] == {"base": "sesame_v3_integration_off"}
    assert page["description_placeholders"]["locks"] == "Front door, Back door"
    cloud.enable_integration(lock_id=BACK_DOOR)
    page = await answer(hass, page, api_key=API_KEY)
    assert page["type"] is FlowResultType.CREATE_ENTRY
    assert (state(hass, LOCK), state(hass, BACK)) == ("unavailable", "unlocked")
    assert issues(hass) == {"sesame_v3_integration_off"}


async def test_the_same_account_twice(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    page = await give_key(hass)
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "already_configured")


async def test_forms_and_entries_together_ask_once_a_second(
    hass: HomeAssistant,
    address: URL,
    cloud: SesameV3Simulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection, "SPACING", REQUEST_SPACING)
    cloud.limit_rate()
    await set_up(hass)
    # The form's list and status; the entry's list and both statuses.
    assert asked(cloud) == 5
    assert cloud.too_fast == 0
    assert min(later.at - one.at for one, later in pairwise(cloud.requests)) >= 1.0


async def test_a_blocked_address_is_not_asked_by_forms_either(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    entry = await set_up(hass)
    cloud.block_ip()
    await refresh(hass, entry)
    before = asked(cloud)
    assert (await give_key(hass))["errors"] == {"base": "sesame_v3_blocked"}
    assert asked(cloud) == before


async def test_a_new_key(hass: HomeAssistant, address: URL, cloud: SesameV3Simulator) -> None:
    entry = await set_up(hass)
    cloud.cloud.access.api_key = NEW_KEY
    await refresh(hass, entry)
    assert state(hass, LOCK) == "unavailable"
    (flow,) = reauth_flows(hass)
    page: Any = await hass.config_entries.flow.async_configure(flow["flow_id"])
    assert page["step_id"] == "sesame_v3_reauth"
    page = await answer(hass, page, api_key=API_KEY)
    assert page["errors"] == {"api_key": "sesame_v3_key_refused"}
    page = await answer(hass, page, api_key=NEW_KEY)
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "reauth_successful")
    assert entry.data["api_key"] == NEW_KEY
    assert state(hass, LOCK) == "locked"


@pytest.mark.parametrize("is_same", [True, False])
async def test_reconfigure(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator, *, is_same: bool
) -> None:
    entry = await set_up(hass)
    cloud.cloud.access.api_key = NEW_KEY
    if not is_same:
        cloud.add_lock("Elsewhere")
        cloud.remove_lock(FRONT_DOOR)
        cloud.remove_lock(BACK_DOOR)
    page: Any = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_RECONFIGURE, "entry_id": entry.entry_id}
    )
    assert page["step_id"] == "sesame_v3_reconfigure"
    page = await answer(hass, page, api_key=NEW_KEY)
    assert page["reason"] == ("reconfigure_successful" if is_same else "unique_id_mismatch")
    assert entry.data["api_key"] == (NEW_KEY if is_same else API_KEY)


async def test_the_address_for_the_dashboard_is_shown_and_not_kept(
    hass: HomeAssistant, outside: URL, cloud: SesameV3Simulator
) -> None:
    entry = await set_up(hass)
    page = await options_page(hass, entry)
    assert page["step_id"] == "sesame_v3_options"
    hook = shown_hook(page)
    assert hook is not None
    assert hook.startswith(f"{outside}/api/webhook/{entry.data['webhook_id']}?")
    assert hook.endswith("?device_id={device_id}&state={state}")
    assert len(hook) <= 256
    filled = {"poll_seconds": 45, "push_route": "direct"}
    page = await hass.config_entries.options.async_configure(page["flow_id"], filled)
    assert page["type"] is FlowResultType.CREATE_ENTRY
    await settle(hass)
    assert entry.options == {"poll_seconds": 45, "push_route": "direct"}
    assert entry.runtime_data.update_interval.total_seconds() == 45
    assert shown_hook(await options_page(hass, entry)) == hook


async def test_a_wrong_option_leaves_the_address_there(
    hass: HomeAssistant, outside: URL, cloud: SesameV3Simulator
) -> None:
    entry = await set_up(hass)
    page = await options_page(hass, entry)
    hook = shown_hook(page)
    filled = {"poll_seconds": 60, "push_route": "custom", "push_base": "nowhere"}
    page = await hass.config_entries.options.async_configure(page["flow_id"], filled)
    assert page["errors"] == {"push_base": "not_a_url"}
    assert shown_hook(page) == hook
    filled["push_base"] = "https://lock.example.com"
    await hass.config_entries.options.async_configure(page["flow_id"], filled)
    await settle(hass)
    hook = shown_hook(await options_page(hass, entry))
    assert hook is not None
    assert hook.startswith("https://lock.example.com/api/webhook/")


async def test_without_an_address_nobody_is_bothered(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    entry = await set_up(hass)
    assert issues(hass) == set()
    assert shown_hook(await options_page(hass, entry)) is None


async def test_a_way_that_was_chosen_and_is_not_there_is_told(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass, push_route="cloud")
    assert issues(hass) == {"no_push_url_cloud"}


async def test_an_address_the_vendor_would_not_take(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    long = f"https://{'a' * 60}.{'b' * 60}.{'c' * 60}.example.com"
    entry = await set_up(hass, push_route="custom", push_base=long)
    assert shown_hook(await options_page(hass, entry)) is None


async def test_the_options_of_an_entry_that_does_not_run(
    hass: HomeAssistant, outside: URL, cloud: SesameV3Simulator
) -> None:
    entry = await set_up(hass)
    await cloud.stop()
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert shown_hook(await options_page(hass, entry)) is None
