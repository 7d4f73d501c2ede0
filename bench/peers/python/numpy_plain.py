"""NumPy: the network written out, all parameters in one vector, so that Adam is a few calls and not a few per layer."""
import numpy as np
from serve import in_turn, serve


class Network:
    def __init__(self, case):
        self.case = case
        self.x, self.y = case.x, case.y
        self.rows = np.arange(case.batch)
        self.layers = len(case.sizes) - 1
        self.reset()

    def reset(self):
        self.flat = np.concatenate([w.reshape(-1) for w in self.case.weights])
        self.gradient = np.zeros_like(self.flat)
        self.mean = np.zeros_like(self.flat)
        self.square = np.zeros_like(self.flat)
        self.spare = np.zeros_like(self.flat)
        self.weights = self.views(self.flat)
        self.gradients = self.views(self.gradient)
        self.iteration = 0
        self.loss = 0.0
        self.correct = 0
        self.batches = in_turn(self.case.order)

    def views(self, flat):
        begin, views = 0, []
        for w in self.case.weights:
            views.append(flat[begin : begin + w.size].reshape(w.shape))
            begin += w.size
        return views

    def gather(self, rows):
        x = self.x[rows]
        if x.dtype != np.float32:
            x = x.astype(np.float32)
            x *= np.float32(self.case.scale)
            x += np.float32(self.case.shift)
        return x, self.y[rows]

    def forward(self, x):
        values = [x]
        for i in range(self.layers):
            z = values[-1] @ self.weights[2 * i]
            z += self.weights[2 * i + 1]
            if i + 1 < self.layers:
                np.maximum(z, 0, out=z)
            values.append(z)
        p = values[-1]
        p -= p.max(axis=1, keepdims=True)
        np.exp(p, out=p)
        p /= p.sum(axis=1, keepdims=True)
        return values

    def backward(self, values, d):
        for i in reversed(range(self.layers)):
            np.matmul(values[i].T, d, out=self.gradients[2 * i])
            d.sum(axis=0, out=self.gradients[2 * i + 1])
            if i > 0:
                d = d @ self.weights[2 * i].T
                d *= values[i] > 0

    def adam(self):
        c, g, m, v, s = self.case, self.gradient, self.mean, self.square, self.spare
        self.iteration += 1
        m *= c.beta1
        np.multiply(g, 1 - c.beta1, out=s)
        m += s
        v *= c.beta2
        np.multiply(g, g, out=s)
        s *= 1 - c.beta2
        v += s
        np.multiply(v, 1 / (1 - c.beta2**self.iteration), out=s)
        np.sqrt(s, out=s)
        s += c.epsilon
        np.divide(m, s, out=s)
        s *= c.learningRate / (1 - c.beta1**self.iteration)
        self.flat -= s

    def step(self):
        x, y = self.gather(next(self.batches))
        values = self.forward(x)
        p = values[-1]
        loss = -np.log(np.maximum(p[self.rows, y], 1e-7)).mean()
        self.loss += loss
        self.correct += np.count_nonzero(p.argmax(axis=1) == y)
        p[self.rows, y] -= 1
        p /= self.case.batch
        self.backward(values, p)
        self.adam()
        return loss

    def steps(self, n):
        for _ in range(n):
            self.step()

    def losses(self, n):
        self.reset()
        return [self.step() for _ in range(n)], self.correct

    def predict(self, sample):
        return self.forward(sample[None])[-1]


HOW = "written out, Adam in place on one vector of all parameters"


class Peer:
    load = Network

    def about(self):
        blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
        return {"versions": {"numpy": np.__version__}, "blas": f"{blas['name']} {blas['version']}", "how": HOW}


serve(Peer())
