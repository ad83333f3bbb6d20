"""Loading and removing an entry, and what it leaves in the log and on disk."""

from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
import pytest
from yarl import URL

from tests.simulators.the_keys import FRONT_ID, TheKeysSimulator
from tests.vendors.home import call, issues, let_pass, run_ahead, settle, state
from tests.vendors.the_keys.helpers import (
    BACK,
    LOCK,
    by_hand,
    fill,
    give_code,
    host,
    poll,
    reconfigure,
    start_subentry,
)

STORE = "smartlocks.the_keys"


async def test_gateway_that_is_off_at_the_start_is_tried_again(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    await hass.config_entries.async_unload(entry.entry_id)
    await gateway.switch_off()
    await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    await gateway.switch_on()
    await let_pass(hass, seconds=90)
    assert entry.state is ConfigEntryState.LOADED
    assert (state(hass, LOCK), state(hass, BACK)) == ("locked", "unlocked")


async def test_reload_keeps_what_is_known_and_asks_no_lock_twice(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    before = dict(gateway.signed_reads)
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert state(hass, LOCK) == "locked"
    assert gateway.signed_reads == {lock: count + 1 for lock, count in before.items()}


async def test_removed_entry_leaves_nothing_behind(
    hass: HomeAssistant,
    entry: ConfigEntry,
    gateway: TheKeysSimulator,
    hass_storage: dict[str, Any],
) -> None:
    assert list(hass_storage[STORE]["data"]) == [host(gateway)]
    await gateway.switch_off()
    await hass.config_entries.async_remove(entry.entry_id)
    await settle(hass)
    assert hass_storage[STORE]["data"] == {}
    assert hass.states.get(LOCK) is None
    assert dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id) == []
    assert issues(hass) == set()


async def test_address_that_a_gateway_has_left_is_forgotten_on_disk(
    hass: HomeAssistant,
    entry: ConfigEntry,
    gateway: TheKeysSimulator,
    hass_storage: dict[str, Any],
) -> None:
    await gateway.switch_off()
    await gateway.switch_on(elsewhere=True)
    await reconfigure(hass, entry, host=host(gateway))
    for _ in range(10):
        await call(hass, "press", "button.front_door_refresh")
    assert list(hass_storage[STORE]["data"]) == [host(gateway)]


async def test_log_has_no_secret_and_no_address(
    hass: HomeAssistant,
    address: URL,
    gateway: TheKeysSimulator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    page = await give_code(hass, await by_hand(hass, host(gateway)), name="Front door")
    entry: ConfigEntry = page["result"]
    await fill(hass, await start_subentry(hass, entry), "the_keys_add_code")
    await run_ahead(hass, call(hass, "unlock", LOCK))
    gateway.refuse_credentials()
    await gateway.turn_by_hand("locked")
    await poll(hass)
    await gateway.switch_off()
    await let_pass(hass, seconds=150)
    await poll(hass, 2)
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    hashes = [
        value.decode()
        for request in gateway.requests
        for part in request.body.split(b"&")
        if (value := part.partition(b"hash=")[2])
    ]
    assert hashes
    names = ("smartlocks", "homeassistant.config_entries")
    ours = "\n".join(
        record.getMessage()
        for record in caplog.records
        if any(name in record.name for name in names)
    )
    codes = [lock.data["code"] for lock in entry.subentries.values()]
    for secret in (*codes, *hashes, host(gateway), f":{gateway.server.port}"):
        assert secret not in ours
    assert FRONT_ID in {lock.unique_id for lock in entry.subentries.values()}
