"""Compare the addresses in the files with the repository: repository.py OWNER/NAME.

Standard library only.
"""

import json
from pathlib import Path
import re
import sys

ROOT = Path(__file__).parents[2]
MANIFEST = ROOT / "custom_components" / "smartlocks" / "manifest.json"

# Where the repository is named, beside the manifest.
_PLACES = ("README.md", "docs/*.md", ".github/ISSUE_TEMPLATE/*.yml", "blueprints/**/*.yaml")
_ADDRESS = re.compile(r"github(?:usercontent)?\.com/([\w-]+/smartlocks)\b")
_BUTTON = re.compile(r"owner=([\w-]+)&repository=([\w-]+)")


def named() -> dict[str, set[str]]:
    """Return the repositories that the files name as this one, by file."""
    found = {}
    for path in [MANIFEST, *(path for place in _PLACES for path in ROOT.glob(place))]:
        text = path.read_text("utf-8").replace("%2F", "/")
        names = {*_ADDRESS.findall(text), *("/".join(pair) for pair in _BUTTON.findall(text))}
        if names:
            found[str(path.relative_to(ROOT))] = names
    return found


def owners() -> set[str]:
    """Return the people whom the manifest names as owners of the code."""
    manifest = json.loads(MANIFEST.read_text("utf-8"))
    return {owner.removeprefix("@") for owner in manifest["codeowners"]}


def complaints(repository: str) -> list[str]:
    """Return what does not fit the repository OWNER/NAME, a line each."""
    wrong = [
        f"{path} names {', '.join(sorted(names - {repository}))} and not {repository}"
        for path, names in named().items()
        if names != {repository}
    ]
    owner = repository.partition("/")[0]
    if owner not in owners():
        wrong.append(f"codeowners of the manifest: {owner} is not among them")
    return wrong


def main() -> None:
    """Print what does not fit."""
    wrong = complaints(sys.argv[1])
    print("\n".join(wrong) or f"All files name {sys.argv[1]}.")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
