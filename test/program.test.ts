import { describe, expect, test } from 'vitest'
import {
  type ChainruleError,
  gather,
  gradient,
  parameter,
  program,
  randomNormal,
  randomUniform,
  type Tensor,
  tensor,
} from '../src/index.ts'
import { floats } from './support/digests.ts'

const list = (t: Tensor) => Array.from(t.data())
const matrix = (seed: number, rows: number, columns: number) =>
  tensor(floats(seed, rows * columns), { shape: [rows, columns] })

function errorOf(f: () => unknown): ChainruleError {
  try {
    f()
  } catch (error) {
    return error as ChainruleError
  }
  throw new Error('nothing was thrown')
}

describe('describing', () => {
  test('once per set of shapes and dtypes, however often it is called', async () => {
    let calls = 0
    const f = program((x: Tensor) => {
      calls++
      return x.mul(2)
    })
    expect(f.described).toBe(0)
    for (let i = 0; i < 3; i++) {
      f.sync([1, 2])
      await f([3, 4])
    }
    expect([f.described, calls]).toEqual([1, 1])
    f.sync([1, 2, 3])
    f.sync([[1, 2]])
    f.sync(Int32Array.of(1, 2))
    expect([f.described, calls]).toEqual([4, 4])
    f.sync([5, 6])
    f.print([5, 6])
    expect(f.described).toBe(4)
  })

  test('the oldest of many shapes is forgotten, and described again when it comes back', () => {
    const f = program((x: Tensor) => x.sum())
    const sizes = Array.from({ length: 17 }, (_, i) => i + 1)
    for (const n of sizes) f.sync(new Float32Array(n))
    expect(f.described).toBe(17)
    f.sync(new Float32Array(17))
    expect(f.described).toBe(17)
    f.sync(new Float32Array(1))
    expect(f.described).toBe(18)
  })

  test('an async function is refused, with what to do', () => {
    const f = program((async (x: Tensor) => x) as unknown as (x: Tensor) => Tensor)
    const error = errorOf(() => f.sync([1]))
    expect(error.code).toBe('ERR_OPTION')
    expect(error.message).toBe('program: the function is async. Describe with plain calls; await the program.')
  })

  test.each([
    ['nothing', undefined],
    ['a number', 3],
    ['an empty list', []],
    ['a list with a number', [1]],
  ])('a function that returns %s is refused', (_, result) => {
    const f = program(() => result as unknown as Tensor)
    expect(() => f.sync()).toThrow('program: the function must return a tensor, a list or an object of tensors')
  })

  test('reading an input while describing says how to feed it', () => {
    for (const read of [
      (x: Tensor) => x.item(),
      (x: Tensor) => x.add(1).data(),
      (x: Tensor) => x.toArray(),
      (x: Tensor) => gradient(x.square(), x).item(),
    ]) {
      const f = program((x: Tensor) => {
        read(x)
        return x
      })
      const error = errorOf(() => f.sync(1))
      expect(error.code).toBe('ERR_NOT_FED')
      expect(error.message).toContain('program(f)(data)')
    }
  })

  test('an input that is printed while describing shows its shape', () => {
    let text = ''
    program((x: Tensor) => {
      text = String(x.add(1))
      return x
    }).sync([[1, 2]])
    expect(text).toBe('Tensor [1, 2] float32, not computed: it depends on an input')
  })

  test('an error of f leaves the program usable', () => {
    const f = program((a: Tensor, b: Tensor) => a.add(b))
    expect(errorOf(() => f.sync([1, 2], [1, 2, 3])).code).toBe('ERR_SHAPE')
    expect(list(f.sync([1, 2], [3, 4]))).toEqual([4, 6])
  })
})

describe('results', () => {
  const f = (x: Tensor, w: Tensor) => {
    const y = x.matmul(w).tanh()
    const loss = y.square().mean()
    return { y, loss, ...gradient(loss, { dx: x, dw: w }) }
  }
  const inputs = () => [matrix(1, 5, 7), matrix(2, 7, 3)] as const

  test('are the bits of reading at once, sync and async', async () => {
    const p = program(f)
    const eager = f(...inputs())
    const [sync, async_] = [p.sync(...inputs()), await p(...inputs())]
    for (const name of ['y', 'loss', 'dx', 'dw'] as const) {
      expect(list(sync[name]), name).toEqual(list(eager[name]))
      expect(list(async_[name]), name).toEqual(list(eager[name]))
    }
  })

  test('have the structure that f returned', () => {
    expect(list(program((x: Tensor) => x.neg()).sync([1]))).toEqual([-1])
    expect(
      program((x: Tensor) => [x, x.neg()])
        .sync([1])
        .map(list),
    ).toEqual([[1], [-1]])
    expect(Object.keys(program((b: Tensor) => ({ b, a: b })).sync(1))).toEqual(['b', 'a'])
  })

  test('may be an input, a constant, a part of another result, one value twice', () => {
    const constant = tensor([7, 8])
    const p = program((x: Tensor) => {
      const y = x.add(1)
      return [x, constant, y, y, y.at('1:'), y.reshape([3, 1]), x.at(0), tensor(5)]
    })
    for (const start of [1, 10]) {
      const [a, b, c, d, e, g, h, i] = p.sync([start, start + 1, start + 2]).map((t) => t.toArray())
      expect(a).toEqual([start, start + 1, start + 2])
      expect(b).toEqual([7, 8])
      expect([c, d]).toEqual([
        [start + 1, start + 2, start + 3],
        [start + 1, start + 2, start + 3],
      ])
      expect(e).toEqual([start + 2, start + 3])
      expect(g).toEqual([[start + 1], [start + 2], [start + 3]])
      expect([h, i]).toEqual([start, 5])
    }
  })

  test('keep their values when the program runs again', () => {
    const p = program((x: Tensor) => x.mul(2))
    const first = p.sync([1, 2])
    p.sync([3, 4])
    expect(list(first)).toEqual([2, 4])
  })

  test('an input of no elements, and results of none', () => {
    const [empty, sum] = program((x: Tensor) => [x.mul(2), x.sum()]).sync(new Float32Array(0))
    expect([empty!.shape, empty!.toArray(), sum!.item()]).toEqual([[0], [], 0])
  })
})

describe('what f uses besides its inputs', () => {
  test('a tensor keeps the value that it had', () => {
    let factor = tensor(2)
    const p = program((x: Tensor) => x.mul(factor))
    expect(p.sync(5).item()).toBe(10)
    factor = tensor(3)
    expect(p.sync(5).item()).toBe(10)
    // Another shape is described anew, with what there is now.
    expect(list(p.sync([5]))).toEqual([15])
  })

  test('a pending tensor too, and it is computed once', () => {
    const lazy = tensor([1, 2]).add(1)
    const p = program((x: Tensor) => x.mul(lazy.square()))
    expect(list(p.sync([1, 1]))).toEqual([4, 9])
    expect(list(lazy)).toEqual([2, 3])
  })

  test('a random tensor from outside keeps its draw', () => {
    const noise = randomNormal([4])
    const p = program((x: Tensor) => x.add(noise))
    expect(list(p.sync([0, 0, 0, 0]))).toEqual(list(noise))
    expect(list(p.sync([0, 0, 0, 0]))).toEqual(list(noise))
  })

  test('a parameter is read at each call, also through operations on it alone', async () => {
    const w = parameter([2], 'ones')
    const p = program((x: Tensor) => x.mul(w.square()))
    expect(list(p.sync([1, 2]))).toEqual([1, 2])
    w.set([2, 3])
    expect(list(p.sync([1, 2]))).toEqual([4, 18])
    expect(list(await p([1, 2]))).toEqual([4, 18])
  })
})

describe('random numbers inside', () => {
  const f = (x: Tensor) => x.add(randomUniform([5]))
  const zeros = new Float32Array(5)

  test('are drawn anew at each call, and are the same for equal seeds', async () => {
    const [a, b, other] = [program(f, { seed: 1 }), program(f, { seed: 1 }), program(f, { seed: 2 })]
    const drawn = [a.sync(zeros), await a(zeros), a.sync(zeros)].map(list)
    expect(new Set(drawn.map(String)).size).toBe(3)
    expect([b.sync(zeros), b.sync(zeros), await b(zeros)].map(list)).toEqual(drawn)
    expect(list(other.sync(zeros))).not.toEqual(drawn[0])
  })

  test('are the same wherever the value is used in one call, gradient included', () => {
    const p = program((x: Tensor) => {
      const mask = randomUniform([6]).greater(0.5).cast('float32')
      const y = x.mul(mask)
      return [mask, y, gradient(y.sum(), x)]
    })
    for (let i = 0; i < 5; i++) {
      const [mask, y, dx] = p.sync([1, 1, 1, 1, 1, 1]).map(list)
      expect(y).toEqual(mask)
      expect(dx).toEqual(mask)
    }
  })

  test('two operations draw different numbers', () => {
    const [a, b] = program(() => [randomUniform([5]), randomUniform([5])]).sync()
    expect(list(a!)).not.toEqual(list(b!))
  })

  test('do not depend on what another program described before', () => {
    const first = list(program(f, { seed: 3 }).sync(zeros))
    program(() => randomUniform([3]).add(randomUniform([3]))).sync()
    expect(list(program(f, { seed: 3 }).sync(zeros))).toEqual(first)
  })
})

describe('calls at the same time', () => {
  test('do not disturb each other', async () => {
    const p = program((x: Tensor, w: Tensor) => x.matmul(w).relu().sum({ axis: 0 }))
    const w = matrix(1, 64, 32)
    const xs = Array.from({ length: 24 }, (_, i) => matrix(i + 2, 48, 64))
    const together = await Promise.all(xs.map((x) => p(x, w)))
    const alone = xs.map((x) => p.sync(x, w))
    for (const [i, y] of together.entries()) expect(list(y), `call ${i}`).toEqual(list(alone[i]!))
  })

  test('an input may change as soon as the call has returned', async () => {
    const p = program((x: Tensor) => x.mul(2))
    const data = Float32Array.of(1, 2)
    const pending = p(data)
    data.fill(9)
    expect(list(await pending)).toEqual([2, 4])
  })

  test('one that fails leaves the others alone', async () => {
    const p = program((rows: Tensor) => gather([10, 20, 30], rows))
    const calls = [
      [0, 1],
      [5, 0],
      [2, 2],
    ].map((rows) => p(Int32Array.from(rows)))
    const outcomes = await Promise.allSettled(calls)
    expect(outcomes.map((o) => o.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(((outcomes[1] as PromiseRejectedResult).reason as ChainruleError).message).toBe(
      'gather: row index 5 at position 0 is outside the table, which has 3 rows',
    )
    expect(list((outcomes[2] as PromiseFulfilledResult<Tensor>).value)).toEqual([30, 30])
  })
})

describe('print', () => {
  const text = program((x: Tensor, w: Tensor) => x.matmul(w).relu()).print(matrix(1, 8, 16), matrix(2, 16, 4))
  const lines = text.split('\n')

  test('shows each instruction with shapes, operations and bytes, and the memory', () => {
    expect(lines[0]).toMatch(/^\s+kernel\s+output ← inputs\s+flop\s+bytes/)
    const product = lines.find((l) => l.includes('matmul'))!
    expect(product).toMatch(/\[8,4\] ← staging\+\d+\[8,16\] staging\+\d+\[16,4\]/)
    expect(product).toContain('1.0k') // 2 · 8 · 16 · 4 flop
    expect(product).toContain('896') // bytes of the three matrices
    expect(lines.find((l) => l.includes('relu'))).toBeDefined()
    expect(lines.at(-1)).toMatch(/^memory: scratch \S+B \(\S+B live at once\), staging \S+B$/)
  })

  test('has one line per instruction', () => {
    expect(lines).toHaveLength(4)
  })
})
