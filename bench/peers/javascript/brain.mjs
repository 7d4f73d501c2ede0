/**
 * brain.js: a net of the same sizes and Adam. It has neither mini-batches nor softmax with cross-entropy: it takes each
 * sample for itself, with its own loss, and updates after each. A "step" here is one pass over a batch's samples.
 */
import { createRequire } from 'node:module'
import brain from 'brain.js'
import { inTurn, serve } from './serve.mjs'

const { version } = createRequire(import.meta.url)('brain.js/package.json')

function load({ x, y, sizes, order, scale, shift, dtype, learningRate, beta1, beta2, epsilon }) {
  const [width, classes] = [sizes[0], sizes.at(-1)]
  const options = { learningRate, beta1, beta2, epsilon, activation: 'relu', praxis: 'adam' }
  const net = new brain.NeuralNetwork({ hiddenLayers: sizes.slice(1, -1), ...options })
  net.sizes = sizes
  net.initialize()
  net.updateTrainingOptions({ ...options, iterations: 1 })
  const next = inTurn(order)
  const targets = Array.from({ length: classes }, (_, c) =>
    Float32Array.from({ length: classes }, (_, i) => +(i === c)),
  )

  /** A view where nothing is to be converted. */
  function inputOf(row) {
    const stored = x.subarray(row * width, (row + 1) * width)
    return dtype === 'uint8' ? Float32Array.from(stored, (v) => v * scale + shift) : stored
  }

  return {
    steps(n) {
      for (let i = 0; i < n; i++)
        for (const row of next()) net.trainPattern({ input: inputOf(row), output: targets[y[row]] })
    },
    predict: (sample) => net.runInput(sample),
  }
}

await serve({
  load,
  about: () => ({
    versions: { 'brain.js': version, node: process.version },
    blas: 'plain JavaScript',
    how: "NeuralNetwork, praxis 'adam', trainPattern for each sample",
  }),
})
