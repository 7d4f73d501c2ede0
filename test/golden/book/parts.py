"""Each part alone: values and gradients for given inputs."""

import numpy as np

import network as n
from network import F, floats

random = np.random.RandomState(77)


def numbers(*shape, scale=1):
    return floats(random.randn(*shape) * scale)


def dense():
    layer = n.Dense(numbers(3, 5))
    layer.p[1] = numbers(1, 5)
    x, dy = numbers(4, 3), numbers(4, 5)
    y = layer.forward(x)
    dx = layer.backward(dy)
    return {"x": x, "kernel": layer.p[0], "bias": layer.p[1][0], "dy": dy, "y": y, "dx": dx, "dkernel": layer.g[0],
            "dbias": layer.g[1][0]}


def activations():
    x = numbers(4, 5, scale=3)
    x[0, 0], x[1, 2], x[2] = 0, -0.0, floats([88, -88, 30, -30, 1e-30])
    found = []
    for name, part in [("relu", n.Relu()), ("sigmoid", n.Sigmoid()), ("softmax", n.Softmax()), ("linear", n.Linear()),
                       ("step", n.Step())]:
        dy = numbers(4, 5)
        y = part.forward(x)
        found.append({"name": name, "x": x, "dy": dy, "y": y, "dx": part.backward(dy)})
    return found


def loss(name, part, p, y):
    y = np.asarray(y)
    return {"name": name, "p": p, "y": y, "classes": y.ndim == 1, "values": part.values(p, y),
            "gradient": floats(part.gradient(p, y))}


def losses():
    p = n.Softmax().forward(numbers(6, 4, scale=2))
    p[5] = floats([0, 1, 0, 0])
    classes = np.array([0, 3, 1, 1, 2, 0])
    q = n.Sigmoid().forward(numbers(6, 3, scale=2))
    q[4], q[5] = floats([0, 1, 0.5]), floats([1, 0, 1])
    bits = floats(random.binomial(1, 0.5, size=(6, 3)))
    bits[4], bits[5] = floats([1, 0, 1]), floats([1, 0, 0])
    a, b = numbers(5, 3), numbers(5, 3)
    b[2, 1] = a[2, 1]
    return [
        loss("categoricalCrossentropy", n.Categorical(), p, classes),
        loss("categoricalCrossentropy", n.Categorical(), p, np.eye(4, dtype=F)[classes]),
        loss("binaryCrossentropy", n.Binary(), q, bits),
        loss("meanSquaredError", n.SquaredError(), a, b),
        loss("meanAbsoluteError", n.AbsoluteError(), a, b),
    ]


def penalties():
    kernel = numbers(4, 3)
    kernel[0, 0], kernel[2, 1] = 0, -0.0
    found = []
    for l1, l2 in [(1e-2, 0), (0, 5e-4), (3e-3, 7e-2)]:
        layer = n.Dense(kernel, l1=(l1, 0), l2=(l2, 0))
        layer.forward(np.zeros((1, 4), F))
        layer.backward(np.zeros((1, 3), F))
        found.append({"l1": l1, "l2": l2, "p": kernel, "value": layer.penalty(), "gradient": layer.g[0]})
    return found


def updates():
    start, gradients = numbers(7), numbers(20, 7) * floats(10.0 ** np.arange(-4, 3))
    found = []
    for kind, options in [
        ("sgd", dict(lr=1.0)), ("sgd", dict(lr=0.5, decay=1e-2)), ("sgd", dict(lr=0.1, decay=1e-3, momentum=0.9)),
        ("adagrad", dict(lr=1.0)), ("adagrad", dict(lr=0.3, decay=1e-4, eps=1e-3)), ("rmsprop", dict(lr=0.001)),
        ("rmsprop", dict(lr=0.02, decay=1e-5, rho=0.999)), ("adam", dict(lr=0.001)),
        ("adam", dict(lr=0.05, decay=5e-7)), ("adam", dict(lr=0.02, decay=1e-2, beta1=0.8, beta2=0.95, eps=1e-5)),
    ]:
        layer = type("Given", (), {"p": [start]})()
        optimizer = n.Optimizer(kind, **options)
        path, rates = [], []
        for g in gradients:
            layer.g = [g]
            rates.append(optimizer.rate())
            optimizer.step([layer])
            path.append(layer.p[0])
        found.append({"kind": kind, "options": options, "path": path, "rates": rates})
    return {"start": start, "gradients": gradients, "optimizers": found}


def accuracies():
    p = n.Softmax().forward(numbers(20, 3, scale=2))
    p[3], p[4] = floats([0.4, 0.4, 0.2]), floats([0.2, 0.4, 0.4])
    classes = random.randint(0, 3, 20)
    classes[3], classes[4] = 0, 2
    q = n.Sigmoid().forward(numbers(20, 3))
    q[0] = floats([0.5, 0.5, 0.50000006])
    bits = random.binomial(1, 0.5, size=(20, 3))
    targets = numbers(50, 2, scale=2)
    outputs = targets + numbers(50, 2, scale=0.01)
    return {
        "categorical": {"p": p, "y": classes, "value": n.categorical_accuracy(p, classes)},
        "binary": {"p": q, "y": bits, "value": n.binary_accuracy(q, bits)},
        "regression": {"p": outputs, "y": targets, "value": n.regression_accuracy(outputs, targets, targets)},
    }


def everything():
    return {"dense": dense(), "activations": activations(), "losses": losses(), "penalties": penalties(),
            "updates": updates(), "accuracies": accuracies()}
