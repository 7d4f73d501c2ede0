/** `program(f)`: a function of tensors, described once per shape and then called with data. */
import { ChainruleError } from '../errors.ts'
import { leavesOf, likeTree, type Same, type Tree } from '../gradient.ts'
import { checkOptions, describeValue, nonNegativeInteger, optional } from '../options.ts'
import { type TensorLike, tensor } from '../tensor/create.ts'
import { Tensor } from '../tensor/graph.ts'
import { LruCache } from './cache.ts'
import { isOutdated } from './encode.ts'
import { read } from './evaluate.ts'
import { printProgram } from './print.ts'
import { Traced } from './traced.ts'

export interface ProgramOptions {
  /** Of random operations in the program; the n-th call draws step n. Default: 0. */
  seed?: number
}

export interface Program<A extends readonly Tensor[], R extends Tree> {
  /** Computes in the background. */
  (...inputs: { [K in keyof A]: TensorLike }): Promise<Same<R>>
  /** Computes on this thread. */
  sync(...inputs: { [K in keyof A]: TensorLike }): Same<R>
  /** The instructions for these inputs, as text: shapes, bytes, floating-point operations. */
  print(...inputs: { [K in keyof A]: TensorLike }): string
  /** How many times f was described: once per set of shapes and dtypes. */
  readonly described: number
}

// Shapes that a program remembers at once.
const remembered = 16

/**
 * A function of tensors as a program. It is described once for each set of input shapes and dtypes, and then only
 * computed: what changes from call to call must be an input. Parameters are read at each call; other tensors that f
 * uses keep the value they had.
 * @throws ERR_OPTION when f is async or returns something other than tensors
 */
export function program<A extends Tensor[], R extends Tree>(
  f: (...inputs: A) => R,
  options: ProgramOptions = {},
): Program<A, R> {
  const { seed } = checkOptions('program', options, { seed: optional(nonNegativeInteger, 0) })
  if (typeof f !== 'function')
    throw new ChainruleError('ERR_OPTION', `program: expected a function of tensors, got ${describeValue(f)}`)
  const known = new LruCache<{ traced: Traced; shape: R }>(remembered, ({ traced }) => isOutdated(traced.compiled))
  let described = 0
  let step = 0
  const prepare = (inputs: readonly TensorLike[]) => {
    const tensors = inputs.map((x) => tensor(x))
    const key = tensors.map((t) => `${t.dtype}[${t.shape}]`).join()
    let entry = known.get(key)
    if (!entry) {
      let shape: R | undefined
      const traced = new Traced(
        tensors.map((t) => ({ shape: t.shape, dtype: t.dtype })),
        (feeds) => ({ outputs: checked((shape = f(...(feeds as A)))) }),
      )
      described++
      entry = { traced, shape: shape! }
      known.set(key, entry)
    }
    return { ...entry, values: tensors.map(read), options: { seed, firstStep: step++ } }
  }
  const call = async (...inputs: readonly TensorLike[]) => {
    const { traced, shape, values, options } = prepare(inputs)
    return likeTree(shape, await traced.call(values, options))
  }
  const sync = (...inputs: readonly TensorLike[]) => {
    const { traced, shape, values, options } = prepare(inputs)
    return likeTree(shape, traced.callSync(values, options))
  }
  const print = (...inputs: readonly TensorLike[]) => printProgram(prepare(inputs).traced.compiled)
  Object.defineProperties(call, {
    described: { get: () => described },
    [Symbol.for('nodejs.util.inspect.custom')]: { value: () => `Program (described ${described} times)` },
  })
  return Object.assign(call, { sync, print }) as unknown as Program<A, R>
}

function checked(result: Tree): readonly Tensor[] {
  if (typeof (result as unknown as PromiseLike<unknown>)?.then === 'function')
    throw new ChainruleError(
      'ERR_OPTION',
      'program: the function is async. Describe with plain calls; await the program.',
    )
  const tensors = result && typeof result === 'object' ? leavesOf(result) : []
  if (tensors.length === 0 || !tensors.every((t) => t instanceof Tensor))
    throw new ChainruleError('ERR_OPTION', 'program: the function must return a tensor, a list or an object of tensors')
  return tensors
}
