"""Leftovers: words for what the code no longer says."""

import ast
from collections.abc import Iterator
from pathlib import Path
import re

from .house import HOUSE, read
from .source import sources

# Below these ways, names are chosen by our own code.
_WAYS = (
    "config.step",
    "config.error",
    "config.abort",
    "config.create_entry",
    "options.step",
    "options.error",
    "options.abort",
    "config_subentries.lock.step",
    "config_subentries.lock.error",
    "config_subentries.lock.abort",
    "exceptions",
    "issues",
    "selector",
)


def problems(root: Path) -> Iterator[str]:
    """Tell what is wrong."""
    said = _said(root)
    words = read(root, "translations", "en.json")
    for way in _WAYS:
        tree = words
        for part in way.split("."):
            tree = tree.get(part, {})
        for name in tree:
            if not said.fullmatch(name):
                yield f"{HOUSE}/translations/en.json: nothing says {way}.{name}"


def _said(root: Path) -> re.Pattern[str]:
    """Return what every text in the code looks like, and every step of a flow."""
    found = set()
    for source in sources(root):
        for node in ast.walk(source.tree):
            if isinstance(node, ast.AsyncFunctionDef) and node.name.startswith("async_step_"):
                found.add(re.escape(node.name.removeprefix("async_step_")))
            elif (pattern := source.pattern(node)) is not None and _tells(pattern):
                found.add(pattern)
    return re.compile("|".join(sorted(found)))


def _tells(pattern: str) -> bool:
    """Tell whether a pattern says something: one that fits nearly everything does not."""
    return re.search(r"[a-z]{3}", pattern.replace(r"\w+", "")) is not None
