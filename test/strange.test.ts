// Every public function and method with strange arguments: a result, or an error of ours with a code and a text.
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import * as chainrule from '../src/index.ts'

const { ChainruleError, Dataset, dense, Model, RandomState, Tensor, tensor } = chainrule
const mine = new Error('thrown on purpose')
const throwing = () => {
  throw mine
}

function detached(): Float32Array {
  const array = new Float32Array(4)
  structuredClone(array.buffer, { transfer: [array.buffer] })
  return array
}

function cyclic(): unknown[] {
  const list: unknown[] = []
  list.push(list)
  return list
}

// Nothing between some megabytes and what no machine has.
const strangers: Record<string, () => unknown> = {
  undefined: () => undefined,
  null: () => null,
  true: () => true,
  NaN: () => Number.NaN,
  Infinity: () => Infinity,
  '-1': () => -1,
  '2.5': () => 2.5,
  '1e15': () => 1e15,
  '2 ** 60': () => 2 ** 60,
  '1e300': () => 1e300,
  '3n': () => 3n,
  'a huge bigint': () => 10n ** 400n,
  'a symbol': () => Symbol('s'),
  "''": () => '',
  "'x'": () => 'x',
  'a function': () => throwing,
  'a date': () => new Date(0),
  'a promise': () => Promise.resolve(1),
  '{}': () => ({}),
  '[]': () => [],
  '[[1, 2], [3]]': () => [[1, 2], [3]],
  "[[1, 'x']]": () => [[1, 'x']],
  '[symbol]': () => [Symbol('s')],
  'a sparse array': () => Object.assign([], { 500: 1 }),
  'an array with holes': () => Object.assign(new Array(3), { 1: 1 }),
  'a frozen array': () => Object.freeze([Object.freeze([1, 2]), Object.freeze([3, 4])]),
  'a cyclic array': cyclic,
  'nested nine deep': () => [[[[[[[[[1]]]]]]]]],
  'an array of another realm': () => runInNewContext('[[1, 2], [3, 4]]'),
  'a typed array of another realm': () => runInNewContext('Float64Array.of(1, 2)'),
  'a view of shared memory': () => new Float32Array(new SharedArrayBuffer(16)),
  'a detached array': detached,
  'a BigInt64Array': () => BigInt64Array.of(1n, 2n ** 62n),
  'a DataView': () => new DataView(new ArrayBuffer(8)),
  'a proxy of an array': () => new Proxy([1, 2], {}),
  'a throwing proxy': () => new Proxy({}, { get: throwing, has: throwing, ownKeys: throwing }),
  'no prototype': () => Object.create(null),
  'a class': () => class {},
  'a tensor': () => tensor([[1, 2], [3, 4]]), // biome-ignore format: a matrix
  'an empty tensor': () => chainrule.zeros([0, 3]),
  int32: () => tensor(Int32Array.of(0, 1)),
  'a layer': () => dense(2),
  'a loss': () => chainrule.losses.meanSquaredError,
  '1,000 numbers': () => Array.from({ length: 1000 }, (_, i) => i),
}

const x = [[1, 2], [3, 4], [5, 6]] // biome-ignore format: a matrix
const square = () => tensor([[1, 2], [3, 4]]) // biome-ignore format: a matrix
const model = () =>
  new Model([dense(3, { activation: 'softmax' })], { seed: 1 }).compile({
    optimizer: 'sgd',
    loss: 'categoricalCrossentropy',
  })

type Call = (...args: unknown[]) => unknown
const isClass = (f: unknown) => /^class/.test(Function.prototype.toString.call(f))
const skipped = new Set(['setThreads', 'ChainruleError', 'Tensor', 'Layer'])

function methodsOf(title: string, make: () => object, without: readonly string[] = []): [string, Call][] {
  const names = new Set<string>()
  for (let p = Object.getPrototypeOf(make()); p && p !== Object.prototype; p = Object.getPrototypeOf(p))
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(p)))
      if (typeof value === 'function' && name !== 'constructor' && !without.includes(name)) names.add(name)
  return [...names].map((name) => [
    `${title}.${name}`,
    (...args) => (make() as unknown as Record<string, Call>)[name]!(...args),
  ])
}

const entries = Object.entries(chainrule) as [string, unknown][]
const targets: [string, Call][] = [
  ...entries
    .filter(([name, f]) => typeof f === 'function' && !skipped.has(name))
    .map(([name, f]): [string, Call] => [
      name,
      isClass(f) ? (...args) => Reflect.construct(f as never, args) : (f as Call),
    ]),
  ...entries
    .filter(([, group]) => typeof group === 'object' && group !== null)
    .flatMap(([name, group]) =>
      Object.entries(group as object).map(([member, f]): [string, Call] => [`${name}.${member}`, f as Call]),
    ),
  ...methodsOf('Tensor', square, ['now']),
  ...methodsOf('RandomState', () => new RandomState(1)),
  ...methodsOf('Dataset', () => new Dataset({ x, y: [0, 1, 2] }), ['at']),
  // Those write files, or are no public methods.
  ...methodsOf('Model', model, [
    'save',
    'saveParameters',
    'plot',
    'restoration',
    'trainingFor',
    'buildFor',
    'buildForData',
    'profile',
    'prepare',
    'forward',
    'buildWith',
  ]),
  ['Model.load', (...args) => Model.load(...(args as [never]))],
  ['Dataset.fromCsv', (...args) => Dataset.fromCsv(...(args as [never, never]))],
]

function isOurs(error: unknown): boolean {
  if (error === mine || (error as { cause?: unknown } | null)?.cause === mine) return true
  if (!(error instanceof ChainruleError)) return false
  return /^ERR_[A-Z_]+$/.test(error.code) && error.message.length > 20
}

async function outcome(call: () => unknown): Promise<string | null> {
  try {
    const result = await call()
    if (result instanceof Tensor && !result.symbolic) result.data()
    return null
  } catch (error) {
    return isOurs(error)
      ? null
      : String((error as Error)?.stack ?? error)
          .split('\n')
          .slice(0, 3)
          .join(' ')
  }
}

test.each(targets)('%s', async (_, call) => {
  const wrong: string[] = []
  for (const [name, make] of Object.entries(strangers))
    for (const [how, args] of [
      ['alone', () => [make()]],
      ['second', () => [square(), make()]],
      ['twice', () => [make(), make()]],
      ['in a list', () => [[make(), make()]]],
      ['as options', () => [square(), { axis: make(), seed: make(), x: make(), y: make() }]],
    ] as [string, () => unknown[]][]) {
      const text = await outcome(() => call(...args()))
      if (text) wrong.push(`${name}, ${how}: ${text}`)
    }
  expect(wrong).toEqual([])
})
