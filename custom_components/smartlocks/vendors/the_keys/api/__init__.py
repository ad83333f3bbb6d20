"""The Keys' gateway and cloud: clients that know nothing of Home Assistant."""

from .account import Account, CloudGateway, CloudLock, Share
from .battery import percentage, volts
from .cloud import Cloud
from .const import cloud_url
from .errors import (
    TheKeysBusyError,
    TheKeysClockError,
    TheKeysCloudError,
    TheKeysCloudRefusedError,
    TheKeysCloudResponseError,
    TheKeysCloudUnreachableError,
    TheKeysConnectionError,
    TheKeysError,
    TheKeysFailedError,
    TheKeysGatewayError,
    TheKeysKeyUnknownError,
    TheKeysMovingError,
    TheKeysNotCompatibleError,
    TheKeysNotDetectedError,
    TheKeysNotSharedError,
    TheKeysParameterError,
    TheKeysRefusedError,
    TheKeysResponseError,
    TheKeysTransientError,
)
from .gateway import Gateway
from .models import GatewayStatus, Locker, LockerState, LockerStatus, Phase
from .request_queue import RequestQueue
from .signature import sign
from .timestamps import TimestampCounter

__all__ = [
    "Account",
    "Cloud",
    "CloudGateway",
    "CloudLock",
    "Gateway",
    "GatewayStatus",
    "Locker",
    "LockerState",
    "LockerStatus",
    "Phase",
    "RequestQueue",
    "Share",
    "TheKeysBusyError",
    "TheKeysClockError",
    "TheKeysCloudError",
    "TheKeysCloudRefusedError",
    "TheKeysCloudResponseError",
    "TheKeysCloudUnreachableError",
    "TheKeysConnectionError",
    "TheKeysError",
    "TheKeysFailedError",
    "TheKeysGatewayError",
    "TheKeysKeyUnknownError",
    "TheKeysMovingError",
    "TheKeysNotCompatibleError",
    "TheKeysNotDetectedError",
    "TheKeysNotSharedError",
    "TheKeysParameterError",
    "TheKeysRefusedError",
    "TheKeysResponseError",
    "TheKeysTransientError",
    "TimestampCounter",
    "cloud_url",
    "percentage",
    "sign",
    "volts",
]
