"""The made-up account, gateway and locks of a fresh simulator: what a person types."""

PHONE = "+33611223344"
PASSWORD = "Porte+clef 7&8"

GATEWAY_ID = 3301
GATEWAY_ACCESSORY = "TkGw7Q2x"
KEYPAD_ID = 3302
KEYPAD_ACCESSORY = "TkKp55Zz"

FRONT_ID = "20417733"
FRONT_PORTAL_ID = 8101
FRONT_CODE = "hT4mW9qLz2RbX7cd"
BACK_ID = "3905"
BACK_PORTAL_ID = 8102
BACK_CODE = "Yp3sK8vNf5GaJ1ue"

OWN_SHARE = "Portal"
"""The share its owner made by hand; FRONT_CODE and BACK_CODE are its codes."""

OTHER_SHARE = "TheKeysPy (Remote)"
"""The share of another program, which nobody else may use, change or delete."""
