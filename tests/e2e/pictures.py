"""The pictures of the documentation: taken on the way, small, and the same name each time."""

import asyncio
from dataclasses import dataclass, field
import io
from pathlib import Path

from PIL import Image
from playwright.async_api import Locator

from .browser import Window

FOLDER = Path(__file__).parents[2] / "docs" / "images"
# So few colors are enough for a user interface, and make a file a third of the size.
COLORS = 192
FRAME_MILLISECONDS = 700
LAST_MILLISECONDS = 2500
MARGIN = 16


# Those that the documentation shows; the others are there to be looked at.
SHOWN = frozenset(
    {
        "activity",
        "add-integration",
        "dashboard",
        "dashboard-phone",
        "demo",
        "enter-code",
        "integration",
        "loqed-options",
        "loqed-paste",
        "more-info",
        "other-side-desktop",
        "repair",
        "sesame-v3-key",
        "sesame-web-device",
        "the-keys-locks",
    }
)


@dataclass(kw_only=True)
class Film:
    """A moving picture, of frames of the same size."""

    frames: list[Image.Image] = field(default_factory=list)

    async def take(self, *parts: Locator) -> None:
        """Take a frame: parts of pages side by side."""
        images = [
            Image.open(io.BytesIO(await part.screenshot(animations="allow"))).convert("RGB")
            for part in parts
        ]
        width = sum(image.width + MARGIN for image in images) + MARGIN
        height = max(image.height for image in images) + 2 * MARGIN
        frame = Image.new("RGB", (width, height), "white")
        left = MARGIN
        for image in images:
            frame.paste(image, (left, MARGIN))
            left += image.width + MARGIN
        self.frames.append(frame)

    def save(self, path: Path) -> None:
        """Write the frames as an animated picture that every browser shows."""
        size = (
            max(frame.width for frame in self.frames),
            max(frame.height for frame in self.frames),
        )
        whole = [Image.new("RGB", size, "white") for _ in self.frames]
        for canvas, frame in zip(whole, self.frames, strict=True):
            canvas.paste(frame, (0, 0))
        durations = [FRAME_MILLISECONDS] * (len(whole) - 1) + [LAST_MILLISECONDS]
        whole[0].save(
            path,
            save_all=True,
            append_images=whole[1:],
            duration=durations,
            loop=0,
            lossless=True,
            minimize_size=True,
        )


@dataclass(kw_only=True)
class Album:
    """Where pictures go: those of the documentation, and all others."""

    shown: Path
    others: Path

    async def take(self, window: Window, name: str, part: Locator | None = None) -> None:
        """Take a picture of the screen or of a part of it."""
        await window.settle()
        data = await (part or window.page).screenshot()
        image = Image.open(io.BytesIO(data)).convert("RGB")
        image.quantize(COLORS, dither=Image.Dither.NONE).save(
            self._path(f"{name}.png"), optimize=True
        )

    async def film(self, film: Film, name: str) -> None:
        """Keep a moving picture."""
        await asyncio.to_thread(film.save, self._path(f"{name}.webp"))

    def _path(self, name: str) -> Path:
        folder = self.shown if Path(name).stem in SHOWN else self.others
        folder.mkdir(parents=True, exist_ok=True)
        return folder / name
