// Whatever stands in a file: ERR_FILE, at once and without memory for what it says.
import { describe, expect, test } from 'vitest'
import { decodeSafetensors, encodeSafetensors } from '../../src/files/safetensors.ts'
import {
  adam,
  concat,
  dense,
  dropout,
  initializers,
  input,
  Model,
  metrics,
  schedules,
  type Tensor,
  tensor,
} from '../../src/index.ts'
import { errorOf } from '../support/errors.ts'

const shared = dense(2)
const model = new Model(
  [
    dense(2, { kernelInitializer: initializers.normal({ std: 0.1 }), activation: 'relu' }),
    new Model([shared, dropout(0.1), shared], { name: 'inner' }),
  ],
  { seed: 1 },
)
model.compile({
  optimizer: adam({ learningRate: schedules.cosineDecay({ initialLearningRate: 0.1, decaySteps: 5 }) }),
  loss: 'mse',
  metrics: ['accuracy', metrics.binaryAccuracy({ threshold: 0.2, name: 'b' })],
})
await model.fit(
  {
    x: [
      [1, 2],
      [3, 4],
    ],
    y: [
      [1, 2],
      [0, 1],
    ],
  },
  { epochs: 2 },
)
const bytes = model.toBytes()
const { tensors, metadata } = decodeSafetensors(bytes, 'the bytes')
const file = (json: unknown) => encodeSafetensors(tensors, { format: 'chainrule', model: JSON.stringify(json) })
// biome-ignore lint/suspicious/noExplicitAny: any part may be wrong
const changed = (change: (saved: any) => unknown) => {
  const saved = JSON.parse(metadata.model!)
  change(saved)
  return file(saved)
}
/** Error or model; what may not happen is anything else, and memory. */
async function refuse(given: Uint8Array): Promise<string> {
  const error = await errorOf(() => Model.load(given))
  expect(error).toMatchObject({ name: 'ChainruleError', code: 'ERR_FILE' })
  return String(error)
}

// biome-ignore lint/suspicious/noExplicitAny: as above
const layers = (saved: any) => saved.architecture.options.layers
// biome-ignore lint/suspicious/noExplicitAny: as above
const written: [string, (saved: any) => unknown][] = [
  ['10⁹ units', (s) => (layers(s)[0].options.units = 1e9)],
  ['units beyond whole numbers', (s) => (layers(s)[0].options.units = 1e300)],
  ['a batch and samples of 10¹⁵', (s) => (s.inputs = [['', [1e15, 1e15], 'float32']])],
  ['a shape of a thousand axes', (s) => (s.inputs = [['', Array(1000).fill(1), 'float32']])],
  ['a layer that refers to itself', (s) => (layers(s)[1].options.layers[2] = { $: 'layer', same: 99 })],
  ['a layer that contains itself', (s) => (layers(s)[1].options.layers[0] = { $: 'layer', same: layers(s)[1].id })],
  [
    'layers nested a thousand deep',
    (s) => {
      for (let i = 0; i < 1000; i++)
        s.architecture = { ...s.architecture, options: { seed: 1, layers: [s.architecture] } }
    },
  ],
  [
    'lists nested 2000 deep',
    (s) => {
      let deep: unknown = 1
      for (let i = 0; i < 2000; i++) deep = [deep]
      layers(s)[0].options.units = deep
    },
  ],
  [
    'layers that are applied 2⁶⁰ times',
    (s) => {
      let last = s.architecture
      const inner = layers(s)
      inner.length = 1
      for (let i = 1; i <= 60; i++) {
        const layersOf = [i === 1 ? inner[0] : last, { $: 'layer', same: i - 1 }]
        last = {
          $: 'layer',
          id: i,
          kind: 'model',
          type: 'model',
          name: `m${i}`,
          options: { seed: 1, layers: layersOf },
        }
      }
      s.architecture = last
    },
  ],
  [
    'a hundred thousand layers without names',
    (s) => {
      const many = Array.from({ length: 100_001 }, (_, id) => ({
        $: 'layer',
        id,
        kind: 'layer',
        type: 'flatten',
        name: '',
        options: {},
      }))
      s.architecture = {
        $: 'layer',
        id: many.length,
        kind: 'model',
        type: 'model',
        name: '',
        options: { seed: 1, layers: many },
      }
    },
  ],
  ['no model', (s) => (s.architecture = layers(s)[0])],
  ['a description for a layer', (s) => (layers(s)[0] = s.compiled.optimizer)],
  ['a layer for an optimizer', (s) => (s.compiled.optimizer = { $: 'layer', same: 0 })],
  ['an optimizer for a loss', (s) => (s.compiled.loss = s.compiled.optimizer)],
  ['a metric for an activation', (s) => (layers(s)[0].options.activation = s.compiled.metrics[1])],
  ['a type of Object.prototype', (s) => (layers(s)[0].type = 'constructor')],
  ['a kind of Object.prototype', (s) => (layers(s)[0].kind = '__proto__')],
  [
    'a typed array of Object.prototype',
    (s) => (layers(s)[0].options.units = { $: 'array', type: 'constructor', at: 0 }),
  ],
  ['a tensor that is not there', (s) => (layers(s)[0].options.units = { $: 'tensor', at: 7 })],
  ['a value that only copies have', (s) => (layers(s)[0].options.units = { $: 'carried', at: 0 })],
  ['a maker that only copies have', (s) => (layers(s)[0].maker = 0)],
  ['a million options', (s) => (s.options = 999_999)],
  ['a step before 0', (s) => (s.training.step = -1)],
  ['a rate that is text', (s) => (s.learningRate = '1')],
  ['constants of text', (s) => (s.training.constants = { accuracy: 'x' })],
  ['two inputs', (s) => s.inputs.push(['b', [2, 2], 'float32'])],
  ['a dtype that there is not', (s) => (s.inputs[0][2] = 'float64')],
]

describe('a file with', () => {
  test.each(written)('%s', async (_, change) => {
    const before = process.memoryUsage().rss
    await refuse(changed(change))
    expect(process.memoryUsage().rss - before).toBeLessThan(500e6)
  })

  test('__proto__ keys', async () => {
    const text = metadata.model!.replace('"activation":"relu"', '"activation":"relu","__proto__":{"polluted":1}')
    await refuse(encodeSafetensors(tensors, { format: 'chainrule', model: text }))
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })

  test('a description that is nested more than JSON.parse may take', async () => {
    const text = `${'['.repeat(200_000)}${']'.repeat(200_000)}`
    await refuse(encodeSafetensors(tensors, { format: 'chainrule', model: `{"schema":2,"architecture":${text}}` }))
  })
})

const strangers = [
  null,
  true,
  -1,
  1.5,
  1e9,
  1e300,
  '',
  'dense',
  [],
  [1],
  {},
  { $: 'layer', same: 0 },
  { $: 'nan' },
  { $: 'number', is: 'NaN' },
]

/** All places in a JSON value, as the object and the key. */
function places(value: unknown, found: [Record<string, unknown>, string][] = []): [Record<string, unknown>, string][] {
  if (typeof value !== 'object' || value === null) return found
  for (const [key, inner] of Object.entries(value)) {
    found.push([value as Record<string, unknown>, key])
    places(inner, found)
  }
  return found
}

const x = input([2])
const half = dense(2, { name: 'half' })
const graph = new Model(
  {
    inputs: x,
    outputs: half.apply(
      concat([half.apply(x), x.at(':', ':1').mul([[3]])], -1)
        .reshape([-1, 3, 1])
        .sum({ axis: 1 })
        .add(half.kernel.sum())
        .broadcastTo([x.shape[0]!, 2]),
    ),
  },
  { seed: 1 },
)
const ofGraph = decodeSafetensors(graph.toBytes(), 'the bytes')

/** The output, whose name may have changed. */
const firstOf = (y: object) => ('shape' in y ? y : Object.values(y)[0]) as Tensor

const described = [
  ['layers in a row', { tensors, metadata }],
  ['a graph', ofGraph],
] as const

test.each(described)(
  'each place of the description of %s with each stranger: a model or ERR_FILE',
  async (_, { tensors, metadata }) => {
    const count = places(JSON.parse(metadata.model!)).length
    expect(count).toBeGreaterThan(80)
    for (let i = 0; i < count; i++)
      for (const stranger of [...strangers, undefined]) {
        const saved = JSON.parse(metadata.model!)
        const [object, key] = places(saved)[i]!
        if (stranger === undefined) delete object[key]
        else object[key] = stranger
        const given = encodeSafetensors(tensors, { format: 'chainrule', model: JSON.stringify(saved) })
        const outcome = await Model.load(given).catch((error) => error)
        if (outcome instanceof Model) expect(firstOf(outcome.predictSync(tensor([[1, 2]]))).shape).toEqual([1, 2])
        else expect(outcome, `${key}: ${JSON.stringify(stranger)}`).toMatchObject({ code: 'ERR_FILE' })
      }
  },
)

test('a byte of the header changed: a model or ERR_FILE', async () => {
  const header = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true)) + 8
  for (let i = 0; i < header; i += 3) {
    const other = bytes.slice()
    other[i]! ^= 1 << (i % 7)
    const outcome = await Model.load(other).catch((error) => error)
    if (!(outcome instanceof Model)) expect(outcome).toMatchObject({ code: 'ERR_FILE' })
  }
})
