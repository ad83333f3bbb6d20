"""The client of the Web API: Sesame 3 and later, Bots and Bikes behind a hub.

Knows nothing of Home Assistant. `WebApi` reads and commands devices; `parse_share`,
`parse_uuid` and `parse_secret` read what a person pastes. Everything raised is a
`SesameWebError`.
"""

from .client import Command, WebApi
from .const import CLOUD_URL
from .crypto import signature
from .exceptions import (
    AccountError,
    CloudConnectionError,
    DamagedLinkError,
    DeviceError,
    EncryptedLinkError,
    ForbiddenError,
    FriendLinkError,
    GuestKeyError,
    NeverOnlineError,
    NotAcceptedError,
    NotAsDocumentedError,
    NotASecretError,
    NotAShareLinkError,
    NotAUuidError,
    QuotaError,
    ServerError,
    SesameWebError,
    ShareLinkError,
)
from .history import HistoryEntry, HistoryKind
from .models import PRODUCTS, Bolt, Kind, Product, Status, parse_secret, parse_uuid
from .share_link import Level, ShareKey, parse_share

__all__ = [
    "CLOUD_URL",
    "PRODUCTS",
    "AccountError",
    "Bolt",
    "CloudConnectionError",
    "Command",
    "DamagedLinkError",
    "DeviceError",
    "EncryptedLinkError",
    "ForbiddenError",
    "FriendLinkError",
    "GuestKeyError",
    "HistoryEntry",
    "HistoryKind",
    "Kind",
    "Level",
    "NeverOnlineError",
    "NotASecretError",
    "NotAShareLinkError",
    "NotAUuidError",
    "NotAcceptedError",
    "NotAsDocumentedError",
    "Product",
    "QuotaError",
    "ServerError",
    "SesameWebError",
    "ShareKey",
    "ShareLinkError",
    "Status",
    "WebApi",
    "parse_secret",
    "parse_share",
    "parse_uuid",
    "signature",
]
