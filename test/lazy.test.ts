// Lazy tensors: when they are computed, what a read keeps and what it drops, long loops, deep graphs.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, describe, expect, test } from 'vitest'
import {
  type ChainruleError,
  gradient,
  parameter,
  program,
  randomNormal,
  randomUniform,
  softmax,
  type Tensor,
  tensor,
  zeros,
} from '../src/index.ts'
import { native } from '../src/native.ts'
import { pendingNodes } from '../src/tensor/apply.ts'
import { hooks, type Node } from '../src/tensor/graph.ts'

const list = (t: Tensor) => Array.from(t.data())

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Waits until what nobody holds is freed, native memory too. */
async function collected(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    await new Promise(setImmediate)
    collect()
  }
  await new Promise(setImmediate)
}

/** Bytes in use: JavaScript's and the addon's. */
async function used(): Promise<number> {
  await collected()
  return process.memoryUsage().heapUsed + native().memoryAlive()
}

// Counts what is computed, without changing it.
const { evaluate } = hooks
let computed = 0
let evaluations = 0
function count(): void {
  computed = 0
  evaluations = 0
  hooks.evaluate = (tensors) => {
    computed += pendingNodes(tensors).length
    evaluations++
    evaluate(tensors)
  }
}
afterEach(() => {
  hooks.evaluate = evaluate
})

describe('a read', () => {
  test('computes a value once', () => {
    const y = tensor([1, 2]).exp()
    const first = y.data()
    expect(y.data()).toEqual(first)
    expect(y.node).toBe(null)
  })

  test('computes what it passes through, and drops how', () => {
    const a = tensor([1, 4]).sqrt()
    const b = a.add(1)
    const c = b.mul(2)
    expect(list(c)).toEqual([4, 6])
    expect([a, b, c].map((t) => t.node)).toEqual([null, null, null])
    expect([list(a), list(b)]).toEqual([
      [1, 2],
      [2, 3],
    ])
  })

  test('leaves alone what it does not need', () => {
    const a = tensor([1, 4]).sqrt()
    const other = a.neg()
    expect(list(a)).toEqual([1, 2])
    expect(other.node).not.toBe(null)
    expect(list(other)).toEqual([-1, -2])
  })

  test('gives a copy: changing it changes nothing', () => {
    const t = tensor([1, 2]).add(0)
    t.data()[0] = 99
    expect(list(t)).toEqual([1, 2])
    expect(list(t.mul(2))).toEqual([2, 4])
  })

  test('of a tensor from an array: the array may change afterwards', () => {
    const source = Float32Array.of(1, 2)
    const t = tensor(source)
    source[0] = 99
    expect(list(t)).toEqual([1, 2])
  })

  test.each([
    ['item', (t: Tensor) => t.item(), 6],
    ['data', (t: Tensor) => t.data()[0], 6],
    ['toArray', (t: Tensor) => t.toArray(0), 6],
    ['String', (t: Tensor) => String(t), '6.0'],
  ])('by %s', (_, read, expected) => {
    expect(read(tensor([1, 2, 3]).sum())).toBe(expected)
  })

  test('of shapes that the call does not fit is refused with the shape', () => {
    expect(() => zeros([2, 3]).item()).toThrow('item: expected a tensor with one element, got shape [2, 3]')
    expect(() => zeros([2, 3]).toArray(1)).toThrow('toArray(1): the tensor has shape [2, 3], which has 2 axes')
  })

  test('of a parameter sees what it holds now; what was computed before stays', () => {
    const w = parameter([2], 'ones')
    const y = w.mul(2)
    expect(list(y)).toEqual([2, 2])
    w.set([3, 4])
    expect([list(w), list(y), list(w.mul(2))]).toEqual([
      [3, 4],
      [2, 2],
      [6, 8],
    ])
  })

  test('that fails can be repeated, and what is sound can still be read', () => {
    const rows = tensor(Int32Array.of(0, 7))
    const table = tensor([1, 2, 3]).add(1)
    const bad = table.gather(rows)
    for (let i = 0; i < 2; i++)
      expect(() => bad.data()).toThrow('gather: row index 7 at position 1 is outside the table')
    expect(list(table)).toEqual([2, 3, 4])
  })

  test('drops what a gradient needs, and says so', () => {
    const x = tensor([1, 2])
    const y = x.square().sum()
    const before = gradient(y, x)
    expect(y.item()).toBe(5)
    expect(list(before)).toEqual([2, 4])
    try {
      gradient(y, x)
      expect.unreachable()
    } catch (error) {
      expect((error as ChainruleError).code).toBe('ERR_DATA')
      expect((error as ChainruleError).message).toContain('Take the gradient before reading y')
    }
  })
})

describe('a random tensor', () => {
  test('keeps its draw, wherever it is used and however often it is read', () => {
    const noise = randomNormal([5])
    const doubled = noise.mul(2)
    const values = list(noise)
    expect(list(noise)).toEqual(values)
    expect(list(doubled)).toEqual(values.map((x) => 2 * x))
    expect(list(noise.add(0))).toEqual(values)
  })

  test('that is first read through another keeps that draw', () => {
    const noise = randomUniform([5])
    const shifted = list(noise.add(1))
    expect(list(noise).map((x) => Math.fround(x + 1))).toEqual(shifted)
  })
})

describe('a loop', () => {
  test('of 100,000 updates that is never read waits for at most 1,000 operations, and computes each once', () => {
    count()
    let w = tensor([0, 10])
    let most = 0
    for (let i = 0; i < 100_000; i++) {
      w = w.add(1)
      if (i % 97 === 0) most = Math.max(most, pendingNodes([w]).length)
    }
    expect(most).toBeLessThanOrEqual(1000)
    expect(list(w)).toEqual([100_000, 100_010])
    expect(computed).toBeLessThanOrEqual(100_000)
    expect(evaluations).toBeLessThanOrEqual(101)
    expect(evaluations).toBeGreaterThan(90)
  })

  test('of 100,000 updates read now and then is right at each read, and memory stays flat', async () => {
    let w = tensor([0])
    let early = 0
    for (let i = 1; i <= 100_000; i++) {
      w = w.add(1)
      if (i % 250 === 0 && w.item() !== i) expect.fail(`after ${i} updates w is ${w.item()}`)
      if (i === 20_000) early = await used()
    }
    // 80,000 nodes, or the values of 320 reads, would be tens of megabytes.
    expect((await used()) - early).toBeLessThan(2e6)
  })

  test('that reads in every turn computes one turn at a time', () => {
    count()
    let w = tensor([1])
    for (let i = 0; i < 2000; i++) {
      w = w.mul(1.001).add(0)
      w.item()
    }
    // A read goes past the hook: what the hook sees are chains that grew too long.
    expect([computed, evaluations]).toEqual([0, 0])
    expect(pendingNodes([w])).toEqual([])
    expect(w.item()).toBeCloseTo(1.001 ** 2000, 2)
  })

  test('of gradient descent on pending tensors finds the minimum', () => {
    let w = tensor([5, -3])
    for (let i = 0; i < 300; i++) {
      const gradientOf = gradient(w.sub([1, 2]).square().sum(), w)
      w = w.sub(gradientOf.mul(0.1))
      if (i % 10 === 9) w.data()
    }
    const [a, b] = list(w) as [number, number]
    expect([a, b].map((x) => Math.round(x * 1e4) / 1e4)).toEqual([1, 2])
  })

  test('in which two long chains meet computes both', () => {
    let [a, b] = [tensor([0]), tensor([0])]
    for (let i = 0; i < 3000; i++) [a, b] = [a.add(1), b.add(2)]
    expect(a.add(b).item()).toBe(9000)
  })
})

describe('a deep graph', () => {
  const depth = 50_000

  test('inside a program does not overflow the stack', () => {
    const p = program((x: Tensor) => {
      let y = x
      for (let i = 0; i < depth; i++) y = y.add(1)
      return y
    })
    expect(list(p.sync([1, 2]))).toEqual([depth + 1, depth + 2])
  })

  test('has a gradient', () => {
    const p = program((x: Tensor) => {
      let y = x
      for (let i = 0; i < depth; i++) y = y.neg()
      return gradient(y.sum(), x)
    })
    expect(list(p.sync([1, 2]))).toEqual([1, 1])
  })

  test('wide and shared is walked once per node', () => {
    // Each turn uses the value twice: 2^60 paths, 60 nodes.
    let x = tensor([1])
    for (let i = 0; i < 60; i++) x = x.add(x).mul(0.5)
    expect(pendingNodes([x])).toHaveLength(120)
    const start = tensor([1])
    let y: Tensor = start
    for (let i = 0; i < 60; i++) y = y.add(y).mul(0.5)
    expect(list(gradient(y.sum(), start))).toEqual([1])
    expect(x.item()).toBe(1)
  })
})

describe('plans of reads', () => {
  test('tell graphs apart that differ in shapes, values, attributes or order only', () => {
    const x = tensor([1, 2, 3, 4, 5, 6])
    const [m, n] = [x.reshape([2, 3]), x.reshape([3, 2])]
    expect(list(m.sum({ axis: 0 }))).toEqual([5, 7, 9])
    expect(list(n.sum({ axis: 0 }))).toEqual([9, 12])
    expect(list(m.sum({ axis: 1 }))).toEqual([6, 15])
    expect(list(x.clip(2, 4))).toEqual([2, 2, 3, 4, 4, 4])
    expect(list(x.clip(2, Number.POSITIVE_INFINITY))).toEqual([2, 2, 3, 4, 5, 6])
    expect(list(x.clip(Number.NEGATIVE_INFINITY, 4))).toEqual([1, 2, 3, 4, 4, 4])
    expect(list(x.sub(1))).toEqual([0, 1, 2, 3, 4, 5])
    expect(list(tensor(1).sub(x))).toEqual([0, -1, -2, -3, -4, -5])
    expect(list(x.at(':3'))).toEqual([1, 2, 3])
    expect(list(x.at('3:'))).toEqual([4, 5, 6])
    expect(list(softmax([0, 0]))).toEqual([0.5, 0.5])
  })

  test('large values are not kept in them', async () => {
    await collected()
    const before = native().memoryAlive()
    for (let i = 0; i < 20; i++)
      zeros([1_100_000 + i])
        .add(i)
        .at(0)
        .item()
    await collected()
    // What waits for the next run is 16 MB at most, whoever ran.
    expect(native().memoryAlive() - before).toBeLessThan(2 ** 24 + 2 ** 16)
  })
})

test('a node knows how many operations wait behind it, never too few', () => {
  const a = tensor([1]).add(1)
  const b = a.mul(2).add(a)
  const { node } = b as { node: Node }
  expect(node.pending).toBeGreaterThanOrEqual(pendingNodes([b]).length)
  a.data()
  expect(pendingNodes([b])).toHaveLength(2)
})
