"""Sets vendors up through the real config flow, form by form, as a person would."""

import asyncio
from collections.abc import Mapping
from typing import Any

from .errors import DemoError
from .home import Home
from .vendors import Answers

DOMAIN = "smartlocks"
CONFIG_FLOW = "/api/config/config_entries/flow"
SUBENTRY_FLOW = "/api/config/config_entries/subentries/flow"
ENTRIES = "/api/config/config_entries/entry"
MOST_STEPS = 12
LOAD_SECONDS = 30


async def known_vendors(home: Home) -> list[str]:
    """The vendors the first menu of the config flow offers."""
    step = await home.post(CONFIG_FLOW, {"handler": DOMAIN})
    if step["type"] != "menu":
        raise DemoError(f"The config flow began with a {step['type']}, not with the vendors' menu.")
    return list(step["menu_options"])


async def add_entry(home: Home, answers: Answers) -> str:
    """Set one vendor up, with its locks; gives the id of the entry, which is loaded."""
    step = await home.post(CONFIG_FLOW, {"handler": DOMAIN})
    result = await _walk(home, CONFIG_FLOW, step, answers, answers.forms)
    entry_id: str = result["result"]["entry_id"]
    await _wait_until_loaded(home, answers.vendor, entry_id)
    for forms in answers.locks:
        step = await home.post(SUBENTRY_FLOW, {"handler": [entry_id, "lock"]})
        await _walk(home, SUBENTRY_FLOW, step, answers, forms)
    await _wait_until_loaded(home, answers.vendor, entry_id)
    return entry_id


async def _walk(
    home: Home, path: str, step: Any, answers: Answers, forms: Mapping[str, Mapping[str, Any]]
) -> Any:
    """Answer step after step until an entry (or subentry) is there."""
    for _ in range(MOST_STEPS):
        if step["type"] == "create_entry":
            return step
        step = await home.post(f"{path}/{step['flow_id']}", _answer(step, answers, forms))
    raise DemoError(f"{answers.vendor}: no end after {MOST_STEPS} steps of the flow.")


def _answer(
    step: Any, answers: Answers, forms: Mapping[str, Mapping[str, Any]]
) -> Mapping[str, Any]:
    """What the person does at this step.

    Raises:
        DemoError: The flow gave up, refused an answer, or asks what we have no answer for.
    """
    where = f"{answers.vendor}: step {step.get('step_id')} of the flow"
    if step["type"] == "abort":
        raise DemoError(f"{answers.vendor}: the flow was aborted ({step['reason']}).")
    if step.get("errors"):
        raise DemoError(f"{where} refused its answers: {step['errors']}")
    if step["type"] == "menu":
        for option in step["menu_options"]:
            if option in answers.choices:
                return {"next_step_id": option}
        raise DemoError(f"{where} offers {list(step['menu_options'])}, none of them known.")
    if step["type"] == "form" and step["step_id"] in forms:
        return forms[step["step_id"]]
    raise DemoError(f"{where} is a {step['type']} that scripts/lib/demo/vendors.py does not know.")


async def _wait_until_loaded(home: Home, vendor: str, entry_id: str) -> None:
    state = None
    for _ in range(LOAD_SECONDS * 10):
        entries = await home.get(ENTRIES)
        entry = next(entry for entry in entries if entry["entry_id"] == entry_id)
        state = entry["state"]
        if state == "loaded":
            return
        await asyncio.sleep(0.1)
    raise DemoError(f"{vendor}: the entry is {state}, not loaded: {entry['reason']}")
