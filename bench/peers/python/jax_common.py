"""What JAX's two peers share: the step as a pure function of the state, one prediction."""
import os

from serve import THREADS

if THREADS == 1:
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["NPROC"] = str(THREADS)  # the size of XLA's pool of threads
os.environ["JAX_PLATFORMS"] = "cpu"

import jax
import jax.numpy as jnp
import numpy as np
from jax_networks import first_statistics, logits_of

# Measured: as fast on large steps, and one sample takes 18 µs instead of 60. And one thread is one thread then.
jax.config.update("jax_cpu_enable_async_dispatch", False)


def step_of(case):
    """(state, data) -> (state, loss). The state knows which batch is next, so nothing comes from the host."""
    beta1, beta2 = case.beta1, case.beta2

    def loss_of(weights, moving, x, y):
        logits, moved = logits_of(case.network, weights, moving, x, True)
        picked = jnp.take_along_axis(logits, y[..., None], axis=-1)[..., 0]
        return jnp.mean(jax.nn.logsumexp(logits, axis=-1) - picked), (logits, moved)

    def adam(w, m, v, g, time):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        step = (m / (1 - beta1**time)) / (jnp.sqrt(v / (1 - beta2**time)) + case.epsilon)
        if case.optimizer == "adamw":
            step = step + case.weightDecay * w
        return w - case.learningRate * step, m, v

    def step(state, data):
        weights, means, squares, moving, count, total, correct = state
        x, y, order = data
        rows = order[count % case.batches]
        x, y = x[rows], y[rows]
        if x.dtype == jnp.uint8:
            x = x.astype(jnp.float32) * case.scale + case.shift
        (loss, (logits, moved)), gradients = jax.value_and_grad(loss_of, has_aux=True)(weights, moving, x, y)
        time = (count + 1).astype(jnp.float32)
        updated = [adam(*of, time) for of in zip(weights, means, squares, gradients)]
        weights, means, squares = (list(part) for part in zip(*updated))
        correct += jnp.sum(jnp.argmax(logits, axis=-1) == y)
        return (weights, means, squares, moved, count + 1, total + loss, correct), loss

    return step


class Base:
    def __init__(self, case):
        self.case = case
        self.data = tuple(jax.device_put(v) for v in (case.x, case.y, case.order))
        self.probabilities = jax.jit(
            lambda weights, moving, x: jax.nn.softmax(logits_of(case.network, weights, moving, x[None], False)[0])
        )
        self.step = step_of(case)
        self.reset()

    def reset(self):
        weights = [jnp.array(w) for w in self.case.weights]
        means = [jnp.zeros_like(w) for w in weights]
        squares = [jnp.zeros_like(w) for w in weights]
        zeros = (jnp.int32(0), jnp.float32(0), jnp.int32(0))
        self.state = (weights, means, squares, first_statistics(self.case.network), *zeros)

    def predict(self, sample):
        return np.asarray(self.probabilities(self.state[0], self.state[3], sample))


def about(how):
    import jaxlib

    return {"versions": {"jax": jax.__version__, "jaxlib": jaxlib.__version__}, "blas": "XLA's own", "how": how}
