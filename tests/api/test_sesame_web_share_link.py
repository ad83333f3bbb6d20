"""The share links that a person pastes."""

from base64 import b64encode
from typing import Any
from urllib.parse import quote

import pytest

from custom_components.smartlocks.vendors.sesame_web.api import (
    PRODUCTS,
    DamagedLinkError,
    EncryptedLinkError,
    FriendLinkError,
    GuestKeyError,
    Level,
    NotAShareLinkError,
    ShareLinkError,
    parse_share,
)

from .sesame_web import SECRET, UUID
from .sesame_wire import VECTORS


def _key(product_type: int, *, length: int | None = None) -> str:
    between = length or (6 if product_type >= 5 else 66)
    device = bytes.fromhex(UUID.replace("-", ""))
    return b64encode(
        bytes([product_type]) + bytes.fromhex(SECRET) + b"\x3e" * between + device
    ).decode()


@pytest.mark.parametrize("form", ["raw_base64", "percent_encoded", "plus_became_space"])
@pytest.mark.parametrize("case", VECTORS["qr_share_urls"], ids=lambda case: case["label"])
def test_share_link_equals_the_vectors(case: dict[str, Any], form: str) -> None:
    key, expected = parse_share(case["urls"][form]), case["expect"]
    assert key.uuid == expected["device_uuid"]
    assert key.secret == expected["secret_key_hex"]
    assert key.product_type == expected["product_type"]
    assert key.product is not None
    assert key.product.model == expected["model"]
    assert key.name == expected["name"]
    assert key.level == expected["level"]
    assert key.level.name.lower() == expected["role"]


REFUSED = dict(
    zip(
        (case["input"] for case in VECTORS["qr_refuse"]),
        (FriendLinkError, DamagedLinkError, DamagedLinkError, EncryptedLinkError),
        strict=True,
    )
)


@pytest.mark.parametrize(("link", "kind"), REFUSED.items())
def test_share_link_of_the_vectors_is_refused(link: str, kind: type[ShareLinkError]) -> None:
    with pytest.raises(ShareLinkError) as raised:
        parse_share(link)
    assert type(raised.value) is kind


@pytest.mark.parametrize(
    ("link", "kind"),
    [
        ("", NotAShareLinkError),
        ("hello", NotAShareLinkError),
        ("https://example.com/?t=sk&sk=AA&l=0", NotAShareLinkError),
        ("ssm://other?t=sk&l=0", NotAShareLinkError),
        ("ssm://[UI?t=sk", NotAShareLinkError),
        (f"ssm://UI?t=sk&sk={_key(5)}&l=2&n=x", GuestKeyError),
        ("ssm://UI?t=sk&sk=short&l=2&n=x", GuestKeyError),
        ("ssm://UI", DamagedLinkError),
        ("ssm://UI?t=sk&sk=&l=0", DamagedLinkError),
        ("ssm://UI?t=sk&sk=%21%21%21&l=0", DamagedLinkError),
        ("ssm://UI?t=sk&sk=鍵&l=0", DamagedLinkError),
        (f"ssm://UI?t=sk&sk={_key(5)}", DamagedLinkError),
        (f"ssm://UI?t=sk&sk={_key(5)}&l=3", DamagedLinkError),
        (f"ssm://UI?t=sk&sk={_key(5)}&l=owner", DamagedLinkError),
        (f"ssm://UI?t=sk&sk={_key(5, length=7)}&l=0", EncryptedLinkError),
        (f"ssm://UI?t=sk&sk={_key(5, length=66)}&l=0", EncryptedLinkError),
        (f"ssm://UI?t=sk&sk={_key(0, length=6)}&l=0", EncryptedLinkError),
        (f"ssm://UI?t=sk&sk={b64encode(bytes(160)).decode().rstrip('=')}&l=0", EncryptedLinkError),
    ],
)
def test_share_link_that_cannot_be_used_raises_its_error(
    link: str, kind: type[ShareLinkError]
) -> None:
    with pytest.raises(ShareLinkError) as raised:
        parse_share(link)
    assert type(raised.value) is kind
    assert SECRET not in str(raised.value)


@pytest.mark.parametrize(
    "link",
    [
        f"  ssm://UI?t=sk&sk={_key(5)}&l=1&n=%E3%82%BB%E3%82%B5%E3%83%9F+5\n",
        f"SSM://ui/?n=%E3%82%BB%E3%82%B5%E3%83%9F%205&l=1&sk={quote(_key(5), safe='')}&t=sk",
        f"ssm://UI?t=sk&sk={_key(5).replace('+', '%20')}&l=1&n=セサミ 5",
    ],
)
def test_share_link_in_another_form_is_the_same(link: str) -> None:
    key = parse_share(link)
    assert (key.uuid, key.secret, key.level) == (UUID, SECRET, Level.MANAGER)
    assert key.name == "セサミ 5"
    assert key.product is PRODUCTS[5]


def test_share_link_of_an_unknown_product_has_none() -> None:
    key = parse_share(f"ssm://UI?t=sk&sk={_key(200)}&l=0")
    assert (key.product_type, key.product, key.name) == (200, None, None)


def test_share_key_when_shown_hides_its_secrets() -> None:
    shown = repr(parse_share(f"ssm://UI?t=sk&sk={_key(5)}&l=0&n=Home"))
    for private in (SECRET, UUID, "Home"):
        assert private not in shown
