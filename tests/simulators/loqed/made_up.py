"""Who the simulated household is: ids, addresses and keys, all of them made up."""

LOCK_ID = "20417"
LOCK_NAME = "Front door"
LOCAL_ID = 5
BRIDGE_MAC_WIFI = "02c0ffee0a01"
BRIDGE_MAC_BLE = "02c0ffee0a03"

# The newer, Shelly based bridge announces itself under another address than its status tells.
MDNS_MAC_2S = "02c0ffee0a7c"

# Base64 as LOQED gives it. With "+", "/" and "=", so that careless encoding is noticed.
KEY_SECRET = "k/cPhCU9hRVka5H8D3vkfnOdMvrDWBW0j+UPdh6lB1w="
BACKEND_KEY = "elycdQ6Kdeu6ND4poEy6+gAnvZhk3p0Dzxs/D1N1i54="
BRIDGE_KEY = "DM6hlpxCS9S+Vw6/n1JVZfZ1pbTIBwPZZdg6fPXEEv8="
CHANGED_BRIDGE_KEY = "HN4U6DvQ0Ujs/p8rVkqJTUO4y+YSY+PE6QUk3yUQ5iQ="

API_TOKEN = "made-up.personal-access.token"

# Port 9 (discard) of this machine: nobody listens there.
NOBODY = "127.0.0.1:9"
