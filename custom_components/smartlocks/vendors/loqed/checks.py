"""What must be true before an entry exists: each failure told by its own sentence."""

from dataclasses import dataclass
import time

from aiohttp import ClientSession

from ...helpers import cloud_address, parse_address
from ...request_queue import RequestQueue
from ..base import FlowError
from . import api


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedBridge:
    """A bridge that answered at this address, and took our signature."""

    host: str
    status: api.BridgeStatus


async def async_locks(session: ClientSession, token: str) -> tuple[api.LockInformation, ...]:
    """Return the locks of the account of a token; FlowError otherwise."""
    cloud = cloud_address("SMARTLOCKS_LOQED_CLOUD_URL", api.CLOUD_URL)
    try:
        locks = await api.account_locks(session, cloud, token.strip())
    except api.LoqedTokenError as err:
        raise FlowError("token_refused", field="api_token") from err
    except api.LoqedError as err:
        raise FlowError("cloud_unreachable") from err
    if not locks:
        raise FlowError("no_locks")
    return locks


async def async_status(session: ClientSession, host: str) -> api.BridgeStatus:
    """Return what the bridge at an address says of itself; FlowError otherwise."""
    # Reading the state needs no key.
    nobody = api.Keys(key_id=0, key_secret=b"-", bridge_key=b"-")
    return await _status(_bridge(session, host, nobody))


async def async_check_bridge(session: ClientSession, host: str, keys: api.Keys) -> CheckedBridge:
    """See that the bridge is there and takes our signature; FlowError otherwise."""
    bridge = _bridge(session, host, keys)
    status = await _status(bridge)
    try:
        await bridge.webhooks()
    except api.LoqedAuthError as err:
        offset = _clock_offset(err, status)
        if offset is not None and abs(offset) > api.COMMAND_LIFE:
            raise FlowError("clock", seconds=f"{offset:+.0f}") from err
        raise FlowError("bridge_key_refused") from err
    except api.LoqedError as err:
        raise FlowError("bridge_unreachable", field="host") from err
    return CheckedBridge(host=host, status=status)


def _bridge(session: ClientSession, host: str, keys: api.Keys) -> api.Bridge:
    try:
        url = parse_address(host)
    except ValueError as err:
        raise FlowError("not_an_address", field="host") from err
    return api.Bridge(session, url, keys, queue=RequestQueue())


async def _status(bridge: api.Bridge) -> api.BridgeStatus:
    try:
        return await bridge.status()
    except api.LoqedResponseError as err:
        raise FlowError("not_a_bridge", field="host") from err
    except api.LoqedError as err:
        raise FlowError("bridge_unreachable", field="host") from err


def _clock_offset(err: api.LoqedAuthError, status: api.BridgeStatus) -> float | None:
    """Return how far this host's clock is ahead, in seconds, as far as the bridge shows it.

    Few bridges tell the time. But none can have started in the future.
    """
    if err.clock_offset is not None:
        return err.clock_offset
    if status.started_at is not None and status.started_at.timestamp() > time.time():
        return time.time() - status.started_at.timestamp()
    return None
