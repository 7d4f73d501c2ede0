"""A graph with two inputs, two outputs, a layer that is called twice and a residual, computed by Keras in float64, for
test/model/keras.test.ts: outputs, losses, and the gradients of the weighted sum of losses.

    python make.py
"""

import json
import pathlib
import platform
import sys

import keras
import numpy as np
import tensorflow as tf
from keras import layers

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "layers"))
from common import draw, tensor  # noqa: E402

keras.backend.set_floatx("float64")
n = 7

photo = keras.Input([4], name="photo")
facts = keras.Input([3], name="facts")
shared = layers.Dense(4, activation="tanh", name="shared")
seen = layers.add([shared(shared(photo)), photo])
both = layers.concatenate([seen, layers.Dense(3, activation="relu", name="known")(facts)])
hidden = layers.Dense(5, activation="sigmoid", name="hidden")(both)
mixed = keras.ops.multiply(hidden, keras.ops.mean(both, axis=-1, keepdims=True))
price = layers.Dense(1, name="price")(mixed)
kind = layers.Dense(3, activation="softmax", name="kind")(keras.ops.relu(layers.Dense(5, name="skip")(both) + mixed))
model = keras.Model({"photo": photo, "facts": facts}, {"price": price, "kind": kind})

weights = {}
for layer in model.layers:
    for variable in layer.weights:
        path = f"{layer.name}.{variable.name}"
        weights[path] = variable
        variable.assign(draw(path, variable.shape, 0.7))

x = {"photo": draw("photo", [n, 4]), "facts": draw("facts", [n, 3])}
y = {"price": draw("price", [n, 1]), "kind": np.arange(n) % 3}
loss_weights = {"price": 0.25, "kind": 2.0}

with tf.GradientTape() as tape:
    out = model(x)
    losses = {
        "price": tf.reduce_mean(keras.losses.mean_squared_error(y["price"], out["price"])),
        "kind": tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(y["kind"], out["kind"])),
    }
    loss = sum(loss_weights[name] * losses[name] for name in losses)
gradients = tape.gradient(loss, [v.value for v in weights.values()])

golden = {
    "versions": f"Python {platform.python_version()}, keras {keras.__version__}, tensorflow {tf.__version__}, numpy {np.__version__}",
    "x": {name: tensor(values) for name, values in x.items()},
    "y": {name: tensor(values) for name, values in y.items()},
    "lossWeights": loss_weights,
    "weights": {path: tensor(v.numpy()) for path, v in weights.items()},
    "outputs": {name: tensor(t.numpy()) for name, t in out.items()},
    "losses": {name: float(t) for name, t in losses.items()} | {"loss": float(loss)},
    "gradients": {path: tensor(g.numpy()) for path, g in zip(weights, gradients)},
}
(pathlib.Path(__file__).parent / "house.json").write_text(json.dumps(golden) + "\n")
