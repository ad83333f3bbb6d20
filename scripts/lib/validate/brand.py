"""brand: the pictures Home Assistant shows, in the sizes it asks for."""

from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from .house import HOUSE

SIZES = {"icon.png": 256, "icon@2x.png": 512}


def problems(root: Path) -> Iterator[str]:
    """Tell what is wrong."""
    for name, size in SIZES.items():
        path = root / HOUSE / "brand" / name
        if not path.exists():
            yield f"{HOUSE}/brand/{name}: is missing"
            continue
        with Image.open(path) as image:
            if image.format != "PNG" or image.size != (size, size):
                yield f"{HOUSE}/brand/{name}: is no PNG of {size} by {size}"
