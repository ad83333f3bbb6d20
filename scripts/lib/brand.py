"""Draw the icons of the integration; scripts/brand runs this."""

from pathlib import Path

from PIL import Image, ImageDraw

FOLDER = Path(__file__).parents[2] / "custom_components" / "smartlocks" / "brand"
SIZES = {"icon.png": 256, "icon@2x.png": 512}
# Drawn large and made small: the edges come out smooth.
CANVAS = 2048
TEAL = (15, 118, 110, 255)
LIGHT = (240, 253, 250, 255)


def draw() -> Image.Image:
    """Draw a closed padlock on a door plate."""
    image = Image.new("RGBA", (CANVAS, CANVAS), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((0, 0, CANVAS - 1, CANVAS - 1), radius=460, fill=TEAL)
    # The shackle, then the body over its feet.
    pen.arc((664, 250, 1384, 970), 180, 360, fill=LIGHT, width=150)
    pen.rectangle((664, 600, 814, 960), fill=LIGHT)
    pen.rectangle((1234, 600, 1384, 960), fill=LIGHT)
    pen.rounded_rectangle((464, 880, 1584, 1760), radius=160, fill=LIGHT)
    # The keyhole.
    pen.ellipse((894, 1080, 1154, 1340), fill=TEAL)
    pen.polygon(((974, 1290), (1074, 1290), (1124, 1570), (924, 1570)), fill=TEAL)
    return image


def main() -> None:
    """Write every size."""
    FOLDER.mkdir(exist_ok=True)
    drawing = draw()
    for name, size in SIZES.items():
        small = drawing.resize((size, size), Image.Resampling.LANCZOS)
        small.save(FOLDER / name, optimize=True)


if __name__ == "__main__":
    main()
