"""Where each vendor's cloud is in the demo; how its forms are filled in stands with the tests."""

from collections.abc import Mapping

from tests.vendors.answers import ANSWERS, Answers

__all__ = ["ANSWERS", "CLOUD_VARIABLES", "Answers"]

CLOUD_VARIABLES: Mapping[str, str] = {
    "loqed": "SMARTLOCKS_LOQED_CLOUD_URL",
    "the_keys": "SMARTLOCKS_THE_KEYS_CLOUD_URL",
    "sesame_v3": "SMARTLOCKS_SESAME_V3_URL",
    "sesame_web": "SMARTLOCKS_SESAME_WEB_URL",
}
