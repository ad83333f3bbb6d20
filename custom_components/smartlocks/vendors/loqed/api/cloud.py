"""LOQED's cloud, used once: the list of an account's locks with their keys."""

from http import HTTPStatus
import json
from typing import Any

from aiohttp import ClientSession

from .const import CLOUD_TIMEOUT, cloud_url
from .errors import LoqedResponseError, LoqedTokenError
from .http import Answer, request
from .information import parse_cloud_lock
from .models import LockInformation

_LOG_IN_FIRST = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


async def account_locks(session: ClientSession, token: str) -> tuple[LockInformation, ...]:
    """Return the locks a personal access token may drive.

    LoqedTokenError when the token is refused; an empty tuple is an account without
    locks. A lock whose keys are missing is left out.
    """
    answer = await request(
        session,
        "GET",
        cloud_url() / "api" / "locks" / "",
        seconds=CLOUD_TIMEOUT,
        headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
    )
    # A redirect leads to the page where people log in.
    if answer.status in _LOG_IN_FIRST or answer.is_redirect:
        raise LoqedTokenError("token refused")
    return tuple(_parse(answer))


def _parse(answer: Answer) -> list[LockInformation]:
    locks: list[LockInformation] = []
    for entry in _entries(answer):
        try:
            locks.append(parse_cloud_lock(entry))
        except ValueError, AttributeError:
            continue
    return locks


def _entries(answer: Answer) -> list[Any]:
    try:
        entries = json.loads(answer.body)["data"] if answer.status == HTTPStatus.OK else None
    except (ValueError, TypeError, KeyError) as err:
        raise LoqedResponseError(answer.status) from err
    if not isinstance(entries, list):
        raise LoqedResponseError(answer.status)
    return entries
