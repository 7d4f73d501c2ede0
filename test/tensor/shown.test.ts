// Tensors, layers and models as values: JSON is the nested array, and what the console shows is short.
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { adam, dense, Layer, losses, Model, parameter, program, type Tensor, tensor, zeros } from '../../src/index.ts'

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
