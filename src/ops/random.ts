/**
 * Random numbers: counter-based (Philox4x32-10; Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", 2011),
 * so element i of a draw is a function of (seed, step, stream, i), whatever the thread that computes it.
 *
 * Outside a program a draw has a key of its own, and is kept. Inside a program seed and step come from the run, the
 * stream from the order of description: every step draws anew, forward and backward alike.
 */
import { ChainruleError } from '../errors.ts'
import { boolean, checkOptions, nonNegativeInteger, number, optional } from '../options.ts'
import { apply } from '../tensor/apply.ts'
import { toTensor } from '../tensor/create.ts'
import { isTracing } from '../tensor/describing.ts'
import type { Operation, Tensor } from '../tensor/graph.ts'
import { constant } from '../tensor/leaves.ts'
import { defineOperation } from '../tensor/operations.ts'
import type { Shape } from '../tensor/shape.ts'
import { checkedCount, checkedShape } from '../tensor/sizes.ts'

let streams = 0

/** Streams count from 0 in each described program, so that the same description draws the same numbers. */
export function resetStreams(): number {
  const before = streams
  streams = 0
  return before
}

export function restoreStreams(value: number): void {
  streams = value
}

// Seeds of draws outside programs that name none: different in each process run, as in NumPy.
let unseeded = Math.floor(Math.random() * 2 ** 31)

/** The key of one draw: 64 bits of seed, 64 bits of step. */
export function keyOf(seed: number, step = 0): Tensor {
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new ChainruleError('ERR_OPTION', `seed: expected an integer from 0 to 2⁵³ − 1, got ${seed}`)
  return constant(
    Int32Array.of(seed | 0, Math.floor(seed / 2 ** 32) | 0, step | 0, Math.floor(step / 2 ** 32) | 0),
    [4],
  )
}

interface Draw {
  stream: number
  shape: Shape
  numbers: readonly number[]
  dtype: 'float32' | 'int32'
}

function drawOperation(name: string): Operation<Draw> {
  return defineOperation({
    name,
    drawsEachStep: (inputs) => inputs.length === 0,
    infer: (_, { shape, dtype }) => [{ shape, dtype }],
    emit: ({ attributes: { stream, numbers } }) => ({ kernel: name, attributes: [stream, ...numbers] }),
  })
}

const uniform = drawOperation('randomUniform')
const normal = drawOperation('randomNormal')
const coin = drawOperation('bernoulli')

export interface Seeded {
  /** The same seed gives the same values. Without one: a new draw each time (in a program: each step). */
  seed?: number
}

// A seed in a program fixes the draw; without one a program draws from its own stream.
function keys({ seed }: Drawn): Tensor[] {
  if (seed !== undefined) return [keyOf(seed)]
  return isTracing() ? [] : [keyOf(unseeded++)]
}

const seed = optional(nonNegativeInteger)
export type Drawn = { readonly seed?: number | undefined }
const uniformTable = { seed, low: optional(number(), 0), high: optional(number(), 1) }
const normalTable = {
  seed,
  mean: optional(number(), 0),
  std: optional(number(), 1),
  truncated: optional(boolean, false),
}

/** The stream of one more draw, and its key where it has one of its own. */
export function drawing(options: Drawn): { readonly stream: number; readonly keys: readonly Tensor[] } {
  const stream = isTracing() && options.seed === undefined ? streams++ : 0
  return { stream, keys: keys(options) }
}

function draw(operation: Operation<Draw>, given: Shape, numbers: readonly number[], o: Drawn, dtype: Draw['dtype']) {
  const shape = checkedShape(operation.name, given)
  const { stream, keys } = drawing(o)
  return apply(operation, keys, { stream, shape, numbers, dtype })
}

/** Uniform in [low, high), by default [0, 1): float32, and never `high` itself unless `low` equals it. */
export function randomUniform(shape: Shape, options: Seeded & { low?: number; high?: number } = {}): Tensor {
  const { low, high, ...seeded } = checkOptions('randomUniform', options, uniformTable)
  return draw(uniform, shape, [low, high], seeded, 'float32')
}

/** Normal with a mean and a standard deviation; `truncated` redraws what lies more than two deviations away. */
export function randomNormal(
  shape: Shape,
  options: Seeded & { mean?: number; std?: number; truncated?: boolean } = {},
): Tensor {
  const { mean, std, truncated, ...seeded } = checkOptions('randomNormal', options, normalTable)
  return draw(normal, shape, [mean, std, truncated ? 1 : 0], seeded, 'float32')
}

/** 1 with probability p, else 0. */
export function randomBernoulli(shape: Shape, p: number, options: Seeded = {}): Tensor {
  number({ min: 0, max: 1 })(p, { where: 'randomBernoulli', name: 'p' })
  return draw(coin, shape, [p], checkOptions('randomBernoulli', options, { seed }), 'float32')
}

// ---- dropout: its backward pass draws the same mask again instead of storing it

const dropoutOperation: Operation<{ stream: number; rate: number }> = defineOperation({
  name: 'dropout',
  drawsEachStep: (inputs) => inputs.length === 1,
  infer: ([x]) => [{ shape: x!.shape, dtype: 'float32' }],
  emit: ({ attributes: { stream, rate } }) => ({ kernel: 'dropout', attributes: [stream, rate] }),
  gradient: ({ inputs: [, ...key], attributes }, [dy]) => [
    apply(dropoutOperation, [dy!, ...key], attributes),
    ...key.map(() => null),
  ],
  inPlace: [[0, 0]],
})

/** Sets each element to 0 with probability `rate` and divides the others by 1 − rate (Srivastava et al., 2014). */
export function randomDropout(x: Tensor, rate: number, options: Seeded = {}): Tensor {
  const { stream, keys } = drawing(options)
  return rate === 0 ? x : apply(dropoutOperation, [toTensor(x), ...keys], { stream, rate })
}

const permutationOperation: Operation<{ stream: number; n: number }> = defineOperation({
  name: 'permutation',
  drawsEachStep: (inputs) => inputs.length === 0,
  infer: (_, { n }) => [{ shape: [n], dtype: 'int32' }],
  emit: ({ attributes: { stream } }) => ({ kernel: 'permutation', attributes: [stream] }),
})

/** The integers from 0 to n − 1 in random order. */
export function randomPermutation(n: number, options: Seeded = {}): Tensor {
  checkedCount('randomPermutation', 'n', n)
  const checked = checkOptions('randomPermutation', options, { seed })
  const { stream, keys } = drawing(checked)
  return apply(permutationOperation, keys, { stream, n })
}
