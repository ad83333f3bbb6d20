"""The first generation's cloud (API version 3): SESAME and SESAME mini with an access point.

Knows nothing of Home Assistant. `Cloud` asks and orders, `parse_hook` reads what the cloud
calls back, and everything raised is a `SesameV3Error` (but for `HookTooLongError`).
"""

from .cloud import Cloud, RequestQueue
from .const import BLOCKED_FOR, CLOUD_URL, REQUEST_SPACING, cloud_url
from .errors import (
    BadParamsError,
    BlockedError,
    BusyError,
    CloudConnectionError,
    IntegrationOffError,
    LowBatteryError,
    NotAsDocumentedError,
    ServerError,
    SesameV3Error,
    TaskFailedError,
    TaskUnknownError,
    ThrottledError,
    UnauthorizedError,
)
from .models import Command, Lock, Status, Task
from .webhook import Hint, HookTooLongError, hook_address, parse_hook

__all__ = [
    "BLOCKED_FOR",
    "CLOUD_URL",
    "REQUEST_SPACING",
    "BadParamsError",
    "BlockedError",
    "BusyError",
    "Cloud",
    "CloudConnectionError",
    "Command",
    "Hint",
    "HookTooLongError",
    "IntegrationOffError",
    "Lock",
    "LowBatteryError",
    "NotAsDocumentedError",
    "RequestQueue",
    "ServerError",
    "SesameV3Error",
    "Status",
    "Task",
    "TaskFailedError",
    "TaskUnknownError",
    "ThrottledError",
    "UnauthorizedError",
    "cloud_url",
    "hook_address",
    "parse_hook",
]
