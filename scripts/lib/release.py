"""Make the archive and the notes of a release: release.py TAG. Standard library only."""

import json
from pathlib import Path
import re
import sys
import zipfile

ROOT = Path(__file__).parents[2]
INTEGRATION = ROOT / "custom_components" / "smartlocks"
DIST = ROOT / "dist"


def notes(changelog: str, version: str) -> str:
    """Return the changelog's text for a version; ValueError if it has none."""
    sections = re.split(r"^## ", changelog, flags=re.MULTILINE)
    for section in sections[1:]:
        heading, _, text = section.partition("\n")
        if heading.strip() == version and text.strip():
            return text.strip() + "\n"
    raise ValueError(f"CHANGELOG.md has no section '## {version}'")


def archive(path: Path) -> None:
    """Write the integration's files, as they lie in its folder."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for file in sorted(INTEGRATION.rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                made.write(file, file.relative_to(INTEGRATION))


def main(tag: str) -> int:
    """Write both files; 1 if the tag fits neither manifest nor changelog."""
    version = json.loads((INTEGRATION / "manifest.json").read_text("utf-8"))["version"]
    if tag != f"v{version}":
        print(f"The tag is {tag}, but the manifest's version is {version}.", file=sys.stderr)
        return 1
    try:
        text = notes((ROOT / "CHANGELOG.md").read_text("utf-8"), version)
    except ValueError as err:
        print(err, file=sys.stderr)
        return 1
    DIST.mkdir(exist_ok=True)
    (DIST / "notes.md").write_text(text, "utf-8")
    archive(DIST / "smartlocks.zip")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
