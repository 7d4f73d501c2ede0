import { describe, expect, test } from 'vitest'
import { dense, initializers, l2, Model } from '../../src/index.ts'

describe('a saved layer', () => {
  test('keeps initializers and regularizers', async () => {
    const options = {
      kernelInitializer: initializers.normal({ std: 0.3 }),
      biasInitializer: initializers.constant(0.5),
      kernelRegularizer: l2(0.01),
    }
    const model = new Model([dense(3, { kernelInitializer: 'heNormal' }), dense(2, options)], { seed: 3 })
    model.build([4])
    const loaded = await Model.load(model.toBytes())
    const [first, second] = loaded.stack
    expect(first?.options.kernelInitializer).toMatchObject({ name: 'heNormal', options: {} })
    expect(second?.options.kernelInitializer).toMatchObject({ name: 'normal', options: { mean: 0, std: 0.3 } })
    expect(second?.options.biasInitializer).toMatchObject({ name: 'constant', options: { value: 0.5 } })
    expect(second?.options.kernelRegularizer).toEqual(l2(0.01))
    const x = [[1, 2, 3, 4]]
    expect(loaded.predictSync(x).toArray()).toEqual(model.predictSync(x).toArray())
  })

  test('refuses a function by the names of option and layer', () => {
    const model = new Model([dense(3, { activation: (x) => x.sin(), name: 'wave' })])
    model.build([4])
    expect(() => model.toBytes()).toThrow(/option 'activation' of layer 'wave' is a function/)
  })
})
