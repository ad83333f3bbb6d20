"""LOQED's local bridge and cloud list: clients that know nothing of Home Assistant."""

from .client import Bridge
from .cloud import LockInformation, account_locks, bridge_id, parse_integration_information
from .const import CLOUD_URL, COMMAND_LIFE
from .exceptions import (
    LoqedAuthError,
    LoqedBridgeFullError,
    LoqedConnectionError,
    LoqedConnectionLostError,
    LoqedError,
    LoqedInformationError,
    LoqedPushContentError,
    LoqedPushError,
    LoqedPushForgedError,
    LoqedPushLateError,
    LoqedPushRepeatError,
    LoqedPushSignedError,
    LoqedPushUnsignedError,
    LoqedResponseError,
    LoqedTokenError,
)
from .models import (
    ALL_TRIGGERS,
    BatteryType,
    BridgeStatus,
    Command,
    Keys,
    Position,
    Trigger,
    Webhook,
)
from .webhook import Push, PushMemory, PushVerifier

__all__ = [
    "ALL_TRIGGERS",
    "CLOUD_URL",
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
    "LoqedConnectionLostError",
    "LoqedError",
    "LoqedInformationError",
    "LoqedPushContentError",
    "LoqedPushError",
    "LoqedPushForgedError",
    "LoqedPushLateError",
    "LoqedPushRepeatError",
    "LoqedPushSignedError",
    "LoqedPushUnsignedError",
    "LoqedResponseError",
    "LoqedTokenError",
    "Position",
    "Push",
    "PushMemory",
    "PushVerifier",
    "Trigger",
    "Webhook",
    "account_locks",
    "bridge_id",
    "parse_integration_information",
]
