"""A Home Assistant that can be called."""

from collections.abc import AsyncIterator, Iterator
import logging

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from yarl import URL

from custom_components.smartlocks.const import DOMAIN, LOGGER
from custom_components.smartlocks.vendors import VENDORS
from tests.simulators import SIMULATORS
from tests.vendors import secrets
from tests.vendors.answers import OTHER_WAYS
from tests.vendors.contract import Installation
from tests.vendors.home import Clock, out_of_date, settle

PACE = 0.01


@pytest.fixture(autouse=True)
def _tell_no_secret(
    request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> Iterator[None]:
    """Let no test end with a secret in our log, a state, an issue or a registry."""
    caplog.set_level(logging.DEBUG, logger=LOGGER.name)
    hass = request.getfixturevalue("hass") if "hass" in request.fixturenames else None
    yield
    if hass is not None:
        entries = hass.config_entries.async_entries(DOMAIN)
        known = {*secrets.KNOWN, *secrets.of_entries(entries)}
        texts = [*secrets.logged(caplog.get_records("call"), ours=True), *secrets.shown(hass)]
        assert secrets.leaks(known, texts) == []


@pytest.fixture
async def address(hass: HomeAssistant, hass_client_no_auth: ClientSessionGenerator) -> URL:
    """Let Home Assistant listen, and know its own address."""
    for component in ("webhook", "diagnostics", "repairs", "websocket_api"):
        assert await async_setup_component(hass, component, {})
    client = await hass_client_no_auth()
    url: URL = client.make_url("/")
    hass.config.internal_url = str(url.origin())
    return url.origin()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Let the test move Home Assistant's clock; the network keeps the true time."""
    clock = Clock()
    monkeypatch.setattr(dt_util, "utcnow", clock.utcnow)
    monkeypatch.setattr(dt_util, "now", clock.now)
    return clock


@pytest.fixture(params=[*sorted(VENDORS), *OTHER_WAYS])
async def installation(
    request: pytest.FixtureRequest,
    hass: HomeAssistant,
    socket_enabled: None,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Installation]:
    """Play each vendor in turn; where it has a cloud, that is played, too.

    Whatever has happened, each entity has been told of all that it shows.
    """
    way = request.param if request.param in OTHER_WAYS else ""
    simulator = (OTHER_WAYS[way][0] if way else SIMULATORS[request.param])(pace=PACE)
    await simulator.start()
    name = f"SMARTLOCKS_{simulator.key.upper()}"
    for variable in (f"{name}_URL", f"{name}_CLOUD_URL"):
        monkeypatch.setenv(variable, str(getattr(simulator, "cloud_url", simulator.url)))
    installation = Installation.of(simulator, way)
    for rest in installation.answers.rests:
        monkeypatch.setattr(rest, PACE)
    simulator.allow_haste()
    yield installation
    await settle(hass)
    late = out_of_date(hass)
    await simulator.stop()
    assert late == []
