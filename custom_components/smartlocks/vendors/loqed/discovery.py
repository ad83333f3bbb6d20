"""Addresses at which a bridge was announced: by itself, or by anybody else on the network.

Nothing of an announcement is proven. An address is only remembered; while the configured
one does not answer, a person is asked, or a signed push from there proves it.
"""

from ipaddress import IPv6Address, ip_address
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.const import CONF_HOST
from homeassistant.core import HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from ...const import DOMAIN
from ...helpers import parse_address
from ...repairs import Fix, async_clear_issue, async_raise_issue
from .const import ISSUE_MOVED

# Somebody who announces many must not drive out the true one at once.
_MOST: Final = 8

# By entry id, the latest last.
_ANNOUNCED: HassKey[dict[str, list[str]]] = HassKey(f"{DOMAIN}_loqed_announced")


@callback
def async_note_announcement(hass: HomeAssistant, entry: ConfigEntry[Any], host: str) -> None:
    """Remember an address; an entry that cannot be set up asks a person at once."""
    if CONF_HOST not in entry.data:
        # Nothing is asked of its bridge, wherever that is.
        return
    hosts = hass.data.setdefault(_ANNOUNCED, {}).setdefault(entry.entry_id, [])
    if host in hosts:
        hosts.remove(host)
    hosts.append(host)
    del hosts[:-_MOST]
    if entry.state is ConfigEntryState.SETUP_RETRY:
        async_ask_about_move(hass, entry)


@callback
def async_announced_hosts(hass: HomeAssistant, entry: ConfigEntry[Any]) -> list[str]:
    """Return the addresses besides the configured one, the latest first."""
    hosts = hass.data.get(_ANNOUNCED, {}).get(entry.entry_id, [])
    return [host for host in reversed(hosts) if host != entry.data.get(CONF_HOST)]


@callback
def async_ask_about_move(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Ask a person whether the bridge has moved to the address announced last, if any was."""
    hosts = async_announced_hosts(hass, entry)
    if hosts:
        # Outlives the coordinator: an entry whose bridge is gone is set up again and again.
        async_raise_issue(
            hass,
            entry,
            translation_key=ISSUE_MOVED,
            placeholders={"host": hosts[0]},
            fix=Fix.RECONFIGURE,
        )


@callback
def async_clear_move(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Take the question back."""
    async_clear_issue(hass, entry, ISSUE_MOVED)


@callback
def async_forget_announcements(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Forget what was announced for an entry that is removed."""
    hass.data.get(_ANNOUNCED, {}).pop(entry.entry_id, None)


def is_at(host: str, peer: str | None) -> bool:
    """Return whether a call came from the host of an address."""
    try:
        return _ip(parse_address(host).host) == _ip(peer)
    except ValueError:
        return False


def _ip(text: str | None) -> object:
    address = ip_address(text or "")
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
