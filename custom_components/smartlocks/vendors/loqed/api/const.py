"""Address and limits of LOQED's two interfaces; times in seconds."""

from typing import Final

CLOUD_URL: Final = "https://integrations.production.loqed.com"

# The bridge is an ESP32 that delivers its webhooks one after another while it serves us.
BRIDGE_CONNECT_TIMEOUT: Final = 4.0
BRIDGE_TIMEOUT: Final = 10.0
CLOUD_CONNECT_TIMEOUT: Final = 10.0
CLOUD_TIMEOUT: Final = 20.0

# A lock accepts a command for so long: the clocks must not differ by more.
COMMAND_LIFE: Final = 15.0
