/** Sums of products, in Einstein's notation. */
import { describeValue } from '../options.ts'
import { type TensorLike, toTensor } from '../tensor/create.ts'
import { describeError, shapeError } from '../tensor/describing.ts'
import type { Tensor } from '../tensor/graph.ts'
import { formatShape, sizeOf } from '../tensor/shape.ts'
import { mul, toFloat } from './elementwise.ts'
import { matmul } from './matmul.ts'
import { reshape, transpose } from './movement.ts'
import { sum } from './reduce.ts'

const wrong = (text: string) => describeError('ERR_OPTION', 'einsum', text)

interface Equation {
  readonly a: string
  readonly b: string
  readonly out: string
}

function parse(equation: unknown): Equation {
  if (typeof equation !== 'string')
    throw wrong(`expected an equation such as 'bij,bjk->bik', got ${describeValue(equation)}`)
  const match = /^([a-zA-Z]*),([a-zA-Z]*)(?:->([a-zA-Z]*))?$/.exec(equation.replaceAll(' ', ''))
  if (!match) {
    const hint = equation.includes('.') ? " Name all axes: '...' is not known." : ''
    throw wrong(`expected two operands by letters, such as 'bij,bjk->bik', got '${equation}'.${hint}`)
  }
  const [, a = '', b = ''] = match
  for (const [which, letters] of [
    ['first', a],
    ['second', b],
  ] as const)
    for (const letter of letters)
      if (letters.indexOf(letter) !== letters.lastIndexOf(letter))
        throw wrong(
          `'${letter}' stands twice in the ${which} operand of '${equation}': diagonals are not taken. Multiply by eye(n) and sum.`,
        )
  const out = match[3] ?? implied(a + b)
  for (const letter of out) {
    if (!a.includes(letter) && !b.includes(letter))
      throw wrong(`'${letter}' of the result stands in no operand of '${equation}'`)
    if (out.indexOf(letter) !== out.lastIndexOf(letter))
      throw wrong(`'${letter}' stands twice in the result of '${equation}'`)
  }
  return { a, b, out }
}

/** Without a result: the letters that stand once, in alphabetical order. */
function implied(letters: string): string {
  return [...letters]
    .filter((letter) => letters.indexOf(letter) === letters.lastIndexOf(letter))
    .sort()
    .join('')
}

function sizesOf(equation: Equation, a: Tensor, b: Tensor): Map<string, number> {
  const sizes = new Map<string, number>()
  for (const [which, letters, x] of [
    ['first', equation.a, a],
    ['second', equation.b, b],
  ] as const) {
    if (letters.length !== x.rank)
      throw shapeError(
        'einsum',
        `the ${which} operand has the axes '${letters}', but its shape is ${formatShape(x.shape)}`,
      )
    for (const [i, letter] of [...letters].entries()) {
      const n = x.shape[i]!
      const before = sizes.get(letter) ?? n
      if (before !== n)
        throw shapeError(
          'einsum',
          `'${letter}' is ${before} in ${formatShape(a.shape)}, but ${n} in ${formatShape(b.shape)}`,
        )
      sizes.set(letter, n)
    }
  }
  return sizes
}

/** Sums over what neither the other operand nor the result names. */
function reduced(x: Tensor, letters: string, kept: string): [Tensor, string] {
  const axis = [...letters].flatMap((letter, i) => (kept.includes(letter) ? [] : [i]))
  if (axis.length === 0) return [x, letters]
  return [sum(x, { axis }), [...letters].filter((letter) => kept.includes(letter)).join('')]
}

/**
 * The sum of products of two operands that an equation names, with `numpy.einsum`'s meaning: one letter per axis; axes of
 * one letter walk together, and letters that the result does not have are summed out. Without '->' the result has the
 * letters that stand once, in alphabetical order. A letter may stand once per operand.
 *
 * `einsum('bij,bjk->bik', a, b)` is a product in batches, `'i,j->ij'` an outer product, `'bhqd,bhkd->bhqk'` attention.
 */
export function einsum(equation: string, a: TensorLike, b: TensorLike): Tensor {
  const parsed = parse(equation)
  const [x, y] = [toFloat(toTensor(a)), toFloat(toTensor(b))]
  const sizes = sizesOf(parsed, x, y)
  // The columns of a product are the last axis of its result: so is what b alone has.
  const last = parsed.out.slice(-1)
  const turned = last !== '' && !parsed.b.includes(last)
  return turned ? summed({ a: parsed.b, b: parsed.a, out: parsed.out }, y, x, sizes) : summed(parsed, x, y, sizes)
}

function summed(parsed: Equation, x: Tensor, y: Tensor, sizes: ReadonlyMap<string, number>): Tensor {
  const { out } = parsed
  const [p, left] = reduced(x, parsed.a, parsed.b + out)
  const [q, right] = reduced(y, parsed.b, parsed.a + out)
  const both = [...left].filter((letter) => right.includes(letter))
  const contracted = both.filter((letter) => !out.includes(letter))
  const order = (letters: readonly string[], of: string) => letters.map((letter) => of.indexOf(letter))
  const letters = [...out]
  if (contracted.length === 0) return mul(spread(p, left, letters), spread(q, right, letters))
  // In the order of the result, so that it need not be turned.
  const batch = letters.filter((letter) => both.includes(letter))
  const rows = letters.filter((letter) => left.includes(letter) && !both.includes(letter))
  const columns = letters.filter((letter) => right.includes(letter) && !both.includes(letter))
  const count = (list: readonly string[]) => sizeOf(list.map((letter) => sizes.get(letter)!))
  const shape = batch.map((letter) => sizes.get(letter)!)
  const l = reshape(transpose(p, order([...batch, ...rows, ...contracted], left)), [
    ...shape,
    count(rows),
    count(contracted),
  ])
  const r = reshape(transpose(q, order([...batch, ...columns, ...contracted], right)), [
    ...shape,
    count(columns),
    count(contracted),
  ])
  const turned = [...shape.keys(), r.rank - 1, r.rank - 2]
  const made = [...batch, ...rows, ...columns]
  const product = reshape(
    matmul(l, transpose(r, turned)),
    made.map((letter) => sizes.get(letter)!),
  )
  return transpose(
    product,
    letters.map((letter) => made.indexOf(letter)),
  )
}

/** With the axes of the result, those that x does not have of size 1. */
function spread(x: Tensor, own: string, letters: readonly string[]): Tensor {
  const there = letters.filter((letter) => own.includes(letter))
  const turned = transpose(
    x,
    there.map((letter) => own.indexOf(letter)),
  )
  return reshape(
    turned,
    letters.map((letter) => (own.includes(letter) ? x.shape[own.indexOf(letter)]! : 1)),
  )
}
