// A model's parameters out and in, by path and by file.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { spiral } from '../src/datasets.ts'
import { dense, dropout, Model } from '../src/index.ts'
import { bits } from './support/book.ts'

const data = spiral(33, 3)
const { x } = data
const batch = { batchSize: 16 }

function fresh() {
  const layers = [dense(16, { activation: 'relu' }), dropout(0.2), dense(3, { activation: 'softmax' })]
  return new Model(layers, { seed: 5 }).compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' })
}

const weights = (model: Pick<Model, 'getParameters'>) => Object.values(model.getParameters()).map(bits)

describe('parameters', () => {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'chainrule-parameters-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  async function pair() {
    const trained = fresh()
    await trained.fit(data, batch)
    const other = fresh()
    other.build([2])
    expect(weights(other)).not.toEqual(weights(trained))
    return { trained, other }
  }

  test('out of one model, into another', async () => {
    const { trained, other } = await pair()
    const parameters = trained.getParameters()
    expect(Object.entries(parameters).map(([path, p]) => [path, p.shape])).toEqual([
      ['dense.kernel', [2, 16]],
      ['dense.bias', [16]],
      ['dense1.kernel', [16, 3]],
      ['dense1.bias', [3]],
    ])
    other.setParameters(parameters)
    expect(bits(await other.predict(x))).toBe(bits(await trained.predict(x)))
    const kept = weights(other)
    await trained.fit(data, batch)
    expect(weights(other)).toEqual(kept)
    expect(bits(parameters['dense.kernel']!)).toBe(kept[0]) // copies, not views
  })

  test('a part of them, as nested arrays', async () => {
    const { other } = await pair()
    const before = weights(other)
    other.setParameters({ 'dense1.bias': [1, 2, 3] })
    expect(other.getParameters()['dense1.bias']!.toArray(1)).toEqual([1, 2, 3])
    expect(weights(other).slice(0, 3)).toEqual(before.slice(0, 3))
  })

  test('through a file, and from the file of a whole model', async () => {
    const { trained, other } = await pair()
    const file = join(folder, 'some.safetensors')
    await trained.saveParameters(file)
    await other.loadParameters(file)
    expect(weights(other)).toEqual(weights(trained))
    await trained.fit(data, batch)
    await trained.save(file)
    await other.loadParameters(file)
    expect(weights(other)).toEqual(weights(trained))
  })

  test.each([
    ['an unknown path', { 'dense.kernal': [1] }, 'ERR_OPTION', /no parameter 'dense\.kernal'.*mean 'dense\.kernel'/],
    ['another shape', { 'dense.bias': [1, 2] }, 'ERR_SHAPE', /'dense\.bias' has shape \[16], got \[2]/],
    ['a ragged array', { 'dense.kernel': [[1], [2, 3]] }, 'ERR_DATA', /ragged/],
    ['words', { 'dense.bias': ['a'] }, 'ERR_DATA', /expected a number/],
  ])('%s is refused, and nothing is changed', async (_, values, code, message) => {
    const { other } = await pair()
    const before = weights(other)
    const all = { 'dense1.bias': [1, 2, 3], ...values } as Record<string, number[]>
    expect(() => other.setParameters(all)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    )
    expect(weights(other)).toEqual(before)
  })

  test('a file of another network, or of nothing, is refused, and nothing is changed', async () => {
    const { other } = await pair()
    const before = weights(other)
    const wide = new Model([dense(17), dense(3)], { seed: 1 })
    wide.build([2])
    const single = new Model([dense(16)], { seed: 1 })
    single.build([2])
    const file = join(folder, 'other.safetensors')
    await wide.saveParameters(file)
    await expect(other.loadParameters(file)).rejects.toMatchObject({ code: 'ERR_SHAPE' })
    await single.saveParameters(file)
    await expect(other.loadParameters(file)).rejects.toMatchObject({
      code: 'ERR_FILE',
      message: expect.stringMatching(/the tensor 'dense1\.kernel' is missing/),
    })
    await expect(other.loadParameters(join(folder, 'none'))).rejects.toMatchObject({ code: 'ERR_FILE' })
    expect(weights(other)).toEqual(before)
  })

  test('a model without weights says so', async () => {
    const bare = fresh()
    expect(() => bare.getParameters()).toThrow(/getParameters: the model has no weights yet/)
    expect(() => bare.setParameters({})).toThrow(/setParameters: the model has no weights yet/)
    await expect(bare.saveParameters(join(folder, 'bare'))).rejects.toThrow(/no weights yet/)
  })

  test('while it trains they are refused', async () => {
    const model = fresh()
    const abort = new AbortController()
    const run = model.fit(data, { ...batch, epochs: 100_000, signal: abort.signal })
    await new Promise((resolve) => setTimeout(resolve, 20))
    for (const call of [() => model.getParameters(), () => model.setParameters({}), () => model.clone()])
      expect(call).toThrow(expect.objectContaining({ code: 'ERR_BUSY' }))
    abort.abort()
    await expect(run).rejects.toMatchObject({ name: 'AbortError' })
    expect(model.getParameters()).toHaveProperty(['dense.bias'])
  })
})
