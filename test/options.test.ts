import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { ChainruleError } from '../src/errors.ts'
import {
  abortSignal,
  boolean,
  type Check,
  checkOptions,
  describeValue,
  nonNegativeInteger,
  number,
  oneOf,
  optional,
  positiveInteger,
  suggest,
} from '../src/options.ts'

function thrown(run: () => unknown): ChainruleError {
  try {
    run()
  } catch (error) {
    expect(error).toBeInstanceOf(ChainruleError)
    return error as ChainruleError
  }
  throw new Error('nothing was thrown')
}

describe('ChainruleError', () => {
  test('carries code, layer, operation and cause, and shows only what it has', () => {
    const cause = new Error('below')
    const full = new ChainruleError('ERR_SHAPE', 'no fit', { layer: 'encoder.query', operation: 'matmul', cause })
    expect(full).toMatchObject({
      code: 'ERR_SHAPE',
      layer: 'encoder.query',
      operation: 'matmul',
      message: 'no fit',
      cause,
    })
    const bare = new ChainruleError('ERR_DATA', 'empty')
    expect(Object.keys(bare)).toEqual(['code'])
    expect('layer' in bare || 'cause' in bare).toBe(false)
    expect(String(bare)).toBe('ChainruleError: empty')
    expect(inspect(bare)).toMatch(/^ChainruleError: empty\n/)
    expect(inspect(bare)).not.toMatch(/undefined|name:/)
  })
})

describe('checkOptions', () => {
  const table = {
    units: positiveInteger,
    learningRate: optional(number({ above: 0 }), 0.001),
    keepdims: optional(boolean),
    activation: optional(oneOf(['relu', 'sigmoid', 'tanh']), 'relu'),
  }

  test('returns the values with defaults; what is neither given nor has a default is absent', () => {
    expect(checkOptions('dense', { units: 3 }, table)).toEqual({ units: 3, learningRate: 0.001, activation: 'relu' })
    const all = { units: 1, learningRate: 2, keepdims: false, activation: 'tanh' }
    expect(checkOptions('dense', all, table)).toEqual(all)
    expect(checkOptions('dense', { units: 3, keepdims: undefined }, table)).not.toHaveProperty('keepdims')
    const typed: { readonly units: number; readonly activation: 'relu' | 'sigmoid' | 'tanh' } = checkOptions(
      'dense',
      all,
      table,
    )
    expect(typed.units).toBe(1)
    expect(checkOptions('flatten', undefined, {})).toEqual({})
  })

  test.each([
    ['unit', 'units'],
    ['Units', 'units'],
    ['unist', 'units'],
    ['learning_rate', 'learningRate'],
    ['learningrate', 'learningRate'],
    ['lr', 'learningRate'],
    ['keepDims', 'keepdims'],
    ['keep_dims', 'keepdims'],
    ['keepdim', 'keepdims'],
    ['activation_fn', 'activation'],
    ['out_features', 'units'],
    ['rate', 'learningRate'],
  ])('%s: did you mean %s?', (given, right) => {
    const error = thrown(() => checkOptions('dense', { [given]: 1 }, table))
    expect(error.code).toBe('ERR_OPTION')
    expect(error.message).toBe(
      `dense: unknown option '${given}'. Did you mean '${right}'? Known: units, learningRate, keepdims, activation`,
    )
  })

  test.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])('%s is an unknown option too', (name) => {
    const given = JSON.parse(`{"units":3,"${name}":1}`)
    expect(thrown(() => checkOptions('dense', given, table)).message).toContain(`unknown option '${name}'. Known:`)
  })

  test('nothing near: no suggestion; nothing known: says so', () => {
    expect(thrown(() => checkOptions('dense', { xyz: 1 }, table)).message).toMatch(/'xyz'\. Known: units/)
    expect(thrown(() => checkOptions('flatten', { axis: 1 }, {})).message).toBe(
      "flatten: unknown option 'axis'. It takes no options",
    )
  })

  test.each([
    [64, '64'],
    [null, 'null'],
    ['relu', "'relu'"],
    [[1, 2], 'an array of 2'],
    [new Float32Array(2), 'Float32Array (8 bytes)'],
    [Math.max, "the function 'max'"],
  ])('%s is not an options object', (given, shown) => {
    const expected = `dense: expected an options object such as { units: ... }, got ${shown}. Known: units, `
    expect(thrown(() => checkOptions('dense', given, table)).message).toContain(expected)
  })

  test('a missing option', () => {
    expect(thrown(() => checkOptions('dense', {}, table)).message).toBe(
      "dense: option 'units' is missing. It must be a positive integer. Give a whole number of 1 or more.",
    )
  })
})

describe('checks', () => {
  const subject = { where: 'f', name: 'x' }
  const rejects = <T>(check: Check<T>, value: unknown) => {
    const error = thrown(() => check(value, subject))
    expect(error.code).toBe('ERR_OPTION')
    return error.message
  }

  test('positiveInteger, nonNegativeInteger', () => {
    expect(positiveInteger(1, subject)).toBe(1)
    expect(nonNegativeInteger(0, subject)).toBe(0)
    expect(rejects(positiveInteger, 0)).toBe(
      "f: option 'x' must be a positive integer, got 0. Give a whole number of 1 or more.",
    )
    expect(rejects(positiveInteger, '64')).toMatch(/got '64'\. Write 64 without the quotes/)
    expect(rejects(positiveInteger, 64n)).toMatch(/got 64n\. Write 64 without the n/)
    expect(rejects(positiveInteger, Number.NaN)).toMatch(/got NaN\. Look at the calculation/)
    for (const value of [1.5, -1, Infinity, null, true, 2 ** 53, {}, []]) rejects(positiveInteger, value)
    expect(rejects(nonNegativeInteger, -1)).toMatch(/must be an integer of 0 or more, got -1\./)
  })

  test('number', () => {
    const rate = number({ min: 0, below: 1 })
    expect(rate(0, subject)).toBe(0)
    expect(rejects(rate, 1)).toBe(
      "f: option 'x' must be a finite number of at least 0 and below 1, got 1. Give a number of at least 0 and below 1.",
    )
    expect(rejects(rate, -0.1)).toMatch(/got -0\.1/)
    expect(rejects(number({ above: 0, max: 2 }), 0)).toMatch(/above 0 and of at most 2, got 0\./)
    expect(number({ above: 0, max: 2 })(2, subject)).toBe(2)
    expect(rejects(number(), Infinity)).toBe(
      "f: option 'x' must be a finite number, got Infinity. Give a finite number.",
    )
    expect(rejects(number(), '0.1')).toMatch(/without the quotes/)
  })

  test('abortSignal', () => {
    const { signal } = new AbortController()
    expect(abortSignal(signal, subject)).toBe(signal)
    for (const value of [new AbortController(), true, null, { aborted: false }])
      expect(rejects(abortSignal, value)).toMatch(
        /must be an AbortSignal, got .* Give the signal of an AbortController/,
      )
  })

  test('boolean', () => {
    expect(boolean(false, subject)).toBe(false)
    for (const value of ['true', 1, 0, null]) expect(rejects(boolean, value)).toMatch(/must be true or false/)
  })

  test('oneOf', () => {
    const check = oneOf(['relu', 'sigmoid', false])
    expect(check(false, subject)).toBe(false)
    expect(rejects(check, 'sigmod')).toBe(
      "f: option 'x' must be one of 'relu', 'sigmoid', false, got 'sigmod'. Did you mean 'sigmoid'?",
    )
    expect(rejects(check, 'softmax')).toMatch(/got 'softmax'\. Give one of these\./)
    expect(rejects(check, true)).toMatch(/got true/)
  })

  test('optional', () => {
    expect(optional(boolean)(undefined, subject)).toBe(undefined)
    expect(optional(boolean, true)(undefined, subject)).toBe(true)
    expect(optional(boolean, true)(false, subject)).toBe(false)
    expect(rejects(optional(boolean, true), null)).toMatch(/got null/)
  })
})

test.each([
  ['categorical_crossentropy', 'categoricalCrossentropy'],
  ['sparse_categorical_crossentropy', 'sparseCategoricalCrossentropy'],
  ['binaryCrossEntropy', 'binaryCrossentropy'],
  ['meanSquareError', 'meanSquaredError'],
  ['squared', 'meanSquaredError'],
  ['crossentropy', undefined],
  ['hinge', undefined],
  ['', undefined],
  ['x', undefined],
  ['meanSquaredError'.repeat(100), undefined],
])('suggest(%s) is %s', (word, right) => {
  const losses = ['categoricalCrossentropy', 'sparseCategoricalCrossentropy', 'binaryCrossentropy', 'meanSquaredError']
  expect(suggest(word, losses)).toBe(right)
})

test.each([
  [-0, '-0'],
  [undefined, 'undefined'],
  [Symbol('s'), 'Symbol(s)'],
  ['x'.repeat(100), `'${'x'.repeat(57)}...'`],
  [{}, 'an empty object'],
  [{ x: 1, y: 2 }, 'an object with x, y'],
  [new Map(), 'a value of type Map'],
  [Object.create(null), 'an empty object'],
  [() => 1, 'a function'],
])('describeValue %#', (value, text) => {
  expect(describeValue(value)).toBe(text)
})
