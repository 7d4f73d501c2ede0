"""Makes the golden files beside this script: python3 make.py (needs the packages safetensors and numpy)."""

import pathlib
import sys

import numpy as np
import safetensors
from safetensors.numpy import save_file

here = pathlib.Path(__file__).parent
tensors = {
    "dense.kernel": np.array([[1.5, -2.25, 3e-38], [np.float32(0.1), 0, -1e30]], dtype=np.float32),
    "dense.bias": np.array([1, -1, 2147483647], dtype=np.int32),
    "mask": np.array([0, 1, 255], dtype=np.uint8),
    "step": np.array(2**53 + 1, dtype=np.int64),
    "lossScale": np.array([0.1, np.pi], dtype=np.float64),
    "empty": np.zeros((0, 3), dtype=np.float32),
    "Gewicht ä 重み": np.array([[7]], dtype=np.float32),
}
save_file(tensors, here / "all.safetensors", metadata={"model": '{"name":"häuser"}'})
save_file({"half": np.array([1, 2], dtype=np.float16)}, here / "half.safetensors")
versions = f"python {sys.version.split()[0]}, safetensors {safetensors.__version__}, numpy {np.__version__}\n"
(here / "versions.txt").write_text(versions)
