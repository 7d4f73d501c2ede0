// node kernels.mjs SEED COUNT: random instructions for every kernel, each a program of its own. Those that are accepted
// must write their outputs and nothing else, and the same bits for one thread and for several. Prints how many were
// accepted of each kernel, and what went wrong.
import { createRequire } from 'node:module'
import { describeEverything } from './everything.mjs'
import { generator } from './random.mjs'

const addon = createRequire(import.meta.url)('../../../build/Release/chainrule.node')
const { below, pick } = generator(Number(process.argv[2]))
const count = Number(process.argv[3])
const kernels = addon.kernels()
const bytesOf = [4, 4, 1, 8]
const sizes = [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 65, 127, 130, 257, 1000, 5000]
const largest = 3e5

// ---- true instructions to start from

/** Instructions of a program: kernel, dtypes and sizes of the operands, attributes. */
function instructionsOf(code) {
  const found = []
  for (let at = 4 + code[0]; at < code.length; at += code[at]) {
    const [, kernel, operands, attributes, strict] = code.slice(at, at + 5)
    const words = code.slice(at + 5, at + 5 + 4 * operands)
    const dtypes = Array.from({ length: operands }, (_, i) => words[4 * i + 1])
    const counts = Array.from({ length: operands }, (_, i) => words[4 * i + 3])
    const first = at + 5 + 4 * operands
    found.push({ kernel, strict, dtypes, counts, attributes: [...code.slice(first, first + attributes)] })
  }
  return found
}

/** Forms of each kernel, by kernel. */
async function harvest() {
  const forms = new Map()
  const { program } = addon
  addon.program = (code) => {
    for (const form of instructionsOf(code)) {
      if (!forms.has(form.kernel)) forms.set(form.kernel, new Map())
      forms.get(form.kernel).set(JSON.stringify(form), form)
    }
    return program(code)
  }
  await describeEverything()
  addon.program = program
  for (const { name, ...form } of more) {
    const kernel = kernels.findIndex((k) => k.name === name)
    forms.set(kernel, new Map([...(forms.get(kernel) ?? []), [JSON.stringify(form), { kernel, strict: 0, ...form }]]))
  }
  return new Map([...forms].map(([kernel, known]) => [kernel, [...known.values()]]))
}

/** Forms that only large models have. */
const more = [
  { name: 'squaredNorm', dtypes: [3, 0, 0], counts: [1, 200, 100], attributes: [1000] },
  { name: 'squaredNorm', dtypes: [3, 0, 0], counts: [3, 2000, 1000], attributes: [1000] },
  { name: 'addParts', dtypes: [3, 3], counts: [1, 9], attributes: [] },
]

// ---- others made of them

/** Attributes whose product a number is; null when there are none. */
function factorsOf(size, attributes) {
  const n = attributes.length
  for (let i = 0; i < n; i++) if (attributes[i] === size) return [i]
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) if (attributes[i] * attributes[j] === size) return [i, j]
  for (let i = 0; i < n; i++)
    for (let j = i + 1; j < n; j++)
      for (let k = j + 1; k < n; k++) if (attributes[i] * attributes[j] * attributes[k] === size) return [i, j, k]
  return null
}

/** One number, wherever it stands, becomes another; sizes that were products of attributes stay so. */
function resized(form) {
  const factors = form.counts.map((size) => factorsOf(size, form.attributes))
  const from = pick([...form.counts, ...form.attributes])
  const to = pick(sizes)
  const attributes = form.attributes.map((x) => (x === from ? to : x))
  const counts = form.counts.map((size, i) => {
    const product = factors[i]?.reduce((p, at) => p * attributes[at], 1)
    return product ?? (size === from ? to : size)
  })
  return { ...form, attributes, counts }
}

/** One number is anything. */
function garbled(form) {
  const attributes = [...form.attributes]
  const counts = [...form.counts]
  const list = pick([attributes, counts])
  if (list.length > 0) list[below(list.length)] = pick([-1, 0.5, 2, 3, 100, 2 ** 31, 2 ** 53, Infinity, ...sizes])
  return { ...form, attributes, counts }
}

function mutated(form) {
  let made = form
  for (let i = below(4); i > 0; i--) made = resized(made)
  return below(6) === 0 ? garbled(made) : made
}

/** Operands one after the other, some of them where another one lies already. */
function layOut({ dtypes, counts }) {
  let end = 64
  const offsets = []
  for (const [i, dtype] of dtypes.entries()) {
    const width = bytesOf[dtype]
    const same = offsets.findIndex((_, j) => counts[j] * bytesOf[dtypes[j]] === counts[i] * width)
    if (same >= 0 && below(8) === 0) {
      offsets.push(offsets[same])
      continue
    }
    offsets.push(Math.ceil((end + below(3) * 20) / width) * width)
    end = offsets[i] + counts[i] * width
  }
  return { offsets, bytes: end + 64 }
}

function codeOf({ kernel, strict, dtypes, counts, attributes }, { offsets, bytes }) {
  const operands = dtypes.flatMap((dtype, i) => [0, dtype, offsets[i], counts[i]])
  const length = 5 + operands.length + attributes.length
  const header = [1, pick([0, 1]), 0, below(2), bytes]
  return Float64Array.of(
    ...header,
    length,
    kernel,
    dtypes.length,
    attributes.length,
    strict,
    ...operands,
    ...attributes,
  )
}

// ---- what they do

const floats = [0, -0, 1, -1, 0.5, 3, 1e-30, 1e-40, 1e30, 3e38, NaN, Infinity, -Infinity]
const draws = {
  0: () => (below(8) === 0 ? pick(floats) : below(2000) / 1000 - 1),
  1: () => (below(50) === 0 ? pick([-1, 2 ** 31 - 1, -(2 ** 31), 100]) : below(4)),
  2: () => below(256),
  3: () => below(1000) / 1000,
}
const arrays = [Float32Array, Int32Array, Uint8Array, Float64Array]

/** Memory before the run: noise, and in each operand numbers of its type. */
function contents({ dtypes, counts }, { offsets, bytes }) {
  const all = Uint8Array.from({ length: bytes }, () => below(256))
  for (const [i, dtype] of dtypes.entries()) {
    const values = arrays[dtype].from({ length: counts[i] }, draws[dtype])
    all.set(new Uint8Array(values.buffer), offsets[i])
  }
  return all
}

function resultOf(program, before, threads) {
  const memory = addon.memory(before.length)
  addon.setThreads(threads)
  addon.write(memory, 0, before)
  const outcome = addon.run([program, [memory], Float64Array.of(1, 5, 7, 0, 0, 0, 0)], 0)
  const after = new Uint8Array(before.length)
  addon.read(memory, 0, after)
  addon.release(memory)
  return { after, outcome: JSON.stringify(outcome) }
}

function problemOf(form, place, program) {
  const before = contents(form, place)
  const alone = resultOf(program, before, 1)
  const shared = resultOf(program, before, 3)
  if (alone.outcome !== shared.outcome) return `ends as ${alone.outcome}, with 3 threads as ${shared.outcome}`
  if (Buffer.compare(alone.after, shared.after) !== 0) return 'gives other bits with 3 threads'
  const expected = before.slice()
  for (let i = 0; i < kernels[form.kernel].outputs; i++) {
    const [from, to] = [place.offsets[i], place.offsets[i] + form.counts[i] * bytesOf[form.dtypes[i]]]
    expected.set(alone.after.subarray(from, to), from)
  }
  return Buffer.compare(alone.after, expected) === 0 ? null : 'writes beside its outputs'
}

const forms = await harvest()
const known = [...forms.keys()]
const accepted = Object.fromEntries(kernels.map(({ name }) => [name, 0]))
const problems = []
const fits = ({ counts }) =>
  counts.reduce((sum, n) => sum + n, 0) < largest && counts.every((n) => n >= 0 && n % 1 === 0)
// Each kernel once as it is meant, then whatever comes.
const meant = known.map((kernel) => forms.get(kernel).find(fits))
for (let i = 0; i < count; i++) {
  const form = meant[i] ?? mutated(pick(forms.get(pick(known))))
  if (!fits(form)) continue
  const place = layOut(form)
  let program
  try {
    program = addon.program(codeOf(form, place))
  } catch {
    continue
  }
  const { name } = kernels[form.kernel]
  accepted[name]++
  const problem = problemOf(form, place, program)
  if (problem) problems.push({ problem, kernel: name, ...form, ...place })
}
console.log(JSON.stringify({ accepted, problems: problems.slice(0, 5) }))
