"""Cases of dense, flatten and activation, by Keras. Run: KERAS_BACKEND=tensorflow python dense.py"""

import keras
import numpy
import tensorflow

from common import draw, keras_case, write

both = {"kernel": "kernel", "bias": "bias"}


def dense(name, shape, units, weights=both, **options):
    ours = {"activation": "activation", "use_bias": "useBias"}
    made = keras.layers.Dense(units, dtype="float64", **options)
    arguments = [units, {ours[key]: value for key, value in options.items()}]
    return keras_case(name, "dense", arguments, made, draw(name, shape), weights)


write(
    "dense",
    [
        dense("dense", (5, 7), 3),
        dense("dense, tanh, one unit", (4, 17), 1, activation="tanh"),
        dense("dense without bias, relu", (3, 5), 16, {"kernel": "kernel"}, use_bias=False, activation="relu"),
        dense("dense along the last of four axes", (2, 3, 4, 5), 6, activation="sigmoid"),
        keras_case("flatten", "flatten", [], keras.layers.Flatten(dtype="float64"), draw("flatten", (3, 2, 5)), {}),
        keras_case(
            "softmax as a layer",
            "activation",
            ["softmax"],
            keras.layers.Activation("softmax", dtype="float64"),
            draw("softmax", (4, 9)),
            {},
        ),
    ],
    keras,
    tensorflow,
    numpy,
)
