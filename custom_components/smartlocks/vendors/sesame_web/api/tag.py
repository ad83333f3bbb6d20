"""The note a command leaves in a device's history."""

from base64 import b64decode, b64encode
from typing import Any
from unicodedata import category

from .const import MAX_TAG_BYTES


def encode_tag(text: str) -> str:
    """Return the note as the cloud wants it: base64 of UTF-8, cut to 21 bytes."""
    cut = text.encode(errors="replace")[:MAX_TAG_BYTES]
    # Cutting may have split a character: what is left of it goes too.
    return b64encode(cut.decode(errors="ignore").encode()).decode()


def decode_tag(value: Any) -> str | None:
    """Return the note's text; None for none, and for the binary ones of apps and readers."""
    if not isinstance(value, str):
        return None
    try:
        text = b64decode(value, validate=True).decode().rstrip("\0")
    except ValueError:
        return None
    is_text = not any(category(character) == "Cc" for character in text)
    return text if text and is_text else None
