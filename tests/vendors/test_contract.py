"""What every vendor owes a person, proven against its simulator."""

from collections.abc import AsyncIterator
import json
from typing import get_args

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from yarl import URL

from custom_components.smartlocks.vendors import VENDORS
from tests.simulators import SIMULATORS
from tests.simulators.base import Nonsense, Simulator
from tests.vendors.answers import ANSWERS
from tests.vendors.contract import Household
from tests.vendors.home import call, let_pass, reauth_flows, refresh, run_ahead, settle, state

PACE = 0.01


@pytest.fixture(params=sorted(VENDORS))
async def household(
    request: pytest.FixtureRequest, socket_enabled: None, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Household]:
    """Play each vendor in turn; where it has a cloud, that is played, too."""
    simulator: Simulator = SIMULATORS[request.param](pace=PACE)
    await simulator.start()
    name = f"SMARTLOCKS_{simulator.key.upper()}"
    for variable in (f"{name}_URL", f"{name}_CLOUD_URL"):
        monkeypatch.setenv(variable, str(getattr(simulator, "cloud_url", simulator.url)))
    household = Household.of(simulator)
    for rest in household.answers.rests:
        monkeypatch.setattr(rest, PACE)
    simulator.allow_haste()
    yield household
    await simulator.stop()


def test_every_vendor_can_be_played_and_set_up() -> None:
    assert set(VENDORS) <= set(SIMULATORS)
    assert set(VENDORS) == set(ANSWERS)
    assert all(vendor.key == key for key, vendor in VENDORS.items())


async def test_set_up_shows_the_truth(
    hass: HomeAssistant, address: URL, household: Household
) -> None:
    entry = await household.move_in(hass)
    assert entry.state is ConfigEntryState.LOADED
    assert state(hass, household.lock) == household.simulator.bolt()
    assert entry.unique_id is not None
    assert entry.unique_id.startswith(entry.data["vendor"])


async def test_every_entity_has_a_name_and_an_id_and_a_device(
    hass: HomeAssistant, address: URL, household: Household
) -> None:
    entry = await household.move_in(hass)
    entities = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    devices = {
        device.id
        for device in dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    }
    assert entities
    for entity in entities:
        assert entity.unique_id.startswith(entry.data["vendor"])
        assert entity.device_id in devices
        assert entity.original_name is not None or entity.domain == "lock"


async def test_a_poll_follows_the_lock(
    hass: HomeAssistant, address: URL, household: Household
) -> None:
    entry = await household.move_in(hass)
    for bolt in ("unlocked", "locked"):
        await household.simulator.turn_by_hand(bolt)
        await refresh(hass, entry)
        assert state(hass, household.lock) == bolt


async def test_a_command_happens_and_is_seen(
    hass: HomeAssistant, address: URL, household: Household
) -> None:
    await household.move_in(hass)
    for service, bolt in (("unlock", "unlocked"), ("lock", "locked")):
        await run_ahead(hass, call(hass, service, household.lock))
        assert state(hass, household.lock) == bolt == household.simulator.bolt()


async def test_a_lock_that_does_not_move_is_an_error_and_no_lie(
    hass: HomeAssistant, address: URL, household: Household
) -> None:
    await household.move_in(hass)
    household.simulator.jam()
    with pytest.raises(HomeAssistantError) as caught:
        await run_ahead(hass, call(hass, "unlock", household.lock))
    assert caught.value.translation_key
    assert state(hass, household.lock) not in ("unlocked", "unlocking")
    assert household.simulator.bolt() != "unlocked"


async def test_lost_credentials_ask_for_new_ones(
    hass: HomeAssistant, address: URL, household: Household
) -> None:
    entry = await household.move_in(hass)
    household.simulator.refuse_credentials()
    await hass.config_entries.async_reload(entry.entry_id)
    await let_pass(hass, seconds=1)
    assert len(reauth_flows(hass)) == 1


async def test_a_lock_out_of_reach_is_not_shown_as_locked(
    hass: HomeAssistant, address: URL, household: Household
) -> None:
    entry = await household.move_in(hass)
    await household.simulator.take_offline()
    for _ in range(5):
        await refresh(hass, entry)
    assert state(hass, household.lock) in ("unavailable", "unknown")
    await household.simulator.bring_online()
    # What a bridge or a cloud reports may be this far behind.
    await let_pass(hass, seconds=130)
    await refresh(hass, entry)
    # What a cloud says right after that may be what it heard before.
    await let_pass(hass, seconds=35)
    await refresh(hass, entry)
    assert state(hass, household.lock) == household.simulator.bolt()


@pytest.mark.parametrize("kind", get_args(Nonsense.__value__))
async def test_nonsense_changes_nothing_for_the_worse(
    hass: HomeAssistant, address: URL, household: Household, kind: Nonsense
) -> None:
    entry = await household.move_in(hass)
    household.simulator.talk_nonsense(kind)
    await refresh(hass, entry)
    await let_pass(hass, seconds=130)
    bolt = household.simulator.bolt()
    assert state(hass, household.lock) in ("unavailable", "unknown", bolt)
    household.simulator.talk_nonsense(None)
    await refresh(hass, entry)
    assert state(hass, household.lock) == household.simulator.bolt()


async def test_a_lost_connection_is_told_and_comes_back(
    hass: HomeAssistant, address: URL, household: Household
) -> None:
    entry = await household.move_in(hass)
    household.simulator.drop_connections()
    await refresh(hass, entry)
    await let_pass(hass, minutes=3)
    await refresh(hass, entry)
    assert state(hass, household.lock) == "unavailable"
    household.simulator.drop_connections(drop=False)
    # Where each question is paid for, the next one is a while away.
    await let_pass(hass, minutes=10)
    await refresh(hass, entry)
    assert state(hass, household.lock) == household.simulator.bolt()


async def test_a_dead_device_does_not_hold_an_entry(
    hass: HomeAssistant, address: URL, household: Household
) -> None:
    entry = await household.move_in(hass)
    await household.simulator.stop()
    assert await hass.config_entries.async_unload(entry.entry_id)
    await hass.config_entries.async_remove(entry.entry_id)
    await settle(hass)
    assert not er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)


async def test_no_secret_leaves_the_house(
    hass: HomeAssistant,
    address: URL,
    household: Household,
    hass_client: ClientSessionGenerator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    entry = await household.move_in(hass)
    await run_ahead(hass, call(hass, "unlock", household.lock))
    household.simulator.jam()
    with pytest.raises(HomeAssistantError) as caught:
        await run_ahead(hass, call(hass, "lock", household.lock))
    diagnostics = json.dumps(await get_diagnostics_for_config_entry(hass, hass_client, entry))
    told = [caplog.text, str(caught.value), diagnostics, str(hass.states.async_all())]
    secrets = [*household.answers.secrets, entry.data.get("webhook_id", "no webhook")]
    assert secrets
    ours = "\n".join(
        record.getMessage() for record in caplog.records if "smartlocks" in record.name
    )
    for secret in secrets:
        assert secret not in ours
        assert not any(secret in text for text in told[1:])
