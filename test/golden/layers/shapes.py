"""Cases of layers that change shapes, by Keras. Run: KERAS_BACKEND=tensorflow python shapes.py"""

import keras
import numpy
import tensorflow

from common import draw, keras_case, write

cases = []


def add(theirs, name, shape, arguments, **given):
    made = getattr(keras.layers, theirs)(dtype="float64", **given)
    title = f"{name} {arguments}"
    cases.append(keras_case(title, name, arguments, made, draw(title, shape), {}))


shapes = {1: (2, 6, 2), 2: (1, 4, 6, 2), 3: (1, 3, 5, 3, 2)}
around = {1: [1, (1, 2), (0, 1)], 2: [1, (1, 2), ((1, 0), (2, 1))], 3: [1, (1, 2, 0), ((1, 0), (0, 2), (1, 1))]}
plain = lambda value: [plain(v) for v in value] if isinstance(value, tuple) else value
for rank, shape in shapes.items():
    add(f"ZeroPadding{rank}D", f"zeroPadding{rank}d", shape, [])
    add(f"Cropping{rank}D", f"cropping{rank}d", shape, [])
    for value in around[rank]:
        add(f"ZeroPadding{rank}D", f"zeroPadding{rank}d", shape, [{"padding": plain(value)}], padding=value)
        add(f"Cropping{rank}D", f"cropping{rank}d", shape, [{"cropping": plain(value)}], cropping=value)
add("UpSampling1D", "upSampling1d", (2, 3, 4), [])
add("UpSampling1D", "upSampling1d", (2, 3, 17), [{"size": 3}], size=3)
for interpolation in ("nearest", "bilinear"):
    for size in (2, (3, 1), (4, 3)):
        add("UpSampling2D", "upSampling2d", (1, 3, 4, 2), [{"size": plain(size), "interpolation": interpolation}],
            size=size, interpolation=interpolation)  # fmt: skip
add("UpSampling2D", "upSampling2d", (1, 2, 3, 17), [])
add("Reshape", "reshape", (2, 6, 4), [[3, 8]], target_shape=(3, 8))
add("Reshape", "reshape", (2, 6, 4), [[2, -1, 3]], target_shape=(2, -1, 3))
add("Reshape", "reshape", (3, 4), [[4, 1]], target_shape=(4, 1))
add("Permute", "permute", (2, 3, 5), [[2, 1]], dims=(2, 1))
add("Permute", "permute", (2, 3, 4, 5), [[3, 1, 2]], dims=(3, 1, 2))
add("RepeatVector", "repeatVector", (3, 5), [4], n=4)

write("shapes", cases, keras, tensorflow, numpy)
