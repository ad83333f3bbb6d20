"""Runs every check: python -m scripts.lib.validate; exit status 1 when one finds something."""

from collections.abc import Callable, Iterator
from pathlib import Path
import sys

from . import (
    brand,
    dependencies,
    entities,
    hacs,
    icons,
    leftovers,
    manifest,
    paths,
    quality_scale,
    sentences,
    services,
    steps,
    words,
)

ROOT = Path(__file__).parents[3]
CHECKS: tuple[Callable[[Path], Iterator[str]], ...] = (
    manifest.problems,
    dependencies.problems,
    words.problems,
    sentences.problems,
    steps.problems,
    entities.problems,
    leftovers.problems,
    icons.problems,
    services.problems,
    hacs.problems,
    brand.problems,
    quality_scale.problems,
    paths.problems,
)


def main() -> int:
    """Print every problem as `path: message`."""
    found = [problem for check in CHECKS for problem in check(ROOT)]
    print("\n".join(found) or "The integration is valid.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
