"""hacs.json and what else HACS looks for in a repository."""

from collections.abc import Iterator
import json
from pathlib import Path

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
    for name in ("README.md", "LICENSE"):
        if not (root / name).exists():
            yield f"{name}: is missing"
    if len([path for path in (root / "custom_components").iterdir() if path.is_dir()]) != 1:
        yield "custom_components: holds more than one integration"
