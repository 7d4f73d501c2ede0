"""Draws tshirt.png and pants.png for 22-prediction.mjs: dark clothes on white, as a photo in a shop shows them."""

import pathlib

from PIL import Image, ImageDraw, ImageFilter

here = pathlib.Path(__file__).parent


def draw(name, *shapes):
    image = Image.new("RGB", (280, 280), "white")
    pen = ImageDraw.Draw(image)
    for points, colour in shapes:
        pen.polygon(points, fill=colour)
    image.filter(ImageFilter.GaussianBlur(2)).save(here / name, optimize=True)


blue, fold = (60, 70, 120), (90, 100, 150)
draw("tshirt.png",
     ([(95, 20), (20, 60), (45, 115), (75, 100), (75, 265), (205, 265), (205, 100), (235, 115), (260, 60), (185, 20),
       (165, 40), (115, 40)], blue),
     ([(75, 100), (82, 110), (82, 265), (75, 265)], fold), ([(205, 100), (198, 110), (198, 265), (205, 265)], fold))
draw("pants.png",
     ([(95, 10), (185, 10), (200, 270), (155, 270), (142, 90), (138, 90), (125, 270), (80, 270)], blue),
     ([(95, 10), (185, 10), (186, 22), (94, 22)], fold))
