// Derivatives at the edges of definition: the mathematics, or a refusal; never a silent 0 or NaN where there is one.
import { describe, expect, test } from 'vitest'
import {
  dense,
  grad,
  gradient,
  losses,
  Model,
  sgd,
  sigmoid,
  softmax,
  type Tensor,
  type TensorLike,
  tensor,
  topK,
} from '../../src/index.ts'

const debug = process.env.CHAINRULE_DEBUG === '1'
const at = (f: (x: Tensor) => Tensor, x: TensorLike) => grad((t) => f(t).sum())(x).toArray()

describe('sigmoid and binary cross-entropy are one: p − y', () => {
  const cases = [0, 1].flatMap((y) =>
    [-200, -100, -30, -18, -17, -5, -0.5, 0, 0.5, 5, 17, 18, 30, 100, 200].map((z) => [z, y] as const),
  )
  const slope = (z: number, y: number) => (y === 0 ? 1 / (1 + Math.exp(-z)) : -1 / (1 + Math.exp(z)))
  const exact = (z: number, y: number) => Math.max(z, 0) - z * y + Math.log1p(Math.exp(-Math.abs(z)))

  test.each(cases)('logit %d, label %d', (z, y) => {
    const [label, near] = [tensor([[y]]), (v: number) => Math.max(1.2e-7, Math.abs(v) * 1e-6)]
    const of = (f: (l: Tensor) => Tensor) => grad((l) => f(l).mean())([[z]]).item()
    expect(Math.abs(of((l) => losses.binaryCrossentropy(label, sigmoid(l))) - slope(z, y))).toBeLessThan(near(1))
    const logits = losses.binaryCrossentropy({ fromLogits: true })
    expect(Math.abs(of((l) => logits(label, l)) - slope(z, y))).toBeLessThan(near(1))
    const loss = logits(label, [[z]]).item()
    expect(Math.abs(loss - exact(z, y))).toBeLessThan(Math.max(1e-30, exact(z, y) * 1e-6))
    // Of probabilities the loss is that of one within 1e-7 of 0 and 1.
    const clipped = losses.binaryCrossentropy(label, sigmoid([[z]])).item()
    expect(Math.abs(clipped - Math.min(16.2, exact(z, y)))).toBeLessThan(0.3)
  })

  test('over several outputs and samples it is (p − y) / outputs / samples, with weights too', () => {
    const z = [[20, -3, 0.25], [-40, 2, -20]] // biome-ignore format: a matrix
    const y = [[0, 1, 0.5], [1, 0, 0]] // biome-ignore format: a matrix
    const weights = tensor([2, 0.5])
    const g = grad((l) => losses.binaryCrossentropy(y, sigmoid(l)).mul(weights).mean())(z).toArray() as number[][]
    for (const [i, row] of g.entries())
      for (const [k, value] of row.entries()) {
        const expected = ((1 / (1 + Math.exp(-z[i]![k]!)) - y[i]![k]!) * [2, 0.5][i]!) / 6
        expect(Math.abs(value - expected)).toBeLessThan(1e-7)
      }
  })

  test('one label may stand for all outputs', () => {
    expect(losses.binaryCrossentropy(1, [[0.5, 0.5]]).item()).toBeCloseTo(Math.LN2, 6)
    expect(at((p) => losses.binaryCrossentropy(1, p), [[0.5, 0.25]])).toEqual([[-1, -2]])
  })

  test('a saturated model learns its first step', async () => {
    const run = async (loss: Parameters<Model['compile']>[0]['loss'], activation: 'sigmoid' | 'linear') => {
      const model = new Model([dense(1, { activation, kernelInitializer: 'ones' })], { seed: 1 })
      model.compile({ optimizer: sgd({ learningRate: 0.1 }), loss })
      const { epochs } = await model.fit({ x: [[100], [-100]], y: [0, 1] }, { epochs: 2, batchSize: 2 })
      return [model.getParameters()['dense.kernel']!.item(), epochs[1]!.loss]
    }
    for (const [kernel, loss] of [
      await run('binaryCrossentropy', 'sigmoid'),
      await run(losses.binaryCrossentropy({ fromLogits: true }), 'linear'),
    ]) {
      expect(kernel).toBeCloseTo(-9, 5)
      expect(loss).toBeLessThan(1e-6)
    }
  })
})

describe('a cross-entropy has a derivative for its labels', () => {
  test('categorical: −log p', () => {
    const [g] = at((y) => losses.categoricalCrossentropy(y, [[0.25, 0.75]]), [[0.5, 0.5]]) as number[][]
    expect(g![0]).toBeCloseTo(Math.log(4), 5)
    expect(g![1]).toBeCloseTo(Math.log(4 / 3), 5)
  })
  test('binary: −log p + log(1 − p), and −z of logits', () => {
    expect((at((y) => losses.binaryCrossentropy(y, [[0.25]]), [[0.5]]) as number[][])[0]![0]).toBeCloseTo(
      Math.log(3),
      5,
    )
    expect(at((y) => losses.binaryCrossentropy({ fromLogits: true })(y, [[3]]), [[0.5]])).toEqual([[-3]])
  })
  test('through a softmax of teacher and student at once', () => {
    const y = tensor([[0.5, -1]])
    const loss = losses.categoricalCrossentropy(softmax(y), softmax(y)).sum()
    // The entropy of p = σ(1.5) and 1 − p: its derivative for the first logit is −p·(1 − p)·1.5.
    const p = 1 / (1 + Math.exp(-1.5))
    const [row] = gradient(loss, y).toArray(2)
    expect(row![0]).toBeCloseTo(-1.5 * p * (1 - p), 5)
    expect(row![1]).toBeCloseTo(1.5 * p * (1 - p), 5)
  })
})

describe('powers', () => {
  test('x⁰ is constant, at 0 too', () => {
    expect(at((x) => x.pow(0), [0, 1, -2])).toEqual([0, 0, 0])
    expect(at((x) => x.pow(tensor([0, 1, 2, 3])), [0, 0, 0, 0])).toEqual([0, 1, 0, 0])
  })
  test.skipIf(debug)('roots of 0 are as steep as they are, powers of negative numbers too', () => {
    expect(at((x) => x.pow(0.5), [0, 4])).toEqual([Infinity, 0.25])
    expect(at((x) => x.sqrt(), [0, 4])).toEqual([Infinity, 0.25])
    expect(at((x) => x.pow(3), [-2])).toEqual([12])
    expect(at((x) => x.pow(-1), [-2])).toEqual([-0.25])
  })
  test('for the exponent', () => {
    const [g] = at((b) => tensor([2]).pow(b), [3]) as number[]
    expect(g).toBeCloseTo(8 * Math.LN2, 5)
    expect(at((b) => tensor([0, 0]).pow(b), [2, 0])).toEqual([0, 0])
  })
  test.skipIf(debug)('of a negative base there is none', () => {
    expect(at((b) => tensor([-2]).pow(b), [2])).toEqual([Number.NaN])
  })
})

describe('kinks', () => {
  test('ties, absolute values and limits as documented', () => {
    expect(at((x) => x.maximum(tensor([2])), [2])).toEqual([1])
    expect(at((x) => tensor([2]).maximum(x), [2])).toEqual([0])
    expect(at((x) => x.max(), [3, 3, 1])).toEqual([0.5, 0.5, 0])
    expect(at((x) => x.abs(), [-0, 0, -2])).toEqual([0, 0, -1].map((v) => v || expect.closeTo(0)))
    expect(at((x) => x.clip(0, 1), [0, 1, 1.5])).toEqual([1, 1, 0])
    expect(at((x) => x.relu(), [0, 1])).toEqual([0, 1])
  })
  test('the advice on `where` works', () => {
    const x = tensor([0, 2])
    const ok = x.greater(0)
    expect(at((t) => ok.cast('float32').mul(t.mul(ok).add(tensor(1).sub(ok)).log()), [0, 2])).toEqual([0, 0.5])
  })
})

describe('second derivatives of the fused', () => {
  test('of binary cross-entropy after a sigmoid: p·(1 − p)', () => {
    const z = tensor([[0.5]])
    const first = gradient(losses.binaryCrossentropy([[1]], sigmoid(z)).sum(), z)
    const p = 1 / (1 + Math.exp(-0.5))
    expect(gradient(first.sum(), z).item()).toBeCloseTo(p * (1 - p), 5)
    const logits = gradient(
      losses
        .binaryCrossentropy({ fromLogits: true })([[1]], z)
        .sum(),
      z,
    )
    expect(gradient(logits.sum(), z).item()).toBeCloseTo(p * (1 - p), 5)
  })
})

describe('second derivatives of what moves values', () => {
  const second = (f: (x: Tensor) => Tensor, x: TensorLike) =>
    at((t) => gradient(f(t).sum(), t).square().sum().mul(0.5), x)

  // Of Σ yᵢ³·i the gradient is 3·i·y², its half square's gradient 18·i²·y³, where y stood.
  test('sorted and chosen values', () => {
    const weighted = (y: Tensor) => y.mul(y).mul(y).mul([1, 2, 3])
    expect(second((x) => weighted(x.sort()), [2, 3, 1])).toEqual([18 * 4 * 8, 18 * 9 * 27, 18])
    expect(second((x) => weighted(topK(x, 3).values), [2, 3, 1])).toEqual([18 * 4 * 8, 18 * 27, 18 * 9])
  })
  test('sums so far', () => {
    // y = (x₀, x₀ + x₁), Σ y³: g = (3y₀² + 3y₁², 3y₁²), half its square's gradient by hand.
    const [a, b] = [0.5, 1.5]
    const [p, q] = [3 * a ** 2 + 3 * (a + b) ** 2, 3 * (a + b) ** 2]
    const expected = [p * (6 * a + 6 * (a + b)) + q * 6 * (a + b), (p + q) * 6 * (a + b)]
    const got = second((x) => x.cumsum().pow(3), [a, b]) as number[]
    for (const [i, e] of expected.entries()) expect(got[i]).toBeCloseTo(e, 3)
  })
  test('rows that were set', () => {
    const set = (x: Tensor) => x.scatter(Int32Array.of(1, 1), x.at(':2').mul(2)).pow(3)
    // Row 1 is 2·x₁: x₀³ + 8·x₁³ + x₂³.
    expect(second(set, [1, 2, 3])).toEqual([18, 9216, 486])
  })
})

test('each derivative where values meet', () => {
  expect(at((x) => x.prod(), [0, 2, 3])).toEqual([6, 0, 0])
  expect(at((x) => x.prod(), [0, 2, 0])).toEqual([0, 0, 0])
  expect(at((x) => x.sort().mul([1, 2, 3]), [2, 2, 1])).toEqual([2, 3, 1])
  expect(at((x) => topK(x, 1).values, [2, 2, 1])).toEqual([1, 0, 0])
  expect(at((v) => tensor([0, 0, 0]).scatter(Int32Array.of(1, 1), v), [5, 6])).toEqual([0, 1])
})

describe('refused', () => {
  test.each<[string, () => unknown, RegExp]>([
    ['int32 targets', () => gradient(tensor(2).mul(3), tensor(Int32Array.of(1))), /the target of shape \[1\] is int32/],
    ['an int32 result', () => gradient(tensor(Int32Array.of(1)).mul(2).sum(), tensor([1])), /y of shape \[\] is int32/],
    ['a number as y', () => gradient(3 as never, tensor([1])), /expected y to be a tensor, got 3/],
    ['arrays as targets', () => gradient(tensor(1).mul(2), [[1]] as never), /the target to be a tensor, got an array/],
    ['nothing', () => gradient(tensor(1).mul(2), undefined as never), /the target to be a tensor, got undefined/],
    ['grad of no function', () => grad(3 as never), /grad: expected a function of tensors, got 3/],
    ['grad of what gives a number', () => grad((_: Tensor) => 3 as never)(1), /expected y to be a tensor, got 3/],
  ])('%s', (_, call, text) => expect(call).toThrow(text))
})
