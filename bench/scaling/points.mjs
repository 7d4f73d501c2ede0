/** What is swept: nets in the form of bench/cases.mjs. */
import { cases } from '../cases.mjs'
import { denseNetwork, denseSizes } from '../networks.mjs'
import { productsOf } from '../products.mjs'

const batches = [1, 4, 16, 64, 256, 1024, 4096]
const widths = [16, 32, 64, 128, 256, 512, 1024, 2048]

/** Floating-point operations of the matrix products of one step; all else is not counted. */
export function flopsOf(spec) {
  return productsOf(spec).reduce((sum, [, , m, n, k]) => sum + 2 * m * n * k, 0)
}

const { optimizer } = cases[0]

/** 4,096 samples, as far as an epoch stays short; 4 batches at least. */
function swept(name, x, sizes, batch) {
  const network = denseNetwork(sizes)
  const short = Math.round(15e9 / flopsOf({ network, batch }))
  const steps = Math.max(4, Math.min(short, 4096 / batch))
  return { name, x, network, sizes, batch, samples: steps * batch, optimizer }
}

export function sweeps() {
  const dense = cases.flatMap((c) => (denseSizes(c.network) ? [{ ...c, x: c.name, sizes: denseSizes(c.network) }] : []))
  const fashion = dense.find((c) => c.name === 'fashion').sizes
  return {
    threads: dense,
    batch: batches.map((batch) => swept(`batch ${batch}`, batch, fashion, batch)),
    width: widths.map((w) => swept(`width ${w}`, w, [784, w, w, 10], 128)),
  }
}
