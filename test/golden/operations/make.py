"""What JAX answers, values and gradients of Σ y·dy, for test/ops/jax.test.ts. Run: python make.py (versions.txt says with what)."""

import json
import pathlib
import platform

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)
here = pathlib.Path(__file__).parent
random = np.random.default_rng(11)
cases = []


def packed(a):
    a = np.asarray(a)
    return {"dtype": "int32" if a.dtype.kind in "iu" else "float32", "shape": list(a.shape),
            "data": [float(np.float32(x)) if a.dtype.kind == "f" else int(x) for x in a.ravel()]}


def case(op, f, inputs, **options):
    """Of float32 inputs, in float64."""
    floats = [i for i, x in enumerate(inputs) if x.dtype.kind == "f"]
    wide = [jnp.asarray(x, jnp.float64) if x.dtype.kind == "f" else jnp.asarray(x) for x in inputs]
    y = f(*wide)
    dy = random.normal(size=y.shape).astype(np.float32)
    gradients = jax.grad(lambda *x: (f(*x) * dy).sum(), argnums=tuple(floats))(*wide)
    cases.append({"op": op, "options": options, "inputs": [packed(x) for x in inputs], "dy": packed(dy), "result": packed(y),
                  "gradients": [packed(g) for g in gradients]})


def floats(*shape):
    return random.normal(size=shape).astype(np.float32)


case("erf", jax.scipy.special.erf, [np.linspace(-5, 5, 41, dtype=np.float32)])
for shape in [(5,), (3, 4), (2, 3, 4)]:
    for axis in [None, 0, -1]:
        options = {} if axis is None else {"axis": axis}
        x = floats(*shape)
        case("logSumExp", lambda t: jax.scipy.special.logsumexp(t, axis=axis), [x], **options)
        case("std", lambda t: jnp.std(t, axis=axis), [x], **options)
        case("variance", lambda t: jnp.var(t, axis=axis), [x], **options)
        case("prod", lambda t: jnp.prod(t, axis=axis), [x], **options)
        case("cumsum", lambda t: jnp.cumsum(t, axis=axis), [x], **options)
        zeros = np.where(random.random(shape) < 0.3, 0, x).astype(np.float32)
        case("prod", lambda t: jnp.prod(t, axis=axis), [zeros], **options)
        if axis is not None:
            case("sort", lambda t: jnp.sort(t, axis=axis), [x], **options)
    case("topValues", lambda t: jax.lax.top_k(t, 2)[0], [floats(*shape)], k=2)
x = floats(3, 4)
case("pad", lambda t: jnp.pad(t, ((1, 2), (0, 3)), constant_values=2), [x], widths=[[1, 2], [0, 3]], value=2)
case("roll", lambda t: jnp.roll(t, 2, 1), [x], shift=2, axis=1)
case("flip", lambda t: jnp.flip(t, 0), [x], axis=0)
case("tile", lambda t: jnp.tile(t, (2, 1, 3)), [x], times=[2, 1, 3])
case("triu", lambda t: jnp.triu(t, 1), [x], k=1)
case("tril", lambda t: jnp.tril(t, -1), [x], k=-1)
rows = np.array([2, 0], np.int32)
case("scatter", lambda t, i, v: t.at[i].set(v), [x, rows, floats(2, 4)])
for equation, a, b in [("ij,jk->ik", (2, 3), (3, 4)), ("bij,bjk->bik", (2, 3, 4), (2, 4, 5)), ("i,j->ij", (3,), (4,)), ("i,i->", (5,), (5,)),
                       ("ij,ij->j", (3, 4), (3, 4)), ("bqhd,bkhd->bhqk", (2, 3, 4, 5), (2, 6, 4, 5)), ("ij,kl->k", (2, 3), (4, 2)),
                       ("bhqk,bkhd->bqhd", (2, 3, 4, 5), (2, 5, 3, 2)), ("ab,cd->dbca", (2, 3), (4, 2))]:
    case("einsum", lambda p, q: jnp.einsum(equation, p, q), [floats(*a), floats(*b)], equation=equation)

(here / "cases.json").write_text("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
(here / "versions.txt").write_text(f"Python {platform.python_version()}\njax {jax.__version__}\nnumpy {np.__version__}\n")
