"""translations: every key the code uses has its words, and every word is used."""

import ast
from collections.abc import Iterator
from pathlib import Path
import re
from typing import Any

from .house import HOUSE, leaves, read

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_FORBIDDEN = {
    "HTML": re.compile(r"<[a-z/]", re.IGNORECASE),
    "an address": re.compile(r"https?://"),
    "a placeholder in single quotes": re.compile(r"'\{\w+\}'"),
    "space around it": re.compile(r"^\s|\s$"),
}
# What a call names, and where its words stand; {} is the name.
_CALLS: dict[str, tuple[str, ...]] = {
    "CommandError": ("exceptions.{}.message",),
    "FlowError": ("config.error.{}", "options.error.{}", "config_subentries.lock.error.{}"),
    "FlowAbort": ("config.abort.{}", "config_subentries.lock.abort.{}"),
    "async_raise": ("issues.{}.title",),
}
_KEYWORDS: dict[tuple[str, str], tuple[str, ...]] = {
    ("Trouble", "key"): ("exceptions.{}.message",),
    ("async_abort", "reason"): ("config.abort.{}", "config_subentries.lock.abort.{}"),
    ("ConfigEntryError", "translation_key"): ("exceptions.{}.message",),
}


def problems(root: Path) -> Iterator[str]:
    """Tell what is wrong."""
    english = leaves(read(root, "translations", "en.json"))
    yield from _wording(english)
    yield from _descriptions(english)
    for name, places in _used(root):
        if not any(place.format(name) in english for place in places):
            yield f"{HOUSE}/translations/en.json: no words for {name} ({places[0].format(name)})"
    for path in sorted((root / HOUSE / "translations").glob("*.json")):
        if path.name != "en.json":
            yield from _same(path.name, english, leaves(read(root, "translations", path.name)))


def _wording(english: dict[str, str]) -> Iterator[str]:
    for name, text in english.items():
        for what, pattern in _FORBIDDEN.items():
            if pattern.search(text):
                yield f"{HOUSE}/translations/en.json: {name} holds {what}"


def _descriptions(english: dict[str, str]) -> Iterator[str]:
    for name in english:
        for here, there in ((".data.", ".data_description."), (".data_description.", ".data.")):
            if here in name and name.replace(here, there, 1) not in english:
                yield f"{HOUSE}/translations/en.json: {name} has no {there.strip('.')}"


def _same(file: str, english: dict[str, str], other: dict[str, str]) -> Iterator[str]:
    for name in sorted(english.keys() ^ other.keys()):
        yield f"{HOUSE}/translations/{file}: {name} is {'missing' if name in english else 'extra'}"
    for name in english.keys() & other.keys():
        if set(_PLACEHOLDER.findall(english[name])) != set(_PLACEHOLDER.findall(other[name])):
            yield f"{HOUSE}/translations/{file}: {name} has other placeholders"


def _used(root: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    for path in sorted((root / HOUSE).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                yield from _named(node)


def _named(node: ast.Call) -> Iterator[tuple[str, tuple[str, ...]]]:
    called = getattr(node.func, "attr", getattr(node.func, "id", ""))
    if called in _CALLS and node.args and (name := _text(node.args[0])):
        yield name, _CALLS[called]
    for keyword in node.keywords:
        places = _KEYWORDS.get((called, keyword.arg or ""))
        if places and (name := _text(keyword.value)):
            yield name, places


def _text(node: Any) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
