"""PyTorch's fused optimizers for a case."""
import torch


def optimizer_of(case, parameters):
    options = {"lr": case.learningRate, "betas": (case.beta1, case.beta2), "eps": case.epsilon, "fused": True}
    learned = [p for p in parameters if p.requires_grad]
    if case.optimizer == "adamw":
        return torch.optim.AdamW(learned, weight_decay=case.weightDecay, **options)
    return torch.optim.Adam(learned, **options)
