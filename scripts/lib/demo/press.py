"""Presses the buttons of one device; the integration says whether the device has done it."""

import time

from .errors import DemoError
from .home import Home
from .live import Live
from .others import Other
from .report import Row


async def press_buttons(home: Home, live: Live, other: Other) -> list[Row]:
    """Press every button there is, in order."""
    return [await _press(home, live, other, entity_id) for entity_id in other.buttons]


async def _press(home: Home, live: Live, other: Other, entity_id: str) -> Row:
    button = live.now(entity_id)
    called = entity_id if button is None else str(button.attributes["friendly_name"])
    started = time.monotonic()
    problem = None
    try:
        await home.call("button.press", entity_id)
    except DemoError as err:
        problem = str(err)
    bolt = next((name for name in other.entities if name.endswith("_lock")), None)
    shown = live.now(bolt) if bolt else None
    return Row(
        vendor=other.vendor,
        lock=other.name,
        command=called.removeprefix(other.name).strip().lower(),
        seen=("done",) if problem is None else (),
        bolt="-" if shown is None else {"on": "unlocked", "off": "locked"}.get(shown.state, "?"),
        seconds=time.monotonic() - started,
        problem=problem,
    )
