"""What Activity says of each thing that can happen at a lock, and of each command that fails."""

from collections.abc import Callable, Mapping
from typing import Any

from homeassistant.core import Event, HomeAssistant
from homeassistant.setup import async_setup_component
import pytest

from custom_components.smartlocks.const import DOMAIN, EVENT_ACTIVITY, EVENT_COMMAND_FAILED
from custom_components.smartlocks.logbook import async_describe_events
from custom_components.smartlocks.models import Activity, Method

type Describe = Callable[[Event], dict[str, Any]]

HOW: Mapping[str | None, str] = {
    None: "",
    "app": " in the app",
    "automatic": " automatically",
    "button": " with the button",
    "manual": " by hand",
    "pin": " with PIN",
    "remote": " remotely",
    "touch": " by touch",
    "twist_assist": " with Twist Assist",
}
WHO: Mapping[tuple[str | None, int | None], str] = {
    (None, None): "",
    ("Anna", None): " by Anna",
    ("Anna", 12): " by Anna",
    (None, 12): " by key 12",
}
# What nobody does says nothing of who and how.
OTHERS = {
    "changed": "was used",
    "door_closed": "reported that the door was closed",
    "door_opened": "reported that the door was opened",
    "jammed": "jammed",
}


@pytest.fixture
async def described(hass: HomeAssistant) -> dict[str, Describe]:
    """Ask for the descriptions of our events, as Home Assistant does."""
    assert await async_setup_component(hass, DOMAIN, {})
    found: dict[str, Describe] = {}

    def describe(domain: str, event_type: str, how: Describe) -> None:
        found[event_type] = how

    async_describe_events(hass, describe)
    return found


def message(
    described: dict[str, Describe],
    activity: str,
    who: tuple[str | None, int | None],
    method: str | None,
    *,
    verified: bool = True,
) -> str:
    """Return what is said of an activity."""
    name, key = who
    data: dict[str, Any] = {
        "activity": activity,
        "who": name,
        "key": key,
        "method": method,
        "verified": verified,
    }
    told: str = described[EVENT_ACTIVITY](Event(EVENT_ACTIVITY, data))["message"]
    return told


@pytest.mark.parametrize("activity", list(Activity))
async def test_sentence_when_something_has_happened_tells_all_that_is_known(
    described: dict[str, Describe], activity: Activity
) -> None:
    assert HOW.keys() == {None, *Method}
    for who, by in WHO.items():
        for method, how in HOW.items():
            expected = OTHERS.get(activity, f"{activity}{by}{how}")
            assert message(described, activity, who, method) == expected
            assert message(described, activity, who, method, verified=False) == (
                f"{expected} (not verified)"
            )


@pytest.mark.parametrize(
    ("reason", "actions", "sentence"),
    [
        ("not_confirmed", ("lock", "unlock", "open", "press"), "did not confirm the {} command"),
        ("failed", ("lock", "unlock", "open", "press"), "did not carry out the {} command"),
        ("jammed", ("lock", "unlock", "open"), "jammed on the {} command"),
    ],
)
async def test_sentence_when_a_command_has_failed_tells_which_and_how(
    described: dict[str, Describe], reason: str, actions: tuple[str, ...], sentence: str
) -> None:
    for action in actions:
        data: dict[str, Any] = {"action": action, "reason": reason}
        told = described[EVENT_COMMAND_FAILED](Event(EVENT_COMMAND_FAILED, data))
        assert told["message"] == sentence.format(action)
