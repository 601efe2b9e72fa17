"""The canvas of the demo's pictures, and the few things that Larkmoor is made of."""

from io import BytesIO
from random import Random

from PIL import Image, ImageDraw

WIDTH, HEIGHT = 1200, 750
FINE = 2  # drawn twice as large and scaled down, for smooth edges

SKIES = [("#d9ecf2", "#f6e7c8"), ("#cfe6df", "#fdf3dc"), ("#f7dcc4", "#fbeee0"), ("#d5def0", "#f3f1e9")]
GRASS = ["#8fb573", "#7fab6c", "#a5bf72"]
WALLS = ["#d98f66", "#e8c07d", "#c9d3d8", "#b7685a", "#e9ded0", "#8fa9b8"]
ROOF, DARK, TRUNK, LEAF, ROAD, WATER, WOOD, LAMP = (
    "#7a3f33", "#2d3a4a", "#7b5b45", "#5d8a55", "#9aa0a6", "#6aa5b8", "#a9784a", "#f2b134",
)  # fmt: skip
COATS = ["#b3402a", "#0b5d57", "#e0a030", "#41658a", "#8a5a83"]


class Scene:
    """Drawn in units of the finished picture; the seed chooses sky, walls and coats."""

    def __init__(self, seed: str) -> None:
        self.chance = Random(seed)
        top, bottom = self.chance.choice(SKIES)
        self.image = Image.new("RGB", (WIDTH * FINE, HEIGHT * FINE), top)
        self.draw = ImageDraw.Draw(self.image)
        self.box(0, 300, WIDTH, HEIGHT, bottom)
        self.disc(self.chance.randint(200, 1000), 150, 62, "#f6cf6a")
        self.hill(430, "#b9d2bd", 160)
        self.hill(480, "#a4c3a2", 110)

    def box(self, x1: float, y1: float, x2: float, y2: float, colour: str, radius: int = 0) -> None:
        corners = [v * FINE for v in (x1, y1, x2, y2)]
        self.draw.rounded_rectangle(corners, radius * FINE, fill=colour)

    def disc(self, x: float, y: float, radius: float, colour: str, outline: str | None = None, width: int = 0) -> None:
        corners = [v * FINE for v in (x - radius, y - radius, x + radius, y + radius)]
        self.draw.ellipse(corners, fill=None if outline else colour, outline=outline, width=width * FINE)

    def shape(self, points: list[tuple[float, float]], colour: str) -> None:
        self.draw.polygon([(x * FINE, y * FINE) for x, y in points], fill=colour)

    def line(self, points: list[tuple[float, float]], colour: str, width: float) -> None:
        self.draw.line([(x * FINE, y * FINE) for x, y in points], fill=colour, width=int(width * FINE), joint="curve")

    def hill(self, y: float, colour: str, height: float) -> None:
        middle = self.chance.randint(200, 1000)
        corners = [v * FINE for v in (middle - 900, y - height, middle + 900, y + 700)]
        self.draw.ellipse(corners, fill=colour)

    def ground(self, colour: str | None = None, y: float = 520) -> None:
        self.box(0, y, WIDTH, HEIGHT, colour or self.chance.choice(GRASS))

    def road(self, y: float = 600) -> None:
        self.box(0, y - 22, WIDTH, y, "#d8d3c8")
        self.box(0, y, WIDTH, HEIGHT, ROAD)

    def tree(self, x: float, y: float, size: float = 1.0) -> None:
        self.box(x - 9 * size, y - 120 * size, x + 9 * size, y, TRUNK, 4)
        for dx, dy, radius in ((0, -190, 72), (-46, -145, 50), (46, -145, 50)):
            self.disc(x + dx * size, y + dy * size, radius * size, LEAF)

    def house(self, x: float, y: float, width: float = 170, height: float = 190) -> None:
        self.box(x, y - height, x + width, y, self.chance.choice(WALLS))
        self.shape([(x - 12, y - height), (x + width / 2, y - height - 85), (x + width + 12, y - height)], ROOF)
        for column in (0.2, 0.62):
            self.box(x + width * column, y - height + 30, x + width * column + 32, y - height + 74, "#f6f2e6", 3)
        self.box(x + width * 0.42, y - 72, x + width * 0.42 + 36, y, DARK, 3)

    def person(self, x: float, y: float, size: float = 1.0) -> None:
        skin = self.chance.choice(["#f0c8a4", "#b98358", "#7d5336", "#e0aa80"])
        self.box(x - 14 * size, y - 45 * size, x - 3 * size, y, DARK, 4)
        self.box(x + 3 * size, y - 45 * size, x + 14 * size, y, DARK, 4)
        self.box(x - 22 * size, y - 112 * size, x + 22 * size, y - 38 * size, self.chance.choice(COATS), 14)
        self.disc(x, y - 134 * size, 20 * size, skin)

    def bench(self, x: float, y: float) -> None:
        for top in (-92, -66, -40):
            self.box(x, y + top, x + 250, y + top + 16, WOOD, 5)
        self.box(x + 18, y - 92, x + 30, y, DARK)
        self.box(x + 220, y - 92, x + 232, y, DARK)

    def lamp(self, x: float, y: float) -> None:
        self.disc(x, y - 262, 56, "#fbe3a2")
        self.box(x - 5, y - 250, x + 5, y, DARK)
        self.disc(x, y - 262, 22, LAMP)

    def bike(self, x: float, y: float) -> None:
        for wheel in (x, x + 118):
            self.disc(wheel, y - 44, 44, DARK, outline=DARK, width=7)
        frame = [(x, y - 44), (x + 44, y - 104), (x + 92, y - 104), (x + 62, y - 44), (x, y - 44)]
        self.line(frame, self.chance.choice(COATS), 8)
        self.line([(x + 118, y - 44), (x + 88, y - 126), (x + 108, y - 132)], DARK, 8)

    def planter(self, x: float, y: float) -> None:
        for offset, colour in ((0, "#d9567a"), (38, LAMP), (76, "#8a5a83"), (108, "#e9ded0")):
            self.line([(x + offset + 14, y - 60), (x + offset + 14, y - 104)], LEAF, 7)
            self.disc(x + offset + 14, y - 110, 17, colour)
        self.box(x - 12, y - 66, x + 152, y, WOOD, 6)

    def street(self, y: float = 600) -> None:
        x = -30
        while x < WIDTH:
            width = self.chance.randint(140, 210)
            self.house(x, y - 20, width, self.chance.randint(160, 240))
            x += width + 6
        self.road(y)

    def jpeg(self) -> BytesIO:
        file = BytesIO()
        self.image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).save(file, "JPEG", quality=88)
        file.seek(0)
        return file
