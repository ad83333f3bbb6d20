"""Codes that unlocking asks for: kept as salted hashes, checked one at a time, with pauses."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
import hashlib
import hmac
import re
import secrets
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from . import helpers
from .const import CONF_CODES, DOMAIN
from .models import Action, Setting

# Home Assistant checks every command against it, also those that need no code. What is too
# short to be a code is told by us: Home Assistant would show the expression.
CODE_FORMAT: Final = "^[0-9]*$"
_CODE: Final = re.compile("[0-9]{4,10}")

# The memory of scrypt is 128 * cost * block size: 32 MiB, for about a fifth of a second.
_COST: Final = 2**15
_BLOCK_SIZE: Final = 8
_MEMORY: Final = 64 * 2**20

WRONG_UNTIL_PAUSE: Final = 5
FIRST_PAUSE: Final = 30.0
LONGEST_PAUSE: Final = 900.0

_NEEDS_CODE: Final = frozenset({Action.UNLOCK, Action.OPEN})
# In open house mode everybody gets in who turns the knob; guest access lets guests in.
_LETS_IN: Final = frozenset({Setting.OPEN_HOUSE, Setting.GUEST_ACCESS})


@dataclass(kw_only=True, slots=True)
class Attempts:
    """The wrong codes in a row that were given for one stored code.

    After the fifth, and after each that follows it, no code is looked at for a while.
    """

    stored: Mapping[str, str] = field(repr=False)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    wrong: int = 0
    paused_until: float = 0.0

    @property
    def pause(self) -> float:
        """How many seconds no code is looked at from now on."""
        return max(self.paused_until - helpers.monotonic(), 0.0)

    def begin(self) -> None:
        """Count a code as wrong before it is looked at: nobody may call the look off."""
        self.wrong += 1
        if (further := self.wrong - WRONG_UNTIL_PAUSE) >= 0:
            # Beyond ten doublings it is the longest one anyway.
            pause = min(FIRST_PAUSE * 2.0 ** min(further, 10), LONGEST_PAUSE)
            self.paused_until = helpers.monotonic() + pause

    def was_right(self) -> None:
        """Forget the wrong ones."""
        self.wrong = 0
        self.paused_until = 0.0


# They outlive a reload of the entry; by entry and lock.
_ATTEMPTS: HassKey[dict[tuple[str, str], Attempts]] = HassKey(f"{DOMAIN}_attempts")


class LockCodes:
    """The codes of one entry's locks, by lock id."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
        self._hass = hass
        self._entry = entry
        self._attempts = hass.data.setdefault(_ATTEMPTS, {})

    @callback
    def has_code(self, lock_id: str) -> bool:
        """Tell whether a lock asks for a code."""
        return lock_id in self._stored

    async def async_check(self, lock_id: str, action: Action, code: str | None) -> None:
        """Let an action pass; ServiceValidationError if it needs a code and this is not it."""
        if action is Action.CALIBRATE and self.has_code(lock_id):
            # It turns the bolt, and a button cannot be given a code.
            raise _refusal("code_forbids_calibration")
        if action not in _NEEDS_CODE or not self.has_code(lock_id):
            return
        if not code:
            raise _refusal("code_missing")
        stored = self._stored[lock_id]
        attempts = self._attempts_at(lock_id, stored)
        async with attempts.turn:
            if not attempts.pause:
                attempts.begin()
                if await self._hass.async_add_executor_job(_is_right, stored, code):
                    attempts.was_right()
                    return
        if attempts.pause:
            raise _refusal("code_paused", time=_end_of(attempts.pause))
        raise _refusal("code_wrong")

    @callback
    def check_setting(self, lock_id: str, setting: Setting, *, is_on: bool) -> None:
        """Refuse what lets people in without the code: a switch cannot be given one."""
        if is_on and setting in _LETS_IN and self.has_code(lock_id):
            raise _refusal("code_forbids_setting")

    @property
    def _stored(self) -> Mapping[str, Mapping[str, str]]:
        stored: Mapping[str, Mapping[str, str]] = self._entry.options.get(CONF_CODES, {})
        return stored

    def _attempts_at(self, lock_id: str, stored: Mapping[str, str]) -> Attempts:
        """Return the attempts at a code; a new code begins with none."""
        key = (self._entry.entry_id, lock_id)
        known = self._attempts.get(key)
        if known is None or known.stored != stored:
            known = self._attempts[key] = Attempts(stored=stored)
        return known


def is_code(text: str) -> bool:
    """Return whether a text can be a code: 4 to 10 digits."""
    return _CODE.fullmatch(text) is not None


async def async_hash_code(hass: HomeAssistant, code: str) -> dict[str, str]:
    """Return a code as it is stored: salt, cost and hash."""
    return await hass.async_add_executor_job(_hash_code, code)


def _hash_code(code: str) -> dict[str, str]:
    salt = secrets.token_bytes(16)
    return {
        "salt": salt.hex(),
        "cost": str(_COST),
        "hash": _scrypt(code, salt=salt, cost=_COST).hex(),
    }


def _is_right(stored: Mapping[str, str], code: str) -> bool:
    salt, cost = bytes.fromhex(stored["salt"]), int(stored["cost"])
    return hmac.compare_digest(_scrypt(code, salt=salt, cost=cost), bytes.fromhex(stored["hash"]))


def _scrypt(code: str, *, salt: bytes, cost: int) -> bytes:
    return hashlib.scrypt(code.encode(), salt=salt, n=cost, r=_BLOCK_SIZE, p=1, maxmem=_MEMORY)


def _end_of(pause: float) -> str:
    """Return the time of day when a pause is over, for people."""
    return dt_util.as_local(dt_util.utcnow() + timedelta(seconds=pause)).strftime("%H:%M:%S")


def _refusal(key: str, **placeholders: str) -> ServiceValidationError:
    return ServiceValidationError(
        translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders
    )
