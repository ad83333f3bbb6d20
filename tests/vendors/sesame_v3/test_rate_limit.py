"""One request a second for everybody, a block that outlives a restart, and throttled polls."""

from datetime import UTC, datetime, timedelta
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
import pytest
from yarl import URL

from custom_components.smartlocks.const import DOMAIN
from tests.simulators.sesame_v3 import FRONT_DOOR, SesameV3Simulator
from tests.vendors.home import Clock, issues, reauth_flows, state
from tests.vendors.sesame_v3.helpers import (
    BACK,
    CLOUD_ONLINE,
    LOCK,
    REFRESH,
    asked,
    command,
    give_key,
    pass_time,
    reads,
    refused,
    restart,
    set_up,
)

STORED = "smartlocks.sesame_v3_rate_limit"


async def block(hass: HomeAssistant, cloud: SesameV3Simulator) -> None:
    """Let the cloud block the address, and a read meet that."""
    cloud.block_ip()
    assert await refused(hass, "press", REFRESH) == "sesame_v3_blocked"


# Blocks.


async def test_block_when_it_begins_then_nothing_is_sent_and_commands_say_until_when(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    until = dt_util.as_local(dt_util.utcnow() + timedelta(minutes=30))
    await block(hass, cloud)
    before = asked(cloud)
    await pass_time(hass, 600, step=10)
    # Available, so that Home Assistant does not swallow the command.
    assert (state(hass, LOCK), state(hass, BACK)) == ("unknown", "unknown")
    assert state(hass, CLOUD_ONLINE) == "off"
    with pytest.raises(HomeAssistantError) as caught:
        await command(hass, "unlock")
    assert caught.value.translation_key == "sesame_v3_blocked"
    assert caught.value.translation_placeholders is not None
    told = caught.value.translation_placeholders["time"]
    # The block's end moves nearer on the tests' clock, not on the wall.
    assert told in {
        f"{until - timedelta(seconds=600) + timedelta(seconds=s):%H:%M}" for s in (0, 60)
    }
    assert asked(cloud) == before
    assert issues(hass) == {"sesame_v3_blocked"}
    assert reauth_flows(hass) == []


async def test_block_when_it_is_over_then_locks_are_read_by_themselves(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    await block(hass, cloud)
    cloud.unblock_ip()
    await pass_time(hass, 1780, step=20)
    assert issues(hass) == {"sesame_v3_blocked"}
    await pass_time(hass, 40)
    assert issues(hass) == set()
    assert (state(hass, LOCK), state(hass, BACK)) == ("locked", "unlocked")
    assert state(hass, CLOUD_ONLINE) == "on"


async def test_block_when_entry_is_reloaded_then_it_and_its_issue_stay(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    entry = await set_up(hass)
    await block(hass, cloud)
    before = asked(cloud)
    await hass.config_entries.async_reload(entry.entry_id)
    await pass_time(hass, 300, step=10)
    assert asked(cloud) == before
    assert state(hass, CLOUD_ONLINE) == "off"
    assert issues(hass) == {"sesame_v3_blocked"}
    assert await refused(hass, "lock") == "sesame_v3_blocked"


async def test_block_when_restarted_then_it_and_its_issue_stay_until_it_is_over(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator, hass_storage: dict[str, Any]
) -> None:
    entry = await set_up(hass)
    await block(hass, cloud)
    before = asked(cloud)
    ir.async_delete_issue(hass, DOMAIN, "sesame_v3_blocked")
    await restart(hass, entry)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert issues(hass) == {"sesame_v3_blocked"}
    assert asked(cloud) == before
    cloud.unblock_ip()
    await pass_time(hass, 1810, step=10)
    await hass.config_entries.async_reload(entry.entry_id)
    await pass_time(hass, 1)
    assert state(hass, LOCK) == "locked"
    assert issues(hass) == set()
    assert STORED not in hass_storage


@pytest.mark.parametrize("days", [-1, 1, -20000])
async def test_block_when_the_clock_steps_before_a_restart_then_it_ends_in_half_an_hour(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator, clock: Clock, days: int
) -> None:
    entry = await set_up(hass)
    await block(hass, cloud)
    clock.tick(hours=24 * days)
    cloud.unblock_ip()
    await restart(hass, entry)
    await pass_time(hass, 1810, step=10)
    await hass.config_entries.async_reload(entry.entry_id)
    await pass_time(hass, 1)
    assert state(hass, LOCK) == "locked"


async def test_block_when_the_clock_steps_while_running_then_it_is_as_long(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator, clock: Clock
) -> None:
    await set_up(hass)
    await block(hass, cloud)
    before = asked(cloud)
    clock.tick(hours=5)
    await pass_time(hass, 1700, step=10)
    assert asked(cloud) == before


async def test_block_when_stored_long_ago_then_it_is_forgotten(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator, hass_storage: dict[str, Any]
) -> None:
    hass_storage[STORED] = {
        "version": 1,
        "key": STORED,
        "data": {"blocked_until": datetime(2020, 1, 1, tzinfo=UTC).timestamp()},
    }
    await set_up(hass)
    assert state(hass, LOCK) == "locked"
    assert STORED not in hass_storage


async def test_form_when_address_is_blocked_then_nothing_is_sent(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    await block(hass, cloud)
    before = asked(cloud)
    assert (await give_key(hass))["errors"] == {"base": "sesame_v3_blocked"}
    assert asked(cloud) == before


# Too many requests.


async def test_throttled_when_polling_then_polls_pause_and_people_go_on(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    cloud.answer_error("THROTTLED")
    await pass_time(hass, 62)
    before = reads(cloud, FRONT_DOOR)
    cloud.answer_error(None)
    await pass_time(hass, 30)
    assert reads(cloud, FRONT_DOOR) == before
    await command(hass, "press", REFRESH)
    assert reads(cloud, FRONT_DOOR) == before + 1
    await command(hass, "unlock")
    assert cloud.bolt() == "unlocked"
    assert state(hass, LOCK) == "unlocked"


async def test_throttled_when_it_lasts_then_pauses_grow_and_commands_are_still_tried(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    cloud.answer_error("THROTTLED", endpoint="status")
    before = asked(cloud, "/sesame/")
    await pass_time(hass, 3600, step=10)
    # After 1, 2, 4, 8, 16, 30 minutes.
    assert 6 <= asked(cloud, "/sesame/") - before <= 7
    assert state(hass, LOCK) == "unknown"
    await command(hass, "unlock")
    assert cloud.lock().commands == ["unlock"]
    assert state(hass, LOCK) == "unlocked"
    assert issues(hass) == set()


async def test_throttled_when_it_is_over_then_pauses_are_short_again(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    entry = await set_up(hass)
    limit = entry.runtime_data._limit
    cloud.answer_error("THROTTLED", endpoint="status")
    await pass_time(hass, 300, step=5)
    cloud.answer_error(None)
    await pass_time(hass, 1200, step=10)
    assert state(hass, LOCK) == "locked"
    cloud.answer_error("THROTTLED", endpoint="status")
    await pass_time(hass, 62)
    assert 0 < limit.throttled_for <= 60


@pytest.mark.parametrize("is_restarted", [True, False])
async def test_throttled_when_it_is_the_list_alone_then_locks_are_read_nevertheless(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator, *, is_restarted: bool
) -> None:
    entry = await set_up(hass)
    cloud.answer_error("THROTTLED", endpoint="list")
    if is_restarted:
        await restart(hass, entry)
        assert entry.state is ConfigEntryState.SETUP_RETRY
    else:
        await pass_time(hass, 610)
    await pass_time(hass, 400)
    before = asked(cloud, "/sesames")
    await cloud.turn_by_hand("unlocked")
    await pass_time(hass, 3600, step=5)
    assert state(hass, LOCK) == "unlocked"
    assert asked(cloud, "/sesames") - before <= 7
    assert reads(cloud, FRONT_DOOR) >= 50


async def test_throttled_when_the_list_is_due_in_a_pause_of_reads_then_it_is_asked_after_it(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    entry = await set_up(hass)
    await pass_time(hass, 450, step=5)
    before = asked(cloud, "/sesames")
    cloud.answer_error("THROTTLED", endpoint="status")
    # The second pause is of two minutes, and the list is due in its midst.
    await pass_time(hass, 160)
    assert entry.runtime_data._limit.throttled_for
    cloud.answer_error(None)
    await pass_time(hass, 140)
    assert asked(cloud, "/sesames") == before + 1


async def test_throttled_when_it_is_the_tasks_alone_then_reads_confirm_commands(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    cloud.answer_error("THROTTLED", endpoint="result")
    for service in ("unlock", "lock"):
        await command(hass, service)
        assert state(hass, LOCK) == cloud.bolt() == f"{service}ed"
    await cloud.turn_by_hand("unlocked")
    await pass_time(hass, 130)
    assert state(hass, LOCK) == "unlocked"
