"""Which port Home Assistant gets."""

import os
import socket

from .errors import DemoError

VARIABLE = "SMARTLOCKS_DEMO_PORT"
DEFAULT = 8123


def chosen_port() -> int:
    """The port of the environment variable, or Home Assistant's usual one; it is free."""
    text = os.environ.get(VARIABLE, str(DEFAULT))
    if not text.isdecimal() or not 0 < int(text) < 1 << 16:
        raise DemoError(f"{VARIABLE} must be a port between 1 and 65535, not '{text}'.")
    port = int(text)
    with socket.socket() as probe:
        # Connections of a demo that ended a moment ago are no reason to refuse.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError as err:
            raise DemoError(
                f"Port {port} may not be used by you: choose one above 1023 "
                f"with {VARIABLE}=8124 scripts/demo"
            ) from err
        except OSError as err:
            raise DemoError(
                f"Port {port} is in use by another program: end that one, or choose another "
                f"port with {VARIABLE}={free_port()} scripts/demo"
            ) from err
    return port


def free_port() -> int:
    """A port nobody uses right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
