// Models as chainrule 0.1.0 saved them, and what they predict before and after another epoch. Run with the built package
// of that version as its argument: node make.mjs /path/to/0.1.0/dist/index.js
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const here = process.argv[3] ?? dirname(fileURLToPath(import.meta.url))
const chainrule = await import(pathToFileURL(process.argv[2]).href)
const { activation, adagrad, adam, adamw, dense, dropout, flatten, initializers, l1, l1l2, l2, Layer, metrics, Model, parameter, rmsprop, sgd } = chainrule

class Scaled extends Layer {
  static type = 'scaled'
  constructor(options) {
    super(options)
    this.inner = dense(options.units, { activation: 'tanh' })
  }
  build(shape) {
    this.scale = parameter([shape.at(-1)], 'ones')
  }
  forward(x) {
    return this.inner.apply(x.mul(this.scale))
  }
}

const x = [[0.5, -1], [2, 0.3], [-0.7, 0.9], [1.1, 0.2], [0.1, -0.4]]
const y = [[1, 0], [0.2, 0.9], [0.4, -1], [0.6, 0.7], [0, 0.1]]
const classes = [0, 1, 1, 0, 1]
const plain = (optimizer) => ({ optimizer, loss: 'meanSquaredError', metrics: ['accuracy'] })
const off = metrics.custom('off', (a, b) => b.sub(a).abs().mean({ axis: 1 }))

const cases = {
  layers: [() => [dense(4, { activation: 'relu' }), dropout(0.3), flatten(), activation('sigmoid'), dense(2)], plain('adam')],
  regularizers: [() => [dense(3, { kernelRegularizer: l1(0.01), biasRegularizer: l2(0.02) }), dense(2, { kernelRegularizer: l1l2({ l1: 0.01, l2: 0.03 }) })], plain(sgd({ momentum: 0.9, nesterov: true, decay: 0.1 }))],
  initializers: [() => [dense(3, { kernelInitializer: 'heNormal', biasInitializer: initializers.constant(0.5) }), dense(2, { kernelInitializer: initializers.normal({ std: 0.3 }), useBias: false })], plain(rmsprop({ rho: 0.8 }))],
  own: [() => [new Scaled({ units: 3 }), dense(2)], plain(adamw({ weightDecay: 0.1 }))],
  frozen: [() => [dense(3, { activation: 'tanh' }), dense(2)], plain(adagrad({ learningRate: 0.1 })), (m) => { m.stack[0].trainable = false }],
  classes: [() => [dense(2, { activation: 'softmax' })], { optimizer: adam({ learningRate: 0.01 }), loss: 'categoricalCrossentropy', metrics: ['categoricalAccuracy'] }],
  binary: [() => [dense(1, { activation: 'sigmoid' })], { optimizer: 'adam', loss: 'binaryCrossentropy', metrics: ['binaryAccuracy'] }],
  ownMetric: [() => [dense(2)], { optimizer: 'sgd', loss: 'meanAbsoluteError', metrics: ['regressionAccuracy', off] }],
  ownLoss: [() => [dense(2)], { optimizer: 'sgd', loss: (a, b) => b.sub(a).square().mean({ axis: 1 }) }],
}

const bits = (t) => Buffer.from(t.data().slice().buffer).toString('base64')
const expected = {}
for (const [name, [layers, options, change = () => {}]] of Object.entries(cases)) {
  const model = new Model(layers(), { seed: 7, name })
  model.build([2])
  change(model)
  model.compile(options)
  const data = { x, y: name === 'classes' || name === 'binary' ? classes : y }
  await model.fit(data, { batchSize: 2, epochs: 2 })
  await model.fit(data, { batchSize: 2, callbacks: [{ onBatchEnd: (_, run) => run.stop() }] })
  writeFileSync(join(here, `${name}.safetensors`), model.toBytes())
  const before = bits(model.predictSync(x))
  const { epochs } = await model.fit(data, { batchSize: 2, epochs: 2, resume: true })
  expected[name] = { data, before, epochs, after: bits(model.predictSync(x)), ...(await model.evaluate(data)) }
}
writeFileSync(join(here, 'expected.json'), `${JSON.stringify(expected, null, 1)}\n`)
