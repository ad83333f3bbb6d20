"""What the api's errors mean to a person."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from homeassistant.util import dt as dt_util

from ...exceptions import Remedy, Trouble
from . import api
from .gate import Gate

TROUBLES: Mapping[type[Exception], Trouble] = {
    api.UnauthorizedError: Trouble(key="sesame_v3_key_refused", remedy=Remedy.REAUTH),
    api.BlockedError: Trouble(key="sesame_v3_blocked", remedy=Remedy.RETRY),
    api.ThrottledError: Trouble(key="sesame_v3_throttled", remedy=Remedy.RETRY),
    api.BusyError: Trouble(key="sesame_v3_busy", remedy=Remedy.RETRY),
    api.LowBatteryError: Trouble(key="sesame_v3_low_battery", remedy=Remedy.GIVE_UP),
    api.IntegrationOffError: Trouble(key="sesame_v3_integration_off", remedy=Remedy.GIVE_UP),
    api.BadParamsError: Trouble(key="sesame_v3_bad_params", remedy=Remedy.GIVE_UP),
    api.TaskFailedError: Trouble(key="sesame_v3_task_failed", remedy=Remedy.GIVE_UP),
    api.ServerError: Trouble(key="sesame_v3_server", remedy=Remedy.RETRY),
    api.CloudConnectionError: Trouble(key="sesame_v3_no_answer", remedy=Remedy.RETRY),
    api.SesameV3Error: Trouble(key="sesame_v3_not_understood", remedy=Remedy.RETRY),
}

# Timers are not exact, and a request too early would begin it all anew.
_MARGIN: Final = 5.0


def in_detail(trouble: Trouble, err: Exception, gate: Gate) -> Trouble:
    """Return a trouble with what is known of times."""
    match err:
        case api.BlockedError():
            until = gate.blocked_until or dt_util.utcnow() + timedelta(seconds=err.seconds)
            time = dt_util.as_local(until).strftime("%H:%M")
            return replace(trouble, placeholders={"time": time}, retry_after=_left(until))
        case api.ThrottledError() if gate.throttled_until is not None:
            return replace(trouble, retry_after=_left(gate.throttled_until))
        case api.BusyError(seconds=int(seconds)):
            return replace(
                trouble, key="sesame_v3_busy_for", placeholders={"seconds": str(seconds)}
            )
    return trouble


def _left(until: datetime) -> float:
    return max((until - dt_util.utcnow()).total_seconds(), 0.0) + _MARGIN
