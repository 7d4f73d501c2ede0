"""The networks of bench/networks.mjs as pure functions for JAX: (weights, moving statistics, x) -> (logits, statistics).

Pictures stay channels last, recurrences are a lax.scan over time behind one product for all inputs.
"""
import jax
import jax.numpy as jnp

EPSILON, MOMENTUM = 1e-3, 0.99


def activated(layer, x):
    return jax.nn.relu(x) if layer.get("activation") == "relu" else x


def dense(layer, weights, x):
    kernel, bias = weights.take(2)
    return activated(layer, x @ kernel + bias)


def conv(layer, weights, x):
    kernel = weights.take(1)[0]
    y = jax.lax.conv_general_dilated(x, kernel, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))
    return activated(layer, y + weights.take(1)[0] if layer["useBias"] else y)


def norm(layer, weights, x):
    gamma, beta = weights.take(2)
    mean, variance = weights.moving()
    if weights.training:
        axes = tuple(range(x.ndim - 1))
        now, spread = jnp.mean(x, axes), jnp.var(x, axes)
        weights.moved.append(
            (mean * MOMENTUM + now * (1 - MOMENTUM), variance * MOMENTUM + spread * (1 - MOMENTUM))
        )
        mean, variance = now, spread
    scale = gamma * jax.lax.rsqrt(variance + EPSILON)
    return activated(layer, (x - mean) * scale + beta)


def pool(_, __, x):
    return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")


def flatten(_, __, x):
    return x.reshape(x.shape[0], -1)


def lstm(layer, weights, x):
    kernel, recurrent, bias = weights.take(3)

    def step(state, gates):
        h, c = state
        i, f, g, o = jnp.split(gates + h @ recurrent, 4, axis=-1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        h = jax.nn.sigmoid(o) * jnp.tanh(c)
        return (h, c), None

    zero = jnp.zeros((x.shape[0], layer["units"]), jnp.float32)
    return jax.lax.scan(step, (zero, zero), jnp.swapaxes(x @ kernel + bias, 0, 1))[0][0]


def gru(layer, weights, x):
    kernel, recurrent, (bias, recurrent_bias) = weights.take(3)

    def step(h, gates):
        xz, xr, xh = jnp.split(gates, 3, axis=-1)
        hz, hr, hh = jnp.split(h @ recurrent + recurrent_bias, 3, axis=-1)
        z, r = jax.nn.sigmoid(xz + hz), jax.nn.sigmoid(xr + hr)
        return z * h + (1 - z) * jnp.tanh(xh + r * hh), None

    zero = jnp.zeros((x.shape[0], layer["units"]), jnp.float32)
    return jax.lax.scan(step, zero, jnp.swapaxes(x @ kernel + bias, 0, 1))[0]


def layer_norm(x, gain):
    centred = x - jnp.mean(x, -1, keepdims=True)
    return centred * jax.lax.rsqrt(jnp.mean(centred * centred, -1, keepdims=True) + 1e-5) * gain


def attention(x, heads, query, key, value, output):
    batch, time, width = x.shape
    three = (x @ jnp.concatenate([query, key, value], axis=1)).reshape(batch, time, 3, heads, width // heads)
    y = jax.nn.dot_product_attention(three[:, :, 0], three[:, :, 1], three[:, :, 2], is_causal=True)
    return y.reshape(batch, time, width) @ output


def gpt(layer, weights, ids):
    characters, positions = weights.take(2)
    x = characters[ids] + positions
    for _ in range(layer["blocks"]):
        norm1, query, key, value, output, norm2, up, down = weights.take(8)
        x = x + attention(layer_norm(x, norm1), layer["heads"], query, key, value, output)
        x = x + jax.nn.gelu(layer_norm(x, norm2) @ up, approximate=False) @ down
    return layer_norm(x, weights.take(1)[0]) @ characters.T


LAYERS = {f.__name__: f for f in (dense, conv, norm, pool, flatten, lstm, gru, gpt)}


class Weights:
    """Hands out parameters and moving statistics in order, and collects the next statistics."""

    def __init__(self, parameters, moving, training):
        self.parameters, self.statistics = iter(parameters), iter(moving)
        self.training, self.moved = training, []

    def take(self, count):
        return [next(self.parameters) for _ in range(count)]

    def moving(self):
        return next(self.statistics)


def logits_of(network, parameters, moving, x, training):
    """-> logits and the next moving statistics."""
    weights = Weights(parameters, moving, training)
    for layer in network["layers"]:
        x = LAYERS[layer["type"]](layer, weights, x)
    return x, weights.moved


def first_statistics(network):
    """Means and variances of the normalisations, one per channel."""
    channels, statistics = network["input"][-1], []
    for layer in network["layers"]:
        channels = layer.get("filters", channels)
        if layer["type"] == "norm":
            statistics.append((jnp.zeros(channels), jnp.ones(channels)))
    return statistics
