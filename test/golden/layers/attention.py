"""Cases of embedding, masking and attention, by Keras; what Keras does not have is written out in NumPy. Run: KERAS_BACKEND=tensorflow python attention.py"""

import keras
import numpy as np
import numpy
import tensorflow

from common import case, draw, keras_case, tree, write


def masked(name, shape, padding, value=0.0):
    x = draw(name, shape)
    for sample, steps in padding:
        x[sample, steps] = value
    return x


def ids(name, shape, count):
    return np.random.default_rng(len(name)).integers(0, count, size=shape).astype(np.int32)


def positions(t, width):
    """Vaswani et al., section 3.5, written out."""
    p, i = np.mgrid[0:t, 0:width].astype(np.float64)
    angles = p / 10000 ** (2 * (i // 2) / width)
    return np.where(i % 2 == 0, np.sin(angles), np.cos(angles))


def position_case(name, shape, length, kind, trained):
    """What is added is a table's rows, so the gradients are plain sums."""
    x, d = draw(name, shape), draw(f"{name} d", shape)
    t, width = shape[1:]
    if trained:
        table = draw(f"{name} table", (length, width), 0.5)
        d_table = np.zeros_like(table)
        d_table[:t] = d.sum(0)
        parameters, d_parameters = {"positionEmbeddings": table}, {"positionEmbeddings": d_table}
    else:
        table, parameters, d_parameters = positions(t, width), {}, {}
    arguments = [length, {} if kind is None else {"kind": kind}]
    return case(name, "positionEmbedding", arguments, input=x, output=x + table[:t], d_output=d,
                gradients={"input": d, "parameters": d_parameters}, parameters=parameters)  # fmt: skip


table = {"embeddings": "embeddings"}


def attention(name, query, heads, key_dim, *, value=None, key=None, shared=None, bias=True, causal=False, mask=None,
              value_dim=None, pad=None, **rest):  # fmt: skip
    """`query`, `value`, `key`: shapes. `mask`: [batch, queries, keys] for pairs. `pad`: [batch, queries], for self-attention."""
    if shared:
        made = keras.layers.GroupQueryAttention(key_dim, heads, shared, use_bias=bias, dtype="float64")
    else:
        made = keras.layers.MultiHeadAttention(heads, key_dim, value_dim=value_dim, use_bias=bias, dtype="float64")
    parts = {"query": draw(f"{name} query", query)}
    if value:
        parts["value"] = draw(f"{name} value", value)
    if key:
        parts["key"] = draw(f"{name} key", key)
    call = {"use_causal_mask": True} if causal else {}
    if pad is not None:  # as Keras joins the masks of query and value
        call["attention_mask"] = tensorflow.constant((pad[:, :, None] * pad[:, None, :]).astype(bool))
    if mask is not None:
        call["attention_mask"] = tensorflow.constant(mask.astype(bool))

    class Called(keras.layers.Layer):
        def call(self, x, mask=None):
            x = x if isinstance(x, dict) else {"query": x}
            query, value = x["query"], x.get("value", x["query"])
            return made(query, value, key=x.get("key"), **call)

    called = Called(dtype="float64")
    called.made = made
    weights = {}
    for ours, theirs in [("query", "_query_dense"), ("key", "_key_dense"), ("value", "_value_dense"),
                         ("attentionOutput", "_output_dense")]:  # fmt: skip
        weights[f"{ours}.kernel"] = f"made.{theirs}.kernel"
        if bias:
            weights[f"{ours}.bias"] = f"made.{theirs}.bias"
    options = {}
    if shared:
        options["numKeyValueHeads"] = shared
    if not bias:
        options["useBias"] = False
    if causal:
        options["causal"] = True
    if value_dim:
        options["valueDim"] = value_dim
    golden = keras_case(name, "multiHeadAttention", [heads, key_dim, options], called,
                        parts if value else parts["query"], weights, **rest)  # fmt: skip
    # Scores that all move alike change nothing: what is left is rounding.
    for path in ["key.bias", *(["query.kernel", "query.bias", "key.kernel"] if query[1] == 1 else [])]:
        golden["gradients"]["parameters"].pop(path, None)
    given = pad if pad is not None else mask
    if given is not None:
        golden["mask"] = tree(given.astype(np.int32))
    return golden


def rotary(x):
    """Halves of a head turned by p / 10000^(2i/d), written out."""
    t, d = x.shape[1], x.shape[3]
    angle = np.arange(t)[:, None] / 10000 ** (np.arange(d // 2) * 2 / d)
    c, s = np.cos(angle)[None, :, None], np.sin(angle)[None, :, None]
    first, second = np.split(x, 2, axis=-1)
    return np.concatenate([first * c - second * s, second * c + first * s], -1)


def rotary_case(name, shape, heads, key_dim, causal=False):
    """In NumPy; gradients by central differences in float64."""
    x, d_output = draw(name, shape), draw(f"{name} d", shape)
    width = shape[2]
    shapes = {"query.kernel": (width, heads, key_dim), "key.kernel": (width, heads, key_dim),
              "value.kernel": (width, heads, key_dim), "attentionOutput.kernel": (heads, key_dim, width)}  # fmt: skip
    weights = {path: draw(f"{name} {path}", s, 0.5) for path, s in shapes.items()}

    def output(x, w):
        q, k, v = (np.einsum("btf,fhd->bthd", x, w[f"{part}.kernel"]) for part in ("query", "key", "value"))
        scores = np.einsum("bqhd,bkhd->bhqk", rotary(q), rotary(k)) / np.sqrt(key_dim)
        if causal:
            scores = np.where(np.tri(shape[1]) > 0, scores, -np.inf)
        p = np.exp(scores - scores.max(-1, keepdims=True))
        p /= p.sum(-1, keepdims=True)
        return np.einsum("bqhd,hdf->bqf", np.einsum("bhqk,bkhd->bqhd", p, v), w["attentionOutput.kernel"])

    def slope(values, loss):
        d = np.zeros_like(values)
        for i in np.ndindex(*values.shape):
            moved = [values.copy(), values.copy()]
            moved[0][i] += 1e-6
            moved[1][i] -= 1e-6
            d[i] = (loss(moved[0]) - loss(moved[1])) / 2e-6
        return d

    loss = lambda x, w: (output(x, w) * d_output).sum()
    gradients = {
        "input": slope(x, lambda moved: loss(moved, weights)),
        "parameters": {p: slope(w, lambda moved, p=p: loss(x, {**weights, p: moved})) for p, w in weights.items()},
    }
    options = {"rotary": True, "useBias": False, **({"causal": True} if causal else {})}
    return case(name, "multiHeadAttention", [heads, key_dim, options], input=x, output=output(x, weights),
                d_output=d_output, gradients=gradients, parameters=weights)  # fmt: skip


random = np.random.default_rng(3)
some_pairs = (random.random((2, 5, 7)) < 0.6).astype(np.int32)
some_pairs[0, 2] = 0  # a query that sees nothing
padding = np.array([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1], [0, 0, 0, 0, 0]], np.int32)

write(
    "attention",
    [
        keras_case("embedding", "embedding", [7, 5], keras.layers.Embedding(7, 5, dtype="float64"),
                   ids("embedding", (3, 4), 7), table),
        keras_case("embedding, many ids of one column", "embedding", [300, 1, {"maskZero": True}],
                   keras.layers.Embedding(300, 1, mask_zero=True, dtype="float64"),
                   ids("one column", (2, 17), 300), table, skip={"training": "labels of masked steps"}),
        keras_case("embedding of one id per sample", "embedding", [4, 33],
                   keras.layers.Embedding(4, 33, dtype="float64"), ids("one", (6,), 4), table),
        attention("self-attention", (2, 5, 6), 2, 3),
        attention("self-attention of one step and head", (3, 1, 4), 1, 5),
        attention("causal self-attention without bias", (2, 9, 8), 4, 2, bias=False, causal=True),
        attention("causal self-attention of many steps", (1, 70, 5), 1, 17, causal=True),
        attention("self-attention with padding", (3, 5, 4), 2, 3, pad=padding, skip={"training": "padded labels"}),
        attention("causal self-attention with padding", (3, 5, 4), 2, 3, pad=padding, causal=True,
                  skip={"training": "padded labels"}),
        attention("cross-attention", (2, 5, 6), 2, 4, value=(2, 7, 3)),
        attention("cross-attention with keys, values of another width", (2, 5, 6), 3, 4, value=(2, 7, 3), key=(2, 7, 9),
                  value_dim=2),
        attention("cross-attention with masked pairs, a query that sees nothing", (2, 5, 6), 2, 4, value=(2, 7, 3),
                  mask=some_pairs),
        attention("causal cross-attention", (2, 7, 6), 2, 4, value=(2, 5, 3), causal=True),
        attention("grouped queries", (2, 6, 8), 4, 3, shared=2),
        attention("grouped queries with one head of keys", (1, 5, 4), 3, 2, shared=1, bias=False, causal=True),
        rotary_case("rotary positions", (2, 5, 4), 2, 6),
        rotary_case("rotary positions, causal", (1, 7, 3), 1, 2, True),
        position_case("learned positions", (2, 5, 6), 5, None, True),
        position_case("learned positions of a shorter sequence", (3, 2, 7), 9, "learned", True),
        position_case("sinusoidal positions", (2, 9, 8), 9, "sinusoidal", False),
        position_case("sinusoidal positions of an odd width", (1, 3, 5), 4, "sinusoidal", False),
        keras_case(
            "masking",
            "masking",
            [],
            keras.layers.Masking(dtype="float64"),
            masked("masking", (3, 4, 5), [(0, slice(2, 4)), (1, 0), (2, slice(0, 4))]),
            {},
            skip={"finiteDifferences": "a step in any direction is no padding any more"},
        ),
        keras_case(
            "masking of another value",
            "masking",
            [{"maskValue": -1}],
            keras.layers.Masking(-1.0, dtype="float64"),
            masked("masking of another value", (2, 3, 1), [(0, 1), (1, 2)], -1.0),
            {},
            skip={"finiteDifferences": "a step in any direction is no padding any more"},
        ),
    ],
    keras,
    tensorflow,
    numpy,
)
