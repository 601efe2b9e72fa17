"""Flat pictures of what people suggest, drawn with Pillow when the demo is seeded. No picture comes from anywhere."""

from collections.abc import Callable
from io import BytesIO

from config.demo.canvas import COATS, DARK, HEIGHT, LAMP, LEAF, ROOF, WALLS, WATER, WIDTH, WOOD, Scene


def crossing(s: Scene) -> None:
    s.street(560)
    for x in range(420, 780, 74):
        s.shape([(x, 566), (x + 42, 566), (x + 56, 750), (x - 4, 750)], "#f6f4ee")
    for x in (390, 800):
        s.box(x, 380, x + 10, 560, DARK)
        s.disc(x + 5, 366, 26, LAMP)
    s.person(560, 690, 1.1)
    s.person(630, 690, 0.75)


def trees(s: Scene) -> None:
    s.street(580)
    for x in (130, 400, 670, 940, 1150):
        s.tree(x, 590, 0.95)
    s.person(540, 660)


def bench(s: Scene) -> None:
    s.box(0, 430, WIDTH, 600, WATER)
    s.shape([(860, 430), (960, 430), (910, 340)], "#fbfaf6")
    s.box(900, 330, 908, 450, DARK)
    s.ground("#cfc6b3", 590)
    s.bench(440, 690)
    s.person(760, 700, 1.1)


def lamps(s: Scene) -> None:
    s.box(0, 0, WIDTH, 300, "#51618a")
    s.box(0, 300, WIDTH, 520, "#8f86a8")
    s.ground("#59735a")
    s.shape([(420, 750), (780, 750), (640, 520), (590, 520)], "#cdbf9f")
    for x, y in ((330, 700), (480, 600), (860, 690)):
        s.lamp(x, y)
    s.person(640, 680, 0.95)


def bikes(s: Scene) -> None:
    s.street(560)
    s.box(640, 400, 1010, 640, "#5b7f72", 8)
    s.shape([(620, 400), (1030, 400), (980, 340), (670, 340)], DARK)
    for x in (140, 330, 470):
        s.bike(x, 680)
    s.bike(760, 660)


def fountain(s: Scene) -> None:
    s.ground()
    s.tree(180, 560)
    s.tree(1030, 570, 1.1)
    s.box(560, 500, 640, 680, "#8b939b", 10)
    s.box(500, 470, 700, 520, "#a9b1b8", 20)
    s.line([(600, 470), (600, 420), (650, 410), (664, 468)], WATER, 10)
    s.person(790, 690)
    s.person(440, 695, 0.7)


def mural(s: Scene) -> None:
    s.ground("#c4bcae", 600)
    s.box(90, 200, 1110, 620, "#e7e0d3")
    for x, y, radius, colour in ((260, 380, 120, "#0b5d57"), (480, 470, 90, LAMP), (720, 360, 130, "#b3402a"),
                                 (930, 480, 100, "#41658a"), (580, 280, 60, "#8a5a83")):  # fmt: skip
        s.disc(x, y, radius, colour)
    s.person(430, 690, 1.1)
    s.person(860, 700, 1.1)


def van(s: Scene) -> None:
    s.street(590)
    s.box(360, 400, 820, 650, LAMP, 26)
    s.shape([(820, 470), (900, 550), (900, 650), (800, 650)], LAMP)
    s.box(470, 450, 720, 560, DARK, 8)
    s.shape([(450, 450), (740, 450), (760, 400), (430, 400)], "#fbfaf6")
    for x in (470, 800):
        s.disc(x, 655, 46, DARK)
        s.disc(x, 655, 18, "#cfd3d6")
    s.box(120, 610, 320, 626, WOOD, 4)
    s.box(140, 620, 150, 690, WOOD)
    s.box(290, 620, 300, 690, WOOD)
    s.person(220, 600, 0.8)


def kerbs(s: Scene) -> None:
    s.street(560)
    s.shape([(340, 562), (860, 562), (760, 660), (440, 660)], "#d8d3c8")
    for x in range(470, 740, 44):
        s.disc(x, 630, 9, LAMP)
    s.person(560, 640, 1.1)
    s.box(610, 560, 690, 610, "#41658a", 18)
    for x in (626, 676):
        s.disc(x, 628, 15, DARK)


def garden(s: Scene) -> None:
    s.house(380, 520, 440, 240)
    s.ground()
    for x in (160, 420, 680, 940):
        s.planter(x, 690)
    s.tree(1080, 560, 0.9)
    s.person(620, 590, 0.9)


def planters(s: Scene) -> None:
    s.street(560)
    for x in (120, 420, 720, 1010):
        s.tree(x + 60, 650, 0.55)
        s.planter(x, 700)


def board(s: Scene) -> None:
    s.street(580)
    s.box(440, 330, 460, 690, WOOD)
    s.box(740, 330, 760, 690, WOOD)
    s.box(420, 330, 780, 570, "#e9ded0", 6)
    s.shape([(390, 330), (810, 330), (740, 270), (460, 270)], ROOF)
    for x, y, colour in ((450, 350, "#fff"), (560, 360, LAMP), (660, 350, "#fff"), (470, 460, "#cfe6df"),
                         (580, 470, "#fff"), (680, 455, "#f7dcc4")):  # fmt: skip
        s.box(x, y, x + 80, y + 90, colour, 3)
    s.person(860, 690, 1.1)


def tables(s: Scene) -> None:
    s.street(540)
    s.ground("#d8cfba", 540)
    s.tree(220, 640, 1.3)
    s.person(450, 680, 1.1)
    s.person(770, 680, 1.1)
    s.box(510, 580, 710, 600, "#8b939b", 6)
    s.box(596, 596, 624, 690, "#8b939b")
    for x in range(540, 680, 28):
        s.box(x, 568, x + 14, 582, DARK)


def pitch(s: Scene) -> None:
    s.ground("#6fa562", 470)
    s.line([(0, 640), (WIDTH, 640)], "#f6f4ee", 6)
    s.disc(600, 640, 110, "", outline="#f6f4ee", width=6)
    s.line([(900, 560), (900, 400), (1130, 400), (1130, 560)], "#f6f4ee", 10)
    for x, y in ((330, 620), (560, 690), (800, 600)):
        s.person(x, y, 1.1)
    s.disc(640, 680, 22, "#fbfaf6")


def hall(s: Scene) -> None:
    s.ground("#c9c1b0", 600)
    s.box(180, 300, 1020, 620, s.chance.choice(WALLS))
    s.box(150, 270, 1050, 310, DARK, 4)
    for x in range(230, 980, 130):
        s.box(x, 350, x + 90, 520, "#dcebf0", 4)
    s.box(550, 480, 650, 620, DARK, 4)
    s.person(480, 690)
    s.person(760, 695)


def table(s: Scene) -> None:
    s.ground("#b9cf9a", 470)
    s.tree(120, 520, 1.1)
    s.tree(1090, 520, 1.2)
    for x in (290, 440, 610, 770, 910):
        s.person(x, 590, 1.0)
    s.box(220, 560, 980, 590, "#fbfaf6", 6)
    for x in (260, 930):
        s.box(x, 588, x + 16, 700, WOOD)
    for x in range(290, 940, 110):
        s.disc(x, 556, 22, s.chance.choice(COATS))


def shop(s: Scene) -> None:
    s.street(600)
    s.box(360, 280, 840, 590, "#e9ded0")
    for x in range(360, 840, 80):
        s.box(x, 300, x + 40, 380, "#b3402a")
        s.box(x + 40, 300, x + 80, 380, "#fbfaf6")
    s.box(400, 410, 640, 560, "#dcebf0", 4)
    s.box(690, 410, 790, 590, DARK, 4)
    s.person(560, 680, 1.1)


def pool(s: Scene) -> None:
    s.box(0, 200, WIDTH, 430, "#e4eef0")
    s.box(0, 430, WIDTH, HEIGHT, "#58a7c4")
    for y in (500, 590, 690):
        s.line([(x, y + (12 if x // 60 % 2 else -12)) for x in range(0, WIDTH + 60, 60)], "#8fcbe0", 8)
    for x, y in ((380, 560), (790, 630)):
        s.disc(x, y, 36, s.chance.choice(["#f0c8a4", "#b98358", "#7d5336"]))
        s.shape([(x - 36, y - 8), (x + 36, y - 8), (x + 26, y - 34), (x - 26, y - 34)], s.chance.choice(COATS))
        s.line([(x - 110, y + 30), (x - 40, y + 20)], "#e0aa80", 20)


def boxes(s: Scene) -> None:
    s.box(0, 0, WIDTH, HEIGHT, "#efe6d6")
    for shelf in (260, 470, 680):
        s.box(120, shelf, 1080, shelf + 18, WOOD)
        x = 150
        while x < 980:
            width, height = s.chance.randint(80, 150), s.chance.randint(80, 150)
            s.box(x, shelf - height, x + width, shelf, s.chance.choice([*COATS, LAMP, "#8fa9b8"]), 6)
            x += width + 26


def meadow(s: Scene) -> None:
    s.ground("#8fb573", 430)
    for _ in range(90):
        x, y = s.chance.randint(10, 1190), s.chance.randint(480, 740)
        s.line([(x, y), (x, y - 46)], LEAF, 4)
        s.disc(x, y - 52, 14, s.chance.choice(["#d9567a", LAMP, "#fbfaf6", "#8a5a83"]))
    for x, y in ((420, 340), (760, 300)):
        s.disc(x, y, 24, LAMP)
        s.disc(x + 14, y - 26, 16, "#fbfaf6")
        s.line([(x - 6, y - 22), (x - 6, y + 22)], DARK, 7)


def barrels(s: Scene) -> None:
    s.ground()
    s.house(520, 620, 380, 200)
    for x in (180, 320):
        s.box(x, 500, x + 110, 680, "#4f6f88", 22)
        s.box(x - 4, 560, x + 114, 572, DARK)
        s.box(x - 4, 620, x + 114, 632, DARK)
    s.planter(960, 690)


def tower(s: Scene) -> None:
    s.ground()
    s.box(540, 180, 680, 640, WOOD)
    s.shape([(520, 180), (700, 180), (610, 90)], ROOF)
    for y in range(210, 600, 60):
        for x in (560, 630):
            s.disc(x + 14, y + 14, 13, DARK)
    for x, y in ((300, 200), (420, 120), (850, 170), (960, 260), (780, 90)):
        s.line([(x - 44, y - 18), (x, y + 6), (x + 44, y - 18)], DARK, 9)


def bandstand(s: Scene) -> None:
    s.ground()
    s.box(340, 610, 860, 660, "#cfc6b3", 6)
    for x in (370, 510, 680, 820):
        s.box(x, 400, x + 14, 610, "#fbfaf6")
    s.shape([(310, 400), (890, 400), (600, 260)], "#0b5d57")
    for x in (470, 600, 730):
        s.person(x, 612, 0.9)


def shelter(s: Scene) -> None:
    s.street(590)
    s.box(330, 380, 348, 690, DARK)
    s.box(850, 380, 868, 690, DARK)
    s.shape([(290, 390), (910, 390), (880, 340), (320, 340)], "#41658a")
    s.bench(470, 690)
    s.person(430, 695)
    s.person(770, 695)


def bus(s: Scene) -> None:
    s.street(600)
    s.box(250, 360, 930, 650, "#b3402a", 30)
    for x in range(290, 880, 120):
        s.box(x, 400, x + 96, 500, "#dcebf0", 8)
    for x in (380, 800):
        s.disc(x, 655, 50, DARK)
        s.disc(x, 655, 20, "#cfd3d6")
    s.box(1030, 400, 1040, 690, DARK)
    s.disc(1035, 390, 34, LAMP)
    s.person(1100, 690)


def water(s: Scene) -> None:
    s.box(0, 470, WIDTH, HEIGHT, WATER)
    for y in (540, 630, 710):
        s.line([(x, y + (8 if x // 80 % 2 else -8)) for x in range(0, WIDTH + 80, 80)], "#97c6d4", 6)
    s.shape([(860, 470), (970, 470), (945, 200), (885, 200)], "#fbfaf6")
    s.box(872, 330, 960, 380, "#b3402a")
    s.box(890, 150, 940, 200, LAMP)
    s.shape([(180, 560), (480, 560), (430, 620), (230, 620)], "#41658a")
    s.box(325, 380, 335, 560, DARK)
    s.shape([(340, 390), (340, 540), (450, 540)], "#fbfaf6")


def swings(s: Scene) -> None:
    s.ground()
    for x in (300, 860):
        s.line([(x - 60, 680), (x, 300), (x + 60, 680)], "#41658a", 16)
    s.line([(300, 304), (860, 304)], "#41658a", 16)
    for x in (460, 700):
        s.line([(x - 34, 310), (x - 34, 600)], DARK, 5)
        s.line([(x + 34, 310), (x + 34, 600)], DARK, 5)
        s.person(x, 640, 0.8)
        s.box(x - 44, 596, x + 44, 612, WOOD, 4)


def boulder(s: Scene) -> None:
    s.ground()
    s.shape([(320, 680), (380, 450), (560, 360), (760, 400), (880, 540), (910, 680)], "#9a9489")
    s.shape([(320, 680), (380, 450), (560, 360), (520, 680)], "#aaa498")
    for x, y, colour in ((430, 560, "#b3402a"), (560, 500, LAMP), (700, 560, "#0b5d57"), (640, 440, "#8a5a83")):
        s.disc(x, y, 15, colour)
    s.person(600, 372, 0.8)
    s.person(980, 690, 1.1)


def sails(s: Scene) -> None:
    s.ground()
    s.box(280, 610, 920, 700, "#ead9a8", 30)
    for x in (230, 950):
        s.box(x, 300, x + 14, 690, DARK)
    s.shape([(236, 300), (600, 400), (400, 460)], LAMP)
    s.shape([(956, 310), (560, 370), (800, 470)], "#b3402a")
    s.person(480, 680, 0.7)
    s.person(680, 690, 0.7)


def street(s: Scene) -> None:
    s.street(620)
    for x in (300, 560, 830):
        s.person(x, 700)


SCENES: dict[str, Callable[[Scene], None]] = {
    draw.__name__: draw
    for draw in (
        crossing, trees, bench, lamps, bikes, fountain, mural, van, kerbs, garden, planters, board, tables, pitch, hall,
        table, shop, pool, boxes, meadow, barrels, tower, bandstand, shelter, bus, water, swings, boulder, sails, street,
    )
}  # fmt: skip


def picture(scene: str, seed: str) -> BytesIO:
    """The scene as a JPEG file; the seed chooses sky, walls and coats."""
    canvas = Scene(seed)
    SCENES[scene](canvas)
    return canvas.jpeg()
