/** The matrix products of a training step, as BLAS would have to compute them: transpose a, transpose b, m, n, k each. */
import { walk } from './networks.mjs'

/** y = x·w for `rows` rows: forward, for the weights, and for x where something in front of it learns. */
function linear(rows, inputs, units, isFirst) {
  const back = isFirst ? [] : [[0, 1, rows, inputs, units]]
  return [[0, 0, rows, units, inputs], [1, 0, inputs, units, rows], ...back]
}

const repeated = (times, list) => Array.from({ length: times }, () => list).flat()

/** The inputs of all steps are one product, so are the weights' gradients; the recurrence is one product per step. */
function recurrence(batch, [steps, inputs], units, gates, isFirst) {
  const wide = gates * units
  const through = repeated(steps, [
    [0, 0, batch, wide, units],
    [0, 1, batch, units, wide],
  ])
  return [...linear(steps * batch, inputs, wide, isFirst), ...through, [1, 0, units, wide, steps * batch]]
}

function attention(batch, context, width, heads) {
  const [t, d] = [context, width / heads]
  const scores = [
    [0, 1, t, t, d],
    [0, 0, t, d, t],
    [1, 0, t, d, t],
    [0, 1, t, t, d],
    [0, 0, t, d, t],
    [1, 0, t, d, t],
  ]
  return repeated(batch * heads, scores)
}

function transformer(batch, context, { vocabulary, width, blocks, heads, hidden }) {
  const rows = batch * context
  const block = [
    ...repeated(4, linear(rows, width, width)),
    ...attention(batch, context, width, heads),
    ...linear(rows, width, hidden),
    ...linear(rows, hidden, width),
  ]
  return [...repeated(blocks, block), ...linear(rows, width, vocabulary)]
}

function layerProducts(layer, before, batch, isFirst) {
  const inputs = before.at(-1)
  switch (layer.type) {
    case 'dense':
      return linear(batch, inputs, layer.units, isFirst)
    // Of patches that were copied out before: BLAS has no other way.
    case 'conv':
      return linear(batch * before[0] * before[1], 9 * inputs, layer.filters, isFirst)
    case 'lstm':
      return recurrence(batch, before, layer.units, 4, isFirst)
    case 'gru':
      return recurrence(batch, before, layer.units, 3, isFirst)
    case 'gpt':
      return transformer(batch, before[0], layer)
    default:
      return []
  }
}

export function productsOf({ network, batch }) {
  return walk(network).flatMap(({ layer, before }, i) => layerProducts(layer, before, batch, i === 0))
}
