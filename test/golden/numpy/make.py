"""What NumPy answers, for test/ops/numpy.test.ts. Run: python make.py (versions.txt says with what)."""

import json
import pathlib
import platform

import numpy as np

here = pathlib.Path(__file__).parent
random = np.random.default_rng(7)
F, I = np.float32, np.int32
cases = []


def plain(x):
    """A number as JSON can hold it."""
    if isinstance(x, (int, np.integer)):
        return int(x)
    return float(str(np.float32(x))) if np.isfinite(x) else str(float(x))


def packed(a):
    a = np.asarray(a)
    dtype = "float32" if a.dtype.kind == "f" else "int32"
    return {"dtype": dtype, "shape": list(a.shape), "data": [plain(x) for x in a.ravel()]}


def case(op, inputs, result, **options):
    cases.append({"op": op, "inputs": [packed(x) for x in inputs], "options": options, "result": packed(result)})


def floats(*shape):
    return random.normal(size=shape).astype(F)


def integers(*shape):
    return random.integers(-9, 9, size=shape).astype(I)


def broadcasting():
    shapes = [((), ()), ((3,), ()), ((), (2, 3)), ((3,), (2, 3)), ((2, 1), (1, 3)), ((2, 1), (3,)), ((4, 1, 3), (2, 1)),
              ((1,), (5,)), ((2, 3, 4), (2, 3, 4)), ((1, 3, 1, 2), (5, 1, 4, 1)), ((0, 3), (3,)), ((1, 3), (0, 1)),
              ((7, 1), (1, 7)), ((1, 1, 1), (2,))]
    for a, b in shapes:
        x, y = floats(*a), floats(*b)
        case("add", [x, y], x + y)
        case("sub", [x, y], x - y)
        case("div", [x, y], x / y)
        case("less", [x, y], (x < y).astype(I))
        case("maximum", [x, y], np.maximum(x, y))
        case("where", [(x > 0).astype(I), x, y], np.where(x > 0, x, y))
    i, j = integers(3, 1), integers(4)
    case("add", [i, j], i + j)
    case("mul", [i, j], i * j)
    case("minimum", [i, j], np.minimum(i, j))
    case("mul", [i, floats(3, 4) * 0 + F(0.5)], (i * F(0.5) * np.ones((3, 4))).astype(F))
    for shape, to in [((3,), (2, 3)), ((2, 1), (2, 4)), ((), (2, 2)), ((1, 3, 1), (2, 3, 2)), ((1,), (0,))]:
        x = floats(*shape)
        case("broadcastTo", [x], np.broadcast_to(x, to), shape=list(to))
    special = np.array([np.nan, np.inf, -np.inf, 0, -1, 2.5, -2.5, 1.5, 0.5, -0.5], F)
    with np.errstate(all="ignore"):
        case("maximum", [special, F(1)], np.maximum(special, F(1)))
        case("minimum", [F(1), special], np.minimum(F(1), special))
        case("sign", [special], np.sign(special))
        case("round", [special], np.round(special))
        case("floor", [special], np.floor(special))
        case("ceil", [special], np.ceil(special))
        case("sqrt", [special], np.sqrt(special))
        case("log", [special], np.log(special))
        case("exp", [special], np.exp(special))
        case("tanh", [special], np.tanh(special))
        case("equal", [special, special], (special == special).astype(I))
        case("pow", [special, F(2)], special ** F(2))
        case("clip", [special], np.clip(special, F(-1), F(2)), low=-1, high=2)
        powers = np.array([0, 0, 2, -2, -2, 1, np.inf, 0], F), np.array([0, 2, -1, 3, 0.5, np.nan, 0, -1], F)
        case("pow", powers, powers[0] ** powers[1])


def reductions():
    for shape in [(5,), (2, 3), (2, 3, 4), (3, 1, 2), (2, 3, 2, 2), (1,), (37, 5)]:
        axes = [None, 0, -1] + ([1, -2, (0, 1), (1, 0)] if len(shape) > 1 else [])
        axes += [(0, 2), (0, -1), (1, 2), (0, 1, 2)] if len(shape) > 2 else []
        for axis in axes:
            for keep in (False, True):
                x = floats(*shape)
                options = {"keepdims": keep} if keep else {}
                if axis is not None:
                    options["axis"] = list(axis) if isinstance(axis, tuple) else axis
                for op in ("sum", "mean", "max", "min"):
                    case(op, [x], getattr(np, op)(x, axis=axis, keepdims=keep), **options)
    i = integers(3, 4)
    case("sum", [i], i.sum(axis=0), axis=0)
    case("max", [i], i.max(axis=1), axis=1)
    case("mean", [i], i.mean(axis=1).astype(F), axis=1)
    case("sum", [floats(0, 3)], np.zeros(3, F), axis=0)
    ties = np.array([[1, 3, 3], [2, 2, 0], [-1, -1, -1]], F)
    bad = np.array([[1, np.nan, 3], [np.inf, 2, 5]], F)
    for x in [floats(7), floats(3, 4), floats(2, 3, 4), ties, bad]:
        for axis in [None, 0, -1]:
            options = {} if axis is None else {"axis": axis}
            case("argmax", [x], np.argmax(x, axis=axis), **options)
            case("argmin", [x], np.argmin(x, axis=axis), **options)
            case("max", [x], np.max(x, axis=axis), **options)
            case("min", [x], np.min(x, axis=axis), **options)


def index_of(text):
    """'1:3,-1' as an index."""
    parts = []
    for part in text.split(","):
        numbers = [int(n) if n.strip() else None for n in part.split(":")]
        parts.append(numbers[0] if len(numbers) == 1 else slice(*numbers))
    return tuple(parts)


def movement():
    slices = ["0", "-1", ":", "1:", ":2", "1:3", "-2:", ":-1", "::2", "1::2", "::-1", "3:0:-1", "-1:-4:-2", "2:2", "5:1", "1:99"]
    for text in slices:
        x = floats(5)
        case("at", [x], x[index_of(text)], index=text)
    for text in ["0", "-1,2", ":,1", "1,:", ":2,0", "1:3,1:3", "::-1", ":,::-1", "::-1,::2", "1:3", ":,-2:", "2:,3", "3:1", "1:2,:"]:
        x = floats(4, 5)
        case("at", [x], x[index_of(text)], index=text)
    for text in ["1", "0,1", "1,2,3", ":,1", ":,:,1", "::-1,1:,::2", "1,:,::-1", ":,0:2,1:2", "-1:,-1,-1:"]:
        x = floats(2, 3, 4)
        case("at", [x], x[index_of(text)], index=text)
    for shape, order in [((3,), None), ((2, 3), None), ((2, 3, 4), None), ((2, 3, 4), (0, 2, 1)), ((2, 3, 4), (1, 0, 2)),
                         ((2, 3, 4), (1, 2, 0)), ((2, 3, 4), (-1, 0, 1)), ((2, 1, 3, 2), (3, 1, 0, 2)), ((17, 33), None)]:
        x = floats(*shape)
        case("transpose", [x], np.transpose(x, order), **({} if order is None else {"order": list(order)}))
    for shape, to in [((6,), (2, 3)), ((2, 3), (3, 2)), ((2, 3), (-1,)), ((2, 3, 4), (4, -1)), ((1,), ()), ((), (1, 1)), ((0, 3), (3, 0))]:
        x = floats(*shape)
        case("reshape", [x], x.reshape(to), shape=list(to))
    for shapes, axis in [(((2,), (3,)), 0), (((2, 3), (1, 3)), 0), (((2, 3), (2, 2), (2, 1)), 1), (((2, 3), (2, 0)), -1), (((2, 1, 2), (2, 3, 2)), 1)]:
        parts = [floats(*s) for s in shapes]
        case("concat", parts, np.concatenate(parts, axis), axis=axis)
    for axis in (0, 1, 2, -1, -3):
        parts = [floats(2, 3) for _ in range(3)]
        case("stack", parts, np.stack(parts, axis), axis=axis)
    case("stack", [F(1.5), F(2.5)], np.stack([F(1.5), F(2.5)]), axis=0)
    table, rows = floats(5, 3), np.array([[4, 0], [2, 2]], I)
    case("gather", [table, rows], table[rows])
    line = floats(4)
    case("gather", [line, np.array([3, 3, 0], I)], line[[3, 3, 0]])
    case("gather", [table, np.array(1, I)], table[1])
    case("oneHot", [np.array([[2, 0], [1, 1]], I)], np.eye(3, dtype=F)[[[2, 0], [1, 1]]], classes=3)


def arrangements():
    for shape, widths, value in [((3,), ((1, 2),), 0), ((2, 3), ((0, 0), (2, 1)), 7.5), ((2, 3), ((1, 0), (0, 0)), -1),
                                 ((0, 2), ((1, 1), (0, 0)), 3), ((2, 1, 2), ((1, 1), (0, 2), (3, 0)), 0)]:
        x = floats(*shape)
        case("pad", [x], np.pad(x, widths, constant_values=value), widths=[list(w) for w in widths], value=value)
    i = integers(2, 2)
    case("pad", [i], np.pad(i, ((1, 0), (0, 2)), constant_values=-4), widths=[[1, 0], [0, 2]], value=-4)
    for shape, axis in [((4,), 0), ((2, 3), 1), ((2, 3), -2), ((2, 3, 4), 1), ((0,), 0)]:
        x = floats(*shape)
        case("flip", [x], np.flip(x, axis), axis=axis)
        for shift in (0, 1, -1, 7, -12):
            case("roll", [x], np.roll(x, shift, axis), shift=shift, axis=axis)
    for shape, times in [((3,), (2,)), ((3,), (2, 2)), ((2, 3), (2,)), ((2, 3), (2, 1, 3)), ((), (4,)), ((2,), (0,)), ((2, 3), ())]:
        x = floats(*shape)
        case("tile", [x], np.tile(x, times), times=list(times))
    for shape in [(3, 3), (2, 5), (5, 2), (2, 3, 4), (1, 1), (0, 3)]:
        for k in (0, 1, -1, 3, -9):
            x = floats(*shape)
            case("triu", [x], np.triu(x, k), k=k)
            case("tril", [x], np.tril(x, k), k=k)
    bad = np.array([[1, np.nan], [np.inf, -np.inf]], F)
    case("triu", [bad], np.triu(bad, 1), k=1)
    case("tril", [bad], np.tril(bad, -1), k=-1)
    x, rows = floats(5, 3), np.array([4, 0, 4], I)
    for values in [floats(3, 3), floats(3), floats(3, 1), np.array(2.5, F), np.array(np.nan, F)]:
        y = x.copy()
        y[rows] = values
        case("scatter", [x, rows, values], y)
    y = x.copy()
    y[np.array([[1, 2], [2, 1]])] = 3
    case("scatter", [x, np.array([[1, 2], [2, 1]], I), F(3)], y)


def ordering():
    special = np.array([2, np.nan, -np.inf, 0, np.inf, -0.0, np.nan, 1, 0], F)
    many = random.integers(-20, 20, size=300).astype(F)
    for x in [floats(7), floats(3, 4), floats(2, 3, 4), floats(1), floats(0), integers(9), integers(3, 5), special, many, floats(50, 3)]:
        for axis in range(-x.ndim, x.ndim):
            case("sort", [x], np.sort(x, axis=axis, kind="stable"), axis=axis)
            case("argsort", [x], np.argsort(x, axis=axis, kind="stable").astype(I), axis=axis)
            case("cumsum", [x], np.cumsum(x, axis=axis, dtype=I if x.dtype == I else np.float64), axis=axis)
        case("cumsum", [x], np.cumsum(x, dtype=I if x.dtype == I else np.float64))
    large = np.array([2**31 - 1, 1, 5], I)
    case("cumsum", [large], np.cumsum(large, dtype=I))
    for x in [floats(7), floats(2, 5), integers(9), many]:
        for k in (1, 3):
            order = np.argsort(-x.astype(np.float64), axis=-1, kind="stable")[..., :k]
            case("topValues", [x], np.take_along_axis(x, order, -1), k=k)
            case("topIndices", [x], order.astype(I), k=k)


def statistics():
    special = [np.array([1, np.nan, 2], F), np.array([1, np.inf, 2], F), np.array([-np.inf, -np.inf], F), np.array([0, -0.0, 3], F),
               np.array([np.inf, -np.inf], F), np.array([0, np.inf], F)]
    with np.errstate(all="ignore"):
        for x in [floats(5), floats(3, 4), floats(2, 3, 4), floats(1), *special]:
            axes = [None, 0, -1] + ([(0, 1), (0, -1)] if x.ndim > 1 else [])
            for axis in axes:
                for keep in (False, True):
                    options = {"keepdims": keep} if keep else {}
                    if axis is not None:
                        options["axis"] = list(axis) if isinstance(axis, tuple) else axis
                    wide = x.astype(np.float64)
                    case("std", [x], np.std(wide, axis=axis, keepdims=keep), **options)
                    case("variance", [x], np.var(wide, axis=axis, keepdims=keep), **options)
                    case("prod", [x], np.prod(wide, axis=axis, keepdims=keep), **options)
                    case("any", [x], np.any(x, axis=axis, keepdims=keep).astype(I), **options)
                    case("all", [x], np.all(x, axis=axis, keepdims=keep).astype(I), **options)
                    case("logSumExp", [x], np.logaddexp.reduce(wide, axis=axis, keepdims=keep), **options)
        big = np.array([1000, 1000.5, -1000], F)
        case("logSumExp", [big], np.logaddexp.reduce(big.astype(np.float64)))
        i = integers(3, 4)
        case("prod", [i], i.prod(axis=0, dtype=I), axis=0)
        full = np.array([2**20, 2**20, 3], I)
        case("prod", [full], full.prod(dtype=I))
        for op, f in [("any", np.any), ("all", np.all), ("prod", np.prod)]:
            case(op, [floats(0, 3)], f(np.zeros((0, 3), F), axis=0).astype(F if op == "prod" else I), axis=0)
        a, b = np.array([0, 1, np.nan, -0.0, -2, np.inf], F), np.array([0, 0, 1, 1, 5, 0], F)
        case("logicalAnd", [a, b], np.logical_and(a, b).astype(I))
        case("logicalOr", [a, b], np.logical_or(a, b).astype(I))
        case("logicalNot", [a], np.logical_not(a).astype(I))


def einsums():
    equations = [("ij,jk->ik", (2, 3), (3, 4)), ("ij,jk", (2, 3), (3, 4)), ("ba,bc", (2, 3), (2, 4)), ("bij,bjk->bik", (2, 3, 4), (2, 4, 5)),
                 ("i,j->ij", (3,), (4,)), ("i,i", (5,), (5,)), ("ij,ij->i", (3, 4), (3, 4)), ("ijk,kl->lij", (2, 3, 4), (4, 5)),
                 ("bqhd,bkhd->bhqk", (2, 3, 4, 5), (2, 6, 4, 5)), ("ij,k->jk", (2, 3), (4,)), (" i j , j -> i ", (2, 3), (3,)),
                 ("ij,jk->", (2, 3), (3, 4)), (",i->i", (), (3,)), ("ab,cd->dbca", (2, 3), (4, 2)), ("Ab,bA->A", (2, 3), (3, 2)),
                 ("ij,jk->ik", (0, 3), (3, 4)), ("ij,jk->ik", (2, 0), (0, 4))]
    for equation, a, b in equations:
        x, y = floats(*a), floats(*b)
        case("einsum", [x, y], np.einsum(equation.replace(" ", ""), x.astype(np.float64), y.astype(np.float64)), equation=equation)


def products():
    shapes = [((2, 3), (3, 4)), ((3,), (3,)), ((3,), (3, 2)), ((2, 3), (3,)), ((5, 2, 3), (3, 4)), ((5, 2, 3), (5, 3, 1)),
              ((2, 3), (4, 3, 2)), ((2, 1, 2, 3), (3, 3, 2)), ((5, 2, 3), (3,)), ((3,), (5, 3, 2)), ((1, 1), (1, 1)),
              ((17, 9), (9, 15)), ((1, 64), (64, 1)), ((0, 3), (3, 2)), ((2, 0), (0, 3))]
    for a, b in shapes:
        x, y = floats(*a), floats(*b)
        exact = np.matmul(x.astype(np.float64), y.astype(np.float64))
        case("matmul", [x, y], exact)
    for a, b in [((3,), (3,)), ((), (2, 3)), ((2, 3), ()), ((2, 3), (3, 2)), ((2, 3), (3,))]:
        x, y = floats(*a), floats(*b)
        case("dot", [x, y], np.dot(x.astype(np.float64), y.astype(np.float64)))


def printing():
    r = np.random.default_rng(3)
    arrays = [
        np.array(1.5, F), np.array(3, F), np.array(-0.0, F), np.array(0.1, F), np.array(1e-5, F), np.array(1.25e20, F),
        np.array(1e16, F), np.array(123456789, F), np.array(np.nan, F), np.array(-np.inf, F), np.array(7, I),
        np.array(3.1415927e-10, F), np.array(1e-4, F), np.array(999999, F), np.array(1e6, F), np.array(16777216, F), np.array([], F), np.zeros((0, 3), F), np.array([1, 2, 3], F), np.array([1, 2, 3], I),
        np.array([-1.5, 2.25, 1000], F), np.array([0.1, 0.2, 0.3], F), np.array([1 / 3, 2 / 3, 1], F),
        np.array([1e-3, 1], F), np.array([1e-4, 1e-3], F), np.array([1e-5, 1e-3], F), np.array([0.00012345679, 0.0123], F),
        np.array([1, 1000], F), np.array([1, 1001], F), np.array([999999, 1e5], F), np.array([1e6, 1e5], F),
        np.array([1e8, 1, 2.5], F), np.array([1.1, 3.1415927e9], F), np.array([1.0000001, 16777216], F),
        np.array([1e30, -1e-30, 0], F), np.array([-0.0, 0.0, 1], F), np.array([np.nan, 1, -2.5], F),
        np.array([np.inf, -np.inf, 0.5], F), np.array([np.nan, np.nan], F), np.array([-np.inf, np.nan], F),
        np.array([np.nan, 1e10, 1e-10], F), np.array([123456.79, 0.001], F), np.array([0.0, 0.0], F),
        np.array([[1, 2], [3, 4]], F), np.array([[-1, 20], [300, -4000]], I), np.array([[0.5], [-0.25]], F),
        np.array([[[1, 2], [3, 4]], [[5, 6], [7, 8]]], F), np.arange(24).reshape(2, 3, 4).astype(I),
        np.arange(16).reshape(2, 2, 2, 2).astype(F) / 8, np.arange(30).astype(I), np.arange(40).astype(F),
        r.normal(size=20).astype(F), r.normal(size=(3, 12)).astype(F), (r.normal(size=(2, 2, 9)) * 1e9).astype(F),
        r.uniform(size=(2, 30)).astype(F), np.where(np.arange(30) % 4 == 0, 1, 0.125).astype(F),
        np.arange(1000).astype(I), np.arange(1001).astype(I), np.arange(1100).astype(F) / 8, np.arange(1200).reshape(300, 4).astype(F),
        np.arange(1225).reshape(35, 35).astype(I), r.normal(size=(8, 9, 15)).round(3).astype(F), np.ones((1, 1, 1), F),
        np.full((2, 510), -1.5, F), np.zeros((7, 150), F), np.array([2147483647, -2147483648], I),
        np.array([3.4028235e38, 1.17549435e-38], F), np.array([0.333, 33.3, 3.33], F), np.array([16777216.0, 8388607.5], F),
        # Exactly between two texts: to the even digit.
        np.arange(1, 40, 2).astype(F) / 512, np.array([-1.001953125, 1.005859375, 3.998046875], F),
        np.array([12.34765625, 1.2345679e8], F), np.array([12.35546875, -12.34765625, 1.2345679e8], F), np.array(0.001953125, F),
    ]
    return [{**packed(a), "text": str(a)} for a in arrays]


broadcasting()
reductions()
movement()
products()
arrangements()
ordering()
statistics()
einsums()
lines = ",\n".join(json.dumps(c) for c in cases)
texts = ",\n".join(json.dumps(c) for c in printing())
(here / "cases.json").write_text('{"cases": [\n' + lines + '\n],\n"printed": [\n' + texts + "\n]}\n")
(here / "versions.txt").write_text(f"Python {platform.python_version()}\nnumpy {np.__version__}\n")
