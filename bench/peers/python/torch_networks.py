"""The networks of bench/networks.mjs as modules of PyTorch, with weights in Keras's layout taken over into PyTorch's."""
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


def parameter(values):
    return nn.Parameter(torch.from_numpy(np.ascontiguousarray(values)))


def linear(kernel, bias=None):
    module = nn.Linear(*kernel.shape, bias=bias is not None)
    module.weight = parameter(kernel.T)
    if bias is not None:
        module.bias = parameter(bias)
    return module


def convolution(kernel, bias=None):
    height, width, inputs, filters = kernel.shape
    module = nn.Conv2d(inputs, filters, (height, width), padding="same", bias=bias is not None)
    module.weight = parameter(kernel.transpose(3, 2, 0, 1))
    if bias is not None:
        module.bias = parameter(bias)
    return module


def normalization(gamma, beta):
    """Keras's momentum is what is kept, PyTorch's what is taken."""
    module = nn.BatchNorm2d(len(gamma), eps=1e-3, momentum=0.01)
    module.weight, module.bias = parameter(gamma), parameter(beta)
    return module


class LastStep(nn.Module):
    """A recurrent layer whose last step counts. `order` maps PyTorch's gates to those of Keras."""

    def __init__(self, kind, kernel, recurrent, bias, order):
        super().__init__()
        inputs, units = kernel.shape[0], recurrent.shape[0]
        self.layer = kind(inputs, units, batch_first=True)

        def gates(values):
            parts = np.split(values, len(order), axis=-1)
            return np.concatenate([parts[i] for i in order], axis=-1)

        self.layer.weight_ih_l0 = parameter(gates(kernel).T)
        self.layer.weight_hh_l0 = parameter(gates(recurrent).T)
        # An LSTM of Keras has one bias: the second one stays zero.
        both = bias if bias.ndim == 2 else np.stack([bias, np.zeros_like(bias)])
        self.layer.bias_ih_l0, self.layer.bias_hh_l0 = (parameter(gates(b)) for b in both)
        self.layer.bias_hh_l0.requires_grad_(bias.ndim == 2)

    def forward(self, x):
        return self.layer(x)[0][:, -1]


class Block(nn.Module):
    """A transformer's block: query, key and value as one product, attention by PyTorch's fused function."""

    def __init__(self, heads, norm1, query, key, value, output, norm2, up, down):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = parameter(norm1), parameter(norm2)
        self.three = linear(np.concatenate([query, key, value], axis=1))
        self.output, self.up, self.down = linear(output), linear(up), linear(down)

    def attention(self, x):
        batch, time, width = x.shape
        parts = self.three(x).view(batch, time, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(*parts.unbind(0), is_causal=True)
        return self.output(y.transpose(1, 2).reshape(batch, time, width))

    def forward(self, x):
        x = x + self.attention(norm(x, self.norm1))
        return x + self.down(F.gelu(self.up(norm(x, self.norm2))))


def norm(x, gain):
    return F.layer_norm(x, gain.shape, gain, None, 1e-5)


class Gpt(nn.Module):
    def __init__(self, layer, weights):
        super().__init__()
        characters, positions, *rest, last = weights
        self.characters, self.positions, self.last = parameter(characters), parameter(positions), parameter(last)
        each = len(rest) // layer["blocks"]
        blocks = [rest[i : i + each] for i in range(0, len(rest), each)]
        self.blocks = nn.ModuleList(Block(layer["heads"], *block) for block in blocks)

    def forward(self, ids):
        x = F.embedding(ids, self.characters) + self.positions
        for block in self.blocks:
            x = block(x)
        return norm(x, self.last) @ self.characters.T


def activation(layer):
    return [nn.ReLU()] if layer.get("activation") == "relu" else []


class Builder:
    """Takes weights one after the other. Pictures are [channels, height, width] here, so `flatten` permutes rows."""

    def __init__(self, case):
        self.weights = iter(case.weights)
        self.shape = tuple(case.network["input"])
        self.flattened = None

    def take(self, count):
        return [next(self.weights) for _ in range(count)]

    def dense(self, layer):
        kernel, bias = self.take(2)
        if self.flattened:
            kernel = kernel.reshape(*self.flattened, -1).transpose(2, 0, 1, 3).reshape(kernel.shape)
            self.flattened = None
        return [linear(kernel, bias)] + activation(layer)

    def conv(self, layer):
        self.shape = (*self.shape[:2], layer["filters"])
        return [convolution(*self.take(2 if layer["useBias"] else 1))] + activation(layer)

    def norm(self, layer):
        return [normalization(*self.take(2))] + activation(layer)

    def pool(self, _):
        self.shape = (self.shape[0] // 2, self.shape[1] // 2, self.shape[2])
        return [nn.MaxPool2d(2)]

    def flatten(self, _):
        self.flattened = self.shape
        return [nn.Flatten()]

    def lstm(self, _):
        return [LastStep(nn.LSTM, *self.take(3), order=(0, 1, 2, 3))]

    def gru(self, _):
        """Keras's gates are z r h, PyTorch's r z n."""
        return [LastStep(nn.GRU, *self.take(3), order=(1, 0, 2))]

    def gpt(self, layer):
        return [Gpt(layer, list(self.weights))]


def module_of(case):
    builder = Builder(case)
    layers = [part for layer in case.network["layers"] for part in getattr(builder, layer["type"])(layer)]
    return layers[0] if len(layers) == 1 else nn.Sequential(*layers)


def pictures_first(x, channels_last=False):
    """Batches of pictures [n, h, w, c] as PyTorch wants them: a view that is channels_last already, or a copy."""
    if x.ndim != 4:
        return x
    x = x.permute(0, 3, 1, 2)
    return x if channels_last else x.contiguous()
