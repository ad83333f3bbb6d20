"""The cloud's calls to a webhook, and the address it is given for them."""

from collections.abc import Mapping
import json
import re
from typing import Any, Final, NamedTuple

from .const import MAX_HOOK_LENGTH

LOCKED: Final[dict[str, bool]] = {
    "lock": True,
    "locked": True,
    "unlock": False,
    "unlocked": False,
}
# The vendor's tutorial joins the two: "{device_id}_{state}".
JOINED: Final = re.compile(r"(?P<device_id>.+)_(?P<state>(?:un)?lock(?:ed)?)", re.IGNORECASE)


class Hint(NamedTuple):
    """What a call says has happened, as far as it was understood.

    Nothing signs it, so it is a reason to read the lock's status and never a state.
    `device_id` is as it came (compare it without regard to case), or None; `locked` is
    None where the call did not say.
    """

    device_id: str | None
    locked: bool | None


class HookTooLongError(ValueError):
    """The address would not fit the vendor's field; `length` is what it would take."""

    def __init__(self, length: int) -> None:
        super().__init__(f"a webhook address of {length} characters is too long")
        self.length = length


def hook_address(url: str) -> str:
    """Return the address to paste in the vendor's dashboard, its variables in braces.

    `url` is the webhook's own. Raises `HookTooLongError` above the vendor's 256 characters.
    """
    mark = "&" if "?" in url else "?"
    address = f"{url}{mark}device_id={{device_id}}&state={{state}}"
    if len(address) > MAX_HOOK_LENGTH:
        raise HookTooLongError(len(address))
    return address


def parse_hook(method: str, query: Mapping[str, str], body: bytes) -> Hint:
    """Read a call of the cloud; never fails.

    The vendor documents variables in the URL (`state` is locked or unlocked, in its
    tutorial lock or unlock). A POST seen in the field carries JSON besides or instead:
    `{"device_id": UUID, "locked": bool}`, where `locked` may be missing. The URL counts
    first; a body about another lock does not count at all.
    """
    from_url = _hint(query.get("device_id"), query.get("state"))
    from_body = _from_body(body) if method.upper() == "POST" else Hint(None, None)
    if not _is_same(from_url.device_id, from_body.device_id):
        return from_url
    return Hint(
        from_url.device_id or from_body.device_id,
        from_body.locked if from_url.locked is None else from_url.locked,
    )


def _from_body(body: bytes) -> Hint:
    try:
        data = json.loads(body)
    except ValueError, RecursionError:
        return Hint(None, None)
    if not isinstance(data, dict):
        return Hint(None, None)
    device_id, locked = _hint(data.get("device_id"), data.get("state"))
    said = data.get("locked")
    return Hint(device_id, said if isinstance(said, bool) else locked)


def _hint(device_id: Any, state: Any) -> Hint:
    words = device_id.strip() if isinstance(device_id, str) else ""
    state = state.strip().lower() if isinstance(state, str) else ""
    if joined := JOINED.fullmatch(words):
        words, state = joined["device_id"], state if state in LOCKED else joined["state"].lower()
    # A variable the cloud did not replace is still in its braces.
    is_known = bool(words) and "{" not in words
    return Hint(words if is_known else None, LOCKED.get(state))


def _is_same(one: str | None, other: str | None) -> bool:
    return one is None or other is None or one.casefold() == other.casefold()
