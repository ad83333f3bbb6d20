"""Reading a lock's credentials: an entry of the cloud's list, or the pasted JSON."""

from .errors import LoqedInformationError
from .fields import Fields, integer, parse_object, text
from .models import Keys, LockInformation


def parse_integration_information(raw: str) -> LockInformation:
    """Read the "Integration information" text; LoqedInformationError when it is none."""
    try:
        fields = parse_object(raw.strip())
        return _information(
            fields,
            lock_id=_identifier(fields, "lock_id"),
            key_id=integer(fields, "lock_key_local_id"),
            key_secret=text(fields, "lock_key_key"),
            host=text(fields, "bridge_ip"),
            hostname=text(fields, "bridge_mdns_hostname"),
        )
    except ValueError as err:
        raise LoqedInformationError("not an integration information") from err


def parse_cloud_lock(fields: Fields) -> LockInformation:
    """Read one lock of the cloud's list; ValueError when keys are missing."""
    return _information(
        fields,
        lock_id=_identifier(fields, "id"),
        key_id=integer(fields, "local_id"),
        key_secret=text(fields, "key_secret"),
        host=text(fields, "bridge_ip"),
        hostname=text(fields, "bridge_hostname"),
    )


def _information(
    fields: Fields,
    *,
    lock_id: str,
    key_id: int | None,
    key_secret: str | None,
    host: str | None,
    hostname: str | None,
) -> LockInformation:
    bridge_key = text(fields, "bridge_key")
    if key_id is None or not key_secret or not bridge_key:
        raise ValueError("keys are missing")
    Keys.parse(key_id=key_id, key_secret=key_secret, bridge_key=bridge_key)
    names = (lock_id, bridge_id(hostname), bridge_id(text(fields, "bridge_mac_wifi")))
    return LockInformation(
        lock_id=lock_id,
        name=text(fields, "name"),
        model=text(fields, "model_name"),
        host=host or hostname,
        key_id=key_id,
        key_secret=key_secret.strip(),
        bridge_key=bridge_key.strip(),
        can_open=_can_open(fields),
        ids=frozenset(name for name in names if name),
    )


def bridge_id(name: str | None) -> str | None:
    """Return the MAC in a bridge's host, instance or MAC text as 12 lower-case hex digits.

    `LOQED-8C4B146A3438.local`, `loqed-8c4b146a3438._http._tcp.local.` and
    `8c:4b:14:6a:34:38` are one bridge.
    """
    if not name:
        return None
    digits = name.lower().removeprefix("loqed-").split(".")[0].replace(":", "")
    return digits or None


def _identifier(fields: Fields, name: str) -> str:
    value = fields.get(name)
    if isinstance(value, bool) or not isinstance(value, int | str) or value == "":
        raise ValueError(f"no {name}")
    return str(value)


def _can_open(fields: Fields) -> bool | None:
    """Tell whether the door has no handle outside; None when it is not said."""
    states = fields.get("supported_lock_states")
    if not isinstance(states, list):
        return None
    return any(isinstance(state, str) and state.lower() == "open" for state in states)
