"""The cloud's calls to a webhook, and the URL that the vendor is given for them."""

from collections.abc import Mapping
from dataclasses import dataclass
import re
from typing import Any, Final

from ....http import parse_json
from .const import MAX_ID, MAX_WEBHOOK_BODY, MAX_WEBHOOK_URL

_LOCKED: Final[Mapping[str, bool]] = {
    "lock": True,
    "locked": True,
    "unlock": False,
    "unlocked": False,
}
# The vendor's tutorial joins the two: "{device_id}_{state}".
_JOINED: Final = re.compile(r"(?P<device_id>.+)_(?P<state>(?:un)?lock(?:ed)?)", re.IGNORECASE)
_MAX_JOINED: Final = MAX_ID + len("_unlocked")


@dataclass(frozen=True, kw_only=True, slots=True)
class Hint:
    """What a call says has happened, as far as it was understood.

    Nothing signs it, so it is a reason to read the lock's status and never a state.
    `device_id` is as it came (compare it without regard to case), or None; `locked` is
    None where the call did not say.
    """

    device_id: str | None = None
    locked: bool | None = None


class WebhookUrlTooLongError(ValueError):
    """The URL does not fit the vendor's field; `length` is what it would take."""

    def __init__(self, length: int) -> None:
        super().__init__(f"a webhook URL of {length} characters is too long")
        self.length = length


def webhook_url(url: str) -> str:
    """Return the URL to paste in the vendor's dashboard, its variables in braces.

    `url` is the webhook's own. Raises WebhookUrlTooLongError above the vendor's 256
    characters.
    """
    mark = "&" if "?" in url else "?"
    full = f"{url}{mark}device_id={{device_id}}&state={{state}}"
    if len(full) > MAX_WEBHOOK_URL:
        raise WebhookUrlTooLongError(len(full))
    return full


def parse_webhook(method: str, query: Mapping[str, str], body: bytes) -> Hint:
    """Read a call of the cloud; never raises.

    The vendor documents variables in the URL (`state` is locked or unlocked, in its
    tutorial lock or unlock). A POST seen in the field carries JSON besides or instead:
    `{"device_id": UUID, "locked": bool}`, where `locked` may be missing. The URL counts
    first; a body about another lock, or one of more than 4096 bytes, does not count.
    """
    from_url = _hint(query.get("device_id"), query.get("state"))
    from_body = _from_body(body) if method.upper() == "POST" else Hint()
    if not _is_same(from_url.device_id, from_body.device_id):
        return from_url
    return Hint(
        device_id=from_url.device_id or from_body.device_id,
        locked=from_body.locked if from_url.locked is None else from_url.locked,
    )


def _from_body(body: bytes) -> Hint:
    if len(body) > MAX_WEBHOOK_BODY:
        return Hint()
    try:
        data = parse_json(body)
    except ValueError:
        return Hint()
    if not isinstance(data, dict):
        return Hint()
    hint = _hint(data.get("device_id"), data.get("state"))
    locked = data.get("locked")
    return Hint(device_id=hint.device_id, locked=locked) if isinstance(locked, bool) else hint


def _hint(device_id: Any, state: Any) -> Hint:
    device_id = _text(device_id)
    state = _text(state).lower()
    if joined := _JOINED.fullmatch(device_id):
        device_id = joined["device_id"]
        state = state if state in _LOCKED else joined["state"].lower()
    # A variable that the cloud did not replace is still in its braces.
    is_known = 0 < len(device_id) <= MAX_ID and "{" not in device_id
    return Hint(device_id=device_id if is_known else None, locked=_LOCKED.get(state))


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) and len(value) <= _MAX_JOINED else ""


def _is_same(one: str | None, other: str | None) -> bool:
    return one is None or other is None or one.casefold() == other.casefold()
