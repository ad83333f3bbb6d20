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
            for problem in _picture(image, size):
                yield f"{HOUSE}/brand/{name}: {problem}"


def _picture(image: Image.Image, size: int) -> Iterator[str]:
    if image.format != "PNG" or image.size != (size, size):
        yield f"is no PNG of {size} by {size}"
    elif image.mode != "RGBA":
        yield "has no transparent background"
    elif image.getchannel("A").getbbox() != (0, 0, size, size):
        yield "has an empty margin"
