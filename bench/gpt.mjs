/** GPT-2's form of bench/networks.mjs, of chainrule's layers. The order of fields is the order of its parameters. */
import { dense, embedding, Layer, layerNormalization, multiHeadAttention, positionEmbedding, softmax } from 'chainrule'

const norm = () => layerNormalization({ center: false, epsilon: 1e-5 })

class Block extends Layer {
  constructor({ width, heads, hidden }) {
    super()
    this.norm1 = norm()
    this.attention = multiHeadAttention(heads, width / heads, { causal: true, useBias: false })
    this.norm2 = norm()
    this.up = dense(hidden, { activation: 'gelu', useBias: false })
    this.down = dense(width, { useBias: false })
  }

  forward(x) {
    const y = x.add(this.attention.apply(this.norm1.apply(x)))
    return y.add(this.down.apply(this.up.apply(this.norm2.apply(y))))
  }
}

export class Gpt extends Layer {
  constructor({ context, ...options }) {
    super()
    const { vocabulary, width, blocks } = options
    this.characters = embedding(vocabulary, width)
    this.positions = positionEmbedding(context)
    this.blocks = Array.from({ length: blocks }, () => new Block(options))
    this.last = norm()
  }

  /** Probabilities of the next character behind each, by the table that the characters come from. */
  forward(ids) {
    const x = this.positions.apply(this.characters.apply(ids))
    const y = this.blocks.reduce((value, block) => block.apply(value), x)
    return softmax(this.last.apply(y).matmul(this.characters.embeddings.T))
  }
}
