"""hacs.json and what else HACS looks for in a repository."""

from collections.abc import Iterator
import json
from pathlib import Path
import tomllib

from .house import HOUSE

ALLOWED = {
    "content_in_root",
    "country",
    "filename",
    "hacs",
    "hide_default_branch",
    "homeassistant",
    "name",
    "persistent_directory",
    "render_readme",
    "zip_release",
}


def problems(root: Path) -> Iterator[str]:
    """Tell what is wrong."""
    hacs = json.loads((root / "hacs.json").read_text())
    if "name" not in hacs:
        yield "hacs.json: name is missing"
    for key in sorted(set(hacs) - ALLOWED):
        yield f"hacs.json: {key} is not known"
    groups = tomllib.loads((root / "pyproject.toml").read_text())["dependency-groups"]
    if f"homeassistant=={hacs.get('homeassistant')}" not in groups["oldest"]:
        yield "hacs.json: homeassistant is not the release the oldest lane is tested on"
    for name in ("README.md", "LICENSE"):
        if not (root / name).exists():
            yield f"{name}: is missing"
    folders = [
        path for path in (root / HOUSE.parent).iterdir() if (path / "manifest.json").exists()
    ]
    if len(folders) != 1:
        yield f"{HOUSE.parent}: holds {len(folders)} integrations, not one"
