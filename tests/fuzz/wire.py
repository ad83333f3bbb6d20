"""Calls as nobody would write them to a socket: wrong framing, odd headers, slow bodies."""

import asyncio
from collections.abc import Iterator
from random import Random
from typing import Final

from yarl import URL

# How long a slow body is waited for, where a test sets it, in seconds.
PATIENCE: Final = 0.15
_METHODS = (
    b"POST",
    b"POST",
    b"POST",
    b"POST",
    b"GET",
    b"PUT",
    b"HEAD",
    b"DELETE",
    b"PATCH",
    b"post",
)
_HEADERS = (
    b"TIMESTAMP: 1700000000",
    b"TIMESTAMP: ",
    b"TIMESTAMP: -1",
    b"TIMESTAMP: \xd9\xa1\xff",
    b"TIMESTAMP: " + b"9" * 3000,
    b"timestamp: 1795280000",
    b"HASH: " + b"0" * 64,
    b"Hash: " + b"F" * 64,
    b"HASH: \xc3\xa9\x80" * 10,
    b"hash: ",
    b"Content-Type: text/html; charset=utf-7",
    b"Content-Type: multipart/form-data; boundary=",
    b"Content-Type: application/json; charset=\xff",
    b"Content-Encoding: gzip",
    b"Content-Encoding: identity, gzip",
    b"Content-Encoding: deflate",
    b"Content-Encoding: br",
    b"Content-Encoding: zstd",
    b"Content-Encoding: ",
    b"Transfer-Encoding: gzip, chunked",
    b"Transfer-Encoding: identity",
    b"Expect: 100-continue",
    b"Upgrade: websocket\r\nConnection: Upgrade",
    b"X-Forwarded-For: 203.0.113.7",
    b"Host: \xff",
    b"Cookie: a=\xff; b",
    b": nothing",
    b"No colon",
    b" folded: yes",
    b"X: " + b"x" * 9000,
)
_BODIES = (
    b"",
    b"{}",
    b"null",
    b'{"requested_state":"NIGHT_LOCK","event_type":"STATE_CHANGED_NIGHT_LOCK"}',
    b'{"device_id": "x", "locked": true}',
    b"\x1f\x8b\x08\x00rubbish",
    b"\xff" * 300,
    b"[" * 4000,
    b"x" * 4096,
    b"x" * 4097,
    b"x" * 70_000,
)
_QUERIES = (b"", b"", b"?device_id=%FF%00&state=locked", b"?" + b"a=b&" * 500, b"?state[]=1", b"?%")


def calls(seed: int, path: bytes) -> Iterator[bytes]:
    """Yield what is written to the socket, call by call."""
    random = Random(seed)  # noqa: S311 - repeats by its seed
    while True:
        method, body = random.choice(_METHODS), random.choice(_BODIES)
        target = path + random.choice(_QUERIES)
        version = random.choice((b"HTTP/1.1", b"HTTP/1.1", b"HTTP/1.0", b"HTTP/9.9", b""))
        headers = random.sample(_HEADERS, random.randrange(4))
        if random.randrange(4):
            headers.append(b"Host: home")
        framed = random.choice((_sized, _sized, _wrongly_sized, _chunked, _badly_chunked))
        headers, body = framed(random, headers, body)
        random.shuffle(headers)
        head = b"\r\n".join((b" ".join((method, target, version)), *headers, b"", b""))
        yield head + body


def _sized(random: Random, headers: list[bytes], body: bytes) -> tuple[list[bytes], bytes]:
    return [*headers, b"Content-Length: %d" % len(body)], body


def _wrongly_sized(random: Random, headers: list[bytes], body: bytes) -> tuple[list[bytes], bytes]:
    sizes = (b"-1", b"", b"0x10", b"1e3", b"4096", b"4097", b"9" * 30, b"%d" % (len(body) + 5))
    more = [b"Content-Length: " + random.choice(sizes) for _ in range(random.randrange(3))]
    return [*headers, *more], body


def _chunked(random: Random, headers: list[bytes], body: bytes) -> tuple[list[bytes], bytes]:
    size = random.choice((1, 7, 1000))
    pieces = [body[start : start + size] for start in range(0, min(len(body), 300 * size), size)]
    chunks = b"".join(b"%x;odd=1\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return [*headers, b"Transfer-Encoding: chunked"], chunks + b"0\r\n\r\n"


def _badly_chunked(random: Random, headers: list[bytes], body: bytes) -> tuple[list[bytes], bytes]:
    _, chunks = _chunked(random, [], body)
    place = random.randrange(len(chunks))
    damaged = random.choice(
        (
            chunks[:place],
            chunks[:place] + b"\xff" + chunks[place:],
            b"-1\r\n" + chunks,
            b"fffffffffffffffff\r\n" + chunks,
            b"4\n" + chunks,
        )
    )
    more = random.choice(([], [b"Content-Length: 3"], [b"Transfer-Encoding: chunked"]))
    return [*headers, *more, b"Transfer-Encoding: chunked"], damaged


async def send(address: URL, call: bytes) -> bytes:
    """Write a call, all of it or what the other side takes; return the status, if any."""
    reader, writer = await asyncio.open_connection(address.host, address.port)
    try:
        writer.write(call)
        await writer.drain()
        async with asyncio.timeout(2 * PATIENCE):
            line = await reader.readline()
    except OSError, TimeoutError:
        return b""
    finally:
        writer.transport.abort()
    return line.split(b" ")[1] if line.startswith(b"HTTP/") else b"?"
