/** What is swept: nets in the form of bench/cases.mjs. */
import { cases, productsOf } from '../cases.mjs'

const batches = [1, 4, 16, 64, 256, 1024, 4096]
const widths = [16, 32, 64, 128, 256, 512, 1024, 2048]

/** Floating-point operations of the matrix products of one step; all else is not counted. */
export function flopsOf(spec) {
  return productsOf(spec).reduce((sum, [, , m, n, k]) => sum + 2 * m * n * k, 0)
}

/** Enough samples for 4 steps an epoch, and at most 100 steps or 16,384 samples: an epoch stays short. */
function swept(name, x, sizes, batch) {
  const guess = Math.min(100, Math.max(4, Math.round(6e9 / flopsOf({ sizes, batch }))))
  const steps = Math.max(4, Math.min(guess, Math.floor(16384 / batch)))
  return { name, x, sizes, batch, samples: steps * batch }
}

export function sweeps() {
  const fashion = cases.find((c) => c.name === 'fashion').sizes
  return {
    threads: cases.map((c) => ({ ...c, x: c.name })),
    batch: batches.map((batch) => swept(`batch ${batch}`, batch, fashion, batch)),
    width: widths.map((w) => swept(`width ${w}`, w, [784, w, w, 10], 128)),
  }
}
