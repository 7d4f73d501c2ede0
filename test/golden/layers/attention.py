"""Cases of embedding, masking and attention, by Keras. Run: KERAS_BACKEND=tensorflow python attention.py"""

import keras
import numpy as np
import numpy
import tensorflow

from common import draw, keras_case, write


def masked(name, shape, padding, value=0.0):
    x = draw(name, shape)
    for sample, steps in padding:
        x[sample, steps] = value
    return x


write(
    "attention",
    [
        keras_case(
            "masking",
            "masking",
            [],
            keras.layers.Masking(dtype="float64"),
            masked("masking", (3, 4, 5), [(0, slice(2, 4)), (1, 0), (2, slice(0, 4))]),
            {},
            skip={"finiteDifferences": "a step in any direction is no padding any more"},
        ),
        keras_case(
            "masking of another value",
            "masking",
            [{"maskValue": -1}],
            keras.layers.Masking(-1.0, dtype="float64"),
            masked("masking of another value", (2, 3, 1), [(0, 1), (1, 2)], -1.0),
            {},
            skip={"finiteDifferences": "a step in any direction is no padding any more"},
        ),
    ],
    keras,
    tensorflow,
    numpy,
)
