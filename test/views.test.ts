// Products read and write where the data lie: no copies of heads, slices and transposes, and the same numbers.
import { describe, expect, test } from 'vitest'
import { concat, gradient, matmul, ones, program, type Shape, type Tensor, tensor } from '../src/index.ts'
import { floats } from './support/digests.ts'
import { matmul as exact, type Nd } from './support/oracle.ts'
import { type Random, seeded } from './support/random.ts'

const values = (seed: number, shape: Shape) =>
  tensor(
    floats(
      seed,
      shape.reduce((a, b) => a * b, 1),
    ),
    { shape },
  )

/** The kernels of a program, in order. */
const kernels = (text: string) => text.split('\n').flatMap((line) => /^ *\d+ +(\w+)/.exec(line)?.[1] ?? [])
const count = (list: readonly string[], name: string) => list.filter((k) => k === name).length

// In debug mode each value is looked at alone, so it has a place of its own.
const alone = process.env.CHAINRULE_DEBUG === '1'

const [batch, time, heads, size] = [3, 7, 4, 5]
const width = heads * size

const split = (x: Tensor) => x.reshape([batch, time, heads, size]).transpose([0, 2, 1, 3])

function attention(x: Tensor, w: Tensor, out: Tensor): Tensor {
  const qkv = x.matmul(w)
  const [q, k, v] = [0, 1, 2].map((i) => split(qkv.at(':', ':', `${i * width}:${(i + 1) * width}`))) as [
    Tensor,
    Tensor,
    Tensor,
  ]
  const weights = q
    .matmul(k.transpose([0, 1, 3, 2]))
    .mul(size ** -0.5)
    .softmax()
  return weights.matmul(v).transpose([0, 2, 1, 3]).reshape([batch, time, width]).matmul(out)
}

const inputs = () =>
  [values(1, [batch, time, width]), values(2, [width, 3 * width]), values(3, [width, width])] as const

describe('an attention block', () => {
  const there = program(attention)
  const back = program((x: Tensor, w: Tensor, out: Tensor) => {
    const loss = attention(x, w, out).square().sum()
    return [loss, ...gradient(loss, [x, w, out])]
  })

  test.skipIf(alone)('copies nothing on the way there', () => {
    const list = kernels(there.print(...inputs()))
    expect(list).toEqual(['matmul', 'matmul', 'mul', 'softmax', 'matmul', 'matmul'])
  })

  test.skipIf(alone)('copies nothing on the way back: each gradient is written where it belongs', () => {
    const list = kernels(back.print(...inputs()))
    expect(count(list, 'matmul')).toBe(12)
    expect([count(list, 'copy'), count(list, 'fill'), count(list, 'add')]).toEqual([0, 0, 0])
  })

  test('is the same as with copies', () => {
    const [x, w, out] = inputs()
    const loss = attention(x, w, out).square().sum()
    const read = [loss, ...gradient(loss, [x, w, out])]
    for (const [i, t] of back.sync(x, w, out).entries()) expect(t.data()).toEqual(read[i]!.data())
  })

  test('other orders of axes are read where they lie, too', () => {
    const f = program((a: Tensor, b: Tensor) => matmul(a.transpose([2, 0, 1, 3]), b.transpose([2, 0, 3, 1])))
    expect(kernels(f.print(values(1, [2, 6, 3, 4]), values(2, [2, 5, 3, 4])))).toEqual(['matmul'])
    const rows = program((a: Tensor, w: Tensor) => matmul(a.at(':', '1:4', '2:8'), w.at('1:7', '3:')))
    expect(kernels(rows.print(values(1, [2, 6, 9]), values(2, [8, 9])))).toEqual(['matmul'])
    const repeated = program((a: Tensor, b: Tensor) => matmul(a, b.reshape([2, 1, 4, 3])))
    expect(kernels(repeated.print(values(1, [2, 5, 3, 4]), values(2, [2, 4, 3])))).toEqual(['matmul'])
  })

  test('functions of one value read slices, rows and repetitions', () => {
    const f = program((x: Tensor) => [x.at(':', '1:4').tanh(), x.at(':', 2).exp(), x.at('::2').neg(), x.T.sin()])
    const x = values(1, [6, 5])
    expect(count(kernels(f.print(x)), 'copy')).toBe(2) // a column and the transpose
    const read = [
      x.at(':', '1:4').data().map(Math.tanh),
      x.at(':', 2).data().map(Math.exp),
      x
        .at('::2')
        .data()
        .map((v) => -v),
    ]
    for (const [i, values] of read.entries())
      for (const [j, v] of f.sync(x)[i]!.data().entries()) expect(v).toBeCloseTo(values[j]!, 6)
    const whole = program((n: Tensor) => n.at(':', '1:').square())
    expect(whole.sync(tensor(Int32Array.of(1, 2, 3, 4, 5, 6), { shape: [2, 3] })).toArray()).toEqual([[4, 9], [25, 36]]) // biome-ignore format: a matrix
  })

  test('what no kernel can walk is copied once, however long the chain of views', () => {
    const f = program((a: Tensor, b: Tensor) => matmul(a.at('::-1', ':', '::2').transpose([1, 0, 2]).at('1:'), b))
    expect(kernels(f.print(values(1, [3, 4, 10]), values(2, [5, 6])))).toEqual(['copy', 'matmul'])
  })
})

test('the gradients of slices are added where they belong: one fill for all, and nothing is as large as the whole', () => {
  const steps = 40
  const f = program((x: Tensor) => {
    const parts = Array.from({ length: steps }, (_, t) => x.at(':', t).tanh())
    const loss = parts.reduce((sum, y) => sum.add(y.square()), parts[0]!).sum()
    return gradient(loss, x)
  })
  const list = kernels(f.print(values(1, [2, steps, 8])))
  expect([count(list, 'fill'), count(list, 'copy') <= 2 * steps]).toEqual([0, true])
  const some = program((x: Tensor) => gradient(x.at('1:3').exp().sum().add(x.at('2:5').sin().sum()), x))
  expect(count(kernels(some.print([1, 2, 3, 4, 5, 6])), 'fill')).toBe(1)
  const whole = program((x: Tensor) => gradient(x.square().sum().add(x.at('1:3').exp().sum()).add(x.at(0)), x))
  expect(count(kernels(whole.print([1, 2, 3, 4])), 'fill')).toBe(0)
  const got = whole.sync([1, 2, 3, 4]).data()
  for (const [i, e] of [3, 4 + Math.exp(2), 6 + Math.exp(3), 8].entries()) expect(got[i]).toBeCloseTo(e, 5)
})

test('products that add up are added as they are made', () => {
  const loss = (x: Tensor, v: Tensor, w: Tensor) => x.matmul(v).tanh().add(x.matmul(w).sigmoid()).add(x).square().sum()
  const f = program((x: Tensor, v: Tensor, w: Tensor) => gradient(loss(x, v, w), [x, v, w]))
  const inputs = [values(1, [2, 5, 6]), values(2, [6, 6]), values(3, [6, 6])] as const
  const list = kernels(f.print(...inputs))
  expect([count(list, 'matmul'), count(list, 'add'), count(list, 'copy')]).toEqual([6, 2, 0])
  const separate = inputs.map((x, i) => {
    const others = inputs.map((t, j) => (j === i ? x : t)) as [Tensor, Tensor, Tensor]
    return gradient(loss(...others), x)
  })
  for (const [i, t] of f.sync(...inputs).entries()) expect(t.data()).toEqual(separate[i]!.data())
  // One that somebody else uses, too, is not made twice.
  const shared = program((x: Tensor, w: Tensor) => {
    const y = x.matmul(w)
    const dx = gradient(y.square().sum(), x)
    return [dx, gradient(x.matmul(w).sin().sum().add(dx.sum()), x)]
  })
  expect(count(kernels(shared.print(values(1, [3, 4]), values(2, [4, 4]))), 'matmul')).toBeLessThanOrEqual(7)
})

test('what is added to in place is copied first where it is wanted, too, or is one of the factors', () => {
  const f = program((x: Tensor, w: Tensor) => {
    const y = x.matmul(w).add(x.sin())
    const first = gradient(y.square().sum(), x)
    return [first.exp(), first, gradient(x.exp().matmul(w).add(x.exp()).square().sum(), x)]
  })
  const inputs = [values(1, [4, 4]), values(2, [4, 4])] as const
  const [x, w] = inputs
  const first = () => gradient(x.matmul(w).add(x.sin()).square().sum(), x)
  const expected = [first().exp(), first(), gradient(x.exp().matmul(w).add(x.exp()).square().sum(), x)]
  for (const [i, t] of f.sync(...inputs).entries()) expect(t.data()).toEqual(expected[i]!.data())
})

// ---- any views

const pick = <T>(random: Random, list: readonly T[]): T => list[random.integer(0, list.length)]!

/** A view of x with these last two sizes, by random steps. */
function randomView(random: Random, x: Tensor): Tensor {
  let t = x
  for (let turn = random.integer(0, 4); turn > 0; turn--) {
    const way = random.integer(0, 3)
    if (way === 0) {
      const order = t.shape.map((_, i) => i).sort(() => random.next() - 0.5)
      t = t.transpose(order)
    } else if (way === 1) {
      t = t.at(...t.shape.map((n) => (n > 2 ? pick(random, [':', '1:', ':-1', '::2', '::-1']) : ':')))
    } else if (t.rank > 2) {
      const i = random.integer(0, t.rank - 1)
      t = t.reshape([...t.shape.slice(0, i), t.shape[i]! * t.shape[i + 1]!, ...t.shape.slice(i + 2)])
    } else t = t.reshape([1, ...t.shape])
  }
  return t
}

const nd = (t: Tensor): Nd => ({ shape: t.shape, data: Float64Array.from(t.data()) })

test.each([1, 2, 3, 4])('random views on both sides and behind products, seed %s', (seed) => {
  const random = seeded(seed)
  for (let round = 0; round < 25; round++) {
    const shape = Array.from({ length: random.integer(2, 5) }, () => random.integer(1, 6))
    const describeWith = (x: Tensor, w: Tensor) => {
      const own = seeded(seed * 1000 + round)
      const a = randomView(own, x)
      const b = randomView(own, w)
      const c = matmul(
        a,
        b
          .reshape([-1])
          .at(`:${a.size(-1) * 2}`)
          .reshape([2, -1]).T,
      )
      const d = concat([c.transpose([...c.shape.keys()].reverse()), c.transpose([...c.shape.keys()].reverse()).neg()])
      return { a, b, c, d, loss: d.square().sum().add(c.sum()) }
    }
    const [x, w] = [values(round, shape), values(round + 7, [4, 12, 60])]
    const read = describeWith(x, w)
    const expected = exact(
      nd(read.a),
      nd(
        read.b
          .reshape([-1])
          .at(`:${read.a.size(-1) * 2}`)
          .reshape([2, -1]).T,
      ),
    )
    const { c } = read
    const scale = Math.max(...expected.data.map(Math.abs), 1)
    for (const [i, y] of c.data().entries()) expect(Math.abs(y - expected.data[i]!)).toBeLessThan(1e-5 * scale)
    const again = describeWith(x, w)
    const eager = [again.c, again.d, ...gradient(again.loss, [x, w])]
    const planned = program((p: Tensor, q: Tensor) => {
      const { c, d, loss } = describeWith(p, q)
      return [c, d, ...gradient(loss, [p, q])]
    }).sync(x, w)
    const without = program((p: Tensor, q: Tensor) => {
      const { loss } = describeWith(p, q)
      return gradient(loss, [p, q])
    }).sync(x, w)
    for (const [i, t] of planned.entries()) expect(t.data()).toEqual(eager[i]!.data())
    for (const [i, t] of without.entries()) expect(t.data()).toEqual(eager[i + 2]!.data())
  }
})

const flat = (t: Tensor) => Array.from(t.data())

describe('axes of size 1', () => {
  test('products with a turned left side of one column, whose batches become rows', () => {
    const x = tensor(Float32Array.of(1, 2, 3, 4, 5, 6), { shape: [2, 1, 3] })
    const w = tensor([[1, 10]])
    expect(flat(x.transpose([0, 2, 1]).matmul(w))).toEqual([1, 10, 2, 20, 3, 30, 4, 40, 5, 50, 6, 60])
    const [a, b] = [tensor(Float32Array.of(2, 3, 4), { shape: [3, 1, 1] }), ones([3, 1, 3])]
    const [da, db] = gradient(a.broadcastTo([3, 1, 1]).matmul(b).sum(), [a, b])
    expect([flat(da), flat(db)]).toEqual([
      [3, 3, 3],
      [2, 2, 2, 3, 3, 3, 4, 4, 4],
    ])
  })

  test('products of what was turned round along them', () => {
    const x = tensor(Float32Array.of(1, 2, 3, 4), { shape: [2, 1, 2] })
    const w = tensor([[1], [1]])
    expect(flat(x.at('::-1').at(':1').matmul(w))).toEqual([7])
    expect(flat(x.flip(0).at('0:1').matmul(w))).toEqual([7])
  })
})

test('a plan for 0 is none for −0', () => {
  const first = (value: number) => flat(tensor([1]).pad([[1, 0]], value))[0]
  expect([first(0), first(-0), first(0)]).toEqual([0, -0, 0])
})
