"""Losses and metrics of outputs with a mask, by Keras. Run: KERAS_BACKEND=tensorflow python make.py > masks.json"""

import json
import platform

import keras
import numpy as np
import tensorflow

random = np.random.default_rng(7)
# The samples have 3, 0, 4, 1 and 2 steps of 4; with batches of two they count differently.
lengths = [3, 0, 4, 1, 2]
x = random.normal(size=(5, 4, 3)).astype(np.float32)
for row, n in zip(x, lengths):
    row[n:] = 0
labels = random.integers(0, 3, size=(5, 4)).astype(np.int32)
targets = random.normal(size=(5, 4, 3)).astype(np.float32)
kernel = random.normal(size=(3, 3)).astype(np.float32)
weights = np.float32([1, 2, 0.5, 3, 0.25])


def model(loss, metrics, activation):
    made = keras.Sequential(
        [keras.layers.Input((4, 3)), keras.layers.Masking(), keras.layers.Dense(3, activation=activation, use_bias=False)]
    )
    made.compile(optimizer=keras.optimizers.SGD(0.5), loss=loss, metrics=metrics)
    made.layers[-1].kernel.assign(kernel)
    return made


def results(loss, metric, activation, y):
    made = model(loss, [metric], activation)
    scores = made.evaluate(x, y, batch_size=2, verbose=0)
    history = made.fit(x, y, batch_size=2, epochs=1, shuffle=False, verbose=0).history
    trained = made.layers[-1].kernel.numpy().ravel().tolist()
    made = model(loss, [metric], activation)
    made.fit(x, y, batch_size=2, epochs=1, shuffle=False, verbose=0, sample_weight=weights[:, None])
    weighted = made.layers[-1].kernel.numpy().ravel().tolist()
    first, second = (values[0] for values in history.values())
    by_name = dict(zip(history, (first, second)))
    own = next(key for key in by_name if key != "loss")
    return {"scores": scores, "loss": by_name["loss"], "metric": by_name[own], "trained": trained, "weighted": weighted}


flat = lambda array: array.ravel().tolist()
print(
    json.dumps(
        {
            "versions": f"Python {platform.python_version()}, keras {keras.__version__}, tensorflow {tensorflow.__version__}",
            "x": flat(x), "labels": flat(labels), "targets": flat(targets), "kernel": flat(kernel), "weights": flat(weights),
            "classes": results("sparse_categorical_crossentropy", "sparse_categorical_accuracy", "softmax", labels),
            "quantities": results("mean_squared_error", "mean_squared_error", "linear", targets),
        }
    )  # fmt: skip
)
