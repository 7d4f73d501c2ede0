/** Errors as tests compare them. */
import { ChainruleError, dense, Model } from '../../src/index.ts'

/** What a call threw, or rejected with. */
export async function errorOf(call: () => unknown): Promise<unknown> {
  try {
    await call()
  } catch (error) {
    return error
  }
  throw new Error('the call should have failed')
}

/** Everything that a user can learn from an error of ours. */
export function shown(error: unknown): string {
  if (!(error instanceof ChainruleError)) throw new Error('this is no error of ours', { cause: error })
  const { code, layer = '-', operation = '-', message } = error
  return `${code}, layer ${layer}, operation ${operation}\n${message}`
}

export const inputs = 4
export const classes = 3

/** Twelve samples of [4] with class numbers. */
export function samples() {
  const x = Array.from({ length: 12 }, (_, i) => Array.from({ length: inputs }, (_, k) => Math.sin(i * inputs + k)))
  return { x, y: Array.from({ length: 12 }, (_, i) => i % classes) }
}

export function classifier() {
  const layers = [dense(8, { activation: 'relu' }), dense(classes, { activation: 'softmax' })]
  const model = new Model(layers, { seed: 1 })
  return model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'] })
}

/** Whether a model can still be trained, scored and asked. */
export async function isUsable(model: Model<{ loss: number; accuracy: number }>): Promise<boolean> {
  const { epochs } = await model.fit(samples(), { batchSize: 5, progress: false })
  const { loss } = await model.evaluate(samples())
  const predicted = (await model.predict(samples().x)).data()
  return Number.isFinite(epochs[0]!.loss) && Number.isFinite(loss) && predicted.every(Number.isFinite)
}
