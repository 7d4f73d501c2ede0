"""Cases of pooling, by Keras. Run: KERAS_BACKEND=tensorflow python pooling.py"""

import keras
import numpy
import tensorflow

from common import draw, keras_case, write

ours = {"pool_size": "poolSize", "strides": "strides", "padding": "padding", "keepdims": "keepdims"}
shapes = {1: (2, 9, 3), 2: (2, 5, 6, 2), 3: (1, 4, 3, 5, 2)}
options = [
    {},
    {"pool_size": 3, "strides": 2, "padding": "same"},
    {"pool_size": 3, "strides": 1},
    {"pool_size": 2, "strides": 3, "padding": "same"},
]


def in_float32(made):
    """TensorFlow has some operations for no larger numbers; windows of a few numbers lose no digits that count."""
    return lambda x: tensorflow.cast(made(tensorflow.cast(x, "float32")), "float64")


def pool(keras_name, name, shape, note="", **given):
    narrow = keras_name in ("MaxPooling3D", "AveragePooling3D")
    defaults = {} if "Global" in keras_name else {"pool_size": 2}  # AveragePooling has none
    made = getattr(keras.layers, keras_name)(dtype="float32" if narrow else "float64", **{**defaults, **given})
    made = in_float32(made) if narrow else made
    arguments = [{ours[key]: value for key, value in given.items()}]
    title = f"{name} {given or ''}{note}"
    return keras_case(title, name, arguments, made, draw(title, shape), {})


cases = []
for kind, theirs in (("max", "Max"), ("average", "Average")):
    for rank, shape in shapes.items():
        cases += [pool(f"{theirs}Pooling{rank}D", f"{kind}Pool{rank}d", shape, **given) for given in options]
        for given in ({}, {"keepdims": True}):
            cases.append(pool(f"Global{theirs}Pooling{rank}D", f"global{theirs}Pool{rank}d", shape, **given))
    two = f"{kind}Pool2d"
    cases.append(pool(f"{theirs}Pooling2D", two, (1, 4, 3, 17), pool_size=(2, 3), strides=(2, 1), padding="same"))
    cases.append(pool(f"{theirs}Pooling2D", two, (1, 4, 4, 33), " of 33 channels"))
    cases.append(pool(f"{theirs}Pooling2D", two, (2, 6, 6, 1), " of one channel"))

masked = keras.layers.GlobalAveragePooling1D(dtype="float64")
steps = numpy.array([[1, 1, 0, 1], [1, 0, 0, 0]])
cases.append(keras_case("globalAveragePool1d with a mask", "globalAveragePool1d", [], masked,
                        draw("masked average", (2, 4, 3)), {}, mask=steps))  # fmt: skip

write("pooling", cases, keras, tensorflow, numpy)
