"""The spiral net 2-64-3 in NumPy, float32, batch 300, Adam: reads a number of steps per line, prints microseconds per step."""
import sys
import time

import numpy as np

BATCH, HIDDEN, CLASSES = 300, 64, 3
rng = np.random.RandomState(0)
x = rng.randn(BATCH, 2).astype(np.float32)
y = rng.randint(0, CLASSES, BATCH)
rows = np.arange(BATCH)
parameters = [
    (0.01 * rng.randn(2, HIDDEN)).astype(np.float32),
    np.zeros((1, HIDDEN), np.float32),
    (0.01 * rng.randn(HIDDEN, CLASSES)).astype(np.float32),
    np.zeros((1, CLASSES), np.float32),
]
means = [np.zeros_like(p) for p in parameters]
squares = [np.zeros_like(p) for p in parameters]
iteration = 0


def step():
    global iteration
    w1, b1, w2, b2 = parameters
    z = x @ w1 + b1
    h = np.maximum(0, z)
    logits = h @ w2 + b2
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    loss = -np.log(np.clip(p[rows, y], 1e-7, 1 - 1e-7)).mean()
    accuracy = (p.argmax(axis=1) == y).mean()
    d = p.copy()
    d[rows, y] -= 1
    d /= BATCH
    dh = d @ w2.T
    dh[z <= 0] = 0
    gradients = [x.T @ dh, dh.sum(axis=0, keepdims=True), h.T @ d, d.sum(axis=0, keepdims=True)]
    rate = 0.05 / (1 + 5e-7 * iteration)
    for i, g in enumerate(gradients):
        means[i] = 0.9 * means[i] + 0.1 * g
        squares[i] = 0.999 * squares[i] + 0.001 * g**2
        corrected = means[i] / (1 - 0.9 ** (iteration + 1))
        parameters[i] -= rate * corrected / (np.sqrt(squares[i] / (1 - 0.999 ** (iteration + 1))) + 1e-7)
    iteration += 1
    return loss, accuracy


for line in sys.stdin:
    steps = int(line)
    begin = time.perf_counter()
    for _ in range(steps):
        step()
    print((time.perf_counter() - begin) / steps * 1e6, flush=True)
