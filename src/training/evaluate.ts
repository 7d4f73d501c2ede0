/** Scoring a data set: loss and metrics without training. */
import type { Dataset } from '../data/dataset.ts'
import { inSlices } from '../data/slices.ts'
import { ChainruleError } from '../errors.ts'
import { type Fault, native } from '../native.ts'
import { claim, usesOf } from '../program/claims.ts'
import { explain, finish, start } from '../program/run.ts'
import { giveBack, type Loan, lend } from '../program/workspace.ts'
import { Order } from './feeds.ts'
import { type Columns, commonColumns, Means, type Scores } from './rows.ts'
import type { Training } from './training.ts'

/** Sizes and starts of the batches of n samples: whole ones, then what is left. */
export function batchesOf(n: number, size: number): { size: number; steps: number; first: number }[] {
  const whole = Math.floor(n / size)
  const rest = n % size
  return [
    ...(whole > 0 ? [{ size, steps: whole, first: 0 }] : []),
    ...(rest > 0 ? [{ size: rest, steps: 1, first: whole * size }] : []),
  ]
}

/** The error with the sample of the data that it is about, where it is about one. */
function located(error: ChainruleError, { rows }: Dataset, part: { first: number; size: number }, fault: Fault) {
  if (error.code !== 'ERR_DATA' || fault.row >= part.size) return error
  const { code, layer, operation } = error
  const position = part.first + fault.step * part.size + fault.row
  return new ChainruleError(code, `${error.message} (sample ${rows?.[position] ?? position} of the data)`, {
    layer,
    operation,
  })
}

export async function evaluate(
  training: Training,
  dataset: Dataset,
  batchSize: number,
  signal: AbortSignal | undefined,
): Promise<Scores> {
  signal?.throwIfAborted()
  await inSlices(training.prepare(dataset))
  training.score(dataset, Math.min(batchSize, dataset.length))
  await inSlices(training.check(dataset))
  const batches = batchesOf(dataset.length, batchSize).map((part) => ({
    ...part,
    program: training.score(dataset, part.size),
  }))
  const columns = commonColumns(
    'evaluate',
    batches.map(({ program }) => program.columns),
  )
  const parts = batches.map((part) => ({ ...part, numbers: lend(part.steps * part.program.stride) }))
  const compiled = parts.map(({ program }) => program.compiled)
  const scratch = lend(Math.max(...compiled.map(({ sizes }) => sizes[0]!)))
  const order = new Order(dataset, false)
  try {
    const user = { what: () => 'a model is being evaluated', exclusive: false }
    const release = claim('evaluate', usesOf(compiled), user, true)
    try {
      const runs = parts.map(({ program, first, numbers, steps }) =>
        program.run(dataset, order, first, numbers, null, { steps, scratch: scratch.memory }),
      )
      const fault = await finish(start(runs), signal)
      if (fault?.stop === 'cancelled') signal?.throwIfAborted()
      if (fault) throw located(explain(compiled[fault.run]!, fault), dataset, parts[fault.run]!, fault)
    } finally {
      release()
    }
    return meansOf(parts, columns)
  } finally {
    for (const loan of [scratch, ...parts.map(({ numbers }) => numbers)]) giveBack(loan)
    order.release()
  }
}

/** The means of what the parts have written, a row of numbers per step. */
function meansOf(
  parts: readonly { readonly numbers: Loan; readonly steps: number; readonly size: number }[],
  columns: Columns,
): Scores {
  const means = new Means(columns)
  for (const { numbers, steps, size } of parts) {
    const rows = new Float32Array(steps * columns.width)
    native().read(numbers.memory, 0, rows)
    for (let i = 0; i < steps; i++) means.add(rows, i * columns.width, size)
  }
  return means.get()
}
