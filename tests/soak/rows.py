"""Whose months are played: the devices, how they are set up, and what is promised of them."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from yarl import URL

from custom_components.smartlocks.state_tracker import Timing
from tests.simulators.base import Simulator
from tests.simulators.loqed import LoqedSimulator, LoqedWebSimulator
from tests.simulators.sesame_v3 import SesameV3Simulator
from tests.simulators.sesame_web import SesameWebSimulator
from tests.simulators.the_keys import TheKeysSimulator
from tests.state_tracker.months import bound
from tests.state_tracker.timings import ROWS as TRACKERS, sesame_web
from tests.vendors.contract import Installation

type Enter = Callable[[HomeAssistant, ConfigEntry, Any, URL], Awaitable[None]]

_TRACKERS: Final = {row.name: row for row in TRACKERS}


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A vendor's devices, and what is promised of them.

    `way` is the way to set them up, if it is not the usual one; `prepare` changes the
    devices before; `enter` gives the vendor our address where a person does that.
    `by_command` is the part of the uses that are commands in Home Assistant: as many as
    the month's calls are meant for, where they are counted. `is_polled`: the vendor is
    asked so rarely that a state is not believed until the next read, or that a read that
    fails is missed for hours. `sample`: so many days are an ordinary test.
    """

    name: str
    label: str
    simulator: type[Simulator]
    timing: Timing
    read_seconds: float
    way: str = ""
    prepare: Callable[[Any], None] | None = None
    enter: Enter | None = None
    by_command: float = 0.5
    is_polled: bool = False
    sample: float = 0.5

    @property
    def bound(self) -> float:
        """How long a false *locked* may last while reads are answered, in seconds."""
        return bound(self.timing)

    @property
    def outage_bound(self) -> float:
        """How long a false *locked* may last in an outage, in seconds."""
        return self.timing.outage_bound


async def _enter_hints(
    hass: HomeAssistant, entry: ConfigEntry, loqed: LoqedSimulator, address: URL
) -> None:
    """Open the webhook for LOQED's cloud in the options, and enter it on LOQED's pages."""
    flows = hass.config_entries.options
    page: Any = await flows.async_init(entry.entry_id)
    page = await flows.async_configure(page["flow_id"], {"next_step_id": "loqed_hints"})
    page = await flows.async_configure(page["flow_id"], {"use_names": True})
    (field,) = page["data_schema"].schema
    told: str = field.description["suggested_value"]
    await flows.async_configure(page["flow_id"], {"address": told})
    loqed.add_cloud_webhook(told)


async def _enter_webhook(
    hass: HomeAssistant, entry: ConfigEntry, cloud: SesameV3Simulator, address: URL
) -> None:
    """Copy the address that the options show to the vendor."""
    page: Any = await hass.config_entries.options.async_init(entry.entry_id)
    if page["type"] == "menu":
        page = await hass.config_entries.options.async_configure(
            page["flow_id"], {"next_step_id": "sesame_v3_options"}
        )
    (field,) = (name for name in page["data_schema"].schema if name == "webhook_address")
    cloud.set_webhook(field.default())
    hass.config_entries.options.async_abort(page["flow_id"])


def _row(name: str, tracker: str, simulator: type[Simulator], **more: Any) -> Row:
    row = _TRACKERS[tracker]
    fields: Mapping[str, Any] = {
        "label": row.label,
        "timing": row.timing,
        "read_seconds": row.read_seconds,
        **more,
    }
    return Row(name=name, simulator=simulator, **fields)


def _become_newest(loqed: LoqedSimulator) -> None:
    loqed.set_generation("2s", signs=False)


def _lose_pushes(loqed: LoqedSimulator) -> None:
    loqed.stop_pushing()


_WEB: Final[Mapping[str, Any]] = {
    "simulator": LoqedWebSimulator,
    "way": "loqed without a bridge",
    "is_polled": True,
    "sample": 2.0,
}

ROWS: Final[Mapping[str, Row]] = {
    row.name: row
    for row in (
        _row("loqed", "loqed", LoqedSimulator, sample=1.0),
        _row("loqed-2s", "loqed-2s", LoqedSimulator, prepare=_become_newest),
        _row(
            "loqed-degraded",
            "loqed",
            LoqedSimulator,
            label="LOQED, signed calls do not arrive",
            prepare=_lose_pushes,
        ),
        _row("loqed-web", "loqed-web", **_WEB),
        _row(
            "loqed-web-called",
            "loqed-web",
            **_WEB,
            label="LOQED without its bridge, called by the cloud",
            enter=_enter_hints,
        ),
        # Its list is asked for every 15 s.
        _row("the-keys", "the-keys", TheKeysSimulator, sample=0.25),
        _row(
            "sesame-v3",
            "sesame-v3-1",
            SesameV3Simulator,
            label="SESAME, first generation, 2 locks",
            enter=_enter_webhook,
        ),
        _row(
            "sesame-web",
            "sesame-web-1",
            SesameWebSimulator,
            label="Sesame 3 and later, free plan, 4 devices",
            timing=sesame_web(4),
            by_command=0.05,
            sample=2.0,
            is_polled=True,
        ),
    )
}


def installation_of(row: Row, simulator: Simulator) -> Installation:
    """Return how a person sets the devices of a row up."""
    return Installation.of(simulator, row.way)
