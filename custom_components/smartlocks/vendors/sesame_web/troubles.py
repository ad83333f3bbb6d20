"""What the api's errors mean to a person."""

from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Final

from ...exceptions import Remedy, Trouble
from . import api

TROUBLES: Mapping[type[Exception], Trouble] = {
    api.ForbiddenError: Trouble(key="sesame_web_forbidden", remedy=Remedy.REAUTH),
    api.QuotaError: Trouble(key="sesame_web_quota", remedy=Remedy.RETRY),
    api.NeverOnlineError: Trouble(key="sesame_web_never_online", remedy=Remedy.RETRY),
    api.ServerError: Trouble(key="sesame_web_server", remedy=Remedy.RETRY),
    api.NotAcceptedError: Trouble(key="sesame_web_not_accepted", remedy=Remedy.GIVE_UP),
    api.CloudConnectionError: Trouble(key="sesame_web_no_answer", remedy=Remedy.RETRY),
    api.SesameWebError: Trouble(key="sesame_web_not_understood", remedy=Remedy.RETRY),
}

# Of one device alone: the others of the account can be read all the same.
OF_A_DEVICE: Final = (api.DeviceError,)

# In seconds. A call that never left costs nothing, so it may soon be tried again; one that
# was refused for the quota's sake is not tried more often than this.
_AFTER_NOTHING_LEFT: Final = 60.0
_AFTER_QUOTA: Final = 3600.0


def in_detail(trouble: Trouble, err: Exception) -> Trouble:
    """Return a trouble with what is known of times, and of a hub that is away."""
    match err:
        case api.CloudConnectionError() if not err.may_have_arrived:
            return replace(trouble, retry_after=_AFTER_NOTHING_LEFT)
        case api.QuotaError():
            return replace(trouble, retry_after=_AFTER_QUOTA)
        case api.NotAcceptedError(code=HTTPStatus.NOT_FOUND):
            return replace(trouble, key="sesame_web_not_found")
    return trouble


def costs_nothing(err: api.SesameWebError) -> bool:
    """Whether trying again and again costs no calls, or is up to a person."""
    return isinstance(err, api.ForbiddenError) or (
        isinstance(err, api.CloudConnectionError) and not err.may_have_arrived
    )
