"""icons.json: only for what exists, and only from Material Design Icons."""

from collections.abc import Iterator
from pathlib import Path

from .house import HOUSE, leaves, read


def problems(root: Path) -> Iterator[str]:
    """Tell what is wrong."""
    where = HOUSE / "icons.json"
    icons, words = read(root, "icons.json"), read(root, "translations", "en.json")
    for name, icon in leaves(icons).items():
        if not icon.startswith("mdi:"):
            yield f"{where}: {name} is no mdi icon"
    for platform, entities in icons.get("entity", {}).items():
        for key in entities:
            if key not in words.get("entity", {}).get(platform, {}):
                yield f"{where}: there is no {platform} {key}"
