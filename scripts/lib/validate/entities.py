"""Entities: every translation key has a name, and every name an entity."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from homeassistant.const import Platform

from .house import HOUSE, read
from .source import Source, sources

_PLATFORMS = {platform.value for platform in Platform}


def problems(root: Path) -> Iterator[str]:
    """Tell what is wrong."""
    words: dict[str, dict[str, Any]] = read(root, "translations", "en.json").get("entity", {})
    used: dict[str, set[str]] = {}
    for source in sources(root):
        if source.path.parent == HOUSE and source.path.stem in _PLATFORMS:
            used[source.path.stem] = set(_keys(source))
            is_device = _is_the_device(source)
            for key in sorted(used[source.path.stem]):
                entity = words.get(source.path.stem, {}).get(key)
                if entity is None or ("name" not in entity and not is_device):
                    yield f"{source.path}: {key} has no name in {HOUSE}/translations/en.json"
    for platform, entities in words.items():
        for key in sorted(entities.keys() - used.get(platform, set())):
            yield f"{HOUSE}/translations/en.json: there is no {platform} {key}"


def _keys(source: Source) -> Iterator[str]:
    for _, call in source.calls():
        for keyword in call.keywords:
            if (keyword.arg or "").endswith("translation_key") and (
                key := source.text(keyword.value)
            ):
                yield key


def _is_the_device(source: Source) -> bool:
    """Tell whether the platform's entity goes by the name of its device."""
    return any(
        isinstance(node, ast.Assign)
        and getattr(node.targets[0], "id", "") == "_attr_name"
        and isinstance(node.value, ast.Constant)
        and node.value.value is None
        for node in ast.walk(source.tree)
    )
