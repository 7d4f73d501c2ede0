"""Whole trainings: what is printed per epoch, up to where a starting weight's last bit would show."""

import functools

import numpy as np

import network as n
from network import F

EPOCHS = 120


def classifier(optimizer, l1=(0, 0), l2=(0, 0), both=False):
    def make(random):
        x, y = n.spiral(random, 100, 3)
        first = n.Dense(n.kernel(random, 2, 64), l1=l1, l2=l2)
        second = n.Dense(n.kernel(random, 64, 3), l1=l1 if both else (0, 0), l2=l2 if both else (0, 0))
        layers = [first, n.Relu(), second, n.Softmax()]
        return n.Network(layers, n.Categorical(), n.Optimizer(**optimizer), n.categorical_accuracy), x, y
    return make


def dropout(random):
    x, y = n.spiral(random, 100, 3)
    first, second = n.Dense(n.kernel(random, 2, 64), l2=(5e-4, 5e-4)), n.Dense(n.kernel(random, 64, 3))
    layers = [first, n.Relu(), n.Dropout(0.1, random), second, n.Softmax()]
    optimizer = n.Optimizer("adam", lr=0.05, decay=5e-5)
    return n.Network(layers, n.Categorical(), optimizer, n.categorical_accuracy), x, y


def binary(random):
    x, y = n.spiral(random, 100, 2)
    first, second = n.Dense(n.kernel(random, 2, 64), l2=(5e-4, 5e-4)), n.Dense(n.kernel(random, 64, 1))
    optimizer = n.Optimizer("adam", lr=0.001, decay=5e-7)
    layers = [first, n.Relu(), second, n.Sigmoid()]
    return n.Network(layers, n.Binary(), optimizer, n.binary_accuracy), x, y.reshape(-1, 1).astype(F)


def regression(loss):
    def make(random):
        x, y = n.sine(1000)
        sizes = [(1, 64), (64, 64), (64, 1)]
        a, b, c = [n.Dense(n.kernel(random, *size, scale=0.1)) for size in sizes]
        layers = [a, n.Relu(), b, n.Relu(), c, n.Linear()]
        accuracy = functools.partial(n.regression_accuracy, targets=y)
        return n.Network(layers, loss, n.Optimizer("adam", lr=0.005, decay=1e-3), accuracy), x, y
    return make


def run(make, shift=0, epochs=EPOCHS):
    random = np.random.RandomState(0)
    network, x, y = make(random)
    for dense in network.dense if shift else []:
        to = np.random.RandomState(shift).choice([-F(np.inf), F(np.inf)], dense.p[0].shape).astype(F)
        dense.p[0] = np.nextafter(dense.p[0], to)
    return [network.train(x, y) for _ in range(epochs)]


def trajectory(name, make, **about):
    """Rows [accuracy, data loss, regularization loss, learning rate], up to half the horizon."""
    rows = np.array(run(make))
    others = [np.array(run(make, shift)) for shift in range(1, 9)]
    apart = np.max([np.abs(o[:, 1] - rows[:, 1]) for o in others], axis=0) > 1e-4
    horizon = int(np.argmax(apart)) if apart.any() else EPOCHS
    kept = sorted({e for e in [*range(0, 12), *range(12, EPOCHS, 9)] if e <= horizon * 0.7})
    return {"name": name, **about, "horizon": horizon, "rows": [[e, *rows[e]] for e in kept]}


def batches():
    """Training data, test data, shuffle, layers; batches of 128 of 300 samples, epoch figures weighted by samples."""
    random = np.random.RandomState(0)
    x, y = n.spiral(random, 100, 3)
    test = n.spiral(random, 100, 3)
    order = np.arange(len(x))
    random.shuffle(order)
    x, y = x[order], y[order]
    layers = [n.Dense(n.kernel(random, 2, 32)), n.Relu(), n.Dense(n.kernel(random, 32, 3)), n.Softmax()]
    network = n.Network(layers, n.Categorical(), n.Optimizer("adam", lr=0.02, decay=1e-3), n.categorical_accuracy)
    epochs = []
    for _ in range(6):
        sums = np.zeros(2)
        for first in range(0, 300, 128):
            part = slice(first, first + 128)
            row = network.train(x[part], y[part])
            sums += np.array(row[:2]) * len(x[part])
        epochs.append([*(sums / 300), row[3], *network.evaluate(*test)])
    return {"epochs": epochs, "evaluated": network.evaluate(x, y)}


def everything():
    optimizers = [
        dict(kind="sgd", lr=1.0), dict(kind="sgd", lr=0.85), dict(kind="sgd", lr=1.0, decay=1e-2),
        dict(kind="sgd", lr=1.0, decay=1e-3), dict(kind="sgd", lr=1.0, decay=1e-3, momentum=0.5),
        dict(kind="sgd", lr=1.0, decay=1e-3, momentum=0.9), dict(kind="adagrad", lr=1.0, decay=1e-4),
        dict(kind="rmsprop", lr=0.02, decay=1e-4), dict(kind="rmsprop", lr=0.02, decay=1e-5, rho=0.999),
        dict(kind="adam", lr=0.02, decay=1e-5), dict(kind="adam", lr=0.05, decay=5e-7),
    ]
    adam = dict(kind="adam", lr=0.02, decay=5e-7)
    return {
        "optimizers": [trajectory(f"chapter 10, {o['kind']}", classifier(o), optimizer=o) for o in optimizers],
        "penalties": [
            trajectory("chapter 14", classifier(adam, l2=(5e-4, 5e-4)), optimizer=adam, l1=0, l2=5e-4, both=False),
            trajectory("L1 everywhere", classifier(adam, l1=(1e-3, 1e-3), both=True), optimizer=adam, l1=1e-3, l2=0, both=True),
            trajectory("L1 and L2", classifier(adam, l1=(1e-4, 1e-4), l2=(1e-3, 1e-3), both=True), optimizer=adam, l1=1e-4, l2=1e-3, both=True),
        ],
        "dropout": trajectory("chapter 15, masks of binomial", dropout),
        "binary": trajectory("chapter 16", binary),
        "regression": trajectory("chapter 17", regression(n.SquaredError())),
        "absolute": trajectory("chapter 17 with the absolute error", regression(n.AbsoluteError())),
        "batches": batches(),
    }
