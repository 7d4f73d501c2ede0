"""What the scripts beside this one share: cases of layers, computed by Keras or PyTorch in float64, for test/layers.

A case says which layer is made, by the public function's name and its arguments, its input, weights and output, and the
gradients of sum(output * dOutput). Inputs and weights are float32 numbers, so that both sides start from the same.
"""

import json
import pathlib
import platform
import zlib

import numpy as np

here = pathlib.Path(__file__).parent


def draw(name, shape, scale=1.0, low=None, high=None):
    """Normal numbers (or uniform ones from low to high) that depend on the name only; float32 numbers as float64."""
    random = np.random.default_rng(zlib.crc32(name.encode()))
    values = random.normal(size=shape) * scale if low is None else random.uniform(low, high, size=shape)
    return values.astype(np.float32).astype(np.float64)


def tensor(values):
    values = np.asarray(values)
    if values.dtype.kind in "iub":
        return {"shape": list(values.shape), "dtype": "int32", "values": values.astype(int).ravel().tolist()}
    # Nine digits are all that a float32 has.
    return {"shape": list(values.shape), "values": [float(f"{x:.9g}") for x in values.ravel()]}


def tree(values):
    if isinstance(values, dict):
        return {key: tree(value) for key, value in values.items()}
    if isinstance(values, (list, tuple)):
        return [tree(value) for value in values]
    return tensor(values)


def case(name, layer, arguments, *, input, output, d_output, gradients, parameters=None, states=None, **rest):
    """`gradients`: {"input": ..., "parameters": {path: ...}}; what is left out is not compared. See test/support/layer-cases.ts."""
    return {
        "name": name,
        "layer": layer,
        "arguments": arguments,
        "input": tree(input),
        "parameters": tree(parameters or {}),
        "states": tree(states or {}),
        "output": tree(output),
        "dOutput": tree(d_output),
        "gradients": tree(gradients),
        **{key: tree(value) if key in ("mask", "statesAfter") else value for key, value in rest.items()},
    }


def keras_case(name, layer, arguments, made, input, weights, *, mode="predict", mask=None, states=None, prepare=None, **rest):
    """`made`: the Keras layer, of dtype float64. `weights`: our path -> the name of Keras's attribute, such as kernel.

    Trainable weights get drawn values (of scale 0.5; `prepare` may change a dict of them), states those given.
    """
    import tensorflow as tf

    flat = [tf.constant(x) for x in tf.nest.flatten(input)]
    given = tf.nest.pack_sequence_as(input, flat)
    call = {} if mask is None else {"mask": tf.constant(np.asarray(mask, bool))}
    if mode == "train":
        call["training"] = True
    made(given, **call)
    find = lambda path: _attribute(made, path)
    parameters = {ours: draw(f"{name} {ours}", find(theirs).shape, 0.5) for ours, theirs in weights.items()}
    if prepare:
        parameters = prepare(parameters)
    for ours, theirs in weights.items():
        find(theirs).assign(parameters[ours])
    before = {ours: value for ours, (_, value) in (states or {}).items()}
    for theirs, value in (states or {}).values():
        find(theirs).assign(value)
    with tf.GradientTape(persistent=True) as tape:
        for x in flat:
            if x.dtype.is_floating:
                tape.watch(x)
        output = made(given, **call)
        outputs = tf.nest.flatten(output)
        d_outputs = [draw(f"{name} d{i}", y.shape) for i, y in enumerate(outputs)]
        loss = tf.add_n([tf.reduce_sum(y * d) for y, d in zip(outputs, d_outputs)])
    numpy = lambda structure: tf.nest.map_structure(lambda x: x.numpy(), structure)
    zeros = tf.UnconnectedGradients.ZERO
    d_input = [tape.gradient(loss, x, unconnected_gradients=zeros) if x.dtype.is_floating else None for x in flat]
    d_parameters = {
        ours: tf.convert_to_tensor(tape.gradient(loss, find(theirs).value, unconnected_gradients=zeros)).numpy()
        for ours, theirs in weights.items()
    }
    gradients = {"parameters": d_parameters}
    if all(d is not None for d in d_input):
        gradients["input"] = numpy(tf.nest.pack_sequence_as(input, d_input))
    after = {ours: find(theirs).numpy() for ours, (theirs, _) in (states or {}).items()}
    if states:
        rest["statesAfter"] = after
    if mask is not None:
        rest["mask"] = np.asarray(mask).astype(np.int32)
    return case(
        name, layer, arguments, input=input, output=numpy(output), d_output=tf.nest.pack_sequence_as(output, d_outputs),
        gradients=gradients, parameters=parameters, states=before, mode=mode, **rest,
    )  # fmt: skip


def _attribute(made, path):
    for part in path.split("."):
        made = made[int(part)] if part.isdigit() else getattr(made, part)
    return made


def write(family, cases, *modules):
    versions = ", ".join([f"Python {platform.python_version()}", *(f"{m.__name__} {m.__version__}" for m in modules)])
    lines = ",\n".join(json.dumps(c) for c in cases)
    text = f'{{"versions": "{versions}", "cases": [\n{lines}\n]}}\n'
    (here / f"{family}.json").write_text(text)
