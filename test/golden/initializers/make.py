"""Deviation and largest magnitude of what Keras's initializers draw, for test/initializers.test.ts. Run: python make.py"""

import json
import os
import pathlib
import platform

os.environ["CUDA_VISIBLE_DEVICES"] = ""
import keras
import numpy as np
import tensorflow

here = pathlib.Path(__file__).parent
K = keras.initializers
shapes = [[300, 700], [3, 5, 10, 1200], [7, 3, 30000], [200000]]
scalings = [
    (scale, mode, distribution)
    for scale, mode in [(1.0, "fan_in"), (0.5, "fan_out"), (3.0, "fan_avg")]
    for distribution in ["uniform", "truncated_normal", "untruncated_normal"]
]
ours = {
    "fan_in": "fanIn", "fan_out": "fanOut", "fan_avg": "fanAvg",
    "uniform": "uniform", "truncated_normal": "truncatedNormal", "untruncated_normal": "normal",
}  # fmt: skip
made = [
    ("glorotUniform", {}, K.GlorotUniform(seed=1)),
    ("glorotNormal", {}, K.GlorotNormal(seed=1)),
    ("heUniform", {}, K.HeUniform(seed=1)),
    ("heNormal", {}, K.HeNormal(seed=1)),
    ("lecunUniform", {}, K.LecunUniform(seed=1)),
    ("lecunNormal", {}, K.LecunNormal(seed=1)),
    ("truncatedNormal", {}, K.TruncatedNormal(seed=1)),
    ("truncatedNormal", {"mean": 0.5, "std": 2}, K.TruncatedNormal(0.5, 2.0, seed=1)),
    ("varianceScaling", {}, K.VarianceScaling(seed=1)),
] + [
    ("varianceScaling", {"scale": s, "mode": ours[m], "distribution": ours[d]}, K.VarianceScaling(s, m, d, seed=1))
    for s, m, d in scalings
]


def drawn(initializer, shape):
    values = np.asarray(initializer(shape), np.float64)
    return {"shape": shape, "mean": values.mean(), "std": values.std(), "largest": np.abs(values).max()}


cases = [{"name": n, "options": o, "drawn": [drawn(i, s) for s in shapes]} for n, o, i in made]
versions = f"Python {platform.python_version()}, Keras {keras.__version__}, TensorFlow {tensorflow.__version__}, NumPy {np.__version__}"
(here / "drawn.json").write_text(json.dumps({"versions": versions, "cases": cases}) + "\n")
