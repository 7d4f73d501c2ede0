"""Cases of merge and prelu, by Keras. Run: KERAS_BACKEND=tensorflow python merging.py"""

import keras
import numpy
import tensorflow

from common import draw, keras_case, write

K = keras.layers


def merging(how, made, shapes, options=None, name=""):
    title = f"{how}{name}"
    inputs = [draw(f"{title} {i}", shape) for i, shape in enumerate(shapes)]
    return keras_case(title, "merge", [how] + ([options] if options else []), made, inputs, {})


def prelu(name, shape, **options):
    ours = {"shared_axes": "sharedAxes"}
    made = K.PReLU(dtype="float64", **options)
    x = draw(name, shape)
    # The slope has no derivative at 0.
    x[abs(x) < 0.01] = 0.3
    return keras_case(name, "prelu", [{ours[k]: v for k, v in options.items()}], made, x, {"alpha": "alpha"})


same = [(3, 5, 4)] * 3
f64 = {"dtype": "float64"}
write(
    "merging",
    [
        merging("add", K.Add(**f64), same),
        merging("add", K.Add(**f64), [(3, 5, 4), (3, 4), (3, 1, 1)], name=", of several ranks"),
        merging("add", K.Add(**f64), [(3, 2)], name=", of one"),
        merging("subtract", K.Subtract(**f64), same[:2]),
        merging("multiply", K.Multiply(**f64), same),
        merging("average", K.Average(**f64), same),
        merging("maximum", K.Maximum(**f64), same),
        merging("minimum", K.Minimum(**f64), [(3, 5, 4), (3, 5, 1)]),
        merging("concatenate", K.Concatenate(**f64), [(3, 5, 4), (3, 5, 1), (3, 5, 2)]),
        merging("concatenate", K.Concatenate(axis=1, **f64), [(3, 5, 4), (3, 2, 4)], {"axis": 1}, ", axis 1"),
        merging("dot", K.Dot(-1, **f64), [(4, 7), (4, 7)]),
        merging("dot", K.Dot(-1, **f64), [(4, 3, 7), (4, 2, 7)], None, ", of matrices"),
        merging("dot", K.Dot(1, **f64), [(4, 3, 7), (4, 3, 2)], {"axis": 1}, ", axis 1"),
        merging("dot", K.Dot(2, **f64), [(4, 3, 5), (4, 6, 5)], {"axis": 2}, ", axis 2"),
        merging("dot", K.Dot(-1, **f64), [(4, 2, 3, 5), (4, 5)], None, ", of several ranks"),
        prelu("prelu", (4, 6)),
        prelu("prelu of pictures", (2, 3, 4, 5)),
        prelu("prelu, a slope per channel", (2, 3, 4, 5), shared_axes=[1, 2]),
        prelu("prelu, one slope", (3, 7), shared_axes=[1]),
    ],
    keras,
    tensorflow,
    numpy,
)
