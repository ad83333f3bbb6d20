"""What a person pastes: share links, UUIDs and secrets; and the products they name."""

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
    Kind,
    Level,
    NotASecretError,
    NotAShareLinkError,
    NotAUuidError,
    ShareLinkError,
    parse_secret,
    parse_share,
    parse_uuid,
)

from .sesame_wire import VECTORS

SECRET = "0123456789abcdef0123456789abcdef"
UUID = "488ABAAB-164F-7A86-595F-DDD778CB86C3"


def _key(product_type: int, *, length: int | None = None) -> str:
    between = length or (6 if product_type >= 5 else 66)
    device = bytes.fromhex(UUID.replace("-", ""))
    return b64encode(
        bytes([product_type]) + bytes.fromhex(SECRET) + b"\x3e" * between + device
    ).decode()


@pytest.mark.parametrize("form", ["raw_base64", "percent_encoded", "plus_became_space"])
@pytest.mark.parametrize("case", VECTORS["qr_share_urls"], ids=lambda case: case["label"])
def test_vectors(case: dict[str, Any], form: str) -> None:
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
def test_refused_vectors(link: str, kind: type[ShareLinkError]) -> None:
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
def test_what_cannot_be_used(link: str, kind: type[ShareLinkError]) -> None:
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
def test_forms_of_one_link(link: str) -> None:
    key = parse_share(link)
    assert (key.uuid, key.secret, key.level) == (UUID, SECRET, Level.MANAGER)
    assert key.name == "セサミ 5"
    assert key.product is PRODUCTS[5]


def test_a_link_without_a_name_and_of_a_new_product() -> None:
    key = parse_share(f"ssm://UI?t=sk&sk={_key(200)}&l=0")
    assert (key.product_type, key.product, key.name) == (200, None, None)


def test_a_key_does_not_show_itself() -> None:
    shown = repr(parse_share(f"ssm://UI?t=sk&sk={_key(5)}&l=0&n=Home"))
    for private in (SECRET, UUID, "Home"):
        assert private not in shown


@pytest.mark.parametrize("text", [UUID, UUID.lower(), f" {UUID}\n"])
def test_uuid(text: str) -> None:
    assert parse_uuid(text) == UUID


@pytest.mark.parametrize(
    "text", ["", "x", UUID[:-1], UUID + "0", UUID.replace("-", ""), UUID.replace("A", "G"), SECRET]
)
def test_no_uuid(text: str) -> None:
    with pytest.raises(NotAUuidError):
        parse_uuid(text)


@pytest.mark.parametrize("text", [SECRET, SECRET.upper(), f"\t{SECRET} "])
def test_secret(text: str) -> None:
    assert parse_secret(text) == SECRET


@pytest.mark.parametrize(
    "text", ["", SECRET[:-1], SECRET + "0", SECRET.replace("a", "g"), UUID, "٣" * 32, "0x" + SECRET]
)
def test_no_secret(text: str) -> None:
    with pytest.raises(NotASecretError) as raised:
        parse_secret(text)
    assert not text or text not in str(raised.value)


def test_products() -> None:
    kinds = {kind: {n for n, p in PRODUCTS.items() if p.kind is kind} for kind in (*Kind, None)}
    assert kinds[Kind.LOCK] == {0, 4, 5, 7, 11, 16, 20, 21, 29, 32}
    assert kinds[Kind.BOT] == {2, 17, 35}
    assert kinds[Kind.BIKE] == {3, 6, 33}
    assert kinds[None] == {8, 9, 10, 13, 14, 15, 18, 19, 22, 23, 24, 25, 26, 27, 28, 30, 31, 36}
    assert all(number == product.number for number, product in PRODUCTS.items())
    assert len({product.model for product in PRODUCTS.values()}) == len(PRODUCTS)
    assert PRODUCTS[0].name == "Sesame 3"
