"""Cases of convolutions, by Keras. Run: KERAS_BACKEND=tensorflow python convolution.py

On a CPU, TensorFlow has no gradients of groups, and no transposed convolution with a dilation: those cases are
convolution_groups.py's.
"""

import keras
import numpy
import tensorflow

from common import draw, keras_case, write

ours = {
    "strides": "strides",
    "padding": "padding",
    "dilation_rate": "dilationRate",
    "use_bias": "useBias",
    "activation": "activation",
    "depth_multiplier": "depthMultiplier",
}
kernels = {
    "SeparableConv2D": {"depthwiseKernel": "depthwise_kernel", "pointwiseKernel": "pointwise_kernel"},
}
names = {
    "Conv1D": "conv1d",
    "Conv2D": "conv2d",
    "Conv3D": "conv3d",
    "Conv1DTranspose": "conv1dTranspose",
    "Conv2DTranspose": "conv2dTranspose",
    "DepthwiseConv2D": "depthwiseConv2d",
    "SeparableConv2D": "separableConv2d",
}


def conv(layer, shape, *arguments, **options):
    texts = [f"{ours[key]} {value}" for key, value in options.items()]
    name = f"{names[layer]} {list(shape)}, {', '.join([*map(str, arguments), *texts])}"
    made = getattr(keras.layers, layer)(*arguments, dtype="float64", **options)
    weights = kernels.get(layer, {"kernel": "kernel"})
    if options.get("use_bias", True):
        weights = {**weights, "bias": "bias"}
    given = [*arguments, {ours[key]: value for key, value in options.items()}]
    return keras_case(name, names[layer], given, made, draw(name, shape), weights)



same = {"padding": "same"}

write(
    "convolution",
    [
        conv("Conv2D", (2, 6, 7, 3), 5, 3),
        conv("Conv2D", (2, 6, 7, 3), 5, 3, **same, activation="relu"),
        conv("Conv2D", (2, 6, 7, 3), 4, [2, 4], **same, activation="tanh"),
        conv("Conv2D", (2, 7, 6, 3), 4, [3, 2], **same, strides=2),
        conv("Conv2D", (1, 7, 9, 3), 4, [2, 3], strides=[3, 2]),
        conv("Conv2D", (2, 3, 2, 2), 3, 5, **same),
        conv("Conv2D", (2, 4, 4, 2), 3, 4, use_bias=False),
        conv("Conv2D", (1, 7, 5, 2), 3, 1, strides=4),
        conv("Conv2D", (1, 5, 5, 4), 17, 1),
        conv("Conv2D", (1, 9, 8, 3), 4, 3, **same, dilation_rate=[2, 3]),
        conv("Conv2D", (1, 9, 8, 3), 4, [2, 3], dilation_rate=2, activation="sigmoid"),
        conv("Conv2D", (1, 9, 9, 1), 10, 5, **same),
        conv("Conv2D", (1, 6, 6, 17), 33, 3, **same, activation="relu"),
        conv("Conv1D", (2, 10, 3), 4, 3, **same),
        conv("Conv1D", (2, 10, 3), 4, 3, padding="causal", dilation_rate=4),
        conv("Conv1D", (2, 10, 3), 4, 4, padding="causal", strides=3),
        conv("Conv1D", (2, 10, 3), 4, 4, **same, strides=2),
        conv("Conv1D", (1, 33, 1), 5, 7, activation="relu"),
        conv("Conv3D", (1, 4, 5, 3, 2), 3, 3, **same),
        conv("Conv3D", (2, 4, 5, 6, 2), 3, [1, 2, 3], strides=[1, 2, 2]),
        conv("Conv3D", (1, 5, 5, 5, 2), 3, 2, **same, dilation_rate=2),
        conv("Conv1DTranspose", (2, 5, 3), 4, 3, **same, strides=2),
        conv("Conv1DTranspose", (2, 5, 3), 4, 4, strides=2),
        conv("Conv1DTranspose", (1, 4, 2), 3, 2, strides=3),
        conv("Conv2DTranspose", (2, 3, 4, 3), 2, 3),
        conv("Conv2DTranspose", (2, 3, 4, 3), 2, 3, **same, strides=2, activation="relu"),
        conv("Conv2DTranspose", (1, 3, 4, 3), 17, [2, 5], **same, strides=[3, 2]),
        conv("Conv2DTranspose", (1, 3, 3, 2), 2, [1, 2], strides=[2, 3]),
        conv("DepthwiseConv2D", (2, 6, 5, 3), 3, **same),
        conv("DepthwiseConv2D", (1, 6, 6, 17), 3, strides=2, activation="relu"),
        conv("DepthwiseConv2D", (1, 6, 5, 3), [2, 3], depth_multiplier=2),
        conv("DepthwiseConv2D", (1, 8, 8, 4), 3, **same, dilation_rate=2),
        conv("SeparableConv2D", (2, 6, 5, 3), 4, 3, **same, activation="relu"),
        conv("SeparableConv2D", (1, 6, 6, 2), 5, 3, depth_multiplier=3, strides=2, use_bias=False),
    ],
    keras,
    tensorflow,
    numpy,
)
