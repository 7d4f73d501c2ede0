/**
 * What a network of the benchmarks is: the shape of one sample and a list of layers, plain data that every peer reads.
 * All end in class numbers' logits; the loss is softmax cross-entropy. Pictures are channels last, weights in Keras's
 * order and layout, without the batch:
 *
 *   dense  { units, activation }      kernel [in, units], bias
 *   conv   { filters, activation, useBias }   3×3, same: kernel [3, 3, in, filters], bias
 *   norm   { activation }             batch normalisation, epsilon 1e-3, momentum 0.99: gamma, beta
 *   pool                              the largest of 2×2
 *   flatten
 *   lstm   { units }                  the last step: kernel [in, 4·units], recurrent [units, 4·units], bias; gates i f c o
 *   gru    { units }                  the same with gates z r h, bias [2, 3·units], reset after the product
 *   gpt    { vocabulary, width, blocks, heads, hidden }   see `gptParameters`
 */

const dense = (units, activation = 'linear') => ({ type: 'dense', units, activation })
const pool = { type: 'pool' }
const flatten = { type: 'flatten' }

export function denseNetwork(sizes) {
  const layers = sizes.slice(1).map((units, i) => dense(units, i === sizes.length - 2 ? 'linear' : 'relu'))
  return { title: sizes.join('-'), input: [sizes[0]], layers }
}

/** Sizes of a network that has nothing but dense layers, else null. */
export function denseSizes({ input, layers }) {
  if (layers.some(({ type }) => type !== 'dense')) return null
  return [input[0], ...layers.map(({ units }) => units)]
}

function convolutional(title, block) {
  const layers = [...block(32), pool, ...block(64), pool, flatten, dense(128, 'relu'), dense(10)]
  return { title, input: [28, 28, 1], layers }
}

const conv = (filters, options) => ({ type: 'conv', filters, activation: 'linear', useBias: true, ...options })

export const cnn = convolutional('conv 3×3×32, pool, conv 3×3×64, pool, 128-10 of 28×28×1', (filters) => [
  conv(filters, { activation: 'relu' }),
])

/** Without the bias, which the normalisation would take away again. */
export const normalized = convolutional('the net of cnn with batch normalisation', (filters) => [
  conv(filters, { useBias: false }),
  { type: 'norm', activation: 'relu' },
])

export const recurrent = (type) => ({
  title: `${type} 64→128, 64 steps, 10`,
  input: [64, 64],
  layers: [{ type, units: 128 }, dense(10)],
})

export const gpt = {
  title: 'a transformer: 4 blocks, 4 heads, 128 wide, context 64, 65 characters',
  input: [64],
  tokens: 65,
  layers: [{ type: 'gpt', vocabulary: 65, width: 128, blocks: 4, heads: 4, hidden: 512 }],
}

function shapeAfter(layer, shape) {
  switch (layer.type) {
    case 'dense':
      return [...shape.slice(0, -1), layer.units]
    case 'conv':
      return [...shape.slice(0, -1), layer.filters]
    case 'pool':
      return [shape[0] / 2, shape[1] / 2, shape[2]]
    case 'flatten':
      return [shape.reduce((a, b) => a * b)]
    case 'lstm':
    case 'gru':
      return [layer.units]
    case 'gpt':
      return [...shape, layer.vocabulary]
    default:
      return shape
  }
}

/** Each layer with the shape of a sample before and after it. */
export function walk({ input, layers }) {
  let shape = input
  return layers.map((layer) => {
    const before = shape
    shape = shapeAfter(layer, before)
    return { layer, before, after: shape }
  })
}

const normal = (shape) => ({ shape, init: 'normal' })
const glorot = (shape) => ({ shape, init: 'glorot' })
// Not zeros: a bias that lands at another gate shall show.
const bias = (shape) => ({ shape, init: 'small' })
const ones = (shape) => ({ shape, init: 'ones' })

/**
 * GPT-2's form, norms before what they feed, no biases, the table of characters as the head:
 * x = characters[ids] + positions; per block x += attention(norm(x)), x += down(gelu(up(norm(x)))); norm(x)·charactersᵀ.
 * Norms have epsilon 1e-5 and a gain, gelu is the exact one, heads are cut from query, key and value in order.
 */
function gptParameters({ vocabulary, width, blocks, hidden }, context) {
  const square = normal([width, width])
  const block = [ones([width]), square, square, square, square, ones([width])]
  const all = Array.from({ length: blocks }, () => [...block, normal([width, hidden]), normal([hidden, width])])
  return [normal([vocabulary, width]), normal([context, width]), ...all.flat(), ones([width])]
}

function layerParameters(layer, before) {
  const inputs = before.at(-1)
  const { units, filters } = layer
  switch (layer.type) {
    case 'dense':
      return [glorot([inputs, units]), bias([units])]
    case 'conv':
      return [glorot([3, 3, inputs, filters]), ...(layer.useBias ? [bias([filters])] : [])]
    case 'norm':
      return [ones([inputs]), bias([inputs])]
    case 'lstm':
      return [glorot([inputs, 4 * units]), glorot([units, 4 * units]), bias([4 * units])]
    case 'gru':
      return [glorot([inputs, 3 * units]), glorot([units, 3 * units]), bias([2, 3 * units])]
    case 'gpt':
      return gptParameters(layer, before[0])
    default:
      return []
  }
}

/** `{ shape, init }` of every parameter, in the order in which all peers take them. */
export function parametersOf(network) {
  return walk(network).flatMap(({ layer, before }) => layerParameters(layer, before))
}

const sizeOf = (shape) => shape.reduce((a, b) => a * b, 1)

/** First values of all parameters, one after the other, from a small generator. */
export function firstWeights(network) {
  let state = 3
  const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32
  const spread = (limit) => () => (2 * random() - 1) * limit
  const draws = {
    ones: () => () => 1,
    small: () => spread(0.05),
    // A uniform draw with the deviation of GPT-2's normal one, 0.02.
    normal: () => spread(0.02 * Math.sqrt(3)),
    glorot: (shape) => {
      const field = sizeOf(shape.slice(0, -2))
      return spread(Math.sqrt(6 / (field * (shape.at(-2) + shape.at(-1)))))
    },
  }
  const values = parametersOf(network).flatMap(({ shape, init }) => {
    const draw = draws[init](shape)
    return Array.from({ length: sizeOf(shape) }, draw)
  })
  return Float32Array.from(values)
}
