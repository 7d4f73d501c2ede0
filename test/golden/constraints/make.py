"""Constraints by Keras, for test/constraints.test.ts: of arrays, and in ten steps of SGD. Run: python make.py"""

import json
import os
import pathlib
import platform

os.environ["CUDA_VISIBLE_DEVICES"] = ""
import keras
import numpy as np
import tensorflow

keras.config.set_floatx("float64")
here = pathlib.Path(__file__).parent
random = np.random.default_rng(5)


def float32(*shape):
    return random.normal(size=shape).astype(np.float32).astype(np.float64)


def listed(array):
    return np.asarray(array, dtype=np.float64).tolist()


C = keras.constraints
# Our name and options, and Keras's constraint.
constraints = [
    ("maxNorm", {}, C.MaxNorm()),
    ("maxNorm", {"maxValue": 0.75}, C.MaxNorm(0.75)),
    ("maxNorm", {"maxValue": 0.5, "axis": 1}, C.MaxNorm(0.5, axis=1)),
    ("minMaxNorm", {}, C.MinMaxNorm()),
    ("minMaxNorm", {"minValue": 2.5, "maxValue": 3, "rate": 0.25}, C.MinMaxNorm(2.5, 3.0, rate=0.25)),
    ("minMaxNorm", {"minValue": 1.5, "maxValue": 2, "axis": [0, 1]}, C.MinMaxNorm(1.5, 2.0, axis=[0, 1])),
    ("unitNorm", {}, C.UnitNorm()),
    ("unitNorm", {"axis": -1}, C.UnitNorm(axis=-1)),
    ("nonNeg", {}, C.NonNeg()),
]
matrix, kernel = float32(7, 5), float32(3, 3, 2, 4)
# A column of zeros, whose norm is 0.
matrix[:, 2] = 0
arrays = [(matrix, constraints), (kernel, [("maxNorm", {"maxValue": 1, "axis": [0, 1, 2]}, C.MaxNorm(1, axis=[0, 1, 2])), ("unitNorm", {"axis": [0, 1, 2]}, C.UnitNorm([0, 1, 2]))])]
values = [
    {"constraint": name, "options": options, "of": listed(array), "is": listed(constraint(array))}
    for array, list_ in arrays
    for name, options, constraint in list_
]

x, y, start, bias = float32(6, 7), float32(6, 5), float32(7, 5), float32(5)
paths = []
for name, options, constraint in constraints:
    if options.get("axis") == [0, 1]:
        continue
    dense = keras.layers.Dense(5, kernel_constraint=constraint, bias_constraint=C.NonNeg())
    model = keras.Sequential([keras.Input((7,)), dense])
    dense.set_weights([start, bias])
    model.compile(optimizer=keras.optimizers.SGD(0.1, momentum=0.5), loss="mse")
    path = []
    for _ in range(10):
        model.train_on_batch(x, y)
        path.append({"kernel": listed(dense.kernel), "bias": listed(dense.bias)})
    paths.append({"constraint": name, "options": options, "path": path})

made = f"Python {platform.python_version()}, Keras {keras.__version__}, TensorFlow {tensorflow.__version__}, NumPy {np.__version__}"
data = {"x": listed(x), "y": listed(y), "kernel": listed(start), "bias": listed(bias)}
(here / "constraints.json").write_text(json.dumps({"made": made, "values": values, "data": data, "paths": paths}) + "\n")
