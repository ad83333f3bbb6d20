"""Calls that are forged by somebody who has recorded genuine ones and has no key."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
import hashlib
import hmac
import json
from random import Random
import struct
from typing import Any

# All digits of Unicode that `int` would read, look-alikes, and what ends a line.
_ODD = "٠١²①０９−\u200b\n\r\t\0é\ud800"
_WORDS = (
    b"",
    b"{}",
    b"[]",
    b"null",
    b'{"requested_state":"NIGHT_LOCK"}',
    b'{"requested_state":"NIGHT_LOCK","requested_state":"OPEN"}',
    b'{"go_to_state":"NIGHT_LOCK","event_type":"GO_TO_STATE_MANUAL_LOCK_REMOTE"}',
    b"\xff\xfe{\x00}\x00",
    b"[" * 2000,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """What reaches the receiver; `is_recorded` tells a verbatim repetition."""

    body: bytes
    timestamps: Sequence[str]
    hashes: Sequence[str]
    is_recorded: bool = False


def genuine(fields: Any, timestamp: int, key: bytes) -> Call:
    """Return a call as the bridge makes it."""
    body = json.dumps(fields).encode()
    digest = hashlib.sha256(body + struct.pack(">Q", timestamp) + key).hexdigest()
    return Call(body=body, timestamps=[str(timestamp)], hashes=[digest], is_recorded=True)


class Forger:
    """Makes calls from recorded ones; the same seed makes the same calls."""

    def __init__(self, seed: int, recorded: Sequence[Call], now: int) -> None:
        self._random = Random(seed)  # noqa: S311 - repeats by its seed
        self._recorded = recorded
        self._now = now
        # What two recordings are put together from may be a third.
        self._known = {(call.body, *call.timestamps, *call.hashes) for call in recorded}
        self._ways: tuple[Callable[[Call], Call], ...] = (
            self._other_body,
            self._other_time,
            self._other_hash,
            self._odd_time,
            self._odd_hash,
            self._own_key,
            self._moved_border,
            self._several,
            self._mixed,
            self._again,
        )

    def call(self) -> Call:
        """Return one call."""
        random = self._random
        call = random.choice(self._ways)(random.choice(self._recorded))
        is_recorded = (call.body, *call.timestamps, *call.hashes) in self._known
        return replace(call, is_recorded=is_recorded)

    def _other_body(self, call: Call) -> Call:
        """Change, cut, lengthen or replace the body."""
        random, body = self._random, bytearray(call.body)
        match random.randrange(5):
            case 0:
                body[random.randrange(len(body))] ^= 1 << random.randrange(8)
            case 1:
                del body[random.randrange(len(body)) :]
            case 2:
                body += random.randbytes(random.randrange(1, 9))
            case 3:
                body = body.replace(b"OPEN", b"NIGHT_LOCK").replace(b" ", b"") + b" "
            case _:
                body = bytearray(random.choice(_WORDS))
        return _call(bytes(body), call.timestamps, call.hashes)

    def _other_time(self, call: Call) -> Call:
        """Make an old recording young."""
        random = self._random
        shifted = int(call.timestamps[0]) + random.choice((-1, 1)) * random.randrange(1, 1 << 20)
        stamp = random.choice((self._now, self._now + random.randrange(-40, 40), abs(shifted)))
        if str(stamp) == call.timestamps[0]:
            stamp += 1
        return _call(call.body, [str(stamp)], call.hashes)

    def _other_hash(self, call: Call) -> Call:
        """Guess a hash, near the right one or not."""
        random, digest = self._random, call.hashes[0]
        match random.randrange(4):
            case 0:
                place = random.randrange(64)
                digit = random.choice([one for one in "0123456789abcdef" if one != digest[place]])
                digest = digest[:place] + digit + digest[place + 1 :]
            case 1:
                digest = random.randbytes(32).hex()
            case 2:
                digest = digest[::-1]
            case _:
                digest = random.choice("0f") * 64
        stamps = random.choice((call.timestamps, [str(self._now)]))
        return _call(call.body, stamps, [digest])

    def _odd_time(self, call: Call) -> Call:
        """Write the time as no bridge does."""
        random, stamp = self._random, call.timestamps[0]
        odd = random.choice(_ODD)
        written = random.choice(
            (
                f" {stamp}",
                f"+{stamp}",
                f"-{stamp}",
                f"{stamp}.0",
                f"{stamp}{odd}",
                f"{odd}{stamp}",
                f"0x{int(stamp):x}",
                stamp.replace("1", odd) + odd,
                stamp * random.randrange(2, 500),
                "",
                "NaN",
                "1e9",
                "1_700_000_000",
            )
        )
        return _call(call.body, [written], call.hashes)

    def _odd_hash(self, call: Call) -> Call:
        """Write the right hash as no bridge does."""
        random, digest = self._random, call.hashes[0]
        odd = random.choice(_ODD)
        written = random.choice(
            (
                digest.upper() if digest.upper() != digest else f"{digest}X",
                digest[:-1],
                digest[: random.randrange(64)],
                f"{digest}{random.choice('0123456789abcdef')}",
                f" {digest}",
                f"{digest}{odd}",
                f"{odd}{digest[1:]}",
                f"0x{digest}",
                f'"{digest}"',
                f"sha256={digest}",
                digest * random.randrange(2, 200),
                "",
            )
        )
        return _call(call.body, call.timestamps, [written])

    def _own_key(self, call: Call) -> Call:
        """Sign well, with a key that is not the bridge's, or not as the bridge does."""
        random = self._random
        stamp = self._now + random.randrange(-5, 6)
        key = random.choice((b"", bytes(32), b"\xff" * 32, random.randbytes(32), b"key"))
        packed = struct.pack(">Q", stamp)
        digest = random.choice(
            (
                hashlib.sha256(call.body + packed + key).hexdigest(),
                hashlib.sha256(key + packed + call.body).hexdigest(),
                hashlib.sha256(call.body + packed).hexdigest(),
                hashlib.sha3_256(call.body + packed + key).hexdigest(),
                hmac.digest(key, call.body + packed, "sha256").hex(),
            )
        )
        return _call(call.body, [str(stamp)], [digest])

    def _moved_border(self, call: Call) -> Call:
        """Move bytes between body and time, so that both together stay alike."""
        random = self._random
        packed = struct.pack(">Q", int(call.timestamps[0]))
        count = random.randrange(1, 9)
        if random.randrange(2):
            stamp = struct.unpack(">Q", (call.body[-count:] + packed)[:8])[0]
            return _call(call.body[:-count], [str(stamp)], call.hashes)
        stamp = int.from_bytes(packed[count:].rjust(8, b"\0"), "big")
        return _call(call.body + packed[:count], [str(stamp)], call.hashes)

    def _several(self, call: Call) -> Call:
        """Send a header twice, or not at all."""
        random = self._random
        stamps, hashes = list(call.timestamps), list(call.hashes)
        match random.randrange(5):
            case 0:
                stamps *= 2
            case 1:
                hashes *= 2
            case 2:
                hashes = []
            case 3:
                stamps.append(str(self._now))
            case _:
                stamps = []
        return _call(call.body, stamps, hashes)

    def _mixed(self, call: Call) -> Call:
        """Put together what belongs to different recordings."""
        random = self._random
        others = [other for other in self._recorded if other.hashes != call.hashes]
        other = random.choice(others)
        if random.randrange(2):
            return _call(call.body, other.timestamps, other.hashes)
        return _call(call.body, call.timestamps, other.hashes)

    def _again(self, call: Call) -> Call:
        """Repeat a recording as it was."""
        return call


def _call(body: bytes, timestamps: Sequence[str], hashes: Sequence[str]) -> Call:
    return Call(body=body, timestamps=timestamps, hashes=hashes)
