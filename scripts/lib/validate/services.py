"""services.yaml: each action named, described and given an icon, and none that does not exist."""

from collections.abc import Iterator
from pathlib import Path

import yaml

from .house import HOUSE, read


def problems(root: Path) -> Iterator[str]:
    """Tell what is wrong."""
    where = HOUSE / "services.yaml"
    path = root / where
    declared = yaml.safe_load(path.read_text()) if path.exists() else {}
    told = read(root, "translations", "en.json").get("services", {})
    icons = read(root, "icons.json").get("services", {})
    for name in sorted(declared.keys() | told.keys() | icons.keys()):
        if name not in declared:
            yield f"{where}: there is no action {name}"
            continue
        words = told.get(name, {})
        for part in ("name", "description"):
            if not words.get(part):
                yield f"{where}: {name} has no {part} in the translations"
        for field in (declared[name] or {}).get("fields", {}):
            if field not in words.get("fields", {}):
                yield f"{where}: {name} does not name its field {field}"
        if name not in icons:
            yield f"{where}: {name} has no icon"
