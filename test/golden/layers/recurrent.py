"""Cases of recurrent layers, by Keras, and by PyTorch where it has them. Run: KERAS_BACKEND=tensorflow python recurrent.py

PyTorch is in another environment: `python recurrent.py torch` there writes recurrent-torch.json.
"""

import sys

from common import case, draw, write

renamed = {
    "return_sequences": "returnSequences",
    "return_state": "returnState",
    "go_backwards": "goBackwards",
    "use_bias": "useBias",
    "recurrent_activation": "recurrentActivation",
    "reset_after": "resetAfter",
    "stateful": "stateful",
    "activation": "activation",
}
# Some samples begin late, some end early, one has gaps, one nothing at all.
padding = [[0, 0, 1, 1], [1, 1, 1, 0], [0, 1, 0, 1], [0, 0, 0, 0], [1, 1, 1, 1]]
stateful = {
    "batchOfOne": "its state is that of a batch of another size",
    "saving": "a prediction changes its state: see recurrent.test.ts",
}


def by_keras():
    import keras
    import numpy
    import tensorflow
    from common import keras_case

    class FromState:
        """A layer that is called with the state beside the sequence."""

        def __init__(self, layer, names):
            self.layer, self.names = layer, names

        def __call__(self, given, **rest):
            return self.layer(given["input"], initial_state=[given[name] for name in self.names], **rest)

        def __getattr__(self, name):
            return getattr(self.layer, name)

    kinds = {"simpleRnn": "SimpleRNN", "lstm": "LSTM", "gru": "GRU"}
    states = {"simpleRnn": ["hidden"], "lstm": ["hidden", "carry"], "gru": ["hidden"]}

    def one(title, kind, shape, units, *, initial=False, kept=None, mask=None, skip=None, **options):
        name = f"{kind}, {title}"
        made = getattr(keras.layers, kinds[kind])(units, dtype="float64", **options)
        weights = {"kernel": "cell.kernel", "recurrentKernel": "cell.recurrent_kernel", "bias": "cell.bias"}
        if options.get("use_bias") is False:
            del weights["bias"]
        given = draw(name, shape)
        if initial:
            # In the order of tensorflow's structures.
            parts = {**{n: draw(f"{name} {n}", (shape[0], units)) for n in states[kind]}, "input": given}
            given = dict(sorted(parts.items()))
            made = FromState(made, states[kind])
        rest = {}
        if options.get("stateful"):
            rest["states"] = {
                f"memory.{i}": (f"states.{i}", draw(f"{name} {n}", (shape[0], units), 0.5))
                for i, n in enumerate(states[kind])
            }
            rest["skip"] = stateful
        if skip:
            rest["skip"] = {**rest.get("skip", {}), **skip}
        ours = {"hard_sigmoid": "hardSigmoid"}
        arguments = [units, {renamed[key]: ours.get(value, value) for key, value in options.items()}]
        return keras_case(name, kind, arguments, made, given, weights, mask=mask, **rest)

    def both_ways(title, kind, shape, units, merge="concat", mask=None, **options):
        layer = getattr(keras.layers, kinds[kind])(units, dtype="float64", **options)
        made = keras.layers.Bidirectional(layer, merge_mode=merge, dtype="float64")
        parts = {"kernel": "kernel", "recurrentKernel": "recurrent_kernel", "bias": "bias"}
        weights = {
            f"{way}Layer.{ours}": f"{way}_layer.cell.{theirs}"
            for way in ("forward", "backward")
            for ours, theirs in parts.items()
        }
        given = {"call": kind, "arguments": [units, {renamed[key]: value for key, value in options.items()}]}
        name = f"bidirectional {kind}, {title}"
        return keras_case(
            name, "bidirectional", [given, {"mergeMode": merge}], made, draw(name, shape), weights, mask=mask
        )

    cases = []
    for kind in kinds:
        cases += [
            one("the last state", kind, (5, 4, 3), 7),
            one("all outputs, a vector of units", kind, (3, 5, 2), 16, return_sequences=True),
            one("one unit, one step", kind, (3, 1, 1), 1, return_sequences=True),
            one("backwards", kind, (4, 3, 5), 3, go_backwards=True, return_sequences=True),
            one("backwards, the last state", kind, (4, 3, 5), 3, go_backwards=True),
            one("without a bias", kind, (2, 3, 4), 5, use_bias=False),
            one("masked", kind, (5, 4, 3), 6, mask=padding, return_sequences=True),
            one("masked, the last state", kind, (5, 4, 3), 6, mask=padding),
            one("with its state", kind, (3, 4, 2), 5, return_state=True, return_sequences=True),
            one("from a state", kind, (9, 4, 2), 17, initial=True, return_sequences=True),
            one("from a state, masked", kind, (5, 4, 2), 3, initial=True, mask=padding),
            one("from a state, masked, with its state", kind, (5, 4, 2), 3, initial=True, mask=padding, return_state=True, return_sequences=True),
            one("stateful", kind, (3, 4, 2), 5, stateful=True),
            one("relu", kind, (3, 4, 2), 5, activation="relu", skip={"finiteDifferences": "kinks"}),
        ]
    cases += [
        one("sigmoid and tanh", "lstm", (3, 4, 2), 5, activation="sigmoid", recurrent_activation="tanh"),
        one("softsign and hardSigmoid", "lstm", (3, 4, 2), 5, activation="softsign", recurrent_activation="hard_sigmoid"),
        one("gelu", "gru", (5, 4, 2), 5, activation="gelu", mask=padding, return_sequences=True),
        one("linear", "gru", (3, 4, 2), 5, activation="linear", return_sequences=True),
    ]
    before = {"reset_after": False}
    cases += [
        one("reset before", "gru", (5, 4, 3), 7, return_sequences=True, **before),
        one("reset before, from a state", "gru", (9, 3, 2), 17, initial=True, **before),
        one("reset before, masked, backwards", "gru", (5, 4, 2), 3, mask=padding, go_backwards=True, **before),
    ]  # fmt: skip
    cases += [
        both_ways("concat", "lstm", (4, 3, 2), 5, return_sequences=True),
        both_ways("the last outputs", "gru", (4, 3, 2), 5),
        both_ways("sum, masked", "lstm", (5, 4, 2), 3, "sum", padding, return_sequences=True),
        both_ways("ave, masked, the last outputs", "simpleRnn", (5, 4, 2), 3, "ave", padding),
        both_ways("mul", "gru", (2, 3, 2), 3, "mul", return_sequences=True),
        keras_case(
            "timeDistributed, dense", "timeDistributed", [{"call": "dense", "arguments": [5, {"activation": "tanh"}]}],
            keras.layers.TimeDistributed(keras.layers.Dense(5, activation="tanh", dtype="float64"), dtype="float64"),
            draw("timeDistributed", (3, 4, 2)), {"layer.kernel": "layer.kernel", "layer.bias": "layer.bias"},
        ),
    ]  # fmt: skip
    write("recurrent", cases, keras, tensorflow, numpy)


def by_torch():
    import numpy as np
    import torch

    torch.manual_seed(1)

    def one(kind, shape, units, order, bias):
        """`order`: PyTorch's gates in ours. Biases of both sides: added, or as two rows."""
        name = f"{kind}, by PyTorch"
        gates = len(order)
        made = getattr(torch.nn, {"simpleRnn": "RNN", "lstm": "LSTM", "gru": "GRU"}[kind])(
            shape[2], units, batch_first=True, dtype=torch.float64
        )
        theirs = {key: value.detach().numpy().astype(np.float32).astype(np.float64) for key, value in made.named_parameters()}
        for key, value in made.named_parameters():
            value.data = torch.tensor(theirs[key])
        ours = lambda values: np.concatenate([np.split(values, gates)[q] for q in order])
        both = {"ih": ours(theirs["bias_ih_l0"]), "hh": ours(theirs["bias_hh_l0"])}
        parameters = {
            "kernel": ours(theirs["weight_ih_l0"]).T,
            "recurrentKernel": ours(theirs["weight_hh_l0"]).T,
            "bias": bias(both["ih"], both["hh"]),
        }
        x = torch.tensor(draw(name, shape), requires_grad=True)
        y, _ = made(x)
        d = torch.tensor(draw(f"{name} d0", y.shape))
        (y * d).sum().backward()
        found = {key: value.grad.numpy() for key, value in made.named_parameters()}
        gradients = {
            "kernel": ours(found["weight_ih_l0"]).T,
            "recurrentKernel": ours(found["weight_hh_l0"]).T,
        }
        if bias is stacked:
            gradients["bias"] = stacked(ours(found["bias_ih_l0"]), ours(found["bias_hh_l0"]))
        else:
            gradients["bias"] = ours(found["bias_ih_l0"])
        return case(
            name, kind, [units, {"returnSequences": True}], input=x.detach().numpy(), output=y.detach().numpy(),
            d_output=d.numpy(), gradients={"input": x.grad.numpy(), "parameters": gradients}, parameters=parameters,
        )  # fmt: skip

    added = lambda a, b: (a + b).astype(np.float32).astype(np.float64)
    stacked = lambda a, b: np.stack([a, b])
    write(
        "recurrent-torch",
        [
            one("simpleRnn", (3, 5, 4), 9, [0], added),
            one("lstm", (3, 5, 4), 9, [0, 1, 2, 3], added),
            # r, z, n there.
            one("gru", (3, 5, 4), 9, [1, 0, 2], stacked),
        ],
        torch,
        np,
    )


by_torch() if sys.argv[1:] == ["torch"] else by_keras()
