/** Binomial draws as NumPy's legacy generator makes them. */
import type { MersenneTwister } from './mt19937.ts'

/** Successes among n trials of probability p. */
export function binomial(bits: MersenneTwister, n: number, p: number): number {
  if (n === 0 || p === 0) return 0
  if (p > 0.5) return n - few(bits, n, 1 - p)
  return few(bits, n, p)
}

function few(bits: MersenneTwister, n: number, p: number): number {
  return p * n <= 30 ? inversion(bits, n, p) : btpe(bits, n, p)
}

/** Walks up the distribution function. */
function inversion(bits: MersenneTwister, n: number, p: number): number {
  const q = 1 - p
  const none = Math.exp(n * Math.log(q))
  const bound = Math.trunc(Math.min(n, n * p + 10 * Math.sqrt(n * p * q + 1)))
  let x = 0
  let px = none
  let u = bits.double()
  while (u > px) {
    x++
    if (x > bound) {
      x = 0
      px = none
      u = bits.double()
    } else {
      u -= px
      px = ((n - x + 1) * p * px) / (x * q)
    }
  }
  return x
}

/** Constants of algorithm BTPE: a triangle, two parallelograms and two exponential tails over the distribution. */
function shapeOf(n: number, p: number) {
  const r = Math.min(p, 1 - p)
  const q = 1 - r
  const fm = n * r + r
  const m = Math.floor(fm)
  const p1 = Math.floor(2.195 * Math.sqrt(n * r * q) - 4.6 * q) + 0.5
  const xm = m + 0.5
  const xl = xm - p1
  const xr = xm + p1
  const c = 0.134 + 20.5 / (15.3 + m)
  const left = (fm - xl) / (fm - xl * r)
  const right = (xr - fm) / (xr * q)
  const lambdaL = left * (1 + left / 2)
  const lambdaR = right * (1 + right / 2)
  const p2 = p1 * (1 + 2 * c)
  const p3 = p2 + c / lambdaL
  const p4 = p3 + c / lambdaR
  return { n, r, q, m, p1, xm, xl, xr, c, lambdaL, lambdaR, p2, p3, p4 }
}

type Btpe = ReturnType<typeof shapeOf>

/** Kachitvichyanukul and Schmeiser, "Binomial random variate generation", 1988. */
function btpe(bits: MersenneTwister, n: number, p: number): number {
  const s = shapeOf(n, p)
  for (;;) {
    const u = bits.double() * s.p4
    let v = bits.double()
    let y: number
    if (u <= s.p1) return Math.floor(s.xm - s.p1 * v + u)
    if (u <= s.p2) {
      const x = s.xl + (u - s.p1) / s.c
      v = v * s.c + 1 - Math.abs(s.m - x + 0.5) / s.p1
      if (v > 1) continue
      y = Math.floor(x)
    } else if (u <= s.p3) {
      y = Math.floor(s.xl + Math.log(v) / s.lambdaL)
      if (y < 0 || v === 0) continue
      v = v * (u - s.p2) * s.lambdaL
    } else {
      y = Math.floor(s.xr - Math.log(v) / s.lambdaR)
      if (y > n || v === 0) continue
      v = v * (u - s.p3) * s.lambdaR
    }
    if (accepted(s, y, v)) return y
  }
}

function accepted(s: Btpe, y: number, v: number): boolean {
  const { n, r, q, m } = s
  const variance = n * r * q
  const k = Math.abs(y - m)
  if (k <= 20 || k >= variance / 2 - 1) {
    const ratio = r / q
    const a = ratio * (n + 1)
    let f = 1
    for (let i = m + 1; i <= y; i++) f *= a / i - ratio
    for (let i = y + 1; i <= m; i++) f /= a / i - ratio
    return v <= f
  }
  const rho = (k / variance) * ((k * (k / 3 + 0.625) + 0.16666666666666666) / variance + 0.5)
  const t = (-k * k) / (2 * variance)
  const logV = Math.log(v)
  if (logV < t - rho) return true
  if (logV > t + rho) return false
  const x1 = y + 1
  const f1 = m + 1
  const z = n + 1 - m
  const w = n - y + 1
  const bound =
    s.xm * Math.log(f1 / x1) +
    (n - m + 0.5) * Math.log(z / w) +
    (y - m) * Math.log((w * r) / (x1 * q)) +
    stirling(f1) +
    stirling(z) +
    stirling(x1) +
    stirling(w)
  return logV <= bound
}

function stirling(x: number): number {
  const x2 = x * x
  return (13680 - (462 - (132 - (99 - 140 / x2) / x2) / x2) / x2) / x / 166320
}
