/** The networks of the benchmarks as models of chainrule. */
import {
  activation,
  adam,
  adamw,
  batchNormalization,
  conv2d,
  dense,
  flatten,
  gru,
  lstm,
  Model,
  maxPool2d,
} from 'chainrule'
import { Gpt } from './gpt.mjs'

const makers = {
  dense: ({ units, activation }) => [dense(units, { activation })],
  conv: ({ filters, activation, useBias }) => [conv2d(filters, 3, { padding: 'same', activation, useBias })],
  norm: (layer) => [batchNormalization(), activation(layer.activation)],
  pool: () => [maxPool2d()],
  flatten: () => [flatten()],
  lstm: ({ units }) => [lstm(units)],
  gru: ({ units }) => [gru(units)],
  gpt: (layer, context) => [new Gpt({ ...layer, context })],
}
const optimizers = { adam, adamw }

export function modelOf({ network, optimizer: { name, ...options } }) {
  const { layers, input } = network
  // The last layer of a classifier gives probabilities.
  const layersOf = (layer, i) =>
    makers[layer.type](i === layers.length - 1 ? { ...layer, activation: 'softmax' } : layer, input[0])
  const model = new Model(layers.flatMap(layersOf), { seed: 1 })
  return model.compile({ optimizer: optimizers[name](options), loss: 'categoricalCrossentropy', metrics: ['accuracy'] })
}
