"""Address, time-outs and rests of The Keys' gateway and cloud; all times in seconds."""

from typing import Final

CLOUD_URL: Final = "https://api.the-keys.fr"
CLOUD_TIMEOUT: Final = 30.0
CLOUD_CONNECT_TIMEOUT: Final = 10.0

CONNECT_TIMEOUT: Final = 4.0
UNSIGNED_TIMEOUT: Final = 10.0
# The gateway asks the lock by radio, which takes about three seconds.
SIGNED_READ_TIMEOUT: Final = 10.0
# Radio, and a motor or the vendor's cloud after it.
ACTION_TIMEOUT: Final = 20.0

# The gateway is left alone after its reply: without a rest it resets connections.
UNSIGNED_REST: Final = 0.5
SIGNED_REST: Final = 1.0
SYNCHRONIZE_REST: Final = 1.0
