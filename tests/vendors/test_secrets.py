"""No secret is told, whatever happens: every form, fault and diagnostics, all logs at debug."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
import json
import logging
from typing import Any, get_args

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    SOURCE_USER,
    ConfigEntry,
    ConfigEntryState,
)
from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError
import pytest
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from yarl import URL

from custom_components.smartlocks.const import DOMAIN
from tests.simulators.base import Nonsense, Simulator
from tests.vendors import secrets
from tests.vendors.contract import Installation
from tests.vendors.home import call, let_pass, reauth_flows, refresh, run_ahead, settle

type Fault = Callable[[Simulator], Awaitable[None] | None]

_DIAGNOSTICS = "diagnostics: "
_DONE = (FlowResultType.CREATE_ENTRY, FlowResultType.ABORT)


def _status(number: int | None) -> Fault:
    def set_status(simulator: Simulator) -> None:
        simulator.server.faults.status = number

    return set_status


def _nonsense(kind: Nonsense | None) -> Fault:
    return lambda simulator: simulator.talk_nonsense(kind)


def _set(name: str, value: bool | float) -> Fault:
    return lambda simulator: setattr(simulator.server.faults, name, value)


# How it begins, and how it ends.
FAULTS: Mapping[str, tuple[Fault, Fault]] = {
    **{f"answers {number}": (_status(number), _status(None)) for number in (302, 400, 401, 403)},
    **{f"answers {number}": (_status(number), _status(None)) for number in (404, 429, 500, 503)},
    **{kind: (_nonsense(kind), _nonsense(None)) for kind in get_args(Nonsense.__value__)},
    "drops": (_set("drop", value=True), _set("drop", value=False)),
    "drops after": (_set("drop_after", value=True), _set("drop_after", value=False)),
    "cuts": (_set("cut", value=True), _set("cut", value=False)),
    "offline": (Simulator.take_offline, Simulator.bring_online),
    "refuses": (Simulator.refuse_credentials, Simulator.accept_credentials),
    "jams": (Simulator.jam, lambda simulator: simulator.jam(jammed=False)),
}


class Told:
    """Everything that somebody could read, collected while things happen."""

    def __init__(self, hass: HomeAssistant, installation: Installation) -> None:
        """Take what is known before: the answers of a person."""
        self._hass = hass
        self._installation = installation
        self.texts: list[str] = []

    @property
    def diagnostics(self) -> list[str]:
        """What was told in files that people attach to their reports."""
        return [text for text in self.texts if text.startswith(_DIAGNOSTICS)]

    def add(self, text: object) -> None:
        """Add what was answered or raised."""
        self.texts.append(str(text))

    def look(self) -> None:
        """Add what is shown now."""
        self.texts += secrets.shown(self._hass)

    @property
    def secrets(self) -> set[str]:
        """What must not be read: of answers, entries and requests."""
        entries = self._hass.config_entries.async_entries(DOMAIN)
        return (
            {*secrets.KNOWN, *self._installation.answers.secrets}
            | secrets.of_entries(entries)
            | secrets.of_requests(self._installation.simulator.requests)
        )


@pytest.fixture
def told(hass: HomeAssistant, installation: Installation, caplog: pytest.LogCaptureFixture) -> Told:
    """Log everything."""
    caplog.set_level(logging.DEBUG)
    return Told(hass, installation)


def _page(page: Mapping[str, Any]) -> str:
    """Return what a page shows: messages and their placeholders, not what was typed in it."""
    names = ("step_id", "errors", "description_placeholders", "reason", "title", "menu_options")
    return str({name: page.get(name) for name in names})


async def _diagnostics(
    hass: HomeAssistant, hass_client: ClientSessionGenerator, entry: ConfigEntry
) -> str:
    told = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    return f"{_DIAGNOSTICS}{json.dumps(told)}"


async def _walk(
    hass: HomeAssistant, flows: Any, page: Any, installation: Installation, told: Told
) -> None:
    """Fill in pages with what the person would, until there is an end or an error."""
    answers = installation.answers
    forms = {name: form for one in (answers.forms, *answers.locks) for name, form in one.items()}
    for _ in range(8):
        told.add(_page(page))
        if page["type"] in _DONE or page.get("errors"):
            return
        if page["type"] is FlowResultType.MENU:
            choices = [one for one in page["menu_options"] if one in answers.choices]
            filled: Any = {"next_step_id": (choices or list(page["menu_options"]))[0]}
        else:
            known = forms.get(page["step_id"], {})
            fields = [str(field) for field in page["data_schema"].schema]
            by_field = {name: value for form in forms.values() for name, value in form.items()}
            filled = known or {name: by_field[name] for name in fields if name in by_field}
        page = await flows.async_configure(page["flow_id"], dict(filled))
        await settle(hass)


async def _poke(
    hass: HomeAssistant, installation: Installation, entry: ConfigEntry, told: Told
) -> None:
    """Read and command; keep every error with its causes."""
    try:
        if entry.state is ConfigEntryState.LOADED:
            await refresh(hass, entry)
        await run_ahead(hass, call(hass, "unlock", installation.lock))
    except HomeAssistantError as err:
        told.texts += secrets.chain(err)
    told.look()


async def _open_everything(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Open the forms of what is set up; what they show, a person must read."""
    entries = hass.config_entries
    context: Any = {"source": SOURCE_RECONFIGURE, "entry_id": entry.entry_id}
    await entries.options.async_init(entry.entry_id)
    await entries.flow.async_init(DOMAIN, context=context)
    for lock in entry.subentries.values():
        key = (entry.entry_id, lock.subentry_type)
        source: Any = {"source": SOURCE_RECONFIGURE, "subentry_id": lock.subentry_id}
        await entries.subentries.async_init(key, context=source)


async def _reload(hass: HomeAssistant, entry: ConfigEntry) -> None:
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)


async def test_secrets_when_faults_happen_are_told_to_nobody(
    hass: HomeAssistant,
    address: URL,
    installation: Installation,
    hass_client: ClientSessionGenerator,
    hass_storage: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
    told: Told,
) -> None:
    entry = await installation.set_up(hass)
    for begin, end in FAULTS.values():
        await _do(begin(installation.simulator))
        await _poke(hass, installation, entry, told)
        await _do(end(installation.simulator))
    told.add(await _diagnostics(hass, hass_client, entry))
    await _open_everything(hass, entry)
    known = told.secrets
    await let_pass(hass, minutes=10)
    await hass.config_entries.async_unload(entry.entry_id)
    told.add(await _diagnostics(hass, hass_client, entry))
    hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
    await settle(hass)
    assert len(known) > len(secrets.KNOWN)
    assert len(caplog.records) > 100
    assert secrets.leaks(known, told.texts) == []
    assert secrets.leaks(known, secrets.kept(hass_storage)) == []
    assert secrets.leaks(known, secrets.logged(caplog.records)) == []
    # Who reads a log or diagnostics need not learn where the device is.
    url = installation.simulator.url
    texts = [*secrets.logged(caplog.records, ours=True), *told.diagnostics]
    assert secrets.leaks({f"{url.host}:{url.port}"}, texts) == []


async def test_secrets_when_it_starts_with_a_fault_are_told_to_nobody(
    hass: HomeAssistant,
    address: URL,
    installation: Installation,
    hass_client: ClientSessionGenerator,
    caplog: pytest.LogCaptureFixture,
    told: Told,
) -> None:
    entry = await installation.set_up(hass)
    for begin, end in FAULTS.values():
        await _do(begin(installation.simulator))
        await _reload(hass, entry)
        told.look()
        told.add(await _diagnostics(hass, hass_client, entry))
        for flow in reauth_flows(hass):
            flows = hass.config_entries.flow
            page = await flows.async_configure(flow["flow_id"])
            await _walk(hass, flows, page, installation, told)
        await _do(end(installation.simulator))
    assert secrets.leaks(told.secrets, told.texts) == []
    assert secrets.leaks(told.secrets, secrets.logged(caplog.records)) == []


async def test_secrets_when_a_form_meets_a_fault_are_told_to_nobody(
    hass: HomeAssistant,
    address: URL,
    installation: Installation,
    caplog: pytest.LogCaptureFixture,
    told: Told,
) -> None:
    flows = hass.config_entries.flow
    for begin, end in FAULTS.values():
        await _do(begin(installation.simulator))
        page = await flows.async_init(DOMAIN, context={"source": SOURCE_USER})
        await _walk(hass, flows, page, installation, told)
        told.look()
        await _do(end(installation.simulator))
        for entry in hass.config_entries.async_entries(DOMAIN):
            await hass.config_entries.async_remove(entry.entry_id)
    assert secrets.leaks(told.secrets, told.texts) == []
    assert secrets.leaks(told.secrets, secrets.logged(caplog.records)) == []


async def _do(job: Awaitable[None] | None) -> None:
    if job is not None:
        with suppress(NotImplementedError):
            await job
