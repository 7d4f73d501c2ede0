// node public.mjs SEED CALLS: wrong calls of everything public. Prints what was thrown that is no error of ours.
import * as chainrule from '../../../dist/index.js'
import { generator, junk, numbers } from './random.mjs'

const { ChainruleError, Dataset, dense, Layer, Model, tensor, Tensor } = chainrule
const { below, pick } = generator(Number(process.argv[2]))
const calls = Number(process.argv[3])

const good = {
  x: [
    [1, 2],
    [3, 4],
    [5, 6],
  ],
  y: [0, 1, 2],
}
const model = new Model([dense(5, { activation: 'relu' }), dense(3, { activation: 'softmax' })], { seed: 1 })
model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'] })
await model.fit(good, { progress: false })
const dataset = new Dataset(good)
const bytes = model.toBytes()

const small = numbers.filter((n) => !(n > 64 && n < 1e15))
const shapes = () => Array.from({ length: below(4) }, () => pick([1, 2, 3, 0, -1, 2.5, NaN]))
const names = [
  'learningRate',
  'learning_rate',
  'epochs',
  'batchSize',
  'axis',
  'keepdims',
  'seed',
  'loss',
  'optimizer',
  'x',
  'y',
  'shape',
  'dtype',
  'signal',
  'callbacks',
  'validation',
  'rate',
  'units',
  '__proto__',
]
const options = () => Object.fromEntries(Array.from({ length: 1 + below(3) }, () => [pick(names), argument()]))
const garbledBytes = () => {
  const copy = bytes.slice(0, below(2) ? bytes.length : below(bytes.length))
  for (let i = below(8); i > 0 && copy.length; i--) copy[below(Math.min(copy.length, 2000))] = below(256)
  return copy
}
const values = [
  () => pick(junk)(),
  () => pick(junk)(),
  () => pick(small),
  () =>
    tensor([
      [1, 2],
      [3, 4],
    ]),
  () => tensor([1, 2, 3], { dtype: 'int32' }),
  () => dense(2),
  () => model,
  () => dataset,
  () => good.x,
  () => good,
  () => AbortSignal.abort(),
  shapes,
  options,
  garbledBytes,
]
const argument = () => pick(values)()
const list = () => Array.from({ length: below(4) }, argument)

const skipped = new Set(['setThreads', 'Tensor', 'Layer', 'ChainruleError'])
const functions = Object.entries(chainrule).filter(([name, f]) => typeof f === 'function' && !skipped.has(name))
const groups = Object.entries(chainrule).filter(([, group]) => typeof group === 'object' && group !== null)
const methods = (prototype) =>
  Object.getOwnPropertyNames(prototype).filter(
    (name) => name !== 'constructor' && typeof Object.getOwnPropertyDescriptor(prototype, name).value === 'function',
  )

/** A public function and how it is called with the given arguments. */
const scenes = [
  () => {
    const [name, f] = pick(functions)
    const isClass = /^class/.test(Function.prototype.toString.call(f))
    return [name, (args) => (isClass ? new f(...args) : f(...args))]
  },
  () => {
    const [name, group] = pick(groups)
    const [member, f] = pick(Object.entries(group))
    return [`${name}.${member}`, (args) => f(...args)]
  },
  () => {
    const name = pick(methods(Tensor.prototype))
    return [
      `Tensor.${name}`,
      (args) =>
        tensor([
          [1, 2],
          [3, 4],
        ])[name](...args),
    ]
  },
  () => {
    const name = pick(['fit', 'evaluate', 'predict', 'predictSync', 'compile', 'build', 'apply'])
    return [
      `Model.${name}`,
      (args) => (name === 'compile' || name === 'build' ? new Model([dense(2)], { seed: 1 }) : model)[name](...args),
    ]
  },
  () => {
    const name = pick(['split', 'slice', 'samples', 'batches'])
    return [`Dataset.${name}`, (args) => dataset[name](...args)]
  },
  () => ['Model.load', (args) => Model.load(garbledBytes(), ...args)],
]

const strangers = new Map()
function note(name, error) {
  if (
    error instanceof ChainruleError ||
    /thrown on purpose/.test(String(error?.message)) ||
    error?.name === 'AbortError'
  )
    return
  const text = `${name}: ${String(error?.message ?? typeof error).split('\n')[0]}`
  strangers.set(text, (strangers.get(text) ?? 0) + 1)
}

for (let i = 0; i < calls; i++) {
  const [name, call] = pick(scenes)()
  const args = list()
  if (process.env.TRACE) console.error(i, name)
  try {
    const result = call(args)
    if (result instanceof Tensor && !result.symbolic) result.data()
    else if (typeof result?.then === 'function') await result.catch((error) => note(name, error))
  } catch (error) {
    note(name, error)
  }
}
await model.fit(good, { progress: false })
console.log(
  JSON.stringify(
    [...strangers].sort((a, b) => b[1] - a[1]),
    null,
    1,
  ),
)
void Layer
process.exit(0)
