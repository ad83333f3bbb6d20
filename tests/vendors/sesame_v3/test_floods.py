"""What a call of the cloud costs, counted in steps and not in time: one lock or a hundred."""

from collections.abc import Mapping
import sys
from types import CodeType
from typing import Self

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
import pytest
from yarl import URL

from custom_components.smartlocks.models import PushCall
from tests.simulators.sesame_v3 import FRONT_DOOR, SesameV3Simulator
from tests.vendors.sesame_v3.helpers import pass_time, set_up

UNKNOWN = "5e5a00ff-7d1c-4b7e-9c52-0d6f6c2a1bff"
CALLS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "of a lock": {"device_id": (FRONT_DOOR,), "state": ("locked",)},
    "in the other case": {"device_id": (FRONT_DOOR.upper(),), "state": ("locked",)},
    "of nobody's lock": {"device_id": (UNKNOWN,)},
    "without a lock": {},
}


class Steps:
    """Counts the steps of Python's machine in our files while it is on."""

    def __init__(self) -> None:
        self.count = 0
        self._tool = next(tool for tool in range(6) if sys.monitoring.get_tool(tool) is None)

    def __enter__(self) -> Self:
        monitoring = sys.monitoring
        monitoring.use_tool_id(self._tool, "steps")
        event = monitoring.events.INSTRUCTION
        monitoring.register_callback(self._tool, event, self._step)
        monitoring.set_events(self._tool, event)
        monitoring.restart_events()
        return self

    def _step(self, code: CodeType, _: int) -> object:
        if "custom_components/smartlocks" not in code.co_filename:
            return sys.monitoring.DISABLE
        self.count += 1
        return None

    def __exit__(self, *_: object) -> None:
        sys.monitoring.set_events(self._tool, 0)
        sys.monitoring.free_tool_id(self._tool)


async def _steps(entry: ConfigEntry, query: Mapping[str, tuple[str, ...]]) -> int:
    """Return what the calls after the first cost: that one is acted on at once."""
    call = PushCall(method="GET", headers={}, query=query, body=b"", received_at=0.0)
    await entry.runtime_data.async_receive(call)
    with Steps() as steps:
        for _ in range(20):
            await entry.runtime_data.async_receive(call)
    return steps.count


@pytest.mark.parametrize("kind", CALLS)
async def test_call_when_there_are_a_hundred_locks_then_it_costs_as_much_as_with_one(
    hass: HomeAssistant, outside: URL, cloud: SesameV3Simulator, kind: str
) -> None:
    entry = await set_up(hass)
    few = await _steps(entry, CALLS[kind])
    assert few > 0
    await hass.config_entries.async_remove(entry.entry_id)
    cloud.add_locks(98)
    entry = await set_up(hass)
    await pass_time(hass, 100, step=10)
    assert len(entry.runtime_data.data.locks) == 100
    assert await _steps(entry, CALLS[kind]) == few
