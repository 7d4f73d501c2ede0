// Chapter 10: the optimizers, one after the other: node examples/book/10-optimizers.mjs [name]
import { adagrad, adam, dense, Model, RandomState, rmsprop, sgd } from 'chainrule'
import { spiral } from 'chainrule/datasets'
import { drawn, epochsOr, printEpochs } from './lines.mjs'

const optimizers = {
  sgd: sgd({ learningRate: 1 }),
  decay: sgd({ learningRate: 1, decay: 1e-3 }),
  momentum: sgd({ learningRate: 1, decay: 1e-3, momentum: 0.9 }),
  adagrad: adagrad({ learningRate: 1, decay: 1e-4 }),
  rmsprop: rmsprop({ learningRate: 0.02, decay: 1e-5, rho: 0.999 }),
  adam: adam({ learningRate: 0.05, decay: 5e-7 }),
}
const names = process.argv[2] ? [process.argv[2]] : Object.keys(optimizers)

for (const name of names) {
  const generator = new RandomState(0)
  const data = spiral(100, 3, { generator })
  const hidden = dense(64, { activation: 'relu', ...drawn(generator) })
  const model = new Model([hidden, dense(3, { activation: 'softmax', ...drawn(generator) })])
  model.compile({ optimizer: optimizers[name], loss: 'categoricalCrossentropy', metrics: ['accuracy'] })
  console.log(`\n${name}`)
  printEpochs(await model.fit(data, { epochs: epochsOr(10001), batchSize: 300, shuffle: false }), { parts: false })
}
