/** Model files that cannot be used: ERR_FILE with the reason, whatever is in them. */
import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from '../../src/files/safetensors.ts'
import { Model } from '../../src/index.ts'
import { classifier, errorOf, samples, shown } from '../support/errors.ts'

const model = classifier()
await model.fit(samples(), { progress: false })
const bytes = model.toBytes()

// biome-ignore lint/suspicious/noExplicitAny: any part of the description may be wrong
type Change = (saved: any, tensors: Map<string, StoredTensor>, metadata: Record<string, string>) => void

/** The same file with something changed. */
function changed(change: Change): Uint8Array {
  const { tensors, metadata } = decodeSafetensors(bytes, 'the bytes')
  const saved = JSON.parse(metadata.model!)
  change(saved, tensors, metadata)
  const text = metadata.raw ?? JSON.stringify(saved)
  delete metadata.raw
  return encodeSafetensors(tensors, { ...metadata, ...('model' in metadata ? { model: text } : {}) })
}

// biome-ignore lint/suspicious/noExplicitAny: as above
const layersOf = (saved: any) => saved.architecture.options
const text = (content: string) => new TextEncoder().encode(content)
const kernel = 'dense.kernel'

const cases: [string, () => Uint8Array | Promise<Uint8Array>][] = [
  ['empty', () => new Uint8Array(0)],
  ['cut short in its length', () => bytes.subarray(0, 5)],
  ['cut short in its header', () => bytes.subarray(0, 200)],
  ['cut short in its data', () => bytes.subarray(0, bytes.length - 3)],
  ['with bytes after its end', () => Uint8Array.from([...bytes, 0, 0])],
  ['a text', () => text('{ "model": "no such thing", "weights": [1, 2, 3, 4, 5, 6, 7, 8] }')],
  ['of another tool', () => readFile(new URL('../golden/safetensors/all.safetensors', import.meta.url))],
  ['without a description', () => changed((_, __, metadata) => void delete metadata.model)],
  ['with a description that is no JSON', () => changed((_, __, metadata) => void (metadata.raw = '{"schema":'))],
  ['with a description of null', () => changed((_, __, metadata) => void (metadata.raw = 'null'))],
  ['of a newer schema', () => changed((saved) => void (saved.schema = 99))],
  ['without layers', () => changed((saved) => void delete layersOf(saved).layers)],
  ['with an empty list of layers', () => changed((saved) => void (layersOf(saved).layers = []))],
  ['with a layer of null', () => changed((saved) => void (layersOf(saved).layers[0] = null))],
  ['with an unknown layer', () => changed((saved) => void (layersOf(saved).layers[0].type = 'dens'))],
  ['with wrong options of a layer', () => changed((saved) => void (layersOf(saved).layers[0].options.units = -8))],
  ['with an input shape of text', () => changed((saved) => void (saved.inputs[0][1] = ['four']))],
  ['with another input shape', () => changed((saved) => void (saved.inputs[0][1] = [12, 5]))],
  ['with a seed of text', () => changed((saved) => void (layersOf(saved).seed = 'one'))],
  ['with an unknown optimizer', () => changed((saved) => void (saved.compiled.optimizer.type = 'adm'))],
  ['with an unknown loss', () => changed((saved) => void (saved.compiled.loss = 'crossentropy'))],
  ['without a tensor', () => changed((_, tensors) => void tensors.delete(kernel))],
  [
    'without a slot of the optimizer',
    () =>
      changed((_, tensors) => void tensors.delete([...tensors.keys()].find((name) => name.startsWith('optimizer.'))!)),
  ],
  [
    'with a tensor of another shape',
    () => changed((_, tensors) => void tensors.set(kernel, { dtype: 'F32', shape: [2, 2], data: new Float32Array(4) })),
  ],
  [
    'with a tensor of another dtype',
    () => changed((_, tensors) => void tensors.set(kernel, { dtype: 'I32', shape: [4, 8], data: new Int32Array(32) })),
  ],
]

describe('a model file', () => {
  test.each(cases)('%s', async (_, make) => {
    const file = await make()
    const error = await errorOf(() => Model.load(file))
    expect(error).toMatchObject({ code: 'ERR_FILE' })
    expect(shown(error)).toMatchSnapshot()
  })

  test('cut short anywhere is refused', async () => {
    for (let length = 0; length < bytes.length; length += 13)
      expect(await errorOf(() => Model.load(bytes.subarray(0, length)))).toMatchObject({ code: 'ERR_FILE' })
  })

  test('that is not there is named', async () => {
    const error = await errorOf(() => Model.load('no-such-model.safetensors'))
    expect(error).toMatchObject({ code: 'ERR_FILE' })
    expect(String(error)).toContain('cannot read no-such-model.safetensors: it does not exist')
  })

  test.each([undefined, null, 3, {}, ''])('cannot be loaded from %s', async (from) => {
    expect(shown(await errorOf(() => Model.load(from as never)))).toMatchSnapshot()
  })
})
