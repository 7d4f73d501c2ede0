"""The parts of "Neural Networks from Scratch" in NumPy, in float32, written anew from what each part means."""

import numpy as np

F = np.float32
LOW, HIGH = F(1e-7), F(1 - 1e-7)


def floats(x):
    return np.asarray(x, dtype=F)


# ---- layers: forward(x, training), then backward(dy)


class Dense:
    def __init__(self, kernel, l1=(0, 0), l2=(0, 0)):
        """`l1` and `l2`: strengths for kernel and bias."""
        self.p = [floats(kernel), np.zeros((1, np.shape(kernel)[1]), F)]
        self.l1, self.l2 = l1, l2

    def forward(self, x, training=True):
        self.x = x
        return x @ self.p[0] + self.p[1]

    def backward(self, dy):
        self.g = [self.x.T @ dy, dy.sum(axis=0, keepdims=True)]
        for i, p in enumerate(self.p):
            if self.l1[i] > 0:
                self.g[i] = self.g[i] + F(self.l1[i]) * np.where(p < 0, F(-1), F(1))
            if self.l2[i] > 0:
                self.g[i] = self.g[i] + F(2 * self.l2[i]) * p
        return dy @ self.p[0].T

    def penalty(self):
        return sum(float(F(self.l1[i]) * np.abs(p).sum() + F(self.l2[i]) * (p * p).sum()) for i, p in enumerate(self.p))


class Dropout:
    def __init__(self, rate, random):
        self.keep, self.random = 1 - rate, random

    def forward(self, x, training=True):
        if not training:
            return x
        self.mask = floats(self.random.binomial(1, self.keep, size=x.shape)) / F(self.keep)
        return x * self.mask

    def backward(self, dy):
        return dy * self.mask


class Relu:
    def forward(self, x, training=True):
        self.x = x
        return np.maximum(F(0), x)

    def backward(self, dy):
        return np.where(self.x > 0, dy, F(0))


class Sigmoid:
    def forward(self, x, training=True):
        e = np.exp(-np.abs(x))
        self.s = np.where(x >= 0, 1 / (1 + e), e / (1 + e)).astype(F)
        return self.s

    def backward(self, dy):
        return dy * (1 - self.s) * self.s


class Softmax:
    def forward(self, x, training=True):
        e = np.exp(x - x.max(axis=1, keepdims=True))
        self.s = e / e.sum(axis=1, keepdims=True)
        return self.s

    def backward(self, dy):
        return self.s * (dy - (dy * self.s).sum(axis=1, keepdims=True))


class Linear:
    def forward(self, x, training=True):
        return x

    def backward(self, dy):
        return dy


class Step:
    def forward(self, x, training=True):
        return (x > 0).astype(F)

    def backward(self, dy):
        return np.zeros_like(dy)


# ---- losses: values(p, y) per sample; gradient(p, y) of their mean


def one_hot(p, y):
    return np.eye(p.shape[1], dtype=F)[y] if y.ndim == 1 else floats(y)


class Categorical:
    def values(self, p, y):
        return -(one_hot(p, y) * np.log(np.clip(p, LOW, HIGH))).sum(axis=1)

    def gradient(self, p, y):
        return -one_hot(p, y) / np.clip(p, LOW, HIGH) / len(p)


class Binary:
    def values(self, p, y):
        q = np.clip(p, LOW, HIGH)
        return -(y * np.log(q) + (1 - y) * np.log(1 - q)).mean(axis=1)

    def gradient(self, p, y):
        q = np.clip(p, LOW, HIGH)
        return -(y / q - (1 - y) / (1 - q)) / p.shape[1] / len(p)


class SquaredError:
    def values(self, p, y):
        return ((y - p) ** 2).mean(axis=1)

    def gradient(self, p, y):
        return -2 * (y - p) / p.shape[1] / len(p)


class AbsoluteError:
    def values(self, p, y):
        return np.abs(y - p).mean(axis=1)

    def gradient(self, p, y):
        return np.sign(p - y) / p.shape[1] / len(p)


# ---- accuracies


def categorical_accuracy(p, y):
    return float((p.argmax(axis=1) == (y if y.ndim == 1 else y.argmax(axis=1))).mean())


def binary_accuracy(p, y):
    return float(((p > 0.5) == (y > 0.5)).mean())


def regression_accuracy(p, y, targets):
    return float((np.abs(p - y) < targets.std() / 250).mean())


# ---- optimizers


class Optimizer:
    def __init__(self, kind, lr, decay=0.0, momentum=0.0, eps=1e-7, rho=0.9, beta1=0.9, beta2=0.999):
        self.kind, self.lr, self.decay, self.momentum = kind, lr, decay, momentum
        self.eps, self.rho, self.beta1, self.beta2 = eps, rho, beta1, beta2
        self.it, self.slots = 0, {}

    def rate(self):
        return self.lr * (1 / (1 + self.decay * self.it))

    def step(self, layers):
        for i, layer in enumerate(layers):
            for k, g in enumerate(layer.g):
                layer.p[k] = layer.p[k] + self.change(g, self.slots.setdefault((i, k), [np.zeros_like(g) for _ in "mv"]))
        self.it += 1

    def change(self, g, slots):
        lr = F(self.rate())
        if self.kind == "sgd":
            slots[0] = F(self.momentum) * slots[0] - lr * g
            return slots[0]
        if self.kind == "adagrad":
            slots[0] = slots[0] + g * g
            return -lr * g / (np.sqrt(slots[0]) + F(self.eps))
        if self.kind == "rmsprop":
            slots[0] = F(self.rho) * slots[0] + F(1 - self.rho) * g * g
            return -lr * g / (np.sqrt(slots[0]) + F(self.eps))
        slots[0] = F(self.beta1) * slots[0] + F(1 - self.beta1) * g
        slots[1] = F(self.beta2) * slots[1] + F(1 - self.beta2) * g * g
        m = slots[0] / F(1 - self.beta1 ** (self.it + 1))
        v = slots[1] / F(1 - self.beta2 ** (self.it + 1))
        return -lr * m / (np.sqrt(v) + F(self.eps))


# ---- networks


class Network:
    def __init__(self, layers, loss, optimizer, accuracy):
        self.layers, self.loss, self.optimizer, self.accuracy = layers, loss, optimizer, accuracy
        self.dense = [layer for layer in layers if isinstance(layer, Dense)]

    def forward(self, x, training=False):
        for layer in self.layers:
            x = layer.forward(x, training)
        return x

    def train(self, x, y):
        """One step. What it prints: accuracy, data loss, regularization loss, learning rate."""
        p = self.forward(x, True)
        row = [self.accuracy(p, y), float(self.loss.values(p, y).mean()), sum(d.penalty() for d in self.dense)]
        fused = isinstance(self.layers[-1], Softmax) and isinstance(self.loss, Categorical)
        dy = (p - one_hot(p, y)) / F(len(p)) if fused else floats(self.loss.gradient(p, y))
        for layer in reversed(self.layers[:-1] if fused else self.layers):
            dy = layer.backward(dy)
        rate = self.optimizer.rate()
        self.optimizer.step(self.dense)
        return [*row, rate]

    def evaluate(self, x, y):
        p = self.forward(x)
        return [self.accuracy(p, y), float(self.loss.values(p, y).mean())]


# ---- data


def spiral(random, samples, classes):
    x, y = [], []
    for c in range(classes):
        noise = floats(random.randn(samples)) * F(0.2)
        t = np.linspace(4 * c, 4 * (c + 1), samples) + noise
        r = np.linspace(0.0, 1, samples)
        x.append(np.stack([r * np.sin(t * 2.5), r * np.cos(t * 2.5)], axis=1))
        y += [c] * samples
    return floats(np.concatenate(x)), np.array(y)


def vertical(random, samples, classes):
    x, y = [], []
    for c in range(classes):
        first = floats(random.randn(samples)) * F(0.1) + F(c / 3)
        second = floats(random.randn(samples)) * F(0.1) + F(0.5)
        x.append(np.stack([first, second], axis=1))
        y += [c] * samples
    return floats(np.concatenate(x)), np.array(y)


def sine(samples):
    x = np.arange(samples).reshape(-1, 1) / samples
    return floats(x), floats(np.sin(2 * np.pi * x))


def kernel(random, inputs, outputs, scale=0.01):
    return F(scale) * floats(random.randn(inputs, outputs))
