// What a graph of layers refuses, and how.
import { describe, expect, test } from 'vitest'
import {
  concat,
  dense,
  flatten,
  gradient,
  input,
  Layer,
  Model,
  ones,
  parameter,
  program,
  randomNormal,
  type Tensor,
  tensor,
  zeros,
} from '../../src/index.ts'
import { errorOf, shown } from '../support/errors.ts'

const a = input([3], { name: 'first' })
const b = input([2])
const c = input([2], { name: 'other' })
const sum = dense(2, { name: 'hidden' }).apply(concat([a, b], -1))
const two = () =>
  new Model({
    inputs: { a, b },
    outputs: { price: dense(1).apply(sum), kind: dense(3, { activation: 'softmax' }).apply(sum) },
  })
const both = { price: 'mse', kind: 'categoricalCrossentropy' } as const
const samples = { a: [[1, 2, 3]], b: [[1, 2]] }
const compiled = () => two().compile({ optimizer: 'sgd', loss: both })

class Within extends Layer {
  readonly outer: Tensor
  constructor(outer: Tensor) {
    super({ name: 'within' })
    this.outer = outer
  }
  protected override forward(x: Tensor) {
    return x.add(this.outer)
  }
}
class Itself extends Layer {
  protected override forward(x: Tensor): Tensor {
    return this.apply(x)
  }
}
class Half extends Layer {
  protected override forward(x: Tensor) {
    return x.at(`:${Math.ceil(x.size(0) ** 0.5)}`)
  }
}
/** A number computed from the weights of a layer in a graph. */
function normOf(isRead: boolean, isIn: boolean): Model {
  const layer = dense(2)
  const y = layer.apply(b)
  const norm = layer.kernel.square().sum()
  if (isRead) norm.item()
  return new Model({ inputs: b, outputs: (isIn ? y : b).add(norm) })
}
const unread = (f: unknown) => f as never

const cases: [string, () => unknown][] = [
  ['an input that is not connected', () => new Model({ inputs: { a, b, c }, outputs: sum })],
  ['an input that is not connected, alone', () => new Model({ inputs: [a, b] as never, outputs: sum })],
  ['an input that is missing', () => new Model({ inputs: a, outputs: sum })],
  ['an input of another graph', () => new Model({ inputs: { a, b }, outputs: sum.add(c) })],
  ['an output with a value', () => new Model({ inputs: a, outputs: ones([2]) })],
  ['one of the outputs with a value', () => new Model({ inputs: a, outputs: { x: a.add(1), y: tensor([1]).add(1) } })],
  ['an output that is no tensor', () => new Model({ inputs: a, outputs: { x: a.add(1), y: dense(1) as never } })],
  ['no outputs', () => new Model({ inputs: a, outputs: {} })],
  ['a tensor with a value as input', () => new Model({ inputs: { a, b: zeros([1, 2]) }, outputs: sum })],
  ['an input twice', () => new Model({ inputs: { a, again: a, b }, outputs: sum })],
  ['two inputs with one name', () => new Model({ inputs: { a, b: input([3], { name: 'first' }) }, outputs: a })],
  ['an input that does not begin with the batch', () => new Model({ inputs: a.sum({ axis: 0 }), outputs: sum })],
  [
    'two layers with one name',
    () => new Model({ inputs: b, outputs: dense(1, { name: 'x' }).apply(dense(1, { name: 'x' }).apply(b)) }),
  ],
  ['one loss for two outputs', () => two().compile({ optimizer: 'sgd', loss: 'mse' as never })],
  ['a loss for one of two outputs', () => two().compile({ optimizer: 'sgd', loss: { price: 'mse' } as never })],
  ['a loss for an unknown output', () => two().compile({ optimizer: 'sgd', loss: { ...both, prise: 'mse' } as never })],
  [
    'two losses for one output',
    () => new Model({ inputs: b, outputs: dense(1).apply(b) }).compile({ optimizer: 'sgd', loss: both as never }),
  ],
  [
    'data without one of the inputs',
    () => compiled().fit({ x: { a: [[1, 2, 3]] } as never, y: { price: [1], kind: [0] } }),
  ],
  ['one array for two inputs', () => compiled().fit({ x: [[1, 2, 3]] as never, y: { price: [1], kind: [0] } })],
  ['names for one input', () => new Model({ inputs: b, outputs: dense(1).apply(b) }).predict({ b: [[1, 2]] } as never)],
  ['labels without one of the outputs', () => compiled().fit({ x: samples, y: { price: [1] } as never })],
  ['samples of another shape', () => compiled().fit({ x: { a: [[1, 2]], b: [[1, 2]] }, y: { price: [1], kind: [0] } })],
  ['a prediction without one of the inputs', () => two().predict({ a: [[1, 2, 3]] } as never)],
  [
    'apply with another shape',
    () => new Model({ inputs: b, outputs: dense(1).apply(b) }, { name: 'inner' }).apply(ones([1, 3])),
  ],
  [
    'apply with another dtype',
    () =>
      new Model({ inputs: b, outputs: dense(1).apply(b) }, { name: 'inner' }).apply(
        tensor(Int32Array.of(1, 2), { shape: [1, 2] }),
      ),
  ],
  ['apply with another batch', () => two().apply({ a: ones([1, 3]), b: ones([2, 2]) })],
  ['apply with other names', () => two().apply({ a: ones([1, 3]) } as never)],
  [
    'apply in a graph with another shape',
    () => new Model({ inputs: b, outputs: dense(1).apply(b) }, { name: 'inner' }).apply(a),
  ],
  [
    'a layer on another shape',
    () =>
      two()
        .layer('hidden')
        .apply(input([7])),
  ],
  ['a layer on too few axes', () => dense(3, { name: 'wide' }).apply(input([]))],
  ['shapes that do not fit', () => a.add(b)],
  ['a reshape that does not fill', () => a.reshape([-1, 2])],
  ['reading', () => sum.item()],
  ['reading its values', () => sum.toArray()],
  ['using it in a program', () => program((x) => x.add(a))(ones([1, 3]))],
  ['returning it from a program', () => program(() => a)()],
  ['using it within a layer', () => new Model([new Within(a)]).predict([[1, 2, 3]])],
  ['a layer that applies itself', () => new Itself({ name: 'self' }).apply(a)],
  ['a layer whose output follows no rule', () => new Half({ name: 'half' }).apply(a)],
  ['a gradient through a layer', () => gradient(sum.sum(), a)],
  ['the batch as a number', () => a.sum().div(a.shape[0]!)],
  ['the batch as a factor', () => a.sum().mul(1 / a.shape[0]!)],
  ['values of the batch', () => a.add(zeros(a.shape))],
  ['random numbers of the batch', () => new Model({ inputs: a, outputs: a.add(randomNormal(a.shape)) })],
  ['a part of the batch', () => new Model({ inputs: a, outputs: a.at('::2') })],
  ['a parameter of no layer', () => new Model({ inputs: b, outputs: b.matmul(parameter([2, 2])) })],
  ['a parameter of a layer that is not in the graph', () => normOf(false, false)],
  ['a value that was computed from a parameter', () => normOf(true, true)],
  ['an unknown layer', () => two().layer('hiden')],
  ['input: no shape', () => input(unread(3))],
  ['input: a batch', () => input([-1, 3])],
  ['input: a dtype', () => input([3], unread({ dtype: 'uint8' }))],
  ['input: a name', () => input([3], { name: 'a b' })],
  ['input: an option', () => input([3], unread({ batchShape: [1] }))],
  ['input: sizes', () => input([1e9])],
  ['an operation of one’s own that is not known', () => flatten().apply(unread({ a, b: 1 }))],
]

describe('a graph refuses', () => {
  test.each(cases)('%s', async (_, call) => expect(shown(await errorOf(call))).toMatchSnapshot())
})
