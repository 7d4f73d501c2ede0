/** TensorFlow.js: the wasm backend or the one in plain JavaScript (PEER_BACKEND), tf.train.adam over variables. */
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import * as tf from '@tensorflow/tfjs'
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm'
import { inTurn, serve } from './serve.mjs'
import { logitsOf } from './tfjs-networks.mjs'

const backend = process.env.PEER_BACKEND
if (backend === 'wasm') {
  const main = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm')
  setWasmPaths(`${dirname(main)}/`)
}
if (!(await tf.setBackend(backend))) throw new Error(`the backend ${backend} does not start`)
await tf.ready()

/** The kinds of numbers of this library are float32 and int32: bytes become float32 once, when they are loaded. */
function load(given) {
  const { network, samples, dtype, scale, shift, learningRate, beta1, beta2, epsilon } = given
  const x = tf.tensor(Float32Array.from(given.x), [samples, ...network.input])
  const y = tf.tensor1d(given.y, 'int32')
  const order = given.order.map((rows) => tf.tensor1d(rows, 'int32'))
  const weights = given.weights.map(({ data, shape }) => tf.variable(tf.tensor(data, shape, 'float32')))
  const total = tf.variable(tf.scalar(0))
  const correct = tf.variable(tf.scalar(0))
  const optimizer = tf.train.adam(learningRate, beta1, beta2, epsilon)
  const classes = network.layers.at(-1).units
  let next = inTurn(order)

  function gather(rows) {
    const batch = tf.gather(x, rows)
    return [dtype === 'uint8' ? tf.add(tf.mul(batch, scale), shift) : batch, tf.gather(y, rows)]
  }

  /** Everything stays with the backend; nothing is read. */
  function step() {
    const [batch, labels] = gather(next())
    let logits
    const lossOf = () => {
      logits = tf.keep(logitsOf(network, weights, batch))
      return tf.losses.softmaxCrossEntropy(tf.oneHot(labels, classes), logits)
    }
    const loss = optimizer.minimize(lossOf, true, weights)
    total.assign(tf.add(total, loss))
    correct.assign(tf.add(correct, tf.sum(tf.cast(tf.equal(tf.argMax(logits, 1), labels), 'float32'))))
    logits.dispose()
    return loss
  }

  return {
    steps(n) {
      for (let i = 0; i < n; i++) tf.tidy(() => void step())
      total.dataSync()
    },
    losses(n) {
      next = inTurn(order)
      const losses = Array.from({ length: n }, () => tf.tidy(() => step().dataSync()[0]))
      return { losses, correct: correct.dataSync()[0] }
    },
    predict: (sample) =>
      tf.tidy(() => tf.softmax(logitsOf(network, weights, tf.tensor(sample, [1, ...network.input]))).dataSync()),
  }
}

await serve({
  load,
  about: () => ({
    versions: { tfjs: tf.version.tfjs, node: process.version },
    blas: backend === 'wasm' ? 'XNNPACK in WebAssembly, SIMD' : 'plain JavaScript',
    how: 'variables, tf.train.adam().minimize, tf.tidy',
  }),
})
