"""Smart Locks, tested through its front door."""

import logging

# It misses a library for pictures of cameras, at length, and nobody here has a camera.
logging.getLogger("homeassistant.components.camera.img_util").setLevel(logging.CRITICAL)
