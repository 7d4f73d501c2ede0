"""What PyTorch's peers share: data as tensors, the module, the loss, batches in turn."""
import os

import torch
import torch.nn.functional as F
from serve import THREADS, in_turn
from torch_networks import module_of, pictures_first

torch.set_num_threads(THREADS)
torch.set_num_interop_threads(1)
torch.set_flush_denormal(True)

# Memory of pictures and of the kernels over them.
CHANNELS_LAST = bool(os.environ.get("PEER_CHANNELS_LAST"))


class Base:
    """The data set as it is stored, batches as tensors of row numbers, and sums that stay in tensors."""

    channels_last = CHANNELS_LAST

    def __init__(self, case):
        self.case = case
        self.x = torch.from_numpy(case.x)
        self.y = torch.from_numpy(case.y).long()
        self.order = list(torch.from_numpy(case.order).long().unbind())
        self.reset()

    def reset(self):
        self.module = module_of(self.case)
        if self.channels_last:
            self.module = self.module.to(memory_format=torch.channels_last)
        self.batches = in_turn(self.order)
        self.loss = torch.zeros(())
        self.correct = torch.zeros((), dtype=torch.int64)

    def gather(self, rows):
        return gather(self.x, self.y, rows, self.case.scale, self.case.shift, self.channels_last)

    def steps(self, n):
        for _ in range(n):
            self.step()

    def losses(self, n):
        self.reset()
        return [self.step().item() for _ in range(n)], self.correct.item()

    def sample(self, values):
        return prepared(torch.from_numpy(values)[None], self.channels_last)


def prepared(batch, channels_last):
    return pictures_first(batch.long() if batch.dtype == torch.int32 else batch, channels_last)


def gather(x, y, rows, scale, shift, channels_last=False):
    batch = torch.index_select(x, 0, rows)
    if batch.dtype == torch.uint8:
        batch = batch.float().mul_(scale).add_(shift)
    return prepared(batch, channels_last), torch.index_select(y, 0, rows)


def loss_of(logits, y):
    """Texts have a row of logits per character."""
    return F.cross_entropy(logits.flatten(0, -2), y.flatten())


def correct_of(logits, y):
    return (logits.argmax(-1) == y).sum()


def about(how):
    lines = torch.__config__.show().split("\n")
    blas = [line.strip(" -") for line in lines if "Math Kernel" in line or "MKL-DNN" in line or "oneDNN" in line]
    return {"versions": {"torch": torch.__version__}, "blas": "; ".join(blas) or "see torch.__config__", "how": how}
