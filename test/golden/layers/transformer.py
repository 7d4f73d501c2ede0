"""Cases of transformer blocks, composed of Keras's layers. Run: KERAS_BACKEND=tensorflow python transformer.py"""

import keras
import numpy as np
import numpy
import tensorflow

from common import draw, keras_case, tree, write


class Block(keras.layers.Layer):
    """Attention to itself, perhaps to another sequence, and a wide layer, as the papers and KerasHub have them."""

    def __init__(self, heads, features, wide, *, first=False, bias=True, causal=False, cross=False, activation="relu",
                 pairs=None):  # fmt: skip
        super().__init__(dtype="float64")
        attention = lambda: keras.layers.MultiHeadAttention(heads, features // heads, use_bias=bias, dtype="float64")
        norm = lambda: keras.layers.LayerNormalization(epsilon=1e-5, center=bias, dtype="float64")
        self.first, self.causal, self.pairs = first, causal, pairs
        self.self_attention, self.self_norm = attention(), norm()
        self.cross_attention, self.cross_norm = (attention(), norm()) if cross else (None, None)
        self.wide = keras.layers.Dense(wide, activation, use_bias=bias, dtype="float64")
        self.out = keras.layers.Dense(features, use_bias=bias, dtype="float64")
        self.norm = norm()

    def residual(self, x, norm, part):
        return x + part(norm(x)) if self.first else norm(x + part(x))

    def call(self, given, mask=None):
        x, encoder = (given["decoder"], given["encoder"]) if isinstance(given, dict) else (given, None)
        pairs = None if self.pairs is None else tensorflow.constant(self.pairs.astype(bool))
        attend = lambda t: self.self_attention(t, t, use_causal_mask=self.causal, attention_mask=pairs)
        x = self.residual(x, self.self_norm, attend)
        if encoder is not None:
            x = self.residual(x, self.cross_norm, lambda t: self.cross_attention(t, encoder))
        return self.residual(x, self.norm, lambda t: self.out(self.wide(t)))


def block(name, layer, shape, heads, wide, *, encoder=None, options=None, mask=None, **own):
    options = options or {}
    bias, causal = options.get("useBias", True), options.get("causal", layer == "transformerDecoder")
    pairs = None
    if mask is not None:
        pairs = mask if mask.ndim == 3 else mask[:, :, None] * mask[:, None, :]
    made = Block(heads, shape[2], wide, first=options.get("normalizeFirst", False), bias=bias, causal=causal,
                 cross=encoder is not None, activation=options.get("activation", "relu"), pairs=pairs)  # fmt: skip
    attentions = {"selfAttention": "self_attention"}
    norms = {"selfAttentionNorm": "self_norm", "feedforwardNorm": "norm"}
    if encoder:
        attentions["crossAttention"] = "cross_attention"
        norms["crossAttentionNorm"] = "cross_norm"
    weights, vanishing = {}, []
    for ours, theirs in attentions.items():
        for part, at in [("query", "_query_dense"), ("key", "_key_dense"), ("value", "_value_dense"),
                         ("attentionOutput", "_output_dense")]:  # fmt: skip
            for weight in ["kernel", "bias"] if bias else ["kernel"]:
                weights[f"{ours}.{part}.{weight}"] = f"{theirs}.{at}.{weight}"
        vanishing.append(f"{ours}.key.bias")
    for ours, theirs in {"feedforwardIntermediate": "wide", "feedforwardOutput": "out"}.items():
        for weight in ["kernel", "bias"] if bias else ["kernel"]:
            weights[f"{ours}.{weight}"] = f"{theirs}.{weight}"
    for ours, theirs in norms.items():
        for weight in ["gamma", "beta"] if bias else ["gamma"]:
            weights[f"{ours}.{weight}"] = f"{theirs}.{weight}"
    x = draw(name, shape)
    given = {"decoder": x, "encoder": draw(f"{name} encoder", encoder)} if encoder else x
    golden = keras_case(name, layer, [heads, wide, options], made, given, weights, tolerance=2e-5, **own)
    # Scores that all move alike change nothing: what is left is rounding.
    for path in vanishing:
        golden["gradients"]["parameters"].pop(path, None)
    if mask is not None:
        golden["mask"] = tree(mask.astype(np.int32))
    return golden


padding = np.array([[1, 1, 1, 0], [1, 1, 1, 1]], np.int32)
pairs = np.array([[[1, 0, 1], [1, 1, 0], [0, 0, 1]], [[1, 1, 1], [0, 1, 0], [1, 0, 1]]], np.int32)
masked = {"training": "padded labels"}

write(
    "transformer",
    [
        block("encoder", "transformerEncoder", (2, 5, 6), 2, 9),
        block("encoder, normalised first, without bias, causal", "transformerEncoder", (1, 7, 8), 4, 5,
              options={"normalizeFirst": True, "useBias": False, "causal": True}),
        block("encoder with padding", "transformerEncoder", (2, 4, 6), 3, 4, mask=padding, skip=masked),
        block("encoder with masked pairs, tanh", "transformerEncoder", (2, 3, 4), 1, 6, mask=pairs,
              options={"activation": "tanh"}),
        block("decoder alone", "transformerDecoder", (2, 5, 4), 2, 7),
        block("decoder alone that sees all", "transformerDecoder", (2, 3, 4), 1, 7, options={"causal": False}),
        block("decoder with an encoder", "transformerDecoder", (2, 5, 6), 2, 7, encoder=(2, 3, 6)),
        block("decoder with an encoder of another width, normalised first", "transformerDecoder", (1, 3, 4), 2, 5,
              encoder=(1, 6, 3), options={"normalizeFirst": True}),
    ],
    keras,
    tensorflow,
    numpy,
)  # fmt: skip
