/** The networks of bench/networks.mjs in TensorFlow.js: variables and functions of them. */
import * as tf from '@tensorflow/tfjs'

/**
 * The gradient of a kernel by one product per place in it, over the picture moved there: the wasm backend has no kernel
 * for it.
 */
function kernelGradient(x, dy, [height, width, inputs, filters]) {
  const [batch, rows, columns] = x.shape
  const padded = tf.pad(x, [
    [0, 0],
    [1, 1],
    [1, 1],
    [0, 0],
  ])
  const flat = tf.reshape(dy, [-1, filters])
  const parts = []
  for (let i = 0; i < height; i++)
    for (let j = 0; j < width; j++) {
      const moved = tf.reshape(tf.slice(padded, [0, i, j, 0], [batch, rows, columns, inputs]), [-1, inputs])
      parts.push(tf.matMul(moved, flat, true))
    }
  return tf.reshape(tf.stack(parts), [height, width, inputs, filters])
}

/** The data's gradient is wanted by nobody. */
const firstConvolution = (x, kernel) =>
  tf.customGrad((kernel) => ({
    value: tf.conv2d(x, kernel, 1, 'same'),
    gradFunc: (dy) => [kernelGradient(x, dy, kernel.shape)],
  }))(kernel)

const convolution = tf.customGrad((x, kernel, save) => {
  save([x, kernel])
  const gradFunc = (dy, [x, kernel]) => [
    tf.conv2dTranspose(dy, kernel, x.shape, 1, 'same'),
    kernelGradient(x, dy, kernel.shape),
  ]
  return { value: tf.conv2d(x, kernel, 1, 'same'), gradFunc }
})

function convolved(x, kernel, isFirst) {
  if (tf.getBackend() !== 'wasm') return tf.conv2d(x, kernel, 1, 'same')
  return isFirst ? firstConvolution(x, kernel) : convolution(x, kernel)
}

const activated = (layer, x) => (layer.activation === 'relu' ? tf.relu(x) : x)

const functions = {
  dense(layer, x, take) {
    const [kernel, bias] = take(2)
    return activated(layer, tf.add(tf.matMul(x, kernel), bias))
  },
  conv(layer, x, take, isFirst) {
    const [kernel, bias] = take(2)
    return activated(layer, tf.add(convolved(x, kernel, isFirst), bias))
  },
  pool: (_, x) => tf.maxPool(x, 2, 2, 'valid'),
  flatten: (_, x) => tf.reshape(x, [x.shape[0], -1]),
  lstm({ units }, x, take) {
    const [kernel, recurrent, bias] = take(3)
    const [batch, time, inputs] = x.shape
    const all = tf.add(tf.matMul(tf.reshape(x, [-1, inputs]), kernel), bias)
    const steps = tf.unstack(tf.reshape(all, [batch, time, 4 * units]), 1)
    let [h, c] = [tf.zeros([batch, units]), tf.zeros([batch, units])]
    for (const step of steps) {
      const [i, f, g, o] = tf.split(tf.add(step, tf.matMul(h, recurrent)), 4, 1)
      c = tf.add(tf.mul(tf.sigmoid(f), c), tf.mul(tf.sigmoid(i), tf.tanh(g)))
      h = tf.mul(tf.sigmoid(o), tf.tanh(c))
    }
    return h
  },
}

export function logitsOf(network, weights, x) {
  let next = 0
  const take = (count) => weights.slice(next, (next += count))
  return network.layers.reduce((value, layer, i) => functions[layer.type](layer, value, take, i === 0), x)
}
