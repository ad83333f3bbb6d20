"""A bridge that was announced at another address: nobody is believed who only says so."""

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from yarl import URL

from custom_components.smartlocks.vendors.loqed.discovery import is_at
from tests.api.loqed_helpers import not_accepting, serving
from tests.simulators.loqed import LoqedSimulator
from tests.vendors.home import Page, answer, issues, settle, state

from .conftest import (
    LOCK,
    command,
    discover,
    during,
    found,
    paste,
    reads,
    refresh,
    reload,
    set_up,
    turn,
    wait,
)
from .test_config_flow import reconfigure

# Where the bridge was, and where nobody is; tests may connect to this machine alone.
DEAD = "192.0.2.2"
NOBODY = "127.0.0.1:9"


async def go_away(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Let the configured address be one where nobody is: the bridge has moved."""
    hass.config_entries.async_update_entry(entry, data={**entry.data, "host": DEAD})
    entry.runtime_data._bridge.url = URL(f"http://{NOBODY}")
    await refresh(hass)


def suggested(page: Page) -> str:
    (field,) = page["data_schema"].schema
    value: str = field.description["suggested_value"]
    return value


@pytest.mark.parametrize("name", [None, "LOQED-02c0ffee0bad"])
async def test_stranger_who_claims_to_be_the_bridge_gets_nothing(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, name: str | None
) -> None:
    entry = await set_up(hass, loqed)
    claim = {**loqed.status(), "bolt_state": "open"}
    async with serving(claim) as stranger:
        page = await discover(hass, found(loqed, name=name, port=stranger.url.port or 0))
        await wait(hass, minutes=30)
        await command(hass, "unlock")
        await turn(hass, loqed, "locked")
        assert stranger.received == []
    if name is None:
        assert page["reason"] == "already_configured"
    assert entry.data["host"] == loqed.host
    assert state(hass, LOCK) == "locked"
    assert issues(hass) == set()


async def test_announcement_does_not_reload(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    coordinator = entry.runtime_data
    await discover(hass, found(loqed, host="192.0.2.9"))
    await settle(hass)
    assert entry.runtime_data is coordinator


async def test_stranger_gets_nothing_while_the_bridge_is_away_and_a_person_is_asked(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    async with serving({**loqed.status(), "bolt_state": "open"}) as stranger:
        await discover(hass, found(loqed, port=stranger.url.port or 0))
        await go_away(hass, entry)
        assert issues(hass) == set()
        await wait(hass, seconds=130)
        assert "loqed_moved" in issues(hass)
        assert state(hass, LOCK) == "unavailable"
        await refresh(hass)
        # The stranger makes up what the bridge might say.
        await during(hass, loqed.forge_push("wrong_key"))
        await during(hass, loqed.forge_push("no_timestamp"))
        assert stranger.received == []
    assert entry.data["host"] == DEAD


async def test_move_that_a_person_confirms_is_followed(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    await go_away(hass, entry)
    await discover(hass, found(loqed))
    await wait(hass, seconds=130)
    (issue,) = ir.async_get(hass).issues.values()
    assert issue.translation_placeholders == {"name": "Front door", "host": loqed.host}
    before = len(loqed.requests)
    page = await reconfigure(hass, entry, "loqed_address")
    assert suggested(page) == loqed.host
    assert len(loqed.requests) == before
    page = await answer(hass, page, host=loqed.host)
    assert page["reason"] == "reconfigure_successful"
    await settle(hass)
    assert entry.data["host_is_typed"] is False
    assert issues(hass) == set()
    await command(hass, "unlock")
    assert state(hass, LOCK) == "unlocked"


async def test_move_that_a_signed_push_proves_is_followed_without_a_person(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    await go_away(hass, entry)
    await discover(hass, found(loqed))
    await wait(hass, seconds=130)
    before = len(loqed.requests)
    await turn(hass, loqed, "unlocked")
    assert entry.data["host"] == loqed.host
    assert state(hass, LOCK) == "unlocked"
    # Nothing was sent there before.
    assert all(request.path == "/status" for request in loqed.requests[before:])
    assert issues(hass) == set()
    await command(hass, "lock")
    assert state(hass, LOCK) == "locked"


async def test_move_is_not_followed_while_the_configured_address_answers(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    await discover(hass, found(loqed, port=9))
    await turn(hass, loqed, "unlocked")
    assert entry.data["host"] == loqed.host


async def test_move_to_another_port_when_the_bridge_is_at_its_old_address_is_not_followed(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    loqed.fail_endpoint("status", "drop")
    await discover(hass, found(loqed, port=9))
    await wait(hass, minutes=15)
    assert state(hass, LOCK) == "unavailable"
    loqed.fail_endpoint("status", None)
    await turn(hass, loqed, "unlocked")
    assert entry.data["host"] == loqed.host
    await wait(hass, minutes=15)
    assert state(hass, LOCK) == "unlocked"
    assert issues(hass) == set()
    await command(hass, "lock")
    assert state(hass, LOCK) == "locked"


@pytest.mark.parametrize("host", ["127.0.0.2", None])
async def test_move_is_not_followed_to_where_the_push_did_not_come_from(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, host: str | None
) -> None:
    entry = await set_up(hass, loqed)
    await go_away(hass, entry)
    if host is not None:
        await discover(hass, found(loqed, host=host))
    await turn(hass, loqed, "unlocked")
    assert state(hass, LOCK) == "unlocked"
    assert entry.data["host"] == DEAD


async def test_move_is_not_followed_on_a_recorded_push(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    await turn(hass, loqed, "unlocked")
    await go_away(hass, entry)
    await discover(hass, found(loqed))
    assert await during(hass, loqed.replay_last_push()) == [200]
    assert entry.data["host"] == DEAD


async def test_address_that_was_typed_in_is_not_overwritten(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    data = {**entry.data, "host_is_typed": True}
    hass.config_entries.async_update_entry(entry, data=data)
    await go_away(hass, entry)
    await discover(hass, found(loqed))
    await wait(hass, seconds=130)
    await turn(hass, loqed, "unlocked")
    assert entry.data["host"] == DEAD
    assert "loqed_moved" in issues(hass)


async def test_address_is_not_followed_to_after_one_failed_read(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    await go_away(hass, entry)
    await discover(hass, found(loqed))
    await turn(hass, loqed, "unlocked")
    assert entry.data["host"] == DEAD


async def test_move_of_an_entry_that_cannot_be_set_up_asks_a_person(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    hass.config_entries.async_update_entry(entry, data={**entry.data, "host": NOBODY})
    await reload(hass, entry)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    before = reads(loqed)
    await discover(hass, found(loqed))
    assert "loqed_moved" in issues(hass)
    await wait(hass, minutes=5)
    assert "loqed_moved" in issues(hass)
    assert reads(loqed) == before
    page = await reconfigure(hass, entry, "loqed_address")
    assert suggested(page) == loqed.host
    await answer(hass, page, host=loqed.host)
    await settle(hass)
    assert entry.state is ConfigEntryState.LOADED
    assert issues(hass) == set()


async def test_move_that_was_announced_before_a_restart_of_the_entry_asks_a_person(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    await discover(hass, found(loqed, host="192.0.2.9"))
    loqed.drop_connections()
    await reload(hass, entry)
    assert "loqed_moved" in issues(hass)
    loqed.drop_connections(drop=False)
    await wait(hass, seconds=30)
    assert issues(hass) == set()


async def test_stranger_who_announces_often_does_not_drive_out_the_bridge(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    await go_away(hass, entry)
    await discover(hass, found(loqed))
    for number in range(5):
        await discover(hass, found(loqed, host=f"192.0.2.{number}"))
        await discover(hass, found(loqed, host="192.0.2.1"))
    await wait(hass, seconds=130)
    await turn(hass, loqed, "unlocked")
    assert entry.data["host"] == loqed.host


async def test_host_that_is_a_name_is_never_where_a_push_came_from(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    assert is_at("127.0.0.1:8080", "127.0.0.1")
    assert is_at("192.0.2.1", "::ffff:192.0.2.1")
    assert not is_at("bridge.local", "127.0.0.1")
    assert not is_at("127.0.0.1", None)


async def test_question_about_a_move_ends_with_the_entry(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    await go_away(hass, entry)
    await discover(hass, found(loqed))
    await wait(hass, seconds=130)
    assert "loqed_moved" in issues(hass)
    await during(hass, hass.config_entries.async_remove(entry.entry_id))
    assert issues(hass) == set()


async def test_bridge_without_power_asks_nothing_where_nothing_was_announced(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    async with not_accepting() as nowhere:
        entry.runtime_data._bridge.url = nowhere
        await refresh(hass)
        for _ in range(20):
            await during(hass, wait(hass, seconds=8))
        assert state(hass, LOCK) == "unavailable"
        assert issues(hass) == set()
        entry.runtime_data._bridge.url = loqed.url


@pytest.mark.parametrize("form", ["http://{}", "{}/", "HTTP://{}/"])
async def test_address_when_typed_in_another_form_is_known_when_it_is_announced(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, form: str
) -> None:
    page = await paste(hass, loqed, host=form.format(loqed.host))
    entry: ConfigEntry = page["result"]
    await wait(hass, seconds=130)
    assert (entry.data["host"], entry.data["host_is_typed"]) == (loqed.host, False)
    # A newer bridge, which is known by its address alone.
    page = await discover(hass, found(loqed, name="LOQED-02c0ffee0bad"))
    assert page["reason"] == "already_configured"
    loqed.drop_connections()
    await refresh(hass)
    await wait(hass, seconds=130)
    assert state(hass, LOCK) == "unavailable"
    assert issues(hass) == set()
    page = await reconfigure(hass, entry, "loqed_address")
    loqed.drop_connections(drop=False)
    page = await answer(hass, page, host=form.format(loqed.host))
    assert page["reason"] == "reconfigure_successful"
    assert (entry.data["host"], entry.data["host_is_typed"]) == (loqed.host, False)
