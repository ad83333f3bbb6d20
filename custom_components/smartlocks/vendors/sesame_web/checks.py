"""What must be true before a device is added: each failure told by its own sentence."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from ..base import FlowError
from . import api
from .const import CONF_SECRET, CONF_UUID
from .forms import CONF_LINK

_SENTENCES: Final[Mapping[type[api.SesameWebError], tuple[str, str]]] = {
    api.ForbiddenError: ("sesame_web_forbidden", "base"),
    api.QuotaError: ("sesame_web_quota", "base"),
    api.NeverOnlineError: ("sesame_web_never_online", "base"),
    api.ServerError: ("sesame_web_server", "base"),
    api.CloudConnectionError: ("sesame_web_no_answer", "base"),
    api.NotAUuidError: ("sesame_web_not_a_uuid", CONF_UUID),
    api.NotASecretError: ("sesame_web_not_a_secret", CONF_SECRET),
    api.NotAShareLinkError: ("sesame_web_not_a_link", CONF_LINK),
    api.FriendLinkError: ("sesame_web_friend_link", CONF_LINK),
    api.GuestKeyError: ("sesame_web_guest_key", CONF_LINK),
    api.EncryptedLinkError: ("sesame_web_encrypted_link", CONF_LINK),
    api.DamagedLinkError: ("sesame_web_damaged_link", CONF_LINK),
    api.SesameWebError: ("sesame_web_not_understood", "base"),
}


async def async_check(cloud: api.WebApi, uuid: str) -> None:
    """See that the cloud knows a device, by one read; FlowError or ForbiddenError otherwise."""
    try:
        await cloud.status(uuid)
    except api.ForbiddenError:
        # It is about the key, not about the device: the page decides what to ask again.
        raise
    except api.SesameWebError as err:
        raise as_flow_error(err) from err


def as_flow_error(err: api.SesameWebError) -> FlowError:
    """Return the sentence for an error, and the field it stands at."""
    if isinstance(err, api.NotAcceptedError) and err.code == HTTPStatus.NOT_FOUND:
        return FlowError("sesame_web_not_found")
    kind = next(kind for kind in type(err).__mro__ if kind in _SENTENCES)
    key, field = _SENTENCES[kind]
    return FlowError(key, field=field)
