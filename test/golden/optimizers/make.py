"""Ten steps of each optimizer in float64, by Optax, for test/optimizers.test.ts. Run: python make.py

The loss is sum(c·(p − a)²) over 37 parameters, from float32 starting values. Optax's momentum is the trace
t ← g + momentum·t, p ← p − lr·t, which for a constant rate is u ← momentum·u − lr·g, p ← p + u with u = −lr·t; for
a rate that changes the two differ, so those cases are written out in NumPy below, by the formulas in the doc comments.
"""

import json
import pathlib
import platform

import jax
import jax.numpy as jnp
import numpy as np
import optax

jax.config.update("jax_enable_x64", True)
here = pathlib.Path(__file__).parent
random = np.random.default_rng(11)
n, steps = 37, 10
start, target = (random.normal(size=n).astype(np.float32).astype(np.float64) for _ in range(2))
curve = random.uniform(0.2, 2, size=n).astype(np.float32).astype(np.float64)


def loss(p):
    return jnp.sum(curve * (p - target) ** 2)


def by_optax(transform):
    p, state, path = jnp.asarray(start), transform.init(jnp.asarray(start)), []
    for _ in range(steps):
        updates, state = transform.update(jax.grad(loss)(p), state, p)
        p = optax.apply_updates(p, updates)
        path.append([float(x) for x in p])
    return path


def by_numpy(rate, momentum=0.0, nesterov=False, decay=0.0):
    p, u, path = start.copy(), np.zeros(n), []
    for step in range(steps):
        d = rate(step) * (2 * curve * (p - target) + decay * p)
        u = momentum * u - d
        p = p + (momentum * u - d if nesterov else u)
        path.append([float(x) for x in p])
    return path


def inverse_time(rate, decay):
    return lambda step: rate / (1 + decay * step)


decayed = optax.add_decayed_weights
cases = [
    ("sgd", {"learningRate": 0.1}, by_optax(optax.sgd(0.1))),
    ("sgd", {"learningRate": 0.1, "momentum": 0.9}, by_optax(optax.sgd(0.1, momentum=0.9))),
    ("sgd", {"learningRate": 0.05, "momentum": 0.9, "nesterov": True}, by_optax(optax.sgd(0.05, momentum=0.9, nesterov=True))),
    ("sgd", {"learningRate": 0.1, "weightDecay": 0.2}, by_optax(optax.chain(decayed(0.2), optax.sgd(0.1)))),
    ("sgd", {"learningRate": 0.1, "momentum": 0.8, "weightDecay": 0.2}, by_optax(optax.chain(decayed(0.2), optax.sgd(0.1, momentum=0.8)))),
    ("sgd", {"learningRate": 0.1, "decay": 0.3}, by_optax(optax.sgd(inverse_time(0.1, 0.3)))),
    ("sgd", {"learningRate": 0.1, "decay": 0.3, "momentum": 0.9}, by_numpy(inverse_time(0.1, 0.3), 0.9)),
    ("sgd", {"learningRate": 0.1, "decay": 0.3, "momentum": 0.9, "nesterov": True, "weightDecay": 0.1}, by_numpy(inverse_time(0.1, 0.3), 0.9, True, 0.1)),
    ("adam", {"learningRate": 0.1}, by_optax(optax.adam(0.1, eps=1e-7))),
    ("adam", {}, by_optax(optax.adam(0.001, eps=1e-7))),
    ("adam", {"learningRate": 0.02, "beta1": 0.8, "beta2": 0.99, "epsilon": 0.01}, by_optax(optax.adam(0.02, b1=0.8, b2=0.99, eps=0.01))),
    ("adam", {"learningRate": 0.1, "decay": 0.5}, by_optax(optax.adam(inverse_time(0.1, 0.5), eps=1e-7))),
    ("adamw", {"learningRate": 0.1, "weightDecay": 0.3}, by_optax(optax.adamw(0.1, eps=1e-7, weight_decay=0.3))),
    ("adamw", {}, by_optax(optax.adamw(0.001, eps=1e-7, weight_decay=0.004))),
]
assert abs(np.array(by_numpy(lambda _: 0.1, 0.9)) - np.array(cases[1][2])).max() < 1e-12

lines = ",\n".join(json.dumps({"optimizer": o, "options": k, "path": p}) for o, k, p in cases)
data = json.dumps({"start": start.tolist(), "target": target.tolist(), "curve": curve.tolist()})
(here / "paths.json").write_text('{"data": ' + data + ',\n"cases": [\n' + lines + "\n]}\n")
versions = f"Python {platform.python_version()}\njax {jax.__version__}\noptax {optax.__version__}\nnumpy {np.__version__}\n"
(here / "versions.txt").write_text(versions)
