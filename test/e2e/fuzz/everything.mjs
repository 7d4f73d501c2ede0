// Uses every kernel in several forms, so that the fuzz has true instructions to start from.
import * as chainrule from '../../../dist/index.js'

const { dense, dropout, gradient, losses, Model, tensor } = chainrule
const operations = { ...chainrule }

const matrix = (rows, columns, f = (i) => Math.sin(i)) =>
  tensor(
    Float32Array.from({ length: rows * columns }, (_, i) => f(i)),
    { shape: [rows, columns] },
  )
const whole = (rows, columns) =>
  tensor(
    Int32Array.from({ length: rows * columns }, (_, i) => i % 3),
    { shape: [rows, columns] },
  )

const unary = 'neg abs sign square exp log sqrt reciprocal tanh sigmoid relu floor ceil round sin cos log1p expm1 erf'
const activations =
  `relu6 leakyRelu elu selu celu gelu silu mish softplus softsign squareplus sparsePlus hardSigmoid sparseSigmoid
  logSigmoid hardSilu hardTanh tanhShrink softShrink hardShrink exponential glu`.split(/\s+/)
const binary = 'add sub mul div pow maximum minimum equal notEqual greater greaterEqual less lessEqual'

/** Computes a tensor and its gradients, where it has any. */
function compute(f, ...inputs) {
  f(...inputs).data()
  const floats = inputs.filter((t) => t.dtype === 'float32')
  if (floats.length > 0 && f(...inputs).dtype === 'float32')
    for (const dx of gradient(f(...inputs).sum(), floats)) dx.data()
}

function elementwise() {
  const [a, b, row, column] = [matrix(5, 9), matrix(5, 9, Math.cos), matrix(1, 9), matrix(5, 1)]
  for (const name of unary.split(' ')) compute((x) => operations[name](x), a)
  for (const name of 'neg abs sign square'.split(' ')) operations[name](whole(5, 9)).data()
  for (const name of binary.split(' ')) {
    for (const other of [b, row, column]) compute((x, y) => operations[name](x, y), a, other)
    operations[name](whole(5, 9), whole(5, 1)).data()
  }
  compute((x, y) => chainrule.where(x.greater(y), x, y), a, b)
  compute((x) => x.clip(-0.5, 0.5), a)
  whole(5, 9).clip(0, 1).data()
  compute((x) => x.cast('int32').cast('float32'), a)
  for (const name of activations) compute((x) => chainrule.activation(name).apply(x), matrix(5, 8))
  compute(chainrule.activations.gelu({ approximate: true }), a)
  compute(chainrule.activations.threshold({ threshold: 0.2, defaultValue: -1 }), a)
}

function shapes() {
  const x = matrix(6, 10)
  for (const axis of [0, 1, undefined]) {
    const options = axis === undefined ? {} : { axis }
    for (const name of ['sum', 'mean', 'max', 'min']) compute((t) => operations[name](t, options), x)
    for (const name of ['sum', 'max', 'min', 'argmax', 'argmin']) operations[name](whole(6, 10), options).data()
    for (const name of ['argmax', 'argmin']) operations[name](x, options).data()
  }
  for (const columns of [2, 3, 4, 10, 40]) {
    for (const name of ['softmax', 'logSoftmax']) compute((t) => operations[name](t), matrix(7, columns))
    const labels = tensor(Int32Array.of(0, 1, 0, 1, 1, 0, 1))
    compute((t) => losses.categoricalCrossentropy(labels, t.softmax()), matrix(7, columns))
    compute((t) => losses.categoricalCrossentropy(matrix(7, columns).softmax(), t.softmax()), matrix(7, columns))
    compute((t) => losses.categoricalCrossentropy(labels, t), matrix(7, columns).softmax())
    const ofLogits = losses.categoricalCrossentropy({ fromLogits: true })
    for (const y of [labels, matrix(7, columns).softmax()]) compute((t) => ofLogits(y, t), matrix(7, columns))
    chainrule.oneHot(labels, columns).data()
    chainrule.oneHot(labels.cast('float32'), columns).data()
  }
  const yes = matrix(6, 10, (i) => i % 2)
  compute((t) => losses.binaryCrossentropy(yes, t.sigmoid()), x)
  compute((t) => losses.binaryCrossentropy(yes, t), x.sigmoid())
  compute((t) => losses.binaryCrossentropy({ fromLogits: true })(yes, t), x)
  compute((t) => t.T.add(0), x)
  compute((t) => chainrule.concat([t, t], 1), x)
  compute((t) => t.at('1:4', 2), x)
  compute((t) => chainrule.gather(t, tensor(Int32Array.of(1, 3, 3))), x)
}

/** Sums so far, order, rows that are set, products of values. */
function orders() {
  const x = matrix(6, 40)
  for (const axis of [0, 1]) {
    compute((t) => t.cumsum({ axis }), x)
    whole(6, 40).cumsum({ axis }).data()
    for (const name of ['sort', 'argsort']) compute((t) => t[name]({ axis }), x)
    whole(6, 40).sort({ axis }).data()
    compute((t) => t.prod({ axis }), x)
    whole(6, 40).prod({ axis }).data()
    compute((t) => t.logSumExp({ axis }), x)
  }
  const best = (t) => gradient(chainrule.topK(t, 3).values.square().sum(), t)
  gradient(best(x).square().sum(), x).data()
  compute((t, v) => t.scatter(tensor(Int32Array.of(1, 3)), v), x, matrix(2, 40))
  compute((t) => t.pad([[1, 2], [0, 3]], 0.5), x) // biome-ignore format: pairs
  compute((t) => t.add(t.at('1:4').pad([[1, 2], [0, 0]])), x) // biome-ignore format: pairs
}

function pictures() {
  const picture = (...shape) =>
    matrix(
      1,
      shape.reduce((a, b) => a * b),
    ).reshape(shape)
  for (const pool of [chainrule.maxPool2d, chainrule.averagePool2d])
    for (const [options, ...shape] of [
      [{}, 2, 4, 6, 5],
      [{ poolSize: 3, strides: 2, padding: 'same' }, 2, 5, 7, 3],
      [{ poolSize: [1, 2], strides: 1 }, 1, 4, 5, 17],
      [{ poolSize: 17, strides: 1, padding: 'same' }, 1, 18, 3, 2],
    ])
      compute((t) => pool(options).apply(t), picture(...shape))
  compute((t) => chainrule.maxPool3d().apply(t), picture(1, 4, 4, 4, 2))
  const [x, dy] = [picture(1, 4, 4, 2), picture(1, 2, 2, 2)]
  const dx = (t, d) => gradient(chainrule.maxPool2d().apply(t), t, d)
  gradient(dx(x, dy).square().sum(), dy).data()
  for (const interpolation of ['nearest', 'bilinear'])
    compute((t) => chainrule.upSampling2d({ size: [2, 3], interpolation }).apply(t), picture(2, 3, 4, 5))
}

/** As a step has it: with the gradients of the weights, and relu in the same pass. */
function normalizations() {
  const layers = [
    chainrule.batchNormalization(),
    chainrule.layerNormalization(),
    chainrule.rmsNormalization(),
    chainrule.unitNormalization(),
    chainrule.groupNormalization({ groups: 1 }),
    chainrule.groupNormalization({ groups: -1, scale: false, center: false }),
  ]
  for (const layer of layers)
    for (const mode of ['train', 'predict'])
      for (const [rows, columns] of [
        [5, 12],
        [70, 12],
        [3000, 12],
      ]) {
        const describe = (x) => {
          const y = layer.apply(x, { mode }).relu().sum()
          return [y, ...gradient(y, [x, ...layer.parameters().values()])]
        }
        for (const t of chainrule.program(describe).sync(matrix(rows, columns).reshape([1, rows, columns]))) t.data()
      }
}

function products() {
  for (const [m, k, n] of [
    [3, 4, 5],
    [17, 16, 33],
    [64, 64, 3],
    [2, 70, 40],
    [33, 3, 17],
    [130, 128, 257],
  ]) {
    compute((a, b) => a.matmul(b), matrix(m, k), matrix(k, n))
    compute((a, b) => a.T.matmul(b.T), matrix(k, m), matrix(n, k))
  }
  compute((a, b) => a.dot(b), tensor(Float32Array.of(1, 2, 3)), tensor(Float32Array.of(4, 5, 6)))
}

/** Heads of attention: products in batches, read and written where they lie. */
function heads() {
  const split = (t) => t.reshape([2, 5, 3, 4]).transpose([0, 2, 1, 3])
  compute(
    (q, k) =>
      split(
        split(q)
          .matmul(split(k).transpose([0, 1, 3, 2]))
          .matmul(split(k))
          .reshape([2, 5, 12]),
      ),
    matrix(10, 12).reshape([2, 5, 12]),
    matrix(10, 12, Math.cos).reshape([2, 5, 12]),
  )
}

/** Convolutions of all kinds: of pictures, series and volumes, forwards and back. */
function convolutions() {
  const { conv1d, conv1dTranspose, conv2d, conv2dTranspose, conv3d, depthwiseConv2d, separableConv2d } = chainrule
  for (const [shape, layer] of [
    [[2, 6, 5, 3], conv2d(5, 3, { padding: 'same', activation: 'relu' })],
    [[1, 7, 7, 1], conv2d(18, [3, 2], { strides: 2 })],
    [[1, 6, 6, 4], conv2d(6, 3, { groups: 2, dilationRate: 2, padding: 'same' })],
    [[1, 8, 8, 40], conv2d(34, 3, { padding: 'same' })],
    [[2, 9, 3], conv1d(4, 3, { padding: 'causal', dilationRate: 2 })],
    [[1, 4, 4, 4, 2], conv3d(3, 2)],
    [[1, 4, 3, 3], conv2dTranspose(4, 3, { strides: 2, padding: 'same' })],
    [[1, 4, 3], conv1dTranspose(4, 2, { strides: 3 })],
    [[1, 6, 6, 20], depthwiseConv2d(3, { padding: 'same' })],
    [[1, 6, 6, 5], conv2d(5, 3, { activation: 'gelu' })],
    [[1, 6, 6, 33], conv2d(17, 3, { activation: 'gelu' })],
    [[1, 6, 6, 20], depthwiseConv2d(3, { activation: 'gelu' })],
    [[1, 6, 6, 5], new Model([conv2d(5, 3, { activation: 'relu' }), conv2d(5, 3)])],
    [[1, 6, 6, 3], separableConv2d(5, 3, { depthMultiplier: 2, strides: 2 })],
  ]) {
    const size = shape.reduce((a, b) => a * b)
    const input = matrix(1, size).reshape(shape)
    compute((x) => layer.apply(x), input)
    for (const dw of gradient(layer.apply(input).sum(), [...layer.parameters().values()])) dw.data()
  }
}

/** Recurrent layers through all time, with what they may be given beside the sequence. */
function recurrences() {
  const { gru, lstm, simpleRnn } = chainrule
  const x = matrix(9, 4 * 3).reshape([9, 4, 3])
  const mask = whole(9, 4)
  const state = matrix(9, 5, Math.cos)
  const before = gru(5, { resetAfter: false, returnSequences: true, recurrentDropout: 0.5 })
  for (const layer of [simpleRnn(5), gru(5), lstm(5, { activation: 'relu', goBackwards: true }), before]) {
    compute((t) => layer.apply(t), x)
    compute((t) => layer.apply(t, { mask }), x)
  }
  compute((t, h) => gru(5).apply({ input: t, hidden: h }, { mask }), x, state)
  compute((t, h, c) => lstm(17).apply({ input: t, hidden: h, carry: c }), x, matrix(9, 17), matrix(9, 17))
  compute((t) => before.apply(t, { mode: 'train' }), x)
}

async function training() {
  const x = Array.from({ length: 6 }, (_, i) => [i / 6, 1 - i / 6, i % 2])
  for (const optimizer of [chainrule.adam(), chainrule.sgd(), chainrule.sgd({ momentum: 0.9 })])
    for (const activation of ['relu', 'sigmoid', 'tanh', 'celu', 'gelu']) {
      const model = new Model([dense(20, { activation }), dropout(0.5), dense(3, { activation: 'softmax' })], {
        seed: 1,
      })
      model.compile({ optimizer, loss: 'categoricalCrossentropy', metrics: ['accuracy'] })
      await model.fit({ x, y: [0, 1, 2, 0, 1, 2] }, { batchSize: 4, epochs: 2, progress: false })
    }
}

async function sequences() {
  const ids = tensor(Int32Array.of(1, 2, 3, 0, 1, 2, 0, 0), { shape: [2, 4] })
  for (const optimizer of [chainrule.adam(), chainrule.sgd()]) {
    const model = new Model([
      chainrule.embedding(100, 6, { maskZero: true }),
      chainrule.multiHeadAttention(2, 3),
      dense(1),
    ])
    model.compile({ optimizer, loss: 'mse' })
    await model.fit({ x: ids, y: whole(2, 4).cast('float32').reshape([2, 4, 1]) }, { epochs: 1, progress: false })
  }
  const of = (n, width) => matrix(2 * n, width).reshape([2, n, width])
  for (const options of [{ causal: true }, { numKeyValueHeads: 1, rotary: true, valueDim: 5 }]) {
    const layer = chainrule.multiHeadAttention(2, 4, options)
    compute((x) => layer.apply(x), of(70, 3))
    compute((query, value) => layer.apply({ query, value }), of(5, 3), of(7, 3))
  }
}

function draws() {
  for (const shape of [[7], [4, 9]]) {
    chainrule.randomUniform(shape, { seed: 1 }).data()
    chainrule.randomNormal(shape, { seed: 1, truncated: true }).data()
    chainrule.randomBernoulli(shape, 0.5, { seed: 1 }).data()
  }
  chainrule.randomPermutation(20, { seed: 1 }).data()
}

/** Layers of noise, and those that vary pictures. */
function disturbances() {
  const picture = tensor(
    Float32Array.from({ length: 2 * 5 * 7 * 3 }, (_, i) => Math.sin(i)),
    { shape: [2, 5, 7, 3] },
  )
  const disturb = (layer) => compute((t) => layer.apply(t, { mode: 'train' }), picture)
  for (const layer of [chainrule.gaussianNoise(0.5), chainrule.gaussianDropout(0.3), chainrule.alphaDropout(0.2)])
    disturb(layer)
  for (const fillMode of ['constant', 'nearest', 'reflect', 'wrap'])
    disturb(chainrule.randomRotation(0.3, { fillMode }))
  for (const layer of [chainrule.randomFlip(), chainrule.randomCrop(3, 4), chainrule.resizing(8, 9)]) disturb(layer)
}

export async function describeEverything() {
  elementwise()
  shapes()
  orders()
  pictures()
  normalizations()
  products()
  heads()
  convolutions()
  recurrences()
  draws()
  disturbances()
  await training()
  await sequences()
}
