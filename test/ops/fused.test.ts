/**
 * Every operation with a `reference` (the same meaning, composed of simpler operations) against it, in all forms of
 * test/support/fused.ts: value, and gradient for each input where it has a rule of its own.
 */
import { describe, expect, test } from 'vitest'
import { gradient, tensor } from '../../src/index.ts'
import { Traced } from '../../src/program/traced.ts'
import { applyAll } from '../../src/tensor/apply.ts'
import type { Operation, Tensor } from '../../src/tensor/graph.ts'
import type { Form, Input } from '../support/form.ts'
import { forms } from '../support/fused.ts'
import { allOperations } from '../support/operations.ts'
import { seeded, uniform } from '../support/random.ts'

const fused = (await allOperations()).filter((operation) => operation.reference)
const debug = process.env.CHAINRULE_DEBUG === '1' // which refuses NaN and infinity

test('all fused operations are met', () => {
  expect(fused.length).toBeGreaterThanOrEqual(15)
  expect(Object.keys(forms).sort()).toEqual(fused.map(({ name }) => name).sort())
})

const arrays = { float32: Float32Array, int32: Int32Array, float64: Float64Array }

interface Results {
  readonly values: readonly Tensor[]
  readonly gradients: readonly Tensor[]
}

/** What one instruction leaves for the next is none. */
const isResult = (t: Tensor, i: number) => i === 0 || t.stored !== 'float64'

/** The outputs, and the gradient of the first for each float32 input, in one program. */
function run(
  inputs: readonly Input[],
  hasGradient: boolean,
  f: (inputs: readonly Tensor[]) => readonly Tensor[],
): Results {
  let values = 0
  const floats = inputs.flatMap(({ dtype }, i) => (dtype === 'float32' ? [i] : []))
  const results = new Traced(inputs, (feeds) => {
    const outputs = f(feeds)
    values = outputs.length
    if (!hasGradient) return { outputs }
    const [y] = outputs
    const dy = like(y!)
    return {
      outputs: [
        ...outputs,
        ...gradient(
          y!,
          floats.map((i) => feeds[i]!),
          dy,
        ),
      ],
    }
  }).callSync(inputs.map(({ dtype, values: x }) => arrays[dtype].from(x)))
  return { values: results.slice(0, values), gradients: results.slice(values) }
}

const like = (t: Tensor) => tensor(Float32Array.from(uniform(0.5, 1.5).draw(t.size(), seeded(5))), { shape: t.shape })

/** The same NaN, infinities and zeros; numbers within a fraction of the largest. */
function expectClose(got: Tensor, expected: Tensor, label: string, tolerance: number): void {
  expect(got.shape, label).toEqual(expected.shape)
  const [a, b] = [Array.from(got.data()), Array.from(expected.data())]
  const scale = b.reduce((m, x) => (Number.isFinite(x) ? Math.max(m, Math.abs(x)) : m), 1e-30)
  const wrong = a.findIndex((x, i) => !Object.is(x, b[i]!) && !(Math.abs(x - b[i]!) <= tolerance * scale))
  if (wrong >= 0) expect.fail(`${label}: element ${wrong} of ${a.length} is ${a[wrong]}, the reference has ${b[wrong]}`)
}

function check(operation: Operation, { title, attributes, inputs }: Form): void {
  const hasGradient = operation.gradient !== undefined
  const own = run(inputs, hasGradient, (x) => applyAll(operation, x, attributes).filter(isResult))
  const theirs = run(inputs, hasGradient, (x) => operation.reference!(x, attributes))
  // What follows those of the reference is scratch.
  expect(own.values.length).toBeGreaterThanOrEqual(theirs.values.length)
  for (const [i, y] of theirs.values.entries()) expectClose(own.values[i]!, y, `${title}, output ${i}`, 4e-6)
  // Those of softmax are differences of nearly equal numbers.
  for (const [i, g] of own.gradients.entries()) expectClose(g, theirs.gradients[i]!, `${title}, gradient ${i}`, 1e-4)
}

describe.each(fused.map((operation) => [operation.name, operation] as const))(
  '%s is its reference',
  (name, operation) => {
    test.each((forms[name] ?? []).filter(({ wild }) => !(wild && debug)).map((form) => [form.title, form] as const))(
      '%s',
      (_, form) => check(operation, form),
    )
  },
)
