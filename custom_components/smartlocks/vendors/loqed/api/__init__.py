"""LOQED's local bridge and cloud list: a client that knows nothing of Home Assistant."""

from .bridge import Bridge
from .cloud import account_locks
from .const import COMMAND_LIFE
from .errors import (
    LoqedAuthError,
    LoqedBridgeFullError,
    LoqedConnectionError,
    LoqedError,
    LoqedInformationError,
    LoqedPushContentError,
    LoqedPushError,
    LoqedPushForgedError,
    LoqedPushLateError,
    LoqedPushRepeatError,
    LoqedPushUnsignedError,
    LoqedResponseError,
    LoqedTokenError,
)
from .information import bridge_id, parse_integration_information
from .models import (
    ALL_TRIGGERS,
    BatteryType,
    BridgeStatus,
    Keys,
    LockInformation,
    Position,
    Trigger,
    Webhook,
)
from .push import Push, PushVerifier
from .signature import Command

__all__ = [
    "ALL_TRIGGERS",
    "COMMAND_LIFE",
    "BatteryType",
    "Bridge",
    "BridgeStatus",
    "Command",
    "Keys",
    "LockInformation",
    "LoqedAuthError",
    "LoqedBridgeFullError",
    "LoqedConnectionError",
    "LoqedError",
    "LoqedInformationError",
    "LoqedPushContentError",
    "LoqedPushError",
    "LoqedPushForgedError",
    "LoqedPushLateError",
    "LoqedPushRepeatError",
    "LoqedPushUnsignedError",
    "LoqedResponseError",
    "LoqedTokenError",
    "Position",
    "Push",
    "PushVerifier",
    "Trigger",
    "Webhook",
    "account_locks",
    "bridge_id",
    "parse_integration_information",
]
