"""PyTorch, eager: modules, cross_entropy, backward, Adam(fused=True)."""
import torch
from serve import serve
from torch_common import CHANNELS_LAST, Base, about, correct_of, loss_of
from torch_optimizers import optimizer_of


class Network(Base):
    def reset(self):
        super().reset()
        self.optimizer = optimizer_of(self.case, self.module.parameters())

    def step(self):
        x, y = self.gather(next(self.batches))
        self.module.train()
        self.optimizer.zero_grad(set_to_none=True)
        logits = self.module(x)
        loss = loss_of(logits, y)
        loss.backward()
        self.optimizer.step()
        loss = loss.detach()
        self.loss += loss
        self.correct += correct_of(logits.detach(), y)
        return loss

    @torch.inference_mode()
    def predict(self, sample):
        if self.module.training:
            self.module.eval()
        return self.module(self.sample(sample)).softmax(-1).numpy()


class Peer:
    load = Network

    def about(self):
        layout = ", pictures and kernels channels_last" if CHANNELS_LAST else ""
        return about(f"nn.Module, Adam(fused=True), inference_mode for predictions{layout}")


serve(Peer())
