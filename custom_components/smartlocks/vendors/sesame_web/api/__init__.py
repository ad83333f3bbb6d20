"""The Web API of Sesame 3 and later, of Bots and Bikes, behind a Wi-Fi module or hub.

Knows nothing of Home Assistant. `WebApi` asks and orders, `parse_share` and the two other
parsers read what a person pastes, `budget` says how often the quota allows to ask, and
everything raised is a `SesameWebError`.
"""

from .budget import Usage, month_of, next_month, polling_interval, polling_share
from .client import Command, WebApi
from .const import CLOUD_URL, FREE_BUDGET, cloud_url
from .errors import (
    CloudConnectionError,
    DamagedLinkError,
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
from .ids import parse_secret, parse_uuid
from .models import PRODUCTS, Kind, Product
from .share import Level, ShareKey, parse_share
from .signature import signature
from .status import Bolt, Status

__all__ = [
    "CLOUD_URL",
    "FREE_BUDGET",
    "PRODUCTS",
    "Bolt",
    "CloudConnectionError",
    "Command",
    "DamagedLinkError",
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
    "Usage",
    "WebApi",
    "cloud_url",
    "month_of",
    "next_month",
    "parse_secret",
    "parse_share",
    "parse_uuid",
    "polling_interval",
    "polling_share",
    "signature",
]
