"""What PyTorch's two peers share: data as tensors, the module, one prediction."""
import numpy as np
import torch
from serve import THREADS, in_turn
from torch import nn

torch.set_num_threads(THREADS)
torch.set_num_interop_threads(1)
torch.set_flush_denormal(True)


def module_of(case):
    layers = []
    for i, (inputs, units) in enumerate(zip(case.sizes, case.sizes[1:])):
        layers += ([nn.ReLU()] if i else []) + [nn.Linear(inputs, units)]
    return nn.Sequential(*layers)


def set_weights(module, weights):
    """Linear keeps its weights as [outputs, inputs]."""
    with torch.no_grad():
        for p, w in zip(module.parameters(), weights):
            p.copy_(torch.from_numpy(np.ascontiguousarray(w.T)))


class Base:
    """The data set as it is stored, batches as tensors of row numbers, and sums that stay in tensors."""

    def __init__(self, case):
        self.case = case
        self.x = torch.from_numpy(case.x)
        self.y = torch.from_numpy(case.y).long()
        self.order = list(torch.from_numpy(case.order).long().unbind())
        self.module = module_of(case)
        self.reset()

    def reset(self):
        set_weights(self.module, self.case.weights)
        self.batches = in_turn(self.order)
        self.loss = torch.zeros(())
        self.correct = torch.zeros((), dtype=torch.int64)

    def steps(self, n):
        for _ in range(n):
            self.step()

    def losses(self, n):
        self.reset()
        return [self.step().item() for _ in range(n)], self.correct.item()


def gather(x, y, rows, scale, shift):
    batch = torch.index_select(x, 0, rows)
    if batch.dtype != torch.float32:
        batch = batch.float().mul_(scale).add_(shift)
    return batch, torch.index_select(y, 0, rows)


def about(how):
    lines = torch.__config__.show().split("\n")
    blas = [line.strip(" -") for line in lines if "Math Kernel" in line or "MKL-DNN" in line or "oneDNN" in line]
    return {"versions": {"torch": torch.__version__}, "blas": "; ".join(blas) or "see torch.__config__", "how": how}
