// Tensors, layers and models as values: JSON is the nested array, and what the console shows is short.
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import {
  adam,
  Dataset,
  dense,
  Layer,
  losses,
  Model,
  parameter,
  program,
  sgd,
  type Tensor,
  tensor,
  trainStep,
  zeros,
} from '../../src/index.ts'

test('JSON is the nested array', () => {
  const t = tensor([[1, 2.5], [3, 4]]) // biome-ignore format: a matrix
  expect(JSON.stringify({ t, label: tensor(Int32Array.of(7)), scalar: tensor(0.5) })).toBe(
    '{"t":[[1,2.5],[3,4]],"label":[7],"scalar":0.5}',
  )
  expect(JSON.parse(JSON.stringify(t.mul(2)))).toEqual(t.mul(2).toArray())
  expect(JSON.stringify(tensor([Number.NaN, Infinity]))).toBe('[null,null]')
  expect(JSON.stringify(parameter([2], 'ones'))).toBe('[1,1]')
})

test('a tensor without a value says so, in JSON and on the console', () => {
  let shown = ''
  program((x: Tensor) => {
    expect(() => JSON.stringify(x)).toThrow(expect.objectContaining({ code: 'ERR_NOT_FED' }))
    shown = inspect(x)
    return x
  }).sync([1])
  expect(shown).toBe('Tensor [1] float32, not computed: it depends on an input')
})

class Twice extends Layer {
  first = dense(3)
  protected forward(x: Tensor): Tensor {
    return this.first.apply(this.first.apply(x))
  }
}

test('many axes are printed too', () => {
  expect(String(zeros([7, 7, 7, 7, 7, 7, 4])).length).toBeGreaterThan(100_000)
})

test('the console shows a line and no weights', () => {
  const model = new Model([dense(300), dense(3)], { seed: 1 })
  expect(inspect(model)).toBe('Model (2 layers, not built yet)')
  model.build([300])
  expect(inspect(model)).toBe('Model (2 layers, 91,203 weights)')
  expect(inspect({ layer: model.stack[1] })).toBe("{ layer: Dense 'dense1' (903 weights) }")
  const own = new Twice()
  own.apply(tensor([[1, 2, 3]]))
  expect(inspect(own)).toBe('Twice (1 layers, 12 weights)')
  for (const value of [
    adam(),
    losses.binaryCrossentropy({ fromLogits: true }),
    zeros([1000, 1000]),
    parameter([500, 500]),
  ])
    expect(inspect(value).length).toBeLessThan(700)
})

test('a data set is a line: how many samples, and what its columns are', () => {
  const x = Array.from({ length: 1437 }, () => new Array<number>(64).fill(0.5))
  const y = new Int32Array(1437)
  const data = new Dataset({ x, y })
  expect(inspect(data)).toBe('Dataset [1,437 samples, x [64] float32, y [] int32]')
  expect(inspect({ part: data.take([0]) })).toBe('{ part: Dataset [1 samples, x [64] float32, y [] int32] }')
  expect(inspect(new Dataset({ x: [[1, 2]], sampleWeight: [1], y: [0] }))).toBe(
    'Dataset [1 samples, x [2] float32, y [] float32, sampleWeight [] float32]',
  )
  const named = new Dataset({ x: { image: zeros([2, 4, 4]), id: Int32Array.of(3, 4) }, y: { kind: y.subarray(0, 2) } })
  expect(inspect(named)).toBe('Dataset [2 samples, x.image [4, 4] float32, x.id [] int32, y.kind [] int32]')
  expect(inspect(new Dataset({ x: [[1]] }))).toBe('Dataset [1 samples, x [1] float32]')
})

test('programs and train steps are a line', () => {
  const twice = program((x: Tensor) => x.mul(2))
  expect(inspect(twice)).toBe('Program (described 0 times)')
  twice.sync([1])
  twice.sync([2])
  twice.sync([1, 2])
  expect(inspect({ twice })).toBe('{ twice: Program (described 2 times) }')
  const w = parameter([2], 'ones')
  const layer = new (class extends Layer {
    w = w
    protected forward(x: Tensor): Tensor {
      return x.mul(this.w)
    }
  })()
  layer.apply(tensor([1, 2]))
  const step = trainStep({
    parameters: layer,
    optimizer: sgd({ learningRate: 0.5 }),
    loss: (x: Tensor) => x.mul(w).sum(),
  })
  expect(inspect(step)).toBe('TrainStep (step 0, learning rate 0.5)')
  step.sync([1, 2])
  expect(inspect(step)).toBe('TrainStep (step 1, learning rate 0.5)')
})
