"""Cases of convolutions in groups, and of a transposed one with a dilation, by PyTorch. Run: python convolution_groups.py

PyTorch has the channels first.
"""

import numpy as np
import torch
import torch.nn.functional as F

from common import case, draw, write


def first(x):
    return x.movedim(-1, 1)


def last(x):
    return x.movedim(1, -1)


def conv(name, layer, arguments, shape, kernel, bias, f):
    """`f` convolves what has the channels first; kernels are ours, and are turned into PyTorch's by it."""
    parameters = {"kernel": draw(f"{name} kernel", kernel, 0.5), "bias": draw(f"{name} bias", (bias,), 0.5)}
    x = draw(name, shape)
    tensors = [torch.tensor(t, requires_grad=True) for t in (x, *parameters.values())]
    y = last(f(first(tensors[0]), *tensors[1:]))
    dy = draw(f"{name} d0", tuple(y.shape))
    dx, dk, db = torch.autograd.grad(y, tensors, torch.tensor(dy))
    return case(
        name, layer, arguments, input=x, output=y.detach().numpy(), d_output=dy, parameters=parameters,
        gradients={"input": dx.numpy(), "parameters": {"kernel": dk.numpy(), "bias": db.numpy()}}, mode="predict",
    )  # fmt: skip


# [..., c / groups, f] to [f, c / groups, ...]; of a transposed convolution, the same of its own letters.
turned = lambda k: k.movedim((-1, -2), (0, 1))

write(
    "convolution_groups",
    [
        conv("conv2d, 2 groups", "conv2d", [6, 3, {"groups": 2, "padding": "same"}], (2, 5, 6, 4), (3, 3, 2, 6), 6,
             lambda x, k, b: F.conv2d(x, turned(k), b, padding=1, groups=2)),
        conv("conv2d, 3 groups, strides, relu", "conv2d", [9, [3, 2], {"groups": 3, "strides": 2, "activation": "relu"}],
             (1, 7, 6, 6), (3, 2, 2, 9), 9, lambda x, k, b: F.conv2d(x, turned(k), b, stride=2, groups=3).relu()),
        conv("conv1d, a group for each channel", "conv1d", [8, 3, {"groups": 4, "dilationRate": 2}], (2, 9, 4), (3, 1, 8), 8,
             lambda x, k, b: F.conv1d(x, turned(k), b, dilation=2, groups=4)),
        conv("conv3d, 2 groups", "conv3d", [4, 2, {"groups": 2}], (1, 3, 4, 3, 6), (2, 2, 2, 3, 4), 4,
             lambda x, k, b: F.conv3d(x, turned(k), b, groups=2)),
        conv("conv2dTranspose, 2 groups", "conv2dTranspose", [6, 3, {"groups": 2, "strides": 2}], (2, 3, 4, 4), (3, 3, 3, 4),
             6, lambda x, k, b: F.conv_transpose2d(x, turned(k), b, stride=2, groups=2)),
        conv("conv2dTranspose with a dilation", "conv2dTranspose", [3, 3, {"dilationRate": 2}], (1, 4, 3, 2), (3, 3, 3, 2), 3,
             lambda x, k, b: F.conv_transpose2d(x, turned(k), b, dilation=2)),
    ],
    np,
    torch,
)  # fmt: skip
