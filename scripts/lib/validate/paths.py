"""No file speaks of the machine it was written on."""

from collections.abc import Iterator
from pathlib import Path
import re
import subprocess

_MACHINE = re.compile(r"(?<![\w./-])/(?:home/\w+|root|work|Users/\w+)/|\.\./shared\b")
_TEXT = {".json", ".lock", ".md", ".py", ".sh", ".toml", ".yaml", ".yml", ""}


def problems(root: Path) -> Iterator[str]:
    """Tell which files name a path of a machine."""
    if not (root / ".git").exists():
        # An unpacked archive: which files belong to the project cannot be told.
        return
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in listed.splitlines():
        path = root / name
        if path.suffix in _TEXT and path.is_file() and path != Path(__file__):
            for number, line in enumerate(path.read_text().splitlines(), 1):
                if _MACHINE.search(line):
                    yield f"{name}:{number}: names a path of a machine"
