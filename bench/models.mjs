/** The networks of the benchmarks as models of chainrule. */
import * as exported from 'chainrule'

const chainrule = { ...exported }

/** A layer that this build may not have yet. */
function made(name, ...given) {
  if (!chainrule[name]) throw new Error(`chainrule has no ${name} yet`)
  return chainrule[name](...given)
}

/** The layers of one entry; the last one of a classifier gives probabilities. */
function layersOf(layer, isLast) {
  const activation = isLast ? 'softmax' : layer.activation
  switch (layer.type) {
    case 'dense':
      return [made('dense', layer.units, { activation })]
    case 'conv':
      return [made('conv2d', layer.filters, 3, { padding: 'same', activation, useBias: layer.useBias })]
    case 'norm':
      return [made('batchNormalization'), made('activation', activation)]
    case 'pool':
      return [made('maxPool2d')]
    case 'flatten':
      return [made('flatten')]
    case 'lstm':
    case 'gru':
      return [made(layer.type, layer.units)]
    default:
      throw new Error(`chainrule has no ${layer.type} yet`)
  }
}

export function modelOf({ network, optimizer: { name, ...options } }) {
  const { layers } = network
  const model = new chainrule.Model(
    layers.flatMap((layer, i) => layersOf(layer, i === layers.length - 1)),
    { seed: 1 },
  )
  const optimizer = chainrule[name](options)
  return model.compile({ optimizer, loss: 'categoricalCrossentropy', metrics: ['accuracy'] })
}
