"""Makes png.json and resize.json beside this script: python3 make.py
(needs the packages pypng, pillow, numpy and opencv-python-headless).

Expected brightness: Pillow's convert("L") where it applies; for alpha and 16 bits float64 arithmetic on the source
values, which no decoder has touched."""

import base64
import io
import json
import pathlib
import struct
import sys
import zlib

import cv2
import numpy as np
import PIL
import png
from PIL import Image

here = pathlib.Path(__file__).parent
rng = np.random.default_rng(1)
HEIGHT, WIDTH = 7, 9
weights = np.array([0.299, 0.587, 0.114])
cases = []


def add(name, data, grey, tolerance=0):
    grey = np.asarray(grey)
    if tolerance == 0:
        pillow = np.asarray(Image.open(io.BytesIO(data)).convert("L"))
        assert (pillow == grey).all(), name
    cases.append(
        {
            "name": name,
            "png": base64.b64encode(data).decode(),
            "width": grey.shape[1],
            "height": grey.shape[0],
            "tolerance": tolerance,
            "grey": [int(v) for v in np.rint(grey).ravel()],
        }
    )


def written(pixels, **options):
    """pixels [height, width, channels]"""
    height, width, _ = pixels.shape
    out = io.BytesIO()
    png.Writer(width, height, **options).write(out, pixels.reshape(height, -1).tolist())
    return out.getvalue()


def grey_of(pixels, depth, channels):
    """Brightness in float64, 0 to 255, over white."""
    values = pixels / (2**depth - 1) * 255
    grey = values[..., :3] @ weights if channels >= 3 else values[..., 0]
    if channels in (2, 4):
        alpha = values[..., -1] / 255
        grey = grey * alpha + 255 * (1 - alpha)
    return grey


def pillow_grey(data):
    return np.asarray(Image.open(io.BytesIO(data)).convert("L"))


def plain_cases():
    kinds = [(1, d) for d in (1, 2, 4, 8, 16)] + [(c, d) for c in (2, 3, 4) for d in (8, 16)]
    names = {1: "grey", 2: "grey and alpha", 3: "RGB", 4: "RGB and alpha"}
    for channels, depth in kinds:
        for interlace in (False, True):
            pixels = rng.integers(0, 2**depth, (HEIGHT, WIDTH, channels))
            if channels in (2, 4):
                pixels[0, :3, -1] = (0, 2**depth - 1, 2 ** (depth - 1))
            data = written(
                pixels, greyscale=channels < 3, alpha=channels in (2, 4), bitdepth=depth, interlace=interlace
            )
            name = f"{names[channels]}, {depth} bits{', interlaced' if interlace else ''}"
            exact = depth <= 8 and channels in (1, 3)
            grey = pillow_grey(data) if exact else grey_of(pixels, depth, channels)
            add(name, data, grey, 0 if exact else 1)


def palette_cases():
    for depth in (1, 2, 4, 8):
        for interlace in (False, True):
            # Fewer colours than the depth could name.
            colours = rng.integers(0, 256, (2**depth - (depth > 1), 3))
            pixels = rng.integers(0, len(colours), (HEIGHT, WIDTH, 1))
            options = {"bitdepth": depth, "interlace": interlace}
            data = written(pixels, palette=[tuple(map(int, c)) for c in colours], **options)
            suffix = f"{depth} bits{', interlaced' if interlace else ''}"
            add(f"palette, {suffix}", data, pillow_grey(data))
    colours = rng.integers(0, 256, (5, 4))
    colours[:, 3] = (0, 100, 255, 1, 255)
    pixels = rng.integers(0, 5, (HEIGHT, WIDTH, 1))
    data = written(pixels, palette=[tuple(map(int, c)) for c in sorted(colours.tolist(), key=lambda c: c[3])], bitdepth=4)
    ordered = np.array(sorted(colours.tolist(), key=lambda c: c[3]))
    add("palette with alpha", data, grey_of(ordered[pixels[..., 0]], 8, 4), 1)


def colour_key_cases():
    for depth in (1, 4, 8, 16):
        pixels = rng.integers(0, 2**depth, (HEIGHT, WIDTH, 1))
        key = int(pixels[2, 2, 0])
        data = written(pixels, greyscale=True, bitdepth=depth, transparent=key)
        grey = np.where(pixels[..., 0] == key, 255, grey_of(pixels, depth, 1))
        add(f"grey, {depth} bits, one value transparent", data, grey, 1)
    for depth in (8, 16):
        pixels = rng.integers(0, 2**depth, (HEIGHT, WIDTH, 3))
        # The key's neighbours differ in one channel only, by the lowest bit.
        key = pixels[2, 2].copy()
        for channel in range(3):
            pixels[3, channel] = key
            pixels[3, channel, channel] ^= 1
        data = written(pixels, greyscale=False, bitdepth=depth, transparent=tuple(map(int, key)))
        hidden = (pixels == key).all(axis=-1)
        add(f"RGB, {depth} bits, one colour transparent", data, np.where(hidden, 255, grey_of(pixels, depth, 3)), 1)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def filtered(rows, pixel_bytes, filters):
    """Each row by the filter of its turn (PNG 1.2, section 6)."""
    out = bytearray()
    above = [0] * len(rows[0])
    for number, row in enumerate(rows):
        kind = filters[number % len(filters)]
        out.append(kind)
        for i, x in enumerate(row):
            a = row[i - pixel_bytes] if i >= pixel_bytes else 0
            b = above[i]
            c = above[i - pixel_bytes] if i >= pixel_bytes else 0
            p = a + b - c
            nearest = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
            out.append((x - (0, a, b, (a + b) // 2, nearest)[kind]) % 256)
        above = row
    return bytes(out)


def filter_cases():
    for name, channels, colour, depth in (("grey", 1, 0, 8), ("RGB", 3, 2, 8), ("RGB, 16 bits", 3, 2, 16)):
        for filters in ([1], [2], [3], [4], [4, 3, 2, 1, 0]):
            # Smooth enough that the neighbours matter, with sums beyond 255.
            steps = rng.integers(0, 60, (HEIGHT, WIDTH, channels * depth // 8))
            pixels = (steps.cumsum(axis=0).cumsum(axis=1)) % 256
            rows = pixels.reshape(HEIGHT, -1).tolist()
            body = zlib.compress(filtered(rows, channels * depth // 8, filters))
            header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, depth, colour, 0, 0, 0)
            # In several pieces, cut in odd places, with a text between header and pixels.
            parts = [chunk(b"IDAT", body[at : at + 50]) for at in range(0, len(body), 50)]
            text = chunk(b"tEXt", b"Comment\0filters")
            data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + text + b"".join(parts) + chunk(b"IEND", b"")
            values = pixels if depth == 8 else pixels[..., 0::2] * 256 + pixels[..., 1::2]
            exact = depth == 8
            grey = pillow_grey(data) if exact else grey_of(values, depth, channels)
            add(f"{name}, filters {filters}", data, grey, 0 if exact else 1)


def odd_cases():
    for height, width in ((1, 1), (1, 5), (5, 1), (2, 3), (8, 8), (17, 4)):
        pixels = rng.integers(0, 256, (height, width, 1))
        data = written(pixels, greyscale=True, bitdepth=8, interlace=True)
        add(f"grey, {width}×{height}, interlaced", data, pixels[..., 0])
    picture = Image.fromarray((np.add.outer(np.arange(24), np.arange(20)) * 5).astype(np.uint8)).convert("RGB")
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    add("written by Pillow", out.getvalue(), np.asarray(picture.convert("L")))
    wave = (127 + 120 * np.sin(np.arange(20 * 20).reshape(20, 20) / 31)).astype(np.uint8)
    add("written by OpenCV", cv2.imencode(".png", wave)[1].tobytes(), wave)


def resize_cases():
    found = []
    sizes = [((28, 28), (7, 7)), ((30, 41), (28, 28)), ((100, 64), (9, 13)), ((28, 28), (28, 28)), ((64, 3), (5, 2))]
    enlarged = [((7, 9), (28, 28)), ((1, 1), (3, 3)), ((5, 5), (6, 11))]
    for group, method in ((sizes, cv2.INTER_AREA), (enlarged, cv2.INTER_LINEAR)):
        for (h, w), (to_h, to_w) in group:
            source = rng.integers(0, 256, (h, w)).astype(np.uint8)
            result = cv2.resize(source, (to_w, to_h), interpolation=method)
            found.append(
                {
                    "method": "area" if method == cv2.INTER_AREA else "linear",
                    "from": [h, w],
                    "to": [to_h, to_w],
                    "source": source.ravel().tolist(),
                    "result": result.ravel().tolist(),
                }
            )
    return found


def save(name, entries):
    (here / name).write_text("[\n" + ",\n".join(json.dumps(e, ensure_ascii=False) for e in entries) + "\n]\n")


plain_cases()
palette_cases()
colour_key_cases()
filter_cases()
odd_cases()
save("png.json", cases)
save("resize.json", resize_cases())
names = [f"python {sys.version.split()[0]}", f"pypng {png.__version__}", f"pillow {PIL.__version__}"]
names += [f"numpy {np.__version__}", f"opencv {cv2.__version__}"]
(here / "versions.txt").write_text(", ".join(names) + "\n")
