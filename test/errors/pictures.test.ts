/** Layers for pictures that do not fit what they are given: the error names the layer, both shapes, and what to do. */
import { describe, expect, test } from 'vitest'
import { averagePool1d, globalMaxPool2d, type Layer, Model, maxPool2d, zeros } from '../../src/index.ts'
import { errorOf, shown } from '../support/errors.ts'

const on = (layer: Layer, ...shape: number[]) => layer.apply(zeros(shape))
const inModel = (layer: Layer, ...shape: number[]) => new Model([layer], { seed: 1 }).build(shape)

const cases: [string, () => unknown][] = [
  ['a pool larger than its input', () => inModel(maxPool2d({ poolSize: [2, 5], name: 'halved' }), 4, 4, 3)],
  ['a pool on a sequence that is too short', () => on(averagePool1d({ poolSize: 4 }), 2, 3, 1)],
  ['a pool on vectors', () => inModel(maxPool2d(), 10)],
  ['a pool on pictures without channels', () => on(maxPool2d(), 8, 28, 28)],
  ['a global pool on sequences', () => on(globalMaxPool2d(), 8, 28, 3)],
  ['a pool size of 0', () => maxPool2d({ poolSize: 0 })],
  ['a pool size of three', () => maxPool2d({ poolSize: [2, 2, 2] as never })],
  ['strides of a fraction', () => maxPool2d({ strides: 1.5 })],
  ['an unknown padding', () => maxPool2d({ padding: 'causal' as never })],
  ['pool_size', () => maxPool2d({ pool_size: 2 } as never)],
  ['keepDims', () => globalMaxPool2d({ keepDims: true } as never)],
]

describe('errors of layers for pictures', () => {
  test.each(cases)('%s', async (_, call) => {
    expect(shown(await errorOf(call))).toMatchSnapshot()
  })
})
