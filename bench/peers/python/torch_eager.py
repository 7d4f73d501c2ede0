"""PyTorch, eager: nn.Sequential, cross_entropy, backward, Adam(fused=True)."""
import torch
import torch.nn.functional as F
from serve import serve
from torch_common import Base, about, gather


class Network(Base):
    def reset(self):
        super().reset()
        c = self.case
        self.optimizer = torch.optim.Adam(
            self.module.parameters(), lr=c.learningRate, betas=(c.beta1, c.beta2), eps=c.epsilon, fused=True
        )

    def step(self):
        x, y = gather(self.x, self.y, next(self.batches), self.case.scale, self.case.shift)
        self.optimizer.zero_grad(set_to_none=True)
        logits = self.module(x)
        loss = F.cross_entropy(logits, y)
        loss.backward()
        self.optimizer.step()
        loss = loss.detach()
        self.loss += loss
        self.correct += (logits.detach().argmax(1) == y).sum()
        return loss

    @torch.inference_mode()
    def predict(self, sample):
        return self.module(torch.from_numpy(sample)[None]).softmax(1).numpy()


class Peer:
    load = Network

    def about(self):
        return about("nn.Sequential, Adam(fused=True), inference_mode for predictions")


serve(Peer())
