"""The table of vendors. A new one is a folder beside this file and a row in it."""

from .base import Vendor
from .loqed import VENDOR as LOQED
from .sesame_v3 import VENDOR as SESAME_V3
from .sesame_web import VENDOR as SESAME_WEB
from .the_keys import VENDOR as THE_KEYS

VENDORS: dict[str, Vendor] = {
    vendor.key: vendor for vendor in (LOQED, THE_KEYS, SESAME_WEB, SESAME_V3)
}
