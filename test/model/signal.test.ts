import { expect, test } from 'vitest'
import { dense, Model } from '../../src/index.ts'

test.each(['fit', 'evaluate', 'predict'] as const)(
  '%s refuses a signal that is none, and stays usable',
  async (method) => {
    const model = new Model([dense(1)], { seed: 1 })
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' })
    const data = { x: [[1, 2]], y: [[3]] }
    const call = (signal: unknown) => {
      const options = { signal: signal as AbortSignal }
      if (method === 'predict') return model.predict(data.x, options)
      return method === 'fit' ? model.fit(data, options) : model.evaluate(data, options)
    }
    for (const signal of [3, true, new AbortController()])
      await expect(call(signal)).rejects.toMatchObject({
        code: 'ERR_OPTION',
        message: expect.stringMatching(/option 'signal' must be an AbortSignal/),
      })
    await call(new AbortController().signal)
  },
)
