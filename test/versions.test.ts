// What was described keeps its meaning: parameters may change before it is computed, differentiated or made a program.
import { describe, expect, test } from 'vitest'
import {
  adam,
  type ChainruleError,
  dense,
  gradient,
  Layer,
  Model,
  type Parameter,
  parameter,
  program,
  sgd,
  type Tensor,
  tensor,
  trainStep,
} from '../src/index.ts'

/** The error that a call throws at once. */
function thrown(call: () => unknown): ChainruleError {
  try {
    call()
  } catch (error) {
    return error as ChainruleError
  }
  throw new Error('the call should have failed')
}

const list = (t: Tensor) => Array.from(t.data())

function pair(a: number, b: number): [Parameter, Parameter] {
  const made = [parameter([1], 'ones'), parameter([1], 'ones')] as [Parameter, Parameter]
  made[0].set([a])
  made[1].set([b])
  return made
}

class Owner extends Layer {
  static readonly type = 'owner'
  p!: Parameter
  protected override build() {
    this.p = parameter([2], 'zeros')
  }
  protected override forward(x: Tensor) {
    return this.p.mul(x).sum()
  }
}

function owner(values: number[]): Owner {
  const layer = new Owner({})
  layer.apply(tensor([1]))
  layer.p.set(values)
  return layer
}

describe('set', () => {
  // (ab − 6)²: ∂a = 2(ab − 6)b = −16, ∂b = 2(ab − 6)a = −8 at a = 1, b = 2.
  test('leaves gradients that were described before with the old values', () => {
    const [a, b] = pair(1, 2)
    const [da, db] = gradient(a.mul(b).sub(6).square().sum(), [a, b])
    a.set(a.sub(da.mul(0.1)))
    b.set(b.sub(db.mul(0.1)))
    expect(a.item()).toBeCloseTo(2.6, 6)
    expect(b.item()).toBeCloseTo(2.8, 6)
  })

  test('leaves values that nobody has read yet, through any number of sets', () => {
    const [a] = pair(3, 0)
    const seen = [a.mul(10)]
    for (const v of [4, 5, 6]) {
      a.set([v])
      seen.push(a.mul(10))
    }
    expect(seen.map((t) => t.item())).toEqual([30, 40, 50, 60])
  })

  test('leaves a gradient that is taken afterwards: it is that of what was described', () => {
    const [a] = pair(3, 0)
    const y = a.square().sum()
    a.set([100])
    expect(gradient(y, a).item()).toBe(6)
    expect(y.item()).toBe(9)
  })

  test('gradients at different times add up', () => {
    const [a] = pair(3, 0)
    const before = a.square()
    a.set([5])
    expect(gradient(before.add(a.square()).sum(), a).item()).toBe(2 * 3 + 2 * 5)
  })

  test('of one parameter of a model leaves what depends on the others', () => {
    const model = new Model([dense(2, { kernelInitializer: 'ones' })], { seed: 1 })
    model.build([3])
    const kernel = model.parameters().get('dense.kernel')!
    const bias = model.parameters().get('dense.bias')!
    const sums = [kernel.sum(), bias.sum()]
    kernel.set(tensor([9, 9, 9, 9, 9, 9], { shape: [3, 2] }))
    bias.set([1, 2])
    expect(sums.map((t) => t.item())).toEqual([6, 0])
  })

  test('is right when the parameter has moved in between', () => {
    const layer = dense(1, { useBias: false, kernelInitializer: 'ones' })
    layer.apply(tensor([[1, 1]]))
    const sum = layer.kernel.sum()
    new Model([layer], { seed: 1 }).build([2])
    layer.kernel.set([[5], [5]])
    expect(sum.item()).toBe(2)
    expect(layer.kernel.sum().item()).toBe(10)
  })
})

describe('training', () => {
  const data = { x: [[1], [2]], y: [10, 20] }

  test('leaves what was described before it', async () => {
    const layer = owner([10, 20])
    const before = layer.p.mul(1)
    const norm = gradient(layer.p.square().sum(), layer.p)
    const step = trainStep({ parameters: layer, optimizer: sgd({ learningRate: 1 }), loss: () => layer.p.sum() })
    step.sync()
    expect(list(layer.p)).toEqual([9, 19])
    await step()
    expect(list(layer.p)).toEqual([8, 18])
    expect(list(before)).toEqual([10, 20])
    expect(list(norm)).toEqual([20, 40])
  })

  test('by fit, with a parameter that is read, described and set between two epochs', async () => {
    const model = new Model([dense(1, { kernelInitializer: 'ones' })], { seed: 1 })
    model.compile({ optimizer: sgd({ learningRate: 0.1 }), loss: 'meanSquaredError' })
    model.build([1])
    const kernel = model.parameters().get('dense.kernel')!
    const described: Tensor[] = [kernel.mul(1)]
    const read = [kernel.item()]
    const onEpochEnd = () => {
      described.push(kernel.mul(1))
      read.push(kernel.item())
      kernel.set([[read.length]])
    }
    await model.fit(data, { epochs: 4, callbacks: [{ onEpochEnd }] })
    expect(described.map((t) => t.item())).toEqual(read)
    expect(new Set(read).size).toBe(5)
  })

  test('a tensor that is described while a step is under way has no values', async () => {
    const layer = owner([1, 2])
    const step = trainStep({ parameters: layer, optimizer: 'sgd', loss: (x: Tensor) => layer.p.mul(x).sum() })
    await step([1])
    const pending = step([1])
    for (let i = 0; i < 10; i++) await null // until it has begun
    const during = layer.p.mul(2)
    await pending
    const error = thrown(() => during.data())
    expect(error.code).toBe('ERR_BUSY')
    expect(error.message).toMatch(/described before .* changed/)
    expect(list(layer.p.mul(0))).toEqual([0, 0])
  })
})

describe('a program', () => {
  test('reads parameters when it runs, and keeps what it uses of tensors from outside', async () => {
    const [a] = pair(3, 0)
    const outside = a.mul(10)
    const f = program((x: Tensor) => [x.mul(a), x.mul(outside)])
    const first = await f([1, 2])
    expect(first.map(list)).toEqual([
      [3, 6],
      [30, 60],
    ])
    a.set([5])
    const second = await f([1, 2])
    expect(second.map(list)).toEqual([
      [5, 10],
      [30, 60],
    ])
    expect(outside.item()).toBe(30)
    expect(f.described).toBe(1)
  })

  test('is the same whether what it uses was printed or not', () => {
    const results = [false, true].map((printed) => {
      const [a] = pair(3, 0)
      const outside = a.add(1)
      if (printed) String(outside)
      const f = program((x: Tensor) => {
        const inside = a.mul(2)
        if (printed) String(inside)
        return x.mul(outside).add(inside)
      })
      f.sync(1)
      a.set([100])
      return f.sync(1).item()
    })
    expect(results).toEqual([204, 204])
  })

  test('does not train through what was described outside', () => {
    const layer = owner([1, 2])
    const outside = layer.p.square()
    const step = trainStep({ parameters: layer, optimizer: 'sgd', loss: () => outside.sum() })
    const error = thrown(() => step.sync())
    expect(error.code).toBe('ERR_DATA')
    expect(error.message).toMatch(/square.*described outside of the program.*Describe it inside/)
  })

  test('gives no meaning outside to a tensor of a parameter that was described inside', () => {
    const [a] = pair(3, 0)
    const kept: Tensor[] = []
    const f = program((x: Tensor) => {
      kept.push(a.mul(2))
      return x.mul(kept[0]!)
    })
    expect(f.sync(1).item()).toBe(6)
    a.set([4])
    expect(thrown(() => kept[0]!.item()).code).toBe('ERR_NOT_FED')
  })

  test('is not described again because another model is built', () => {
    const f = program((x: Tensor) => x.add(1))
    const model = new Model([dense(1)], { seed: 1 })
    const g = program((x: Tensor) => model.apply(x))
    model.build([2])
    f.sync(1)
    g.sync([[1, 2]])
    for (let i = 0; i < 5; i++) new Model([dense(3)], { seed: i }).build([4])
    f.sync(1)
    g.sync([[1, 2]])
    expect([f.described, g.described]).toEqual([1, 1])
  })

  test('is described again when its own parameters move', () => {
    const layer = dense(1, { useBias: false, kernelInitializer: 'ones' })
    const f = program((x: Tensor) => layer.apply(x))
    expect(f.sync([[1, 1]]).item()).toBe(2)
    new Model([layer], { seed: 1 }).build([2])
    layer.kernel.set([[3], [3]])
    expect(f.sync([[1, 1]]).item()).toBe(6)
    expect(f.described).toBe(2)
  })
})

describe('a gradient past a read', () => {
  const refused = (f: () => unknown) => {
    const error = thrown(f)
    expect(error.code).toBe('ERR_DATA')
    expect(error.message).toMatch(/already been computed/)
  }

  test('is refused through any number of operations that were computed on the way', () => {
    for (const n of [10, 1500, 3000, 9000]) {
      const x = tensor([1, 2])
      let y = x
      for (let i = 0; i < n; i++) y = y.mul(1.0001)
      if (n < 1000) expect(list(gradient(y.sum(), x))[0]).toBeCloseTo(1.0001 ** n, 4)
      else refused(() => gradient(y.sum(), x))
    }
  })

  test('is refused where only a part of the way was read', () => {
    const x = tensor([3])
    const square = x.square()
    square.item()
    refused(() => gradient(square.mul(x).sum(), x)) // 3x², of which only x² would be seen
    const [a] = pair(3, 0)
    const cube = a.square().mul(a)
    cube.item()
    refused(() => gradient(cube.add(a).sum(), a))
  })

  test('is not refused because something else was computed at the same time', () => {
    const [w, b] = [tensor([2]).mul(1), tensor([1])]
    const y = w.mul(3).add(b)
    y.item() // w is computed on the way; b has nothing to do with it
    expect(gradient(w.mul(3).add(b), [w, b]).map((t) => t.item())).toEqual([3, 1])
    expect(w.past?.mayHold(b.id, false)).toBe(false)
  })

  test('goes by what is a constant on purpose', () => {
    const x = tensor([3])
    const square = x.square()
    const constant = tensor(square.data())
    expect(gradient(constant.mul(x).sum(), x).item()).toBe(9)
  })

  test('is right in long loops over leaves that are computed anew, in constant memory', () => {
    let [w, b] = [tensor([1]), tensor([1])]
    for (let i = 0; i < 3000; i++) {
      const [dw, db] = gradient(w.mul(2).add(b).sub(10).square().sum(), [w, b])
      w = w.sub(dw.mul(0.01))
      b = b.sub(db.mul(0.01))
      if (i % 10 === 0) list(w.add(b))
    }
    expect(w.mul(2).add(b).item()).toBeCloseTo(10, 3)
  })
})

test('optimizer steps of one’s own over two parameters, a thousand times', () => {
  const [a, b] = pair(1, 2)
  const [u, v] = [1, 2].map((start) => ({ value: start }))
  for (let i = 0; i < 1000; i++) {
    const [da, db] = gradient(a.mul(b).sub(6).square().sum(), [a, b])
    a.set(a.sub(da.mul(0.001)))
    b.set(b.sub(db.mul(0.001)))
    const error = u!.value * v!.value - 6
    const [du, dv] = [2 * error * v!.value, 2 * error * u!.value]
    u!.value -= 0.001 * du
    v!.value -= 0.001 * dv
  }
  expect(a.item()).toBeCloseTo(u!.value, 4)
  expect(b.item()).toBeCloseTo(v!.value, 4)
})

test('adam by trainStep and a model by fit beside it keep to their own', async () => {
  const layer = owner([1, 2])
  const step = trainStep({ parameters: layer, optimizer: adam(), loss: () => layer.p.square().sum() })
  const model = new Model([dense(1)], { seed: 1 })
  model.compile({ optimizer: 'adam', loss: 'meanSquaredError' })
  const fit = model.fit({ x: [[1], [2]], y: [1, 2] }, { epochs: 200 })
  for (let i = 0; i < 20; i++) await step()
  await fit
  expect(step.step).toBe(20)
})
