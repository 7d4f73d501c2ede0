"""Cases of every activation, as a layer and in dense, by Keras. Run: KERAS_BACKEND=tensorflow python activations.py"""

import keras
import numpy
import tensorflow

from common import draw, keras_case, write

A = keras.activations


def sparsemax(x, axis=-1):
    """Keras 3.15's own has rows that do not add up to 1: it sums up sums. Here tau is found by halving, as its definition says."""
    values = x.numpy()
    low, high = values.min(axis, keepdims=True) - 1, values.max(axis, keepdims=True)
    for _ in range(80):
        tau = (low + high) / 2
        above = numpy.maximum(values - tau, 0).sum(axis, keepdims=True) > 1
        low, high = numpy.where(above, tau, low), numpy.where(above, high, tau)
    stays = tensorflow.constant((values > high).astype(numpy.float64))
    tau = (tensorflow.reduce_sum(x * stays, axis, keepdims=True) - 1) / tensorflow.reduce_sum(stays, axis, keepdims=True)
    return tensorflow.maximum(x - tau, 0)


both = {"kernel": "kernel", "bias": "bias"}
# Ours, and Keras's.
named = {
    "linear": A.linear, "relu": A.relu, "relu6": A.relu6, "leakyRelu": A.leaky_relu, "elu": A.elu, "selu": A.selu,
    "celu": A.celu, "gelu": A.gelu, "silu": A.silu, "swish": A.silu, "mish": A.mish, "softplus": A.softplus,
    "softsign": A.softsign, "squareplus": A.squareplus, "sparsePlus": A.sparse_plus, "sigmoid": A.sigmoid,
    "hardSigmoid": A.hard_sigmoid, "sparseSigmoid": A.sparse_sigmoid, "logSigmoid": A.log_sigmoid,
    "hardSilu": A.hard_silu, "hardSwish": A.hard_silu, "tanh": A.tanh, "hardTanh": A.hard_tanh,
    "tanhShrink": A.tanh_shrink, "softShrink": A.soft_shrink, "hardShrink": A.hard_shrink,
    "exponential": A.exponential, "softmax": A.softmax, "logSoftmax": A.log_softmax, "glu": A.glu,
    "sparsemax": sparsemax,
}  # fmt: skip
with_options = [
    ("leakyRelu", {"negativeSlope": 0.05}, lambda x: A.leaky_relu(x, negative_slope=0.05)),
    ("elu", {"alpha": 0.7}, lambda x: A.elu(x, alpha=0.7)),
    ("celu", {"alpha": 0.4}, lambda x: A.celu(x, alpha=0.4)),
    ("gelu", {"approximate": True}, lambda x: A.gelu(x, approximate=True)),
    ("squareplus", {"b": 1.5}, lambda x: A.squareplus(x, b=1.5)),
    ("softShrink", {"threshold": 0.8}, lambda x: A.soft_shrink(x, threshold=0.8)),
    ("hardShrink", {"threshold": 0.3}, lambda x: A.hard_shrink(x, threshold=0.3)),
    ("threshold", {"threshold": 0.4, "defaultValue": -0.2}, lambda x: A.threshold(x, 0.4, -0.2)),
]
along = [
    ("softmax", {"axis": 1}, lambda x: A.softmax(x, axis=1)),
    ("logSoftmax", {"axis": 1}, lambda x: A.log_softmax(x, axis=1)),
    ("sparsemax", {"axis": 1}, lambda x: sparsemax(x, axis=1)),
    ("glu", {"axis": 1}, lambda x: A.glu(x, axis=1)),
]


def described(name, options):
    return {"call": f"activations.{name}", "arguments": [options]}


def layer(name, argument, function, shape=(4, 6)):
    # Over ±4 the bends of all of them are met; no number lies within 0.01 of one.
    x = draw(name, shape, low=-4, high=4)
    for bend in (-3, -1, -0.8, -0.5, -0.3, 0, 0.3, 0.4, 0.5, 0.8, 1, 3):
        x[abs(x - bend) < 0.01] = 0.2
    return keras_case(name, "activation", [argument], keras.layers.Activation(function, dtype="float64"), x, {})


def dense(name, argument, function):
    made = keras.layers.Dense(6, dtype="float64", activation=function)
    return keras_case(f"dense, {name}", "dense", [6, {"activation": argument}], made, draw(name, (4, 5)), both)


write(
    "activations",
    [layer(name, name, f) for name, f in named.items()]
    + [layer(f"{name} {options}", described(name, options), f) for name, options, f in with_options]
    + [layer(f"{name} {options}", described(name, options), f, (3, 4, 6)) for name, options, f in along]
    + [dense(name, name, f) for name, f in named.items() if name not in ("swish", "hardSwish")]
    + [dense(f"{name} {options}", described(name, options), f) for name, options, f in with_options],
    keras,
    tensorflow,
    numpy,
)
