"""The forms: an account by its key, a new key, the options, and each message."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from homeassistant.config_entries import SOURCE_RECONFIGURE, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from yarl import URL

from custom_components.smartlocks.const import DOMAIN
from tests.simulators.sesame_v3 import (
    API_KEY,
    BACK_DOOR,
    FRONT_DOOR,
    OTHER_API_KEY,
    SesameV3Simulator,
)
from tests.vendors.home import (
    answer,
    begin,
    choose,
    issues,
    open_options,
    reauth_flows,
    settle,
    state,
)
from tests.vendors.sesame_v3.helpers import BACK, LOCK, asked, give_key, pass_time, restart, set_up

NEW_KEY = "another.made-up.key"


async def options_page(hass: HomeAssistant, entry: Any) -> Any:
    return await open_options(hass, entry, "sesame_v3_options")


def shown_address(page: Any) -> str | None:
    """The address a person can copy, whole; None when there is none."""
    for field, selector in page["data_schema"].schema.items():
        if field == "webhook_address":
            assert selector.config["multiline"]
            shown: str = field.default()
            return shown
    return None


async def test_key_when_valid_then_entry_with_its_locks(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    page = await give_key(hass, f"  {API_KEY}\n")
    assert page["type"] is FlowResultType.CREATE_ENTRY
    assert page["title"] == "SESAME account"
    assert page["description"] == "sesame_v3_webhook"
    entry = page["result"]
    assert entry.unique_id == f"sesame_v3_account_{FRONT_DOOR}"
    assert entry.data["ids"] == [FRONT_DOOR, BACK_DOOR]
    assert entry.data["api_key"] == API_KEY
    assert (state(hass, LOCK), state(hass, BACK)) == ("locked", "unlocked")
    assert issues(hass) == set()


async def test_title_when_there_is_another_account_then_it_is_numbered(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    cloud.cloud.access.api_key = NEW_KEY
    cloud.add_lock("Elsewhere")
    cloud.remove_lock(FRONT_DOOR)
    cloud.remove_lock(BACK_DOOR)
    assert (await give_key(hass, NEW_KEY))["title"] == "SESAME account 2"


async def test_key_when_a_known_accounts_first_lock_is_in_its_account_now_then_it_is_added(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    first = await set_up(hass)
    cloud.lock(FRONT_DOOR).is_of_other_account = True
    page = await give_key(hass, OTHER_API_KEY)
    assert page["reason"] == "sesame_v3_configured"
    await pass_time(hass, 5000, step=50)
    assert first.data["ids"] == [BACK_DOOR]
    page = await give_key(hass, OTHER_API_KEY)
    assert page["type"] is FlowResultType.CREATE_ENTRY, page
    assert page["result"].data["ids"] == [FRONT_DOOR]
    assert (state(hass, LOCK), state(hass, BACK)) == ("locked", "unlocked")


async def test_reauthentication_when_another_account_still_has_a_lock_then_key_is_changed(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    shed = cloud.add_lock("Shed")
    cloud.lock(shed).is_of_other_account = True
    entry = (await give_key(hass, OTHER_API_KEY))["result"]
    cloud.lock(FRONT_DOOR).is_of_other_account = True
    entry.async_start_reauth(hass)
    await settle(hass)
    (flow,) = reauth_flows(hass)
    page: Any = await hass.config_entries.flow.async_configure(flow["flow_id"])
    page = await answer(hass, page, api_key=OTHER_API_KEY)
    assert page["reason"] == "reauth_successful"
    assert entry.data["ids"] == [shed]


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        ("Forbidden", "sesame_v3_blocked"),
        ("ACCESS_DENY", "sesame_v3_blocked"),
        ("THROTTLED", "sesame_v3_throttled"),
        ("INTERNAL_ERROR", "sesame_v3_server"),
        ("NEVER_SEEN", "sesame_v3_not_understood"),
        ("UNAUTHORIZED", "sesame_v3_key_refused"),
    ],
)
async def test_key_when_cloud_reports_an_error_then_message(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator, error: str, sentence: str
) -> None:
    cloud.answer_error(error)
    page = await give_key(hass)
    field = "api_key" if sentence == "sesame_v3_key_refused" else "base"
    assert page["errors"] == {field: sentence}
    assert asked(cloud) == 1


@pytest.mark.parametrize("wrong", ["wrong", "two\r\nlines", "schlüssel", "\x00"])
async def test_key_when_wrong_then_it_can_be_corrected(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator, wrong: str
) -> None:
    page = await give_key(hass, wrong)
    assert page["errors"] == {"api_key": "sesame_v3_key_refused"}
    page = await answer(hass, page, api_key=API_KEY)
    assert page["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize("kind", ["object", "strings", "html", "missing_fields", "empty"])
async def test_key_when_list_is_unreadable_then_message(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator, kind: str
) -> None:
    cloud.malform("list", kind)
    assert (await give_key(hass))["errors"] == {"base": "sesame_v3_not_understood"}


async def test_key_when_cloud_is_unreachable_then_message(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await cloud.stop()
    assert (await give_key(hass))["errors"] == {"base": "sesame_v3_no_answer"}


async def test_key_when_account_has_no_locks_then_message(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    cloud.remove_lock(FRONT_DOOR)
    cloud.remove_lock(BACK_DOOR)
    assert (await give_key(hass))["errors"] == {"base": "sesame_v3_no_locks"}


async def test_key_when_integration_is_off_for_all_then_message_names_them(
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


async def test_key_when_account_is_known_then_abort(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    page = await give_key(hass)
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "sesame_v3_configured")
    assert page["description_placeholders"] == {"name": "SESAME account"}


async def test_reauthentication_when_key_is_new_then_locks_are_back(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    entry = await set_up(hass)
    cloud.cloud.access.api_key = NEW_KEY
    await pass_time(hass, 62)
    (flow,) = reauth_flows(hass)
    page: Any = await hass.config_entries.flow.async_configure(flow["flow_id"])
    assert page["step_id"] == "sesame_v3_key"
    page = await answer(hass, page, api_key=API_KEY)
    assert page["errors"] == {"api_key": "sesame_v3_key_refused"}
    page = await answer(hass, page, api_key=NEW_KEY)
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "reauth_successful")
    assert entry.data["api_key"] == NEW_KEY
    assert state(hass, LOCK) == "locked"


@pytest.mark.parametrize("is_same", [True, False])
async def test_reconfiguration_when_account_is_the_same_then_key_is_changed(
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
    assert page["step_id"] == "sesame_v3_key"
    page = await answer(hass, page, api_key=NEW_KEY)
    assert page["reason"] == ("reconfigure_successful" if is_same else "sesame_v3_other_account")
    assert entry.data["api_key"] == (NEW_KEY if is_same else API_KEY)


async def test_options_then_webhook_address_is_shown_and_not_kept(
    hass: HomeAssistant, outside: URL, cloud: SesameV3Simulator
) -> None:
    entry = await set_up(hass)
    page = await options_page(hass, entry)
    assert page["step_id"] == "sesame_v3_options"
    hook = shown_address(page)
    assert hook is not None
    assert hook.startswith(f"{outside}/api/webhook/{entry.data['webhook_id']}?")
    assert hook.endswith("?device_id={device_id}&state={state}")
    assert len(hook) <= 256
    filled = {"poll_seconds": 90, "push_route": "direct", "webhook_address": "edited"}
    page = await hass.config_entries.options.async_configure(page["flow_id"], filled)
    assert page["type"] is FlowResultType.CREATE_ENTRY
    await settle(hass)
    assert entry.options == {"poll_seconds": 90, "push_route": "direct"}
    assert entry.runtime_data._timing.poll == 90
    assert shown_address(await options_page(hass, entry)) == hook


async def test_options_when_base_is_no_url_then_message_and_address_stays(
    hass: HomeAssistant, outside: URL, cloud: SesameV3Simulator
) -> None:
    entry = await set_up(hass)
    page = await options_page(hass, entry)
    hook = shown_address(page)
    filled = {"poll_seconds": 60, "push_route": "custom", "push_base": "nowhere"}
    page = await hass.config_entries.options.async_configure(page["flow_id"], filled)
    assert page["errors"] == {"push_base": "not_a_url"}
    assert shown_address(page) == hook
    filled["push_base"] = "https://lock.example.com"
    await hass.config_entries.options.async_configure(page["flow_id"], filled)
    await settle(hass)
    hook = shown_address(await options_page(hass, entry))
    assert hook is not None
    assert hook.startswith("https://lock.example.com/api/webhook/")


async def test_options_when_there_is_no_address_then_none_is_shown_and_no_issue(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    entry = await set_up(hass)
    assert issues(hass) == set()
    assert shown_address(await options_page(hass, entry)) is None


async def test_route_when_chosen_and_not_available_then_issue(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass, push_route="cloud")
    assert issues(hass) == {"no_push_url_cloud"}


async def test_options_when_address_is_too_long_then_none_is_shown(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    long = f"https://{'a' * 60}.{'b' * 60}.{'c' * 60}.example.com"
    entry = await set_up(hass, push_route="custom", push_base=long)
    assert shown_address(await options_page(hass, entry)) is None


async def test_options_when_entry_is_not_loaded_then_none_is_shown(
    hass: HomeAssistant, outside: URL, cloud: SesameV3Simulator
) -> None:
    entry = await set_up(hass)
    await cloud.stop()
    await restart(hass, entry)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert shown_address(await options_page(hass, entry)) is None


# The key in configuration.yaml.


@pytest.fixture
def written(hass: HomeAssistant, tmp_path: Path) -> Callable[[str], None]:
    """Let a test write configuration.yaml."""
    hass.config.config_dir = str(tmp_path)

    def write(text: str) -> None:
        (tmp_path / "configuration.yaml").write_text(text)

    return write


YAML = f"""
lock:
  - platform: other
    api_key: stranger
  - platform: sesame
    api_key: " {API_KEY} "
lock garage:
  platform: sesame
  api_key: {API_KEY}
"""


async def test_key_in_yaml_when_there_is_one_then_it_is_used_and_shown_nowhere(
    hass: HomeAssistant,
    address: URL,
    cloud: SesameV3Simulator,
    written: Callable[[str], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    written(YAML)
    menu = await begin(hass, "sesame_v3")
    assert menu["menu_options"] == ["sesame_v3_yaml", "sesame_v3"]
    form = await choose(hass, menu, "sesame_v3_yaml")
    page = await answer(hass, form)
    assert page["type"] is FlowResultType.CREATE_ENTRY
    assert page["description"] == "sesame_v3_from_yaml"
    assert page["result"].data["api_key"] == API_KEY
    assert state(hass, LOCK) == "locked"
    assert API_KEY not in f"{menu}{form}{caplog.text}"


async def test_key_in_yaml_when_another_is_entered_then_that_is_used(
    hass: HomeAssistant,
    address: URL,
    cloud: SesameV3Simulator,
    written: Callable[[str], None],
) -> None:
    written(YAML.replace(API_KEY, "another"))
    page = await begin(hass, "sesame_v3", "sesame_v3")
    assert page["step_id"] == "sesame_v3"
    page = await answer(hass, page, api_key=API_KEY)
    assert page["description"] == "sesame_v3_webhook"


async def test_key_in_yaml_when_the_cloud_refuses_it_then_message_where_it_is_seen(
    hass: HomeAssistant,
    address: URL,
    cloud: SesameV3Simulator,
    written: Callable[[str], None],
) -> None:
    written(YAML.replace(API_KEY, "another"))
    page = await answer(hass, await begin(hass, "sesame_v3", "sesame_v3_yaml"))
    assert (page["step_id"], page["errors"]) == (
        "sesame_v3_yaml",
        {"base": "sesame_v3_key_refused"},
    )


async def test_key_in_yaml_when_it_is_set_up_then_it_is_not_offered(
    hass: HomeAssistant,
    address: URL,
    cloud: SesameV3Simulator,
    written: Callable[[str], None],
) -> None:
    await set_up(hass)
    written(YAML)
    assert (await begin(hass, "sesame_v3"))["step_id"] == "sesame_v3"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "lock:",
        "lock: sesame",
        "lock:\n  - sesame",
        "lock:\n  platform: sesame",
        "lock:\n  platform: sesame\n  api_key: 7",
        "lock:\n  platform: sesame\n  api_key: ''",
        "lock:\n  platform: sesame\n  api_key: !secret nowhere",
        "homeassistant: text\nlock:\n  platform: sesame\n  api_key: key",
        "7: [",
        "- a list",
        "\x00",
        None,
    ],
)
async def test_key_in_yaml_when_it_cannot_be_read_then_it_is_asked_for(
    hass: HomeAssistant,
    address: URL,
    cloud: SesameV3Simulator,
    written: Callable[[str], None],
    text: str | None,
) -> None:
    if text is None:
        hass.config.config_dir = "/nowhere"
    else:
        written(text)
    page = await begin(hass, "sesame_v3")
    assert (page["step_id"], page["errors"]) == ("sesame_v3", {})
