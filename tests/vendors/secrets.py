"""What nobody may read in a log, a state, an issue, an error or a file; and the search for it."""

from collections.abc import Iterable, Iterator, Mapping
import json
import logging
import re
import traceback
from typing import Any
from urllib.parse import quote, quote_plus

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er, issue_registry as ir

from custom_components.smartlocks.const import DOMAIN
from tests.simulators import loqed, sesame_v3, sesame_web, the_keys
from tests.simulators.base import Request

# Whatever the simulators know and a person would not tell a stranger.
KNOWN = (
    loqed.KEY_SECRET,
    loqed.BRIDGE_KEY,
    loqed.BACKEND_KEY,
    loqed.API_TOKEN,
    the_keys.PHONE,
    the_keys.PASSWORD,
    the_keys.FRONT_CODE,
    the_keys.BACK_CODE,
    sesame_v3.API_KEY,
    sesame_web.API_KEY,
    *sesame_web.SECRETS.values(),
)
# Names under which config entries and their locks keep them.
_KEPT = frozenset(
    {
        "api_key",
        "api_token",
        "backend_key",
        "bridge_key",
        "code",
        "hint_webhook_id",
        "key_secret",
        "secret",
        "token",
        "webhook_id",
    }
)
# Of requests: hashes and signatures, keys and tokens.
_SENT_HEADERS = frozenset({"authorization", "hash", "x-api-key"})
_SENT_FIELDS = frozenset({"command_signed_base64", "hash", "sign", "history", "password"})
_FIELD = re.compile(r'"?(\w+)"?\s*[=:]\s*"?([^"&,}\s]{12,})')
_SHORTEST = 8
# What Home Assistant and aiohttp say of every request by themselves holds its path.
_NOT_OURS = (
    "aiohttp.",
    "homeassistant.components.webhook",
    "homeassistant.helpers.http",
    "asyncio",
)


def of_entries(entries: Iterable[ConfigEntry]) -> set[str]:
    """Return the secrets that entries and their locks hold."""
    found = set()
    for entry in entries:
        for data in (entry.data, *(lock.data for lock in entry.subentries.values())):
            found |= {str(value) for name, value in data.items() if name in _KEPT and value}
        if url := entry.data.get("webhook_url"):
            found.add(url)
    return found


def of_requests(requests: Iterable[Request]) -> set[str]:
    """Return what signed or authorized the requests that were sent."""
    found = set()
    for request in requests:
        headers = {name.lower(): value for name, value in request.headers.items()}
        found |= {headers[name] for name in _SENT_HEADERS & headers.keys()}
        found |= {request.query[name] for name in _SENT_FIELDS & request.query.keys()}
        fields = _FIELD.findall(request.body.decode(errors="replace"))
        found |= {value for name, value in fields if name in _SENT_FIELDS}
    return found


def forms(secrets: Iterable[str]) -> set[str]:
    """Return secrets as they may be written."""
    long = {secret for secret in secrets if len(secret) >= _SHORTEST}
    return {
        form
        for secret in long
        for form in (
            secret,
            secret.lower(),
            secret.upper(),
            quote(secret, safe=""),
            quote_plus(secret),
            json.dumps(secret)[1:-1],
            repr(secret)[1:-1],
        )
    }


def logged(records: Iterable[logging.LogRecord], *, ours: bool = False) -> Iterator[str]:
    """Yield what was logged, tracebacks with their causes included."""
    for record in records:
        if ours and DOMAIN not in record.name:
            continue
        if record.name.startswith(_NOT_OURS):
            continue
        told = (
            "" if not record.exc_info else "".join(traceback.format_exception(record.exc_info[1]))
        )
        yield f"{record.name}: {record.getMessage()}\n{told}"


def shown(hass: HomeAssistant) -> Iterator[str]:
    """Yield what everybody can read in Home Assistant: states, issues, registries."""
    for state in hass.states.async_all():
        yield f"{state.entity_id}: {state.state} {dict(state.attributes)!r}"
    for issue in ir.async_get(hass).issues.values():
        yield f"issue {issue!r}"
    for entry in hass.config_entries.async_entries(DOMAIN):
        for device in dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id):
            yield f"device {device!r}"
        for entity in er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id):
            yield f"entity {entity!r}"
        yield f"entry {entry.title} {entry.unique_id} {entry.reason} {entry!r}"
    for flow in hass.config_entries.flow.async_progress(include_uninitialized=True):
        yield f"flow {flow['context']!r}"


def kept(storage: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is written to files, but for the one where entries keep their data."""
    for name, data in storage.items():
        if name != "core.config_entries":
            yield f"file {name}: {json.dumps(data, default=repr)}"


def chain(err: BaseException) -> Iterator[str]:
    """Yield an error and what led to it: text, arguments, and how Python prints it."""
    one: BaseException | None = err
    while one is not None:
        yield f"{type(one).__name__}: {one} {one.args!r} {vars(one)!r}"
        one = one.__cause__ or one.__context__


def leaks(secrets: Iterable[str], texts: Iterable[str]) -> list[str]:
    """Return the texts in which a secret stands, cut to where it does."""
    searched = sorted(forms(secrets))
    return [
        f"{text[:80]} … {text[max(place - 40, 0) : place + len(form) + 20]}"
        for text in texts
        for form in searched
        if (place := text.find(form)) >= 0
    ]
