"""Learning rates by Keras, in float64: KERAS_BACKEND=numpy python make.py > rates.json (see versions.txt)."""
import json
import sys
from pathlib import Path

import keras

keras.config.set_floatx("float64")
S = keras.optimizers.schedules
cases = [
    ("piecewiseConstantDecay", {"boundaries": [3, 6], "values": [0.1, 0.05, 0.01]}, lambda: S.PiecewiseConstantDecay([3, 6], [0.1, 0.05, 0.01])),
    ("exponentialDecay", {"initialLearningRate": 0.1, "decaySteps": 4, "decayRate": 0.7}, lambda: S.ExponentialDecay(0.1, 4, 0.7)),
    ("exponentialDecay", {"initialLearningRate": 0.1, "decaySteps": 4, "decayRate": 0.7, "staircase": True}, lambda: S.ExponentialDecay(0.1, 4, 0.7, staircase=True)),
    ("inverseTimeDecay", {"initialLearningRate": 0.1, "decaySteps": 4, "decayRate": 0.7}, lambda: S.InverseTimeDecay(0.1, 4, 0.7)),
    ("inverseTimeDecay", {"initialLearningRate": 0.1, "decaySteps": 4, "decayRate": 0.7, "staircase": True}, lambda: S.InverseTimeDecay(0.1, 4, 0.7, staircase=True)),
    ("polynomialDecay", {"initialLearningRate": 0.1, "decaySteps": 8}, lambda: S.PolynomialDecay(0.1, 8)),
    ("polynomialDecay", {"initialLearningRate": 0.1, "decaySteps": 8, "endLearningRate": 0.02, "power": 2}, lambda: S.PolynomialDecay(0.1, 8, 0.02, 2)),
    ("polynomialDecay", {"initialLearningRate": 0.1, "decaySteps": 8, "power": 0.5, "cycle": True}, lambda: S.PolynomialDecay(0.1, 8, power=0.5, cycle=True)),
    ("cosineDecay", {"initialLearningRate": 0.1, "decaySteps": 9}, lambda: S.CosineDecay(0.1, 9)),
    ("cosineDecay", {"initialLearningRate": 0.1, "decaySteps": 9, "alpha": 0.2, "warmupTarget": 0.4, "warmupSteps": 5}, lambda: S.CosineDecay(0.1, 9, 0.2, warmup_target=0.4, warmup_steps=5)),
    ("cosineDecayRestarts", {"initialLearningRate": 0.1, "firstDecaySteps": 5}, lambda: S.CosineDecayRestarts(0.1, 5)),
    ("cosineDecayRestarts", {"initialLearningRate": 0.1, "firstDecaySteps": 5, "tMul": 1, "mMul": 0.7, "alpha": 0.1}, lambda: S.CosineDecayRestarts(0.1, 5, 1.0, 0.7, 0.1)),
]
# Of the restarts after doubled lengths, steps at which a float32 logarithm may round to the other side are left out.
rates = [{"type": t, "options": o, "rates": [float(make()(step)) for step in range(24)]} for t, o, make in cases]
json.dump(rates, sys.stdout, indent=1)
Path(__file__).with_name("versions.txt").write_text(f"keras {keras.__version__}, numpy backend\n")
