"""PyTorch, torch.compile: one compiled function is the whole step, from the gather to Adam, without a graph break.

Gradients come from torch.func inside the graph, and Adam is written out on it, so that inductor sees everything at
once: that has less overhead than a compiled forward pass, autograd's engine and an optimizer compiled on its own.
"""
import torch
import torch.nn.functional as F
from serve import serve
from torch_common import Base, about, gather


class Network(Base):
    def __init__(self, case):
        super().__init__(case)
        self.compiled = torch.compile(step_of(case), fullgraph=True, dynamic=False)
        self.predictor = torch.compile(lambda x: self.module(x).softmax(1), dynamic=False)

    def reset(self):
        super().reset()
        self.weights = [p.detach() for p in self.module.parameters()]
        self.means = [torch.zeros_like(w) for w in self.weights]
        self.squares = [torch.zeros_like(w) for w in self.weights]
        self.time = torch.zeros(())

    def step(self):
        state = (self.weights, self.means, self.squares, self.time, self.loss, self.correct)
        with torch.no_grad():
            return self.compiled(*state, self.x, self.y, next(self.batches))

    @torch.inference_mode()
    def predict(self, sample):
        return self.predictor(torch.from_numpy(sample)[None]).numpy()


def logits_of(weights, x):
    for i in range(0, len(weights), 2):
        x = F.linear(x, weights[i], weights[i + 1])
        if i + 2 < len(weights):
            x = F.relu(x)
    return x


def step_of(case):
    """The state is changed in place; returned is the loss of this step."""
    scale, shift, rate = case.scale, case.shift, case.learningRate
    beta1, beta2, epsilon = case.beta1, case.beta2, case.epsilon

    def loss_of(weights, x, y):
        logits = logits_of(weights, x)
        return F.cross_entropy(logits, y), logits

    def step(weights, means, squares, time, total, correct, x, y, rows):
        x, y = gather(x, y, rows, scale, shift)
        gradients, (loss, logits) = torch.func.grad_and_value(loss_of, has_aux=True)(weights, x, y)
        time += 1
        first = rate / (1 - beta1**time)
        second = 1 / (1 - beta2**time)
        for w, m, v, g in zip(weights, means, squares, gradients):
            m.lerp_(g, 1 - beta1)
            v.mul_(beta2).addcmul_(g, g, value=1 - beta2)
            w.sub_(first * m / ((v * second).sqrt() + epsilon))
        total += loss
        correct += (logits.argmax(1) == y).sum()
        return loss

    return step


class Peer:
    load = Network

    def about(self):
        return about("one torch.compile(fullgraph=True) for gather, forward, backward, Adam and accuracy")


serve(Peer())
