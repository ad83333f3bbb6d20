"""The signatures of the wire: functions of bytes, keys already decoded."""

import hashlib
import hmac
import struct

COMMAND = struct.Struct(">QBBQ32sBBB")


def command_hmac(message: bytes, key: bytes) -> bytes:
    """What the HMAC inside a 53 byte command must be.

    It covers the protocol, the type, the timestamp, the key slot, the device and the
    action; not the message id in front.
    """
    return hmac.digest(key, message[8:18] + message[50:53], "sha256")


def bridge_hash(covered: bytes, timestamp: int, key: bytes) -> str:
    """The lower case hex hash of a call to or from the bridge.

    Covered is the body of a push, the URL and flags of a new webhook, the id of one to
    be deleted, and nothing for the list. The timestamp is hashed as 8 bytes big-endian.
    """
    stamp = (timestamp % (1 << 64)).to_bytes(8)
    return hashlib.sha256(covered + stamp + key).hexdigest()
