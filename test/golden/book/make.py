"""Numbers of NumPy and of the book's parts, for test/book. Run: python make.py (versions.txt says with what)."""

import hashlib
import json
import pathlib
import platform

import numpy as np

import chapters
import parts
from network import F, floats, sine, spiral, vertical

here = pathlib.Path(__file__).parent


def plain(x):
    """A value as JSON can hold it; a float32 by the shortest text that names it."""
    if isinstance(x, dict):
        return {k: plain(v) for k, v in x.items()}
    if isinstance(x, (list, tuple)):
        return [plain(v) for v in x]
    if isinstance(x, np.ndarray):
        return plain(list(x))
    if isinstance(x, np.float32):
        return float(str(x))
    return x.item() if isinstance(x, np.generic) else x


def write(name, value):
    (here / name).write_text(json.dumps(plain(value), separators=(",", ":")).replace('},{', '},\n{') + "\n")


def sha(a):
    return hashlib.sha256(np.ascontiguousarray(a).tobytes()).hexdigest()


def shuffled(random, n):
    order = np.arange(n, dtype=np.int32)
    random.shuffle(order)
    return order


def draws(seed):
    new = lambda: np.random.RandomState(seed)
    many = shuffled(new(), 60000)
    mixed = new()
    trials = [(1, 0.1), (1, 0.5), (1, 0.9), (10, 0.3), (10, 0.8), (1000, 0.01), (100, 0.5), (500, 0.7)]
    return {
        "seed": seed,
        "uint32": [int(x) for x in np.random.RandomState(seed)._bit_generator.random_raw(8)],
        "double": list(new().random_sample(8)),
        "uniform": floats(new().uniform(-2, 5, 8)),
        "randn": floats(new().randn(9)),
        "shuffle10": shuffled(new(), 10),
        "shuffle60000": {"first": many[:10], "sha256": sha(many)},
        "binomial": [{"n": n, "p": p, "values": new().binomial(n, p, 20)} for n, p in trials],
        # The kept half of a pair of normals outlives what is drawn in between.
        "mixed": [floats(mixed.randn(3)), shuffled(mixed, 7), floats(mixed.randn(2)), mixed.binomial(1, 0.7, 5),
                  floats(mixed.uniform(0, 1, 2)), floats(mixed.randn(4))],
    }


def datasets():
    zero = lambda: np.random.RandomState(0)
    both = zero()
    first, second = spiral(both, 100, 3), spiral(both, 100, 3)
    return {
        "spiral": [spiral(zero(), 100, 3)[0], spiral(np.random.RandomState(5), 20, 2)[0]],
        "next": second[0][:5],
        "spiral1000": sha(spiral(zero(), 1000, 3)[0]),
        "vertical": vertical(zero(), 100, 3)[0],
        "vertical1000": sha(vertical(np.random.RandomState(9), 1000, 4)[0]),
        "sine": sine(1000)[1][::37, 0],
    }


if __name__ == "__main__":
    normals = {str(seed): sha(floats(np.random.RandomState(seed).randn(10**6))) for seed in (0, 1, 2026)}
    seeds = [0, 1, 42, 123456789, 2**32 - 1]
    write("random.json", {"draws": [draws(s) for s in seeds], "millionNormals": normals})
    write("datasets.json", datasets())
    write("parts.json", parts.everything())
    write("chapters.json", chapters.everything())
    (here / "versions.txt").write_text(f"Python {platform.python_version()}\nnumpy {np.__version__}\n")
