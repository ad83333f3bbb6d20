"""The two things that name a device and prove the right to move it."""

import re
from typing import Final

from .errors import NotASecretError, NotAUuidError

# Without its dashes a UUID could not be told from a secret: both are 32 digits then.
UUID: Final = re.compile(r"[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}")
SECRET: Final = re.compile(r"[0-9a-f]{32}")


def parse_uuid(text: str) -> str:
    """Return a device's UUID in upper case, as the cloud wants it; raises `NotAUuidError`."""
    uuid = text.strip().upper()
    if not UUID.fullmatch(uuid):
        raise NotAUuidError
    return uuid


def parse_secret(text: str) -> str:
    """Return a device's secret as 32 lower-case digits; raises `NotASecretError`."""
    secret = text.strip().lower()
    if not SECRET.fullmatch(secret):
        raise NotASecretError
    return secret
