// node raw.mjs SEED CALLS: wrong calls of the addon itself. Prints how many were refused and how many were not.
import { createRequire } from 'node:module'
import { dense, Model, tensor } from '../../../dist/index.js'
import { generator, junk, numbers } from './random.mjs'

const addon = createRequire(import.meta.url)('../../../build/Release/chainrule.node')
const { below, pick } = generator(Number(process.argv[2]))
const calls = Number(process.argv[3])

// ---- true calls to start from: what a model does

const codes = []
const runs = []
const original = { ...addon }
addon.program = (code) => {
  codes.push(code)
  return original.program(code)
}
addon.start = (list, ...rest) => {
  runs.push(...list)
  return original.start(list, ...rest)
}
addon.run = (run, ...rest) => {
  runs.push(run)
  return original.run(run, ...rest)
}
const model = new Model([dense(5, { activation: 'relu' }), dense(3, { activation: 'softmax' })], { seed: 1 })
model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'] })
await model.fit(
  {
    x: [
      [1, 2],
      [3, 4],
      [5, 6],
    ],
    y: [0, 1, 2],
  },
  { batchSize: 2, epochs: 2, progress: false },
)
model.predictSync([[1, 2]])
tensor([
  [1, 2],
  [3, 4],
])
  .transpose()
  .softmax()
  .sum()
  .item()
Object.assign(addon, original)

// ---- wrong ones

const job = addon.start([runs[0]], 1, false)
await job.done
const handles = [addon.memory(64), addon.memory(4096), addon.program(codes[0]), job, ...runs.slice(0, 3)]
const started = []

/** A copy with some words replaced, or an end cut off. */
function garbled(code) {
  const copy = code.slice(0, below(4) === 0 ? below(code.length + 1) : code.length)
  for (let i = below(4); i > 0 && copy.length > 0; i--) {
    const at = below(copy.length)
    copy[at] = pick([copy[at] + 1, copy[at] - 1, copy[at] * 2, copy[below(copy.length)], pick(numbers), below(100)])
  }
  return copy
}

/** Memories that are large enough for what a program asks, so that it runs if it is accepted. */
function memoriesFor(code) {
  const sizes = [...code.slice(4, 4 + code[0])]
  return sizes.map((bytes) => addon.memory(bytes < 1e6 ? bytes : 64))
}

function runOf(code) {
  const memories = memoriesFor(code)
  // Random bytes as data: indices out of range, NaN, denormals.
  for (const memory of memories)
    addon.write(
      memory,
      0,
      Uint8Array.from({ length: 64 }, () => below(256)),
    )
  return [
    addon.program(code),
    memories,
    Float64Array.from([1 + below(3), below(9), below(9), 0, ...memories.flatMap(() => [0, 0, 0])]),
  ]
}

function garbledRun() {
  const [program, memories, given] = pick(runs)
  const order = below(3) === 0 ? memories.toReversed() : memories
  const numbersOfRun = garbled(given)
  // A step count that is sound would only take long.
  if (numbersOfRun[0] > 100) numbersOfRun[0] = 3
  return [below(8) === 0 ? pick(handles) : program, order, numbersOfRun]
}

const argument = () =>
  pick([
    () => pick(junk)(),
    () => pick(handles),
    () => pick(numbers),
    garbledRun,
    () => [garbledRun()],
    () => garbled(pick(codes)),
  ])()

const scenes = [
  () =>
    addon[
      pick([
        'info',
        'memory',
        'release',
        'read',
        'write',
        'program',
        'run',
        'cancel',
        'progress',
        'setThreads',
        'profile',
      ])
    ](argument(), argument(), argument(), argument()),
  () => addon.memory(pick(numbers)),
  () => addon.read(pick(handles), pick(numbers), pick(junk)()),
  () => addon.write(pick(handles), pick(numbers), pick(junk)()),
  () => addon.program(garbled(pick(codes))),
  () => addon.run(runOf(garbled(pick(codes))), 5),
  () => addon.run(garbledRun(), pick([5, ...numbers])),
  () => started.push(addon.start([garbledRun(), garbledRun()], pick([1, 2, ...numbers]), below(2) === 0)),
  () => started.push(addon.start([runOf(garbled(pick(codes)))], 1, below(2) === 0)),
  () => started.push(addon.start(argument(), argument(), argument())),
  () => addon.cancel(pick([...handles, ...started])),
  () => addon.progress(pick([...handles, ...started])),
  () => addon.profile(handles[2], pick(junk)()),
  () => addon.setThreads(pick([1, 2, 3])),
  () =>
    addon.bareSgemm(
      pick([() => Float64Array.from({ length: 5 }, () => below(9)), ...junk])(),
      argument(),
      pick([1, 2, NaN, -1]),
    ),
]

let refused = 0
for (let i = 0; i < calls; i++) {
  try {
    const result = pick(scenes)()
    result?.done?.catch?.(() => {})
  } catch {
    refused++
  }
  if (i % 50 === 49) {
    // Such a job may have steps for years.
    for (const one of started) addon.cancel(one)
    await Promise.allSettled(started.splice(0).map(({ done }) => done))
  }
}
console.log(JSON.stringify({ refused, accepted: calls - refused }))
process.exit(0)
