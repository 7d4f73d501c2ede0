"""Cases of layers that prepare and vary pictures, by Keras. Run: KERAS_BACKEND=tensorflow python augmentation.py

What is drawn is drawn from a range of one number, so that both sides have the same. TensorFlow's gradient of a sampling is
the sampling by the inverse map, which is not its derivative: it is left out, and compared with differences only.
"""

import keras
import numpy as np
import tensorflow

from common import case, draw, keras_case, write

K = keras.layers


def pictures(name, shape):
    return draw(name, shape, low=0, high=1)


def sampled(name, layer, arguments, made, shape=(3, 9, 7, 2), mode="train", skip=None):
    x = pictures(name, shape)
    output = made(x.astype(np.float32), training=mode == "train")
    output = np.asarray(output, np.float64)
    return case(
        name, layer, arguments, input=x, output=output, d_output=draw(f"{name} d", output.shape), gradients={}, mode=mode,
        # Coordinates are rounded to float32, in another order.
        tolerance=2e-5, **({"skip": skip} if skip else {}),
    )  # fmt: skip


def turned(factor, ours=None, **options):
    made = K.RandomRotation([factor, factor], **options)
    return sampled(f"turned by {factor}, {options}", "randomRotation", [[factor, factor], ours or {}], made)


def translated(height, width, ours=None, **options):
    made = K.RandomTranslation([height, height], [width, width], **options)
    arguments = [[height, height], [width, width], ours or {}]
    return sampled(f"moved by {height} and {width}, {options}", "randomTranslation", arguments, made)


def zoomed(height, width=None, ours=None, **options):
    made = K.RandomZoom([height, height], None if width is None else [width, width], **options)
    given = {**(ours or {}), **({} if width is None else {"widthFactor": [width, width]})}
    return sampled(f"zoomed by {height} and {width}, {options}", "randomZoom", [[height, height], given], made)


def contrast(factor, **options):
    name = f"contrast {factor}"
    made = K.RandomContrast([-factor, factor], value_range=(0, 1), dtype="float64")
    made.factor = (-factor, factor)
    return keras_case(name, "randomContrast", [[factor, factor], {"valueRange": [0, 1]}], made, pictures(name, (2, 4, 5, 3)), {}, mode="train")


def resizing(size, shape, interpolation):
    name = f"resized from {shape} to {size}, {interpolation}"
    made = K.Resizing(*size, interpolation=interpolation, dtype="float64")
    return keras_case(name, "resizing", [*size, {"interpolation": interpolation}], made, pictures(name, shape), {}, tolerance=2e-5)


def cropped(name, height, width, shape, mode):
    """As the documentation of RandomCrop says; Keras 3.15 does nothing in predictions, and else distorts."""

    def made(x, training):
        h, w = max(1, min(shape[1], int(shape[2] * height / width))), max(1, min(shape[2], int(shape[1] * width / height)))
        top, left = int((shape[1] - h) / 2), int((shape[2] - w) / 2)
        return K.Resizing(height, width)(x[:, top : top + h, left : left + w])

    return sampled(name, "randomCrop", [height, width], made, shape, mode)


nearest = {"interpolation": "nearest"}
write(
    "augmentation",
    [
        keras_case("rescaling", "rescaling", [1 / 255, {"offset": -0.5}], K.Rescaling(1 / 255, -0.5, dtype="float64"), draw("rescaling", (3, 4), 100), {}),
        resizing((6, 10), (2, 3, 5, 3), "bilinear"),
        resizing((3, 4), (2, 7, 9, 1), "bilinear"),
        resizing((1, 1), (2, 4, 4, 2), "bilinear"),
        resizing((6, 10), (2, 3, 5, 3), "nearest"),
        resizing((3, 4), (2, 7, 9, 17), "nearest"),
        turned(0.1),
        turned(-0.23, {"fillMode": "constant", "fillValue": 0.25}, fill_mode="constant", fill_value=0.25),
        turned(0.37, {"fillMode": "nearest"}, fill_mode="nearest"),
        turned(0.08, nearest, **nearest),
        translated(0.15, -0.3),
        translated(0.5, 0.9),
        translated(-0.4, 0.2, {"fillMode": "constant"}, fill_mode="constant"),
        translated(0.13, 0.22, {**nearest, "fillMode": "nearest"}, **nearest, fill_mode="nearest"),
        zoomed(0.3),
        zoomed(-0.4, 0.25),
        zoomed(0.5, 0.75, {"fillMode": "constant", "fillValue": 1}, fill_mode="constant", fill_value=1.0),
        contrast(0.4),
        cropped("crop of a prediction", 4, 6, (2, 10, 9, 3), "predict"),
        cropped("crop of pictures that are too small", 8, 4, (2, 6, 9, 1), "train"),
    ],
    keras,
    tensorflow,
    np,
)
