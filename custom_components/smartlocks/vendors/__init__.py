"""The table of vendors. A new one is a folder beside this file and a row in it."""

from .base import Vendor
from .loqed import VENDOR as LOQED

VENDORS: dict[str, Vendor] = {vendor.key: vendor for vendor in (LOQED,)}
