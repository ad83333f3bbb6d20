"""A lock's keys: from the cloud's list, or pasted by a person."""

from dataclasses import dataclass, field

from ....http import parse_json
from .exceptions import LoqedInformationError
from .models import Fields, Keys, read_integer, read_text


@dataclass(frozen=True, kw_only=True, slots=True)
class LockInformation:
    """All that is needed to control one lock: from the cloud's list, or pasted by a person.

    Keys are base64 as LOQED prints them. `host` may be stale or absent. `ids` are all
    the names that LOQED has for this lock and its bridge.
    """

    lock_id: str
    name: str | None
    model: str | None
    host: str | None
    key_id: int
    key_secret: str = field(repr=False)
    bridge_key: str = field(repr=False)
    can_open: bool | None
    ids: frozenset[str]

    @property
    def keys(self) -> Keys:
        """The keys, decoded; they were checked when this was read."""
        return Keys.parse(
            key_id=self.key_id, key_secret=self.key_secret, bridge_key=self.bridge_key
        )


def parse_cloud_lock(fields: Fields) -> LockInformation | None:
    """Read the keys of a listed lock; None when they are missing."""
    try:
        return _information(
            fields, lock_id="id", key_id="local_id", key="key_secret", hostname="bridge_hostname"
        )
    except ValueError:
        return None


def parse_integration_information(raw: str) -> LockInformation:
    """Read the "Integration information" text; LoqedInformationError when it is none."""
    try:
        fields = parse_json(raw.strip())
        if isinstance(fields, dict):
            return _information(
                fields,
                lock_id="lock_id",
                key_id="lock_key_local_id",
                key="lock_key_key",
                hostname="bridge_mdns_hostname",
            )
    except ValueError as err:
        raise LoqedInformationError("not an integration information") from err
    raise LoqedInformationError("not an integration information")


def parse_other_entry(fields: Fields) -> LockInformation:
    """Read what Home Assistant's own integration keeps; LoqedInformationError if unusable."""
    try:
        return _information(
            fields,
            lock_id="id",
            key_id="lock_key_local_id",
            key="lock_key_key",
            hostname="bridge_mdns_hostname",
        )
    except ValueError as err:
        raise LoqedInformationError("keys are missing") from err


def _information(
    fields: Fields, *, lock_id: str, key_id: str, key: str, hostname: str
) -> LockInformation:
    """Read a lock whose fields have these names; ValueError when its keys are missing."""
    lock = read_identifier(fields, lock_id)
    slot = read_integer(fields, key_id)
    key_secret, bridge_key = read_text(fields, key), read_text(fields, "bridge_key")
    if lock is None or slot is None or key_secret is None or bridge_key is None:
        raise ValueError("keys are missing")
    Keys.parse(key_id=slot, key_secret=key_secret, bridge_key=bridge_key)
    host = read_text(fields, hostname)
    return LockInformation(
        lock_id=lock,
        name=read_text(fields, "name"),
        model=read_text(fields, "model_name"),
        host=read_text(fields, "bridge_ip") or host,
        key_id=slot,
        key_secret=key_secret.strip(),
        bridge_key=bridge_key.strip(),
        can_open=read_can_open(fields),
        ids=read_ids(fields, lock_id, hostname),
    )


def read_ids(fields: Fields, lock_id: str, hostname: str) -> frozenset[str]:
    """Return all the names that LOQED has for a lock and its bridge."""
    bridges = (read_text(fields, hostname), read_text(fields, "bridge_mac_wifi"))
    names = (read_identifier(fields, lock_id), *(bridge_id(bridge) for bridge in bridges))
    return frozenset(name for name in names if name)


def read_identifier(fields: Fields, name: str) -> str | None:
    """Return a field that is a text or a whole number, as text; None otherwise."""
    text, number = read_text(fields, name), read_integer(fields, name)
    return text or (None if number is None else str(number))


def read_can_open(fields: Fields) -> bool | None:
    """Return whether the door has no handle outside; None when it is not said."""
    states = fields.get("supported_lock_states")
    if not isinstance(states, list):
        return None
    return any(isinstance(state, str) and state.lower() == "open" for state in states)


def bridge_id(name: str | None) -> str | None:
    """Return the MAC in a bridge's host, instance or MAC text as lower-case hex digits.

    `LOQED-8C4B146A3438.local`, `loqed-8c4b146a3438._http._tcp.local.` and
    `8c:4b:14:6a:34:38` are one bridge.
    """
    if not name:
        return None
    digits = name.lower().removeprefix("loqed-").split(".")[0].replace(":", "")
    return digits or None
