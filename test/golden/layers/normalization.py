"""Cases of normalisation, by Keras. Run: KERAS_BACKEND=tensorflow python normalization.py"""

import keras
import numpy
import tensorflow

from common import draw, keras_case, write

ours = {"momentum": "momentum", "epsilon": "epsilon", "axis": "axis", "center": "center",
        "scale": "scale", "groups": "groups", "trainable": "trainable"}  # fmt: skip


def arguments(given):
    return [{ours[key]: value for key, value in given.items()}]


def weights(given):
    kept = {"gamma": given.get("scale", True), "beta": given.get("center", True)}
    return {name: name for name, is_kept in kept.items() if is_kept}


def batch(note, shape, mode="train", mask=None, **given):
    name = f"batchNormalization, {note}"
    channels = shape[given.get("axis", -1)]
    states = {
        "movingMean": ("moving_mean", draw(f"{name} mean", (channels,))),
        "movingVariance": ("moving_variance", draw(f"{name} variance", (channels,), low=0.5, high=2)),
    }
    made = keras.layers.BatchNormalization(dtype="float64", **given)
    x = draw(name, shape) * 2 + 3
    return keras_case(
        name, "batchNormalization", arguments(given), made, x, weights(given), mode=mode, mask=mask, states=states
    )


def each(theirs, name, note, shape, given, paths, **rest):
    title = f"{name}, {note}"
    made = getattr(keras.layers, theirs)(dtype="float64", **given)
    return keras_case(title, name, arguments(given), made, draw(title, shape) + 0.5, paths, **rest)


def layer(note, shape, **given):
    return each("LayerNormalization", "layerNormalization", note, shape, given, weights(given))


def group(note, shape, **given):
    return each("GroupNormalization", "groupNormalization", note, shape, given, weights(given))


def rms(note, shape, **given):
    return each("RMSNormalization", "rmsNormalization", note, shape, given, {"scale": "scale"})


def unit(note, shape, **given):
    return each("UnitNormalization", "unitNormalization", note, shape, given, {})


steps = numpy.array([[1, 1, 0, 0], [1, 1, 1, 0], [1, 0, 0, 0]])

write(
    "normalization",
    [
        batch("of vectors", (6, 5)),
        batch("of pictures", (2, 3, 4, 17), momentum=0.8, epsilon=1e-5),
        batch("of many rows", (50, 9, 3), center=False),
        batch("along axis 1", (3, 4, 5), axis=1, scale=False),
        batch("neither scaled nor centered", (5, 4, 2), scale=False, center=False),
        batch("in prediction", (4, 3, 6), mode="predict"),
        batch("in prediction, neither", (4, 33), mode="predict", scale=False, center=False),
        batch("in prediction along axis 2", (2, 3, 4, 5), mode="predict", axis=2),
        batch("frozen", (4, 3, 6), trainable=False),
        batch("with a mask", (3, 4, 5), mask=steps),
        layer("of vectors", (4, 7)),
        layer("of steps", (2, 3, 33), epsilon=1e-5),
        layer("neither", (3, 20), scale=False, center=False),
        layer("not centered", (3, 16), center=False),
        layer("along axis 1", (2, 5, 4), axis=1),
        group("of pictures", (2, 3, 4, 6), groups=3),
        group("of 32 channels, each", (2, 5, 32)),
        group("in one group", (2, 3, 40), groups=1, epsilon=1e-5),
        group("of one channel each", (2, 4, 3), groups=-1, scale=False, center=False),
        group("along axis 1", (2, 8, 3), groups=4, axis=1),
        group("of vectors", (3, 34), groups=2),
        rms("of vectors", (4, 7)),
        rms("of steps", (2, 3, 33), epsilon=1e-3),
        unit("of vectors", (4, 7)),
        unit("of steps", (2, 3, 33)),
        unit("along axis 1", (2, 5, 4), axis=1),
    ],
    keras,
    tensorflow,
    numpy,
)
