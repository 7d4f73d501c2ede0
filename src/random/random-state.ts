/** NumPy's legacy generator, so that a seed gives the numbers that it gives in Python. */
import { ChainruleError } from '../errors.ts'
import { describeValue, number } from '../options.ts'
import { allocate, isTypedArray } from '../tensor/arrays.ts'
import type { Tensor } from '../tensor/graph.ts'
import { constant } from '../tensor/leaves.ts'
import type { DType, Shape } from '../tensor/shape.ts'
import { checkedShape } from '../tensor/sizes.ts'
import { binomial } from './binomial.ts'
import { MersenneTwister } from './mt19937.ts'

/**
 * `numpy.random.RandomState`: integers, uniforms, shuffles and binomials bit for bit; normals as float32, exactly what
 * NumPy's float64 normals are after rounding. Draws follow each other: the order of calls matters.
 */
export class RandomState {
  #bits: MersenneTwister
  // The polar method makes two normals at a time.
  #spare: number | null = null

  /** @param seed an integer from 0 to 2³² − 1 */
  constructor(seed: number) {
    this.#bits = seeded(seed)
  }

  /** Starts anew. */
  seed(seed: number): void {
    this.#bits = seeded(seed)
    this.#spare = null
  }

  /** One standard normal number, in float64. */
  gauss(): number {
    if (this.#spare !== null) {
      const spare = this.#spare
      this.#spare = null
      return spare
    }
    for (;;) {
      const x1 = 2 * this.#bits.double() - 1
      const x2 = 2 * this.#bits.double() - 1
      const r2 = x1 * x1 + x2 * x2
      if (r2 >= 1 || r2 === 0) continue
      const f = Math.sqrt((-2 * Math.log(r2)) / r2)
      this.#spare = f * x1
      return f * x2
    }
  }

  /** Standard normals of a shape: `randn(2, 3)`. */
  randn(...shape: number[]): Tensor {
    return filled('randn', shape, 'float32', () => this.gauss())
  }

  /** Uniforms in [low, high). */
  uniform(low = 0, high = 1, shape: Shape = []): Tensor {
    for (const [name, value] of Object.entries({ low, high })) number()(value, { where: 'uniform', name })
    return filled('uniform', shape, 'float32', () => low + (high - low) * this.#bits.double())
  }

  /** One uniform number in [0, 1), in float64. */
  double(): number {
    return this.#bits.double()
  }

  /** 32 random bits. */
  uint32(): number {
    return this.#bits.uint32()
  }

  /** How many of n trials of probability p succeed; int32. */
  binomial(n: number, p: number, shape: Shape = []): Tensor {
    if (!Number.isInteger(n) || n < 0 || !(p >= 0 && p <= 1))
      throw new ChainruleError(
        'ERR_OPTION',
        `binomial: expected n ≥ 0 and p from 0 to 1, got n = ${describeValue(n)}, p = ${describeValue(p)}`,
      )
    return filled('binomial', shape, 'int32', () => binomial(this.#bits, n, p))
  }

  /** Shuffles an array or typed array in place. */
  shuffle<T>(list: { length: number; [i: number]: T }): void {
    if ((!Array.isArray(list) && !isTypedArray(list)) || Object.isFrozen(list))
      throw new ChainruleError(
        'ERR_DATA',
        `shuffle: expected an array or typed array that may change, got ${describeValue(list)}`,
      )
    for (let i = list.length - 1; i > 0; i--) {
      const j = this.#bits.upTo(i)
      const kept = list[i]!
      list[i] = list[j]!
      list[j] = kept
    }
  }

  /** The integers from 0 to n − 1 in random order; int32. */
  permutation(n: number): Tensor {
    let next = 0
    const list = filled('permutation', [n], 'int32', () => next++)
    this.shuffle(list.value!)
    return list
  }
}

function seeded(seed: number): MersenneTwister {
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32)
    throw new ChainruleError(
      'ERR_OPTION',
      `RandomState: the seed must be an integer from 0 to 2³² − 1, got ${describeValue(seed)}`,
    )
  return new MersenneTwister(seed)
}

function filled(where: string, given: Shape, dtype: DType, draw: () => number): Tensor {
  const shape = checkedShape(where, given)
  const values = allocate(dtype, shape, where)
  for (let i = 0; i < values.length; i++) values[i] = draw()
  return constant(values, shape)
}
