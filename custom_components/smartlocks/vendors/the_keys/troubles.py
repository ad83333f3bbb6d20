"""What the api's errors mean to a person."""

from collections.abc import Mapping

from ...exceptions import Remedy, Trouble
from . import api

# A gateway that does not answer is not asked again at once: asking too much is what
# makes it freeze.
_LATER = 60.0

TROUBLES: Mapping[type[Exception], Trouble] = {
    api.TheKeysMovingError: Trouble(key="the_keys_moving", remedy=Remedy.RETRY),
    api.TheKeysBusyError: Trouble(key="the_keys_busy", remedy=Remedy.RETRY),
    api.TheKeysTransientError: Trouble(key="the_keys_transient", remedy=Remedy.RETRY),
    api.TheKeysNotSharedError: Trouble(key="the_keys_not_shared", remedy=Remedy.REAUTH),
    api.TheKeysRefusedError: Trouble(key="the_keys_refused", remedy=Remedy.REAUTH),
    api.TheKeysNotDetectedError: Trouble(key="the_keys_not_detected", remedy=Remedy.RETRY),
    api.TheKeysNotCompatibleError: Trouble(key="the_keys_not_compatible", remedy=Remedy.GIVE_UP),
    api.TheKeysKeyUnknownError: Trouble(key="the_keys_key_unknown", remedy=Remedy.RETRY),
    api.TheKeysClockError: Trouble(key="the_keys_clock", remedy=Remedy.RETRY),
    api.TheKeysFailedError: Trouble(key="the_keys_failed", remedy=Remedy.RETRY),
    api.TheKeysConnectionError: Trouble(
        key="the_keys_unreachable", remedy=Remedy.RETRY, retry_after=_LATER
    ),
    api.TheKeysError: Trouble(key="the_keys_not_understood", remedy=Remedy.RETRY),
}
