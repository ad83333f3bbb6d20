"""Reading the address of a device as people write it; standard library and yarl only."""

from ipaddress import IPv6Address

from yarl import URL


def parse_address(text: str) -> URL:
    """Return `host`, `host:port`, `[v6]:port`, a bare v6 address or an http URL as a base URL.

    ValueError when it is none of them.
    """
    raw = text.strip().removeprefix("http://").rstrip("/")
    if raw.count(":") > 1 and not raw.startswith("["):
        raw = f"[{raw}]"
    url = URL(f"http://{raw}")
    if not url.host or url.path != "/" or url.query_string or url.user or " " in raw:
        raise ValueError("not an address")
    if ":" in url.host:
        IPv6Address(url.host)
    # It is looked at only now whether the port is one.
    return url.origin().with_port(url.port)


def format_address(url: URL) -> str:
    """Return a base URL as people write it: without scheme, and without the port 80."""
    host = f"[{url.host}]" if ":" in (url.host or "") else url.host or ""
    return host if url.is_default_port() else f"{host}:{url.port}"
