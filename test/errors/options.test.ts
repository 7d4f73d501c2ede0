/** Unknown options and misspelled names: the error names the right one. */
import { describe, expect, test } from 'vitest'
import {
  activation,
  adam,
  adamw,
  constraints,
  Dataset,
  type DenseOptions,
  dense,
  dropout,
  initializers,
  l2,
  Model,
  metrics,
  parameter,
  program,
  randomNormal,
  sgd,
  sum,
  tensor,
  trainStep,
  zeros,
} from '../../src/index.ts'
import { classifier, errorOf, isUsable, samples, shown } from '../support/errors.ts'

const data = samples()
const compile = (options: object) => new Model([dense(3, { activation: 'softmax' })]).compile(options as never)
const right = { optimizer: 'adam', loss: 'categoricalCrossentropy' } as const
const x = tensor([
  [1, 2],
  [3, 4],
])
const train = (options: object) => classifier().fit(data, options as never)

const built = (options: DenseOptions) => new Model([dense(3, { name: 'hidden', ...options })]).build([2])

const cases: [string, () => unknown][] = [
  ['adam: learning_rate', () => adam({ learning_rate: 0.1 } as never)],
  ['adam: lr', () => adam({ lr: 0.1 } as never)],
  ['adam: a number', () => adam(0.1 as never)],
  ['adam: rate as text', () => adam({ learningRate: '0.1' } as never)],
  ['adam: negative rate', () => adam({ learningRate: -1 })],
  ['adam: NaN', () => adam({ learningRate: Number.NaN })],
  ['adam: beta of 1', () => adam({ beta1: 1 })],
  ['adamw: weight_decay', () => adamw({ weight_decay: 0.1 } as never)],
  ['sgd: momentun', () => sgd({ momentun: 0.9 } as never)],
  ['sgd: nesterov as text', () => sgd({ momentum: 0.9, nesterov: 'yes' } as never)],
  ["compile: 'adm'", () => compile({ ...right, optimizer: 'adm' })],
  ["compile: 'categoricalCrosentropy'", () => compile({ ...right, loss: 'categoricalCrosentropy' })],
  ["compile: 'acuracy'", () => compile({ ...right, metrics: ['acuracy'] })],
  ['compile: no loss', () => compile({ optimizer: 'adam' })],
  ['compile: no optimizer', () => compile({ loss: 'meanSquaredError' })],
  ['compile: nothing', () => compile(undefined as never)],
  ['compile: an optimizer that is none', () => compile({ ...right, optimizer: {} })],
  ['compile: metrics as text', () => compile({ ...right, metrics: 'accuracy' })],
  ['compile: a metric that is none', () => compile({ ...right, metrics: [3] })],
  ['compile: metric', () => compile({ ...right, metric: ['accuracy'] })],
  ['metrics.custom: no name', () => compile({ ...right, metrics: [metrics.custom(undefined as never, (y) => y)] })],
  ['dense: no units', () => dense(undefined as never)],
  ['dense: 0', () => dense(0)],
  ['dense: 2.5', () => dense(2.5)],
  ["dense: 'rely'", () => dense(3, { activation: 'rely' as never })],
  ['dense: use_bias', () => dense(3, { use_bias: false } as never)],
  ['dense: kernelInitialiser', () => dense(3, { kernelInitialiser: 'zeros' } as never)],
  ["dense: 'glorot_uniform' is glorotUniform", () => dense(3, { kernelInitializer: 'glorot_unifrm' as never })],
  ["activation: 'sofmax'", () => activation('sofmax' as never)],
  ['dropout: 1', () => dropout(1)],
  ['dropout: text', () => dropout('0.5' as never)],
  ['l2: negative', () => l2(-1)],
  ['initializers.normal: stddev', () => initializers.normal({ stddev: 1 } as never)],
  ['maxNorm: maximum', () => constraints.maxNorm({ maximum: 1 } as never)],
  ['maxNorm: negative', () => constraints.maxNorm({ maxValue: -1 })],
  ["maxNorm: axis 'rows'", () => constraints.maxNorm({ axis: 'rows' as never })],
  ['minMaxNorm: a range that is empty', () => constraints.minMaxNorm({ minValue: 2, maxValue: 1 })],
  ['dense: a constraint that was not called', () => dense(1, { kernelConstraint: constraints.nonNeg as never })],
  ["dense: a constraint's name", () => dense(1, { kernelConstraint: 'nonNeg' as never })],
  [
    'dense: an axis that the kernel does not have',
    () => built({ kernelConstraint: constraints.unitNorm({ axis: 2 }) }),
  ],
  [
    'dense: a constraint that changes the shape',
    () => built({ biasConstraint: constraints.custom('s', (w) => w.sum())() }),
  ],
  ['Model: no layers', () => new Model([])],
  ['Model: nothing', () => new Model(undefined as never)],
  ['Model: names of layers', () => new Model(['dense'] as never)],
  ['Model: a function for a layer', () => new Model([dense as never])],
  ['Model: two layers of one name', () => new Model([dense(1, { name: 'a' }), dense(1, { name: 'a' })])],
  ['Model: sede', () => new Model([dense(1)], { sede: 1 } as never)],
  ['Model: negative seed', () => new Model([dense(1)], { seed: -1 })],
  ['Model: not compiled', () => new Model([dense(3)]).fit(data)],
  ['Model: no weights to save', () => classifier().toBytes()],
  ['fit: batchSize 0', () => train({ batchSize: 0 })],
  ['fit: batch_size', () => train({ batch_size: 5 })],
  ['fit: epochs 1.5', () => train({ epochs: 1.5 })],
  ['fit: epochs as text', () => train({ epochs: '10' })],
  ['fit: epoch', () => train({ epoch: 10 })],
  ['fit: validationData', () => train({ validationData: data })],
  ['fit: validation of 1.5', () => train({ validation: 1.5 })],
  ['fit: shuffle as text', () => train({ shuffle: 'yes' })],
  ["fit: progress 'bars'", () => train({ progress: 'bars' })],
  ['fit: callbacks is a function', () => train({ callbacks: () => {} })],
  ['fit: callback without a known event', () => train({ callbacks: [{ onEpochEnds() {} }] })],
  ['fit: a controller for a signal', () => train({ signal: new AbortController() })],
  ['evaluate: batchSize -1', () => classifier().evaluate(data, { batchSize: -1 })],
  ['evaluate: verbose', () => classifier().evaluate(data, { verbose: 1 } as never)],
  ['predict: batchSize 0', () => classifier().predict(data.x, { batchSize: 0 })],
  ['sum: keepDims', () => sum(x, { keepDims: true } as never)],
  ['sum: dim', () => sum(x, { dim: 0 } as never)],
  ['sum: axis 5', () => sum(x, { axis: 5 })],
  ['x.sum: keep_dims', () => x.sum({ keep_dims: true } as never)],
  ['x.argmax: keepDims', () => x.argmax({ keepDims: true } as never)],
  ['tensor: type', () => tensor([1], { type: 'int32' } as never)],
  ["tensor: 'float64'", () => tensor([1], { dtype: 'float64' as never })],
  ['tensor: ragged', () => tensor([[1, 2], [3]])],
  ['tensor: text', () => tensor('1' as never)],
  ['tensor: a shape that does not fit', () => tensor([1, 2, 3], { shape: [2, 2] })],
  ['zeros: a number', () => zeros(3 as never)],
  ['zeros: negative', () => zeros([-1])],
  ['reshape: no shape', () => x.reshape(undefined as never)],
  ['randomNormal: sed', () => randomNormal([2], { sed: 1 } as never)],
  ['parameter: no size', () => parameter([0])],
  ['program: no function', () => program(3 as never)],
  ['program: sead', () => program((a) => a, { sead: 1 } as never)],
  ['trainStep: nothing', () => trainStep(undefined as never)],
  ['trainStep: optimiser', () => trainStep({ parameters: [], optimiser: 'adam', loss: (a: never) => a } as never)],
  ['Dataset: scale as text', () => new Dataset(data, { scale: '1' } as never)],
  ['Dataset.split: 2', () => new Dataset(data).split(2)],
]

describe('a wrong option', () => {
  test.each(cases)('%s', async (_, call) => expect(shown(await errorOf(call))).toMatchSnapshot())
})

test('a model that was called with wrong options is usable', async () => {
  const model = classifier()
  await errorOf(() => model.fit(data, { batchSize: 0 }))
  await errorOf(() => model.evaluate(data, { batchSize: 0 }))
  await errorOf(() => model.compile({ ...right, optimizer: 'adm' as never }))
  expect(await isUsable(model)).toBe(true)
})
