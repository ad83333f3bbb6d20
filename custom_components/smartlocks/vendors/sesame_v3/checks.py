"""What must be true before an entry exists: each failure told by its own sentence."""

from collections.abc import Mapping
from typing import Final

from homeassistant.const import CONF_API_KEY

from ..base import FlowError
from . import api
from .roster import lock_name

# Only so many are asked whether they are switched on: each takes a second.
_AT_MOST: Final = 5

_SENTENCES: Mapping[type[api.SesameV3Error], str] = {
    api.BlockedError: "sesame_v3_blocked",
    api.ThrottledError: "sesame_v3_throttled",
    api.CloudConnectionError: "sesame_v3_no_answer",
    api.ServerError: "sesame_v3_server",
    api.SesameV3Error: "sesame_v3_not_as_documented",
}


async def async_check(cloud: api.Cloud) -> tuple[api.Lock, ...]:
    """Return the locks of an account, at least one of which can be used; FlowError otherwise."""
    try:
        locks = await cloud.locks(urgent=True)
        if not locks:
            raise FlowError("sesame_v3_no_locks")
        if not await _is_any_on(cloud, locks[:_AT_MOST]):
            names = ", ".join(lock_name(lock) for lock in locks[:_AT_MOST])
            raise FlowError("sesame_v3_integration_off", locks=names)
    except api.UnauthorizedError as err:
        raise FlowError("sesame_v3_key_refused", field=CONF_API_KEY) from err
    except api.SesameV3Error as err:
        raise FlowError(_sentence(err)) from err
    return locks


async def _is_any_on(cloud: api.Cloud, locks: tuple[api.Lock, ...]) -> bool:
    for lock in locks:
        try:
            await cloud.status(lock.device_id, urgent=True)
        except api.IntegrationOffError, api.BadParamsError:
            continue
        return True
    return False


def _sentence(err: api.SesameV3Error) -> str:
    return next(_SENTENCES[kind] for kind in type(err).__mro__ if kind in _SENTENCES)
