/**
 * Computations of every kind, each as a hash of its results' bits: to be compared between modes of running. Run as a
 * process (digests-main.ts) it prints them.
 */
import { createHash } from 'node:crypto'
import {
  adam,
  adamw,
  concat,
  Dataset,
  dense,
  dropout,
  gather,
  gradient,
  losses,
  Model,
  type Optimizer,
  parameter,
  program,
  randomNormal,
  sgd,
  softmax,
  type Tensor,
  tensor,
  trainStep,
  where,
} from '../../src/index.ts'
import { randomDropout } from '../../src/ops/random.ts'
import { seeded } from './random.ts'

export type Digests = Record<string, string>

export function hash(tensors: Iterable<Tensor | Float32Array>): string {
  const sha = createHash('sha256')
  for (const t of tensors) {
    const data = t instanceof Float32Array ? t : t.data()
    sha.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  }
  return sha.digest('hex').slice(0, 16)
}

export function floats(seed: number, n: number, low = -1, high = 1): Float32Array {
  const random = seeded(seed)
  return Float32Array.from({ length: n }, () => random.uniform(low, high))
}

const matrix = (seed: number, rows: number, columns: number) =>
  tensor(floats(seed, rows * columns), { shape: [rows, columns] })
const labels = (seed: number, n: number, classes: number) => {
  const random = seeded(seed)
  return Int32Array.from({ length: n }, () => random.integer(0, classes))
}

/** Values that die at different times, aliases, values in place, results that are inputs or appear twice. */
function tangled(x: Tensor, w: Tensor): Tensor[] {
  const a = x.matmul(w).tanh()
  const b = a.relu().add(1).mul(a)
  const c = concat([a, b.at(':', '::-1')], 1)
  const d = where(c.greater(0), c, c.exp()).sum({ axis: 0, keepdims: true })
  const e = randomDropout(b, 0.4).add(randomNormal([b.size(-1)]).mul(0.1))
  const f = gather(e, [3, 0, 0, 2]).T.matmul(e.at(':4'))
  const loss = f.square().mean().add(d.sigmoid().sum()).add(softmax(c).log().mean())
  const row = b.at(2)
  return [loss, x, row, row, a.reshape([-1]), x.at('1:3'), loss.mul(0).add(2), ...gradient(loss, [x, w])]
}

/** Heads that are read and written where they lie, slices whose gradients meet, products that add up. */
function attended(x: Tensor, w: Tensor): Tensor[] {
  const heads = (t: Tensor) => t.reshape([3, 2, 3, 3]).transpose([1, 0, 2, 3])
  const y = x.matmul(w).reshape([3, 2, 9])
  const [q, k] = [heads(y), heads(y.mul(y.at(':', '::-1')))]
  const mixed = q
    .matmul(k.transpose([0, 1, 3, 2]))
    .softmax()
    .matmul(q)
    .transpose([1, 0, 2, 3])
    .reshape([6, 9])
  const whole = concat([mixed.matmul(w.T), x.at(':', '1:4').matmul(w.at(':3'))], 1)
  const loss = whole
    .square()
    .mean()
    .add(x.at('2:').cumsum({ axis: 1 }).sort().at(':', 2).sum())
  return [loss, whole, ...gradient(loss, [x, w])]
}

function trainedBy(optimizer: Optimizer, sync: boolean): () => Promise<string> {
  return async () => {
    const [w1, b1, w2] = [parameter([20, 33], 'zeros'), parameter([33], 'zeros'), parameter([33, 5], 'zeros')]
    for (const [i, p] of [w1, b1, w2].entries()) p.set(tensor(floats(i + 1, p.size(), -0.4, 0.4), { shape: p.shape }))
    const step = trainStep({
      parameters: [w1, b1, w2],
      optimizer,
      seed: 5,
      loss: (x, y) => {
        const hidden = randomDropout(x.matmul(w1).add(b1).relu(), 0.3)
        return losses.categoricalCrossentropy(y, softmax(hidden.matmul(w2)))
      },
    })
    const results: number[] = []
    for (let i = 0; i < 4; i++) {
      const n = i === 2 ? 7 : 12
      const data = [matrix(10 + i, n, 20), tensor(labels(i, n, 5))] as const
      results.push((sync ? step.sync(...data) : await step(...data)).loss)
    }
    return hash([Float32Array.from(results), w1, b1, w2])
  }
}

/** A whole training run of a model: dropout, a partial last batch, validation. */
export async function trainedModel(
  sizes: readonly number[],
  samples: number,
  batchSize: number,
  epochs = 2,
): Promise<string> {
  const [inputs = 1, hidden = 1, classes = 1] = sizes
  const layers = [dense(hidden, { activation: 'relu' }), dropout(0.25), dense(classes, { activation: 'softmax' })]
  const model = new Model(layers, { seed: 3 })
  model.compile({ optimizer: adam({ learningRate: 0.01 }), loss: 'categoricalCrossentropy', metrics: ['accuracy'] })
  const data = new Dataset({ x: matrix(1, samples, inputs), y: labels(2, samples, classes) })
  const history = await model.fit(data, { epochs, batchSize, validation: data, progress: false })
  const numbers = history.epochs.flatMap((e) => [e.loss, e.accuracy])
  const predicted = await model.predict(matrix(4, 9, inputs))
  return hash([Float32Array.from(numbers), predicted, ...model.parameters().values()])
}

export async function digests(): Promise<Digests> {
  const inputs = () => [matrix(1, 6, 17), matrix(2, 17, 9)] as const
  const f = program(tangled, { seed: 9 })
  const found: Digests = {
    'program, sync': hash(f.sync(...inputs())),
    'program, async': hash(await f(...inputs())),
    'program, async again': hash(await f(...inputs())),
    reads: hash(tangledRead(...inputs())),
    attention: hash(program(attended).sync(...inputs())),
    'attention, read': hash(attended(...inputs())),
    model: await trainedModel([20, 33, 5], 101, 16),
  }
  const optimizers = {
    sgd: sgd({ learningRate: 0.1 }),
    momentum: sgd({ learningRate: 0.1, momentum: 0.9 }),
    nesterov: sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true, weightDecay: 0.01 }),
    adam: adam({ learningRate: 0.01 }),
    adamw: adamw({ learningRate: 0.01 }),
  }
  for (const [name, optimizer] of Object.entries(optimizers)) {
    found[`train step, ${name}, sync`] = await trainedBy(optimizer, true)()
    found[`train step, ${name}, async`] = await trainedBy(optimizer, false)()
  }
  return found
}

function tangledRead(x: Tensor, w: Tensor): Tensor[] {
  const a = x.matmul(w).tanh()
  const b = softmax(a.mul(a).add(1)).log()
  return [b, b.T.matmul(a), b.max({ axis: 0 }), ...gradient(b.mean(), [x, w])]
}
