"""The repairs page as a person uses it: an issue read, ignored, submitted."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.smartlocks.const import DOMAIN
from tests.vendors.home import Page, settle

FIX = "/api/repairs/issues/fix"


def issue_of(hass: HomeAssistant, key: str) -> ir.IssueEntry:
    """Return the one issue of a kind."""
    registry = ir.async_get(hass)
    (found,) = (one for one in registry.issues.values() if one.translation_key == key)
    assert found.domain == DOMAIN
    assert found.active
    return found


def ignore(hass: HomeAssistant, key: str) -> None:
    """Ignore an issue."""
    ir.async_ignore_issue(hass, DOMAIN, issue_of(hass, key).issue_id, ignore=True)


def is_ignored(hass: HomeAssistant, key: str) -> bool:
    """Return whether an issue is there, and ignored."""
    return issue_of(hass, key).dismissed_version is not None


async def submit(hass: HomeAssistant, hass_client: ClientSessionGenerator, key: str) -> Page:
    """Open an issue, read what is said, and select Submit; returns how that ended."""
    client = await hass_client()
    wanted = {"handler": DOMAIN, "issue_id": issue_of(hass, key).issue_id}
    shown: Any = await (await client.post(FIX, json=wanted)).json()
    assert (shown["type"], shown["step_id"]) == ("form", "confirm"), shown
    assert shown["description_placeholders"]["name"]
    ended: Any = await (await client.post(f"{FIX}/{shown['flow_id']}", json={})).json()
    await settle(hass)
    found: Page = ended
    return found


def opened(ended: Page, kind: str) -> str:
    """Return the flow that an issue has led to."""
    assert (ended["type"], ended["reason"]) == ("abort", "continue_there"), ended
    assert ended["next_flow"][0] == kind
    flow_id: str = ended["next_flow"][1]
    return flow_id
