// Every layer, by the cases of test/golden/layers: values and gradients against Keras or PyTorch and against finite
// differences, one sample alone, the same bits for any number of threads, saved, loaded and copied. A new layer needs
// cases there and nothing here.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { builtInTypes } from '../../src/descriptions/registry.ts'
import { info, input, Model, setThreads, type Tensor, tensor } from '../../src/index.ts'
import {
  bitsOf,
  type Check,
  compute,
  expectNear,
  families,
  flatten,
  inputsOf,
  type LayerCase,
  layerOf,
  leaves,
  tensorOf,
  withTensors,
} from '../support/layer-cases.ts'

const folder = mkdtempSync(join(tmpdir(), 'chainrule-layers-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Layers whose results are drawn, which no other library draws alike; and rnn, whose cell is a user's (rnn.test.ts). */
const elsewhere = new Set([
  'dropout',
  'rnn',
  'alphaDropout',
  'gaussianDropout',
  'gaussianNoise',
  'randomFlip',
  'spatialDropout1d',
  'spatialDropout2d',
])

function compareWithGolden(of: LayerCase): void {
  const layer = layerOf(of)
  const { output, dInput, dParameters } = compute(layer, of)
  const tolerance = of.tolerance ?? 1e-5
  for (const [i, expected] of flatten(of.output).entries()) expectNear(output[i]!, expected, tolerance, `output ${i}`)
  const inputs = of.gradients.input ? flatten(of.gradients.input) : []
  for (const [i, expected] of inputs.entries()) expectNear(dInput[i]!, expected, tolerance, `gradient of input ${i}`)
  for (const [path, expected] of Object.entries(of.gradients.parameters ?? {}))
    expectNear(dParameters.get(path)!, expected, tolerance, `gradient of ${path}`)
  const states = layer.states() as ReadonlyMap<string, Tensor>
  for (const [path, expected] of Object.entries(of.statesAfter ?? {}))
    expectNear(states.get(path)!, expected, tolerance, `${path} afterwards`)
}

/** Σ output·dOutput, added up in double. */
function lossOf(of: LayerCase, inputs: readonly Tensor[]): number {
  const { output } = compute(layerOf(of), of, inputs)
  const weights = flatten(of.dOutput)
  return output.reduce((total, y, k) => total + dot(y.data(), weights[k]!.values), 0)
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => Array.from(a).reduce((total, x, i) => total + x * b[i]!, 0)

/** Along one direction that moves all inputs at once: the derivative by differences, and by the gradients. */
function compareWithDifferences(of: LayerCase): void {
  const inputs = inputsOf(of)
  const floats = inputs.filter((x) => x.dtype === 'float32')
  if (floats.length === 0) return
  const { dInput } = compute(layerOf(of), of)
  const direction = floats.map((x) => Float32Array.from(x.data(), (_, i) => Math.sin(1 + 7 * i)))
  const moved = (by: number) =>
    inputs.map((x) => {
      const along = direction[floats.indexOf(x)]
      if (!along) return x
      return tensor(
        Float32Array.from(x.data(), (v, i) => v + by * along[i]!),
        { shape: x.shape },
      )
    })
  const step = 2 ** -9
  const numeric = (lossOf(of, moved(step)) - lossOf(of, moved(-step))) / (2 * step)
  const exact = dInput.reduce((total, d, i) => total + dot(d.data(), direction[i]!), 0)
  const size = dInput.reduce((total, d, i) => total + dot(d.data().map(Math.abs), direction[i]!.map(Math.abs)), 0)
  expect(Math.abs(numeric - exact)).toBeLessThanOrEqual(2e-3 * Math.max(size, 1e-6))
}

const firstSample = (x: Tensor): Tensor => x.at(':1')

function compareFirstSample(of: LayerCase): void {
  const expected = compute(layerOf(of), of).output
  const alone = { ...of, dOutput: cut(of.dOutput), ...(of.mask ? { mask: cutOne(of.mask) } : {}) } as LayerCase
  const { output } = compute(layerOf(of), alone, inputsOf(of).map(firstSample))
  for (const [i, y] of output.entries()) {
    const values = Array.from(firstSample(expected[i]!).data())
    expectNear(y, { shape: [1, ...expected[i]!.shape.slice(1)], values }, 1e-6, `output ${i} of the first sample`)
  }
}

const cutOne = ({ shape, values, ...rest }: { shape: readonly number[]; values: readonly number[] }) => ({
  ...rest,
  shape: [1, ...shape.slice(1)],
  values: values.slice(0, values.length / shape[0]!),
})
const cut = (tree: LayerCase['dOutput']): LayerCase['dOutput'] => {
  if ('values' in tree && 'shape' in tree) return cutOne(tree as never)
  if (Array.isArray(tree)) return tree.map(cut)
  return Object.fromEntries(Object.entries(tree).map(([key, part]) => [key, cut(part)]))
}

const isOneTensor = (tree: LayerCase['input']) => 'values' in tree && 'shape' in tree

function bitsOfPrediction(model: Model, of: LayerCase): string[] {
  const input = tensorOf(of.input as never)
  const out = model.predictSync(input) as Tensor | Record<string, Tensor>
  const list = 'data' in out && typeof out.data === 'function' ? [out as Tensor] : Object.values(out)
  return list.map((t) => Buffer.from((t as Tensor).data().slice().buffer).toString('base64'))
}

async function compareCopies(of: LayerCase): Promise<void> {
  const model = new Model([layerOf(of) as never], { seed: 1 })
  const expected = bitsOfPrediction(model, of)
  expect(bitsOfPrediction(model.clone(), of)).toEqual(expected)
  const path = join(folder, 'model.safetensors')
  await model.save(path)
  expect(bitsOfPrediction(await Model.load(path), of)).toEqual(expected)
}

/** Called on symbolic tensors, as a model of one call. */
function compareGraph(of: LayerCase): void {
  const layer = layerOf(of)
  const given = [...inputsOf(of), ...(of.mask ? [tensorOf(of.mask)] : [])]
  const named = <T>(list: readonly T[]) => Object.fromEntries(list.map((t, i) => [`t${i}`, t]))
  const symbols = given.map(({ shape, dtype }) => input(shape.slice(1), { dtype }))
  const mask = of.mask ? { mask: symbols.at(-1)! } : {}
  const inputs = flatten(of.input).map((_, i) => symbols[i]!)
  const out = leaves(layer.apply(withTensors(of.input, inputs), { mode: of.mode ?? 'predict', ...mask }))
  const model = new Model({ inputs: named(symbols), outputs: named(out) })
  const results = model.predictSync(named(given)) as Record<string, Tensor>
  const bitsIn = (list: readonly Tensor[]) => list.map((t) => Buffer.from(t.data().slice().buffer).toString('base64'))
  expect(bitsIn(Object.values(results))).toEqual(bitsIn(compute(layerOf(of), of).output))
}

async function train(of: LayerCase): Promise<void> {
  const model = new Model([layerOf(of) as never], { seed: 1 })
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' })
  const { epochs } = await model.fit({ x: tensorOf(of.input as never), y: tensorOf(of.output as never) })
  expect(Number.isFinite(epochs.at(-1)!.loss)).toBe(true)
}

const leadingBatch = (of: LayerCase) =>
  [...flatten(of.input), ...flatten(of.output)].every(({ shape }) => shape[0] === flatten(of.input)[0]!.shape[0])
const isOnly = (of: LayerCase, check: Check) => of.skip?.[check] === undefined

describe.each(families)('%s', (_, cases) => {
  test.each(cases.map((of) => [of.name, of] as const))('%s', async (_, of) => {
    compareWithGolden(of)
    if (isOnly(of, 'finiteDifferences')) compareWithDifferences(of)
    if (isOnly(of, 'batchOfOne') && of.mode !== 'train' && leadingBatch(of)) compareFirstSample(of)
    const bits = [1, 2, 3].map((threads) => {
      setThreads(threads)
      return bitsOf(compute(layerOf(of), of))
    })
    setThreads(info().cores)
    expect(bits[1]).toEqual(bits[0])
    expect(bits[2]).toEqual(bits[0])
    if (leadingBatch(of)) compareGraph(of)
    if (isOnly(of, 'saving') && isOneTensor(of.input)) await compareCopies(of)
    if (isOnly(of, 'training') && isOneTensor(of.input) && isOneTensor(of.output)) await train(of)
  })
})

test('every layer has cases', () => {
  const tested = new Set(families.flatMap(([, cases]) => cases.map(({ layer }) => layer)))
  expect(builtInTypes('layer').filter((type) => type !== 'Model' && !tested.has(type) && !elsewhere.has(type))).toEqual(
    [],
  )
})
