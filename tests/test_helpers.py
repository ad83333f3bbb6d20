"""Addresses as people write them."""

import pytest

from custom_components.smartlocks.helpers import format_address, parse_address


@pytest.mark.parametrize(
    ("text", "url", "written"),
    [
        ("192.0.2.7", "http://192.0.2.7", "192.0.2.7"),
        (" lock.local ", "http://lock.local", "lock.local"),
        ("lock.local:8080", "http://lock.local:8080", "lock.local:8080"),
        ("lock.local:80", "http://lock.local", "lock.local"),
        ("http://lock.local/", "http://lock.local", "lock.local"),
        ("HTTP://lock.local", "http://lock.local", "lock.local"),
        ("[2001:db8::1]:81", "http://[2001:db8::1]:81", "[2001:db8::1]:81"),
        ("2001:db8::1", "http://[2001:db8::1]", "[2001:db8::1]"),
    ],
)
def test_address_when_written_in_any_way_is_understood(text: str, url: str, written: str) -> None:
    assert str(parse_address(text)) == url
    assert format_address(parse_address(text)) == written


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "not an address",
        "lock/status",
        "lock?x=1",
        "me@lock",
        "lock:port",
        "lock:99999",
        "[lock]",
        "::1:80:x",
        "lock:80:80",
        "lock:0",
        "lock#fragment",
        "[]@",
        "[",
        "me@",
        "https://lock",
    ],
)
def test_address_when_it_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_address(text)
