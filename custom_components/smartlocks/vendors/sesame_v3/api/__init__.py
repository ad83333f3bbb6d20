"""The first generation's cloud (API version 3): SESAME and SESAME mini with an access point.

Knows nothing of Home Assistant. `Cloud` reads and sends commands, `parse_webhook` reads
what the cloud sends. A request that fails raises a `SesameV3Error`.
"""

from .client import Cloud
from .const import BLOCKED_FOR, CLOUD_URL, REQUEST_SPACING
from .exceptions import (
    BadParamsError,
    BlockedError,
    BusyError,
    CloudConnectionError,
    IntegrationOffError,
    LowBatteryError,
    ServerError,
    SesameV3Error,
    TaskFailedError,
    TaskUnknownError,
    ThrottledError,
    UnauthorizedError,
    UnexpectedResponseError,
)
from .models import Command, Lock, Status, Task
from .webhook import Hint, WebhookUrlTooLongError, parse_webhook, webhook_url

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
    "IntegrationOffError",
    "Lock",
    "LowBatteryError",
    "ServerError",
    "SesameV3Error",
    "Status",
    "Task",
    "TaskFailedError",
    "TaskUnknownError",
    "ThrottledError",
    "UnauthorizedError",
    "UnexpectedResponseError",
    "WebhookUrlTooLongError",
    "parse_webhook",
    "webhook_url",
]
