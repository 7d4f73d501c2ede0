// Prints the worst relative error of products with a long k, of numbers in 0..1, for every way to compute them.
import { info } from '../../src/index.ts'
import { multiply, type Product } from './products.ts'

const products: readonly Product[] = [
  { m: 16, n: 16, k: 1_000_000 },
  { m: 13, n: 9, k: 200_000, ta: true, tb: true },
  { m: 40, n: 6, k: 200_000, ta: true },
  { m: 9, n: 3, k: 200_000 },
  { m: 2, n: 20, k: 200_000, tb: true },
  { m: 300, n: 260, k: 17_000, ta: true },
]

let state = 7
function draw(n: number): Float32Array {
  const values = new Float32Array(n)
  for (let i = 0; i < n; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    values[i] = (state >>> 8) / 2 ** 24
  }
  return values
}

/** Of some elements of the result, which is all positive. */
function worstError(p: Product): number {
  const none = new Float32Array()
  const data = { a: draw(p.m * p.k), b: draw(p.k * p.n), c: draw(p.m * p.n), bias: none, y: none }
  const found = multiply({ ...p, accumulate: true }, data)
  const [aRow, aStep] = p.ta ? [1, p.m] : [p.k, 1]
  const [bColumn, bStep] = p.tb ? [p.k, 1] : [1, p.n]
  let worst = 0
  for (let at = 0; at < found.length; at += 1 + Math.floor(found.length / 16)) {
    let sum = data.c[at]!
    let [i, j] = [Math.floor(at / p.n) * aRow, (at % p.n) * bColumn]
    for (let q = 0; q < p.k; q++, i += aStep, j += bStep) sum += data.a[i]! * data.b[j]!
    worst = Math.max(worst, Math.abs(found[at]! - sum) / sum)
  }
  return worst
}

console.log(JSON.stringify({ gemm: info().gemm, errors: products.map(worstError) }))
