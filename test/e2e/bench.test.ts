// The networks of the benchmarks: chainrule's models have the parameters that the peers are given, and learn.
import { expect, test } from 'vitest'
import { root, runNode } from '../support/processes.ts'

/** Of each case the sizes of parameters, as described and as chainrule has them after a step, and the loss of the step. */
const program = `
import { cases, datasetOf } from './bench/cases.mjs'
import { modelOf } from './bench/models.mjs'
import { parametersOf } from './bench/networks.mjs'

const sizeOf = (shape) => shape.reduce((a, b) => a * b, 1)
const found = {}
for (const spec of cases) {
  const one = { ...spec, samples: spec.name === 'spiral' ? 3 : 2, batch: 2 }
  const model = modelOf(one)
  const { epochs } = await model.fit(datasetOf(one), { epochs: 1, batchSize: one.batch, progress: false })
  found[spec.name] = {
    described: parametersOf(spec.network).map(({ shape }) => sizeOf(shape)),
    own: Object.values(model.getParameters()).map(({ shape }) => sizeOf(shape)),
    loss: epochs[0].loss,
  }
}
console.log(JSON.stringify(found))
`

test('each case is a network that chainrule trains, with the parameters of the description', async () => {
  const { code, stderr, stdout } = await runNode(['--input-type=module', '-e', program], root)
  expect(code, stderr).toBe(0)
  const found = JSON.parse(stdout) as Record<string, { described: number[]; own: number[]; loss: number }>
  expect(Object.keys(found)).toEqual(['spiral', 'fashion', 'wide', 'cnn', 'cnn-norm', 'lstm', 'gru', 'gpt'])
  for (const [name, { described, own, loss }] of Object.entries(found)) {
    expect(own, name).toEqual(described)
    expect(loss, name).toBeGreaterThan(0)
  }
})
