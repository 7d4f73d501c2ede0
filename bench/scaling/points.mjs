/** What is swept: nets in the form of bench/cases.mjs. */
import { cases, productsOf } from '../cases.mjs'

const batches = [1, 4, 16, 64, 256, 1024, 4096]
const widths = [16, 32, 64, 128, 256, 512, 1024, 2048]

/** Floating-point operations of the matrix products of one step; all else is not counted. */
export function flopsOf(spec) {
  return productsOf(spec).reduce((sum, [, , m, n, k]) => sum + 2 * m * n * k, 0)
}

/** 4,096 samples, as far as an epoch stays short; 4 batches at least. */
function swept(name, x, sizes, batch) {
  const short = Math.round(15e9 / flopsOf({ sizes, batch }))
  const steps = Math.max(4, Math.min(short, 4096 / batch))
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
