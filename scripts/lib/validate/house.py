"""Where things lie in a checkout, and reading them."""

import json
from pathlib import Path
from typing import Any

HOUSE = Path("custom_components") / "smartlocks"


def read(root: Path, *parts: str) -> Any:
    """Return a JSON file of the integration; None when there is none."""
    path = root.joinpath(HOUSE, *parts)
    return json.loads(path.read_text()) if path.exists() else None


def leaves(tree: Any, *way: str) -> dict[str, str]:
    """Return the texts of nested objects by their dotted way."""
    if not isinstance(tree, dict):
        return {".".join(way): str(tree)}
    return {
        name: text for key, inner in tree.items() for name, text in leaves(inner, *way, key).items()
    }
