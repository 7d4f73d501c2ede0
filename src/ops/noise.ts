/** Noise on values; what multiplies is drawn again on the way back instead of being stored. */
import { apply } from '../tensor/apply.ts'
import type { Operation, Tensor } from '../tensor/graph.ts'
import { defineOperation } from '../tensor/operations.ts'
import { type Drawn, drawing } from './random.ts'

interface Noise {
  stream: number
  /** What the kernel takes behind the stream. */
  numbers: readonly number[]
  /** The same of its gradient; null where that is dy. */
  back: readonly number[] | null
}

function noiseOperation(name: string): Operation<Noise> {
  const operation: Operation<Noise> = defineOperation<Noise>({
    name,
    drawsEachStep: (inputs) => inputs.length === 1,
    infer: ([x]) => [{ shape: x!.shape, dtype: 'float32' }],
    emit: ({ attributes: { stream, numbers } }) => ({ kernel: name, attributes: [stream, ...numbers] }),
    gradient: ({ inputs: [, ...key], attributes: { stream, back } }, [dy]) => [
      back ? apply(operation, [dy!, ...key], { stream, numbers: back, back }) : dy!,
      ...key.map(() => null),
    ],
    inPlace: [[0, 0]],
  })
  return operation
}

const gaussianNoise = noiseOperation('gaussianNoise')
const gaussianDropout = noiseOperation('gaussianDropout')
const alphaDropout = noiseOperation('alphaDropout')

function draw(operation: Operation<Noise>, x: Tensor, given: Omit<Noise, 'stream'>, seeded: Drawn): Tensor {
  const { stream, keys } = drawing(seeded)
  return apply(operation, [x, ...keys], { stream, ...given })
}

/** x plus normal numbers of mean 0. */
export function addNoise(x: Tensor, stddev: number, seeded: Drawn): Tensor {
  return stddev === 0 ? x : draw(gaussianNoise, x, { numbers: [stddev], back: null }, seeded)
}

/** x times normal numbers of mean 1 and variance rate / (1 − rate). */
export function multiplyByNoise(x: Tensor, rate: number, seeded: Drawn): Tensor {
  const numbers = [Math.sqrt(rate / (1 - rate))]
  return rate === 0 ? x : draw(gaussianDropout, x, { numbers, back: numbers }, seeded)
}

// What selu goes to far below 0: −scale·alpha.
const limit = -1.0507009873554805 * 1.6732632423543772

/** Values go to selu's limit with probability `rate`; a line through all keeps mean 0 and variance 1. */
export function dropToLimit(x: Tensor, rate: number, seeded: Drawn): Tensor {
  const scale = ((1 - rate) * (1 + rate * limit ** 2)) ** -0.5
  const offset = -scale * limit * rate
  const numbers = [rate, scale, offset, scale * limit + offset]
  return rate === 0 ? x : draw(alphaDropout, x, { numbers, back: [rate, scale, 0, 0] }, seeded)
}
