"""translations: texts as Home Assistant wants them, the same in every language."""

from collections.abc import Iterator
from pathlib import Path
import re

from .house import HOUSE, leaves, read

PLACEHOLDER = re.compile(r"\{(\w+)\}")
_FORBIDDEN = {
    "HTML": re.compile(r"<[a-z!/]", re.IGNORECASE),
    "an address": re.compile(r"\b[a-z]+://|\bwww\.", re.IGNORECASE),
    "a placeholder in single quotes": re.compile(r"'\{\w+\}'"),
    "space around it": re.compile(r"^\s|\s$"),
    "a reference, which nobody follows": re.compile(r"\[%key:"),
    "a brace that is no placeholder": re.compile(r"\{(?!\w+\})|(?<!\w)\}|\{\d"),
}


def problems(root: Path) -> Iterator[str]:
    """Tell what is wrong."""
    english = leaves(read(root, "translations", "en.json"))
    yield from _descriptions(english)
    for path in sorted((root / HOUSE / "translations").glob("*.json")):
        texts = leaves(read(root, "translations", path.name))
        yield from _wording(path.name, texts)
        yield from _same(path.name, english, texts)


def _wording(file: str, texts: dict[str, str]) -> Iterator[str]:
    for name, text in texts.items():
        for what, pattern in _FORBIDDEN.items():
            if pattern.search(text):
                yield f"{HOUSE}/translations/{file}: {name} holds {what}"


def _descriptions(english: dict[str, str]) -> Iterator[str]:
    for name in english:
        for here, there in ((".data.", ".data_description."), (".data_description.", ".data.")):
            if here in name and name.replace(here, there, 1) not in english:
                yield f"{HOUSE}/translations/en.json: {name} has no {there.strip('.')}"


def _same(file: str, english: dict[str, str], other: dict[str, str]) -> Iterator[str]:
    for name in sorted(english.keys() ^ other.keys()):
        yield f"{HOUSE}/translations/{file}: {name} is {'missing' if name in english else 'extra'}"
    for name in sorted(english.keys() & other.keys()):
        if set(PLACEHOLDER.findall(english[name])) != set(PLACEHOLDER.findall(other[name])):
            yield f"{HOUSE}/translations/{file}: {name} has other placeholders"
