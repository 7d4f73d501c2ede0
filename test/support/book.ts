/** What the tests of the book's parts share: its golden values, its networks, comparing. */
import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import {
  adagrad,
  adam,
  dense,
  initializers,
  l1l2,
  Model,
  type Optimizer,
  RandomState,
  rmsprop,
  sgd,
  type Tensor,
  tensor,
} from '../../src/index.ts'

/** Numbers of test/golden/book, where make.py says how they were made. */
export function golden<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../golden/book/${name}.json`, import.meta.url), 'utf8')) as T
}

export type Matrix = number[][]

const flat = (values: unknown): number[] => (values as number[]).flat(Number.POSITIVE_INFINITY) as number[]

/** Every element within `relative` of the largest expected one (or of 1e-30), in the expected shape. */
export function expectClose(actual: Tensor, expected: unknown, relative = 1e-6, what = ''): void {
  const wanted = flat(expected)
  const scale = wanted.reduce((m, x) => Math.max(m, Math.abs(x)), 1e-30)
  const got = Array.from(actual.data())
  expect(got.length, what).toBe(wanted.length)
  const worst = got.findIndex((x, i) => !(Math.abs(x - wanted[i]!) <= relative * scale))
  if (worst >= 0) expect.fail(`${what} element ${worst} is ${got[worst]}, expected ${wanted[worst]}`)
}

/** What an optimizer of the book's network.py is called with. */
export interface OptimizerOptions {
  kind?: string
  lr: number
  decay?: number
  momentum?: number
  eps?: number
  rho?: number
  beta1?: number
  beta2?: number
}

export function optimizerOf({ kind, lr, eps, ...rest }: OptimizerOptions): Optimizer {
  const make = { sgd, adagrad, rmsprop, adam }[kind as 'sgd'] as (options: object) => Optimizer
  return make({ learningRate: lr, ...(eps === undefined ? {} : { epsilon: eps }), ...rest })
}

/** The book's first weights: the generator's next normals times `std`. */
export function drawn(generator: RandomState, std = 0.01) {
  return { kernelInitializer: initializers.normal({ std, generator }) }
}

export interface Penalties {
  l1: number
  l2: number
  both: boolean
}

/** 2-64-3 with relu and softmax, weights drawn at once; `penalties` on kernel and bias of the first layer, or of both. */
export function classifier(generator: RandomState, optimizer: Optimizer, penalties?: Penalties, units = 64) {
  const penalty = penalties && l1l2({ l1: penalties.l1, l2: penalties.l2 })
  const own = penalty ? { kernelRegularizer: penalty, biasRegularizer: penalty } : {}
  const model = new Model([
    dense(units, { activation: 'relu', ...drawn(generator), ...own }),
    dense(3, { activation: 'softmax', ...drawn(generator), ...(penalties?.both ? own : {}) }),
  ])
  model.build([2])
  return model.compile({ optimizer, loss: 'categoricalCrossentropy', metrics: ['accuracy'] })
}

/** The next or the previous float32. */
export function nextFloat(x: number, direction: number): number {
  const value = Float32Array.of(x)
  new Int32Array(value.buffer)[0]! += x >= 0 === direction > 0 ? 1 : -1
  return value[0]!
}

export const bits = (x: Tensor) => Buffer.from(x.data().slice().buffer).toString('base64')

export { RandomState, tensor }
