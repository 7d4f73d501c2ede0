"""PyTorch, torch.compile. Two idioms: dense networks take the first, which was measured to be faster for them, all others
the second, which was faster for convolutions and transformers, and is the only one that takes recurrent layers.

Whole: one compiled function is the whole step, from the gather to Adam, without a graph break. Gradients come from
torch.func inside the graph, and Adam is written out on it, so that inductor sees everything at once: that has less
overhead than a compiled forward pass, autograd's engine and an optimizer compiled on its own.

Parts: forward pass and loss are compiled, the way back with them by autograd; the optimizer is PyTorch's fused one.
"""
import torch
from serve import serve
from torch_common import Base, about, correct_of, gather, loss_of
from torch_optimizers import optimizer_of


class Compiled(Base):
    channels_last = True

    def reset(self):
        super().reset()
        self.predictor = torch.compile(lambda x: self.module(x).softmax(-1), dynamic=False)

    @torch.inference_mode()
    def predict(self, sample):
        if self.module.training:
            self.module.eval()
        return self.predictor(self.sample(sample)).numpy()


class Whole(Compiled):
    def reset(self):
        super().reset()
        self.compiled = torch.compile(whole_step(self.case, self.module), fullgraph=True, dynamic=False)
        self.weights = {name: p.detach() for name, p in self.module.named_parameters() if p.requires_grad}
        self.means = {name: torch.zeros_like(w) for name, w in self.weights.items()}
        self.squares = {name: torch.zeros_like(w) for name, w in self.weights.items()}
        self.time = torch.zeros(())

    def step(self):
        self.module.train()
        state = (self.weights, self.means, self.squares, self.time, self.loss, self.correct)
        with torch.no_grad():
            return self.compiled(*state, self.x, self.y, next(self.batches))


def whole_step(case, module):
    """The state is changed in place; returned is the loss of this step."""
    beta1, beta2, rate = case.beta1, case.beta2, case.learningRate
    decay = case.weightDecay if case.optimizer == "adamw" else 0

    def of_weights(weights, x, y):
        logits = torch.func.functional_call(module, weights, (x,))
        return loss_of(logits, y), logits

    def step(weights, means, squares, time, total, correct, x, y, rows):
        x, y = gather(x, y, rows, case.scale, case.shift, True)
        gradients, (loss, logits) = torch.func.grad_and_value(of_weights, has_aux=True)(weights, x, y)
        time += 1
        first = rate / (1 - beta1**time)
        second = 1 / (1 - beta2**time)
        for name, w in weights.items():
            m, v, g = means[name], squares[name], gradients[name]
            m.lerp_(g, 1 - beta1)
            v.mul_(beta2).addcmul_(g, g, value=1 - beta2)
            if decay:
                w.mul_(1 - rate * decay)
            w.sub_(first * m / ((v * second).sqrt() + case.epsilon))
        total += loss
        correct += correct_of(logits, y)
        return loss

    return step


class Parts(Compiled):
    def reset(self):
        super().reset()
        self.optimizer = optimizer_of(self.case, self.module.parameters())

        def forward(x, y, rows):
            x, y = gather(x, y, rows, self.case.scale, self.case.shift, True)
            logits = self.module(x)
            return loss_of(logits, y), correct_of(logits.detach(), y)

        self.compiled = torch.compile(forward, dynamic=False)

    def step(self):
        self.module.train()
        self.optimizer.zero_grad(set_to_none=True)
        loss, correct = self.compiled(self.x, self.y, next(self.batches))
        loss.backward()
        self.optimizer.step()
        loss = loss.detach()
        self.loss += loss
        self.correct += correct
        return loss


class Peer:
    def load(self, case):
        return Whole(case) if case.sizes else Parts(case)

    def about(self):
        return about("torch.compile of the whole step, gather to Adam, or of forward and loss, with Adam(fused=True)")


serve(Peer())
