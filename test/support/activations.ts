/** Activations in float64, by their formulas, in the order in which the native side numbers them from 1 on. */
import { awayFrom, type Draw, uniform } from './random.ts'

export interface Activation {
  readonly name: string
  readonly numbers: readonly number[]
  value(x: number): number
  slope(x: number): number
  /** Points without a derivative. */
  readonly kinks: readonly number[]
  /** The slope is kept on the way; else it comes from the value. */
  readonly keeps: boolean
  /** Where the function, or its slope from the value, loses digits: how many units in the last place may be wrong. */
  readonly ulps: number
}

/** 1 − erf(x) for x ≥ 0, by the series near 0 and the continued fraction far from it. */
function complement(x: number): number {
  if (x < 1.5) {
    let [term, sum] = [x, x]
    for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
      term *= -(x * x) / n
      sum += term / (2 * n + 1)
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * sum
  }
  let fraction = 0
  for (let n = 300; n > 0; n--) fraction = n / 2 / (x + fraction)
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * (x + fraction))
}
const below = (x: number) => (x < 0 ? complement(-x / Math.SQRT2) / 2 : 1 - complement(x / Math.SQRT2) / 2)
const density = (x: number) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)
const logistic = (x: number) => 1 / (1 + Math.exp(-x))
const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))
const inside = (x: number, low: number, high: number, y = 1) => (x > low && x < high ? y : 0)
const clipped = (x: number, low: number, high: number) => Math.min(high, Math.max(low, x))
const [scale, alpha] = [1.0507009873554805, 1.6732632423543772]
const inner = (x: number) => Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)
const innerSlope = (x: number) => Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x * x)
/** tanh(softplus(x)) without cancelling. */
const mishGate = (x: number) => {
  const n = Math.exp(x) * (Math.exp(x) + 2)
  return x > 30 ? 1 : n / (n + 2)
}
/** x − tanh x, by its series near 0. */
function tanhRest(x: number): number {
  if (Math.abs(x) > 0.1) return x - Math.tanh(x)
  const s = x * x
  return x * s * (1 / 3 - s * (2 / 15 - s * (17 / 315 - s * (62 / 2835 - (s * 1382) / 155925))))
}

type Function = (x: number) => number
const of = (name: string, value: Function, slope: Function, more: Partial<Activation> = {}): Activation => ({
  name,
  value,
  slope,
  numbers: [],
  kinks: [],
  keeps: false,
  ulps: 4,
  ...more,
})

export const activations: readonly Activation[] = [
  of(
    'relu',
    (x) => Math.max(0, x),
    (x) => (x > 0 ? 1 : 0),
    { kinks: [0], ulps: 0 },
  ),
  of('sigmoid', logistic, (x) => logistic(x) * (1 - logistic(x))),
  of('tanh', Math.tanh, (x) => 1 - Math.tanh(x) ** 2),
  of(
    'relu6',
    (x) => clipped(x, 0, 6),
    (x) => inside(x, 0, 6),
    { kinks: [0, 6], ulps: 0 },
  ),
  of(
    'leakyRelu',
    (x) => (x > 0 ? x : 0.2 * x),
    (x) => (x > 0 ? 1 : 0.2),
    { numbers: [0.2], kinks: [0], ulps: 1 },
  ),
  of(
    'elu',
    (x) => (x > 0 ? x : 1.5 * Math.expm1(x)),
    (x) => (x > 0 ? 1 : 1.5 * Math.exp(x)),
    { numbers: [1.5], kinks: [0] },
  ),
  of(
    'selu',
    (x) => scale * (x > 0 ? x : alpha * Math.expm1(x)),
    (x) => scale * (x > 0 ? 1 : alpha * Math.exp(x)),
    { kinks: [0] },
  ),
  of(
    'celu',
    (x) => (x > 0 ? x : 2.5 * Math.expm1(x / 2.5)),
    (x) => (x > 0 ? 1 : Math.exp(x / 2.5)),
    { numbers: [2.5] },
  ),
  of('exponential', Math.exp, Math.exp),
  of('softplus', softplus, logistic),
  of(
    'logSigmoid',
    (x) => -softplus(-x),
    (x) => logistic(-x),
  ),
  of(
    'softsign',
    (x) => x / (1 + Math.abs(x)),
    (x) => 1 / (1 + Math.abs(x)) ** 2,
  ),
  of(
    'hardSigmoid',
    (x) => clipped(x / 6 + 0.5, 0, 1),
    (x) => inside(x, -3, 3, 1 / 6),
    { kinks: [-3, 3] },
  ),
  of(
    'sparseSigmoid',
    (x) => clipped(x / 2 + 0.5, 0, 1),
    (x) => inside(x, -1, 1, 0.5),
    { kinks: [-1, 1] },
  ),
  of(
    'hardTanh',
    (x) => clipped(x, -1, 1),
    (x) => inside(x, -1, 1),
    { kinks: [-1, 1], ulps: 0 },
  ),
  of(
    'sparsePlus',
    (x) => (x > 1 ? x : x > -1 ? (x + 1) ** 2 / 4 : 0),
    (x) => clipped((x + 1) / 2, 0, 1),
  ),
  of(
    'squareplus',
    (x) => (x < 0 ? 1 / (Math.hypot(x, 2) - x) / 0.5 : (x + Math.hypot(x, 2)) / 2),
    (x) => (1 + x / Math.hypot(x, 2)) / 2,
    { numbers: [4] },
  ),
  of(
    'softShrink',
    (x) => Math.sign(x) * Math.max(0, Math.abs(x) - 0.5),
    (x) => (Math.abs(x) > 0.5 ? 1 : 0),
    {
      numbers: [0.5],
      kinks: [-0.5, 0.5],
      ulps: 1,
    },
  ),
  of(
    'hardShrink',
    (x) => (Math.abs(x) > 0.5 ? x : 0),
    (x) => (Math.abs(x) > 0.5 ? 1 : 0),
    {
      numbers: [0.5],
      kinks: [-0.5, 0.5],
      ulps: 0,
    },
  ),
  of(
    'gelu',
    (x) => x * below(x),
    (x) => below(x) + x * density(x),
    // Far out x·e^(−x²/2) loses digits with the exponent, which is rounded: 40 · 2⁻²⁴ at −9.
    { keeps: true, ulps: 40 },
  ),
  of(
    'geluTanh',
    (x) => x * logistic(2 * inner(x)),
    (x) => logistic(2 * inner(x)) * (1 + x * 2 * innerSlope(x) * logistic(-2 * inner(x))),
    // The power of e has an exponent that is rounded.
    { keeps: true, ulps: 100 },
  ),
  of(
    'silu',
    (x) => x * logistic(x),
    (x) => logistic(x) * (1 + x * logistic(-x)),
    { keeps: true },
  ),
  of(
    'mish',
    (x) => x * mishGate(x),
    (x) => mishGate(x) + x * (1 - mishGate(x) ** 2) * logistic(x),
    { keeps: true, ulps: 6 },
  ),
  of(
    'hardSilu',
    (x) => x * clipped(x / 6 + 0.5, 0, 1),
    (x) => (x > 3 ? 1 : inside(x, -3, 3, x / 3 + 0.5)),
    {
      keeps: true,
      kinks: [-3, 3],
    },
  ),
  // By the polynomial of tanh, whose error is small beside x and not beside x³/3.
  of('tanhShrink', tanhRest, (x) => Math.tanh(x) ** 2, { keeps: true, ulps: 40 }),
  of(
    'threshold',
    (x) => (x > 0.25 ? x : -0.5),
    (x) => (x > 0.25 ? 1 : 0),
    {
      numbers: [0.25, -0.5],
      keeps: true,
      kinks: [0.25],
      ulps: 0,
    },
  ),
]

export const activationNamed = (name: string): Activation => activations.find((a) => a.name === name)!

/** Between bounds, and away from the kinks. */
export const drawFor = ({ kinks }: Activation, low: number, high: number): Draw =>
  kinks.length > 0 ? awayFrom(kinks, Math.min(0.02, (high - low) / 100), low, high) : uniform(low, high)
