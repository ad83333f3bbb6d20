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
from tests.vendors.contract import Installation
from tests.vendors.home import call, let_pass, reauth_flows, refresh, run_ahead, settle, state

PACE = 0.01


@pytest.fixture(params=sorted(VENDORS))
async def installation(
    request: pytest.FixtureRequest, socket_enabled: None, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Installation]:
    """Play each vendor in turn; where it has a cloud, that is played, too."""
    simulator: Simulator = SIMULATORS[request.param](pace=PACE)
    await simulator.start()
    name = f"SMARTLOCKS_{simulator.key.upper()}"
    for variable in (f"{name}_URL", f"{name}_CLOUD_URL"):
        monkeypatch.setenv(variable, str(getattr(simulator, "cloud_url", simulator.url)))
    installation = Installation.of(simulator)
    for rest in installation.answers.rests:
        monkeypatch.setattr(rest, PACE)
    simulator.allow_haste()
    yield installation
    await simulator.stop()


def test_vendor_has_simulator_and_answers() -> None:
    assert set(VENDORS) <= set(SIMULATORS)
    assert set(VENDORS) == set(ANSWERS)
    assert all(vendor.key == key for key, vendor in VENDORS.items())


async def test_set_up_shows_the_truth(
    hass: HomeAssistant, address: URL, installation: Installation
) -> None:
    entry = await installation.set_up(hass)
    assert entry.state is ConfigEntryState.LOADED
    assert state(hass, installation.lock) == installation.simulator.bolt()
    assert entry.unique_id is not None
    assert entry.unique_id.startswith(entry.data["vendor"])


async def test_every_entity_has_a_name_and_an_id_and_a_device(
    hass: HomeAssistant, address: URL, installation: Installation
) -> None:
    entry = await installation.set_up(hass)
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
    hass: HomeAssistant, address: URL, installation: Installation
) -> None:
    entry = await installation.set_up(hass)
    for bolt in ("unlocked", "locked"):
        await installation.simulator.turn_by_hand(bolt)
        await refresh(hass, entry)
        assert state(hass, installation.lock) == bolt


async def test_a_command_happens_and_is_seen(
    hass: HomeAssistant, address: URL, installation: Installation
) -> None:
    await installation.set_up(hass)
    for service, bolt in (("unlock", "unlocked"), ("lock", "locked")):
        await run_ahead(hass, call(hass, service, installation.lock))
        assert state(hass, installation.lock) == bolt == installation.simulator.bolt()


async def test_command_when_lock_does_not_move_fails(
    hass: HomeAssistant, address: URL, installation: Installation
) -> None:
    await installation.set_up(hass)
    installation.simulator.jam()
    with pytest.raises(HomeAssistantError) as caught:
        await run_ahead(hass, call(hass, "unlock", installation.lock))
    assert caught.value.translation_key
    assert state(hass, installation.lock) not in ("unlocked", "unlocking")
    assert installation.simulator.bolt() != "unlocked"


async def test_lost_credentials_ask_for_new_ones(
    hass: HomeAssistant, address: URL, installation: Installation
) -> None:
    entry = await installation.set_up(hass)
    installation.simulator.refuse_credentials()
    await hass.config_entries.async_reload(entry.entry_id)
    await let_pass(hass, seconds=1)
    assert len(reauth_flows(hass)) == 1


async def test_a_lock_out_of_reach_is_not_shown_as_locked(
    hass: HomeAssistant, address: URL, installation: Installation
) -> None:
    entry = await installation.set_up(hass)
    await installation.simulator.take_offline()
    for _ in range(5):
        await refresh(hass, entry)
    assert state(hass, installation.lock) in ("unavailable", "unknown")
    await installation.simulator.bring_online()
    # What a bridge or a cloud reports may be this far behind.
    await let_pass(hass, seconds=130)
    await refresh(hass, entry)
    # What a cloud says right after that may be what it heard before.
    await let_pass(hass, seconds=35)
    await refresh(hass, entry)
    assert state(hass, installation.lock) == installation.simulator.bolt()


@pytest.mark.parametrize("kind", get_args(Nonsense.__value__))
async def test_state_when_response_is_nonsense_is_not_wrong(
    hass: HomeAssistant, address: URL, installation: Installation, kind: Nonsense
) -> None:
    entry = await installation.set_up(hass)
    installation.simulator.talk_nonsense(kind)
    await refresh(hass, entry)
    await let_pass(hass, seconds=130)
    bolt = installation.simulator.bolt()
    assert state(hass, installation.lock) in ("unavailable", "unknown", bolt)
    installation.simulator.talk_nonsense(None)
    await refresh(hass, entry)
    assert state(hass, installation.lock) == installation.simulator.bolt()


async def test_a_lost_connection_is_told_and_comes_back(
    hass: HomeAssistant, address: URL, installation: Installation
) -> None:
    entry = await installation.set_up(hass)
    installation.simulator.drop_connections()
    await refresh(hass, entry)
    await let_pass(hass, minutes=3)
    await refresh(hass, entry)
    assert state(hass, installation.lock) == "unavailable"
    installation.simulator.drop_connections(drop=False)
    # Where each question is paid for, the next one is a while away.
    await let_pass(hass, minutes=10)
    await refresh(hass, entry)
    assert state(hass, installation.lock) == installation.simulator.bolt()


async def test_unload_when_device_is_dead_is_not_delayed(
    hass: HomeAssistant, address: URL, installation: Installation
) -> None:
    entry = await installation.set_up(hass)
    await installation.simulator.stop()
    assert await hass.config_entries.async_unload(entry.entry_id)
    await hass.config_entries.async_remove(entry.entry_id)
    await settle(hass)
    assert not er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)


async def test_secrets_in_logs_and_diagnostics_are_absent(
    hass: HomeAssistant,
    address: URL,
    installation: Installation,
    hass_client: ClientSessionGenerator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    entry = await installation.set_up(hass)
    await run_ahead(hass, call(hass, "unlock", installation.lock))
    installation.simulator.jam()
    with pytest.raises(HomeAssistantError) as caught:
        await run_ahead(hass, call(hass, "lock", installation.lock))
    diagnostics = json.dumps(await get_diagnostics_for_config_entry(hass, hass_client, entry))
    told = [caplog.text, str(caught.value), diagnostics, str(hass.states.async_all())]
    secrets = [*installation.answers.secrets, entry.data.get("webhook_id", "no webhook")]
    assert secrets
    ours = "\n".join(
        record.getMessage() for record in caplog.records if "smartlocks" in record.name
    )
    for secret in secrets:
        assert secret not in ours
        assert not any(secret in text for text in told[1:])
