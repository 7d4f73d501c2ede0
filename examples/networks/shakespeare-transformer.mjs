// A small GPT (the size of nanoGPT's baby) that reads Shakespeare character by character, and then writes on.
import {
  adamw,
  embedding,
  Layer,
  layerNormalization,
  losses,
  Model,
  matmul,
  positionEmbedding,
  RandomState,
  schedules,
  transformerEncoder,
} from 'chainrule'
import { optionsOf } from './options.mjs'
import { choose, shakespeare } from './shakespeare.mjs'

const { iterations, batch } = optionsOf({ iterations: 500, batch: 12 })
const length = 64
const { train, test, characters, encode } = shakespeare(length)

/** Guesses the next character behind each: [batch, t] to logits [batch, t, characters]. */
class Gpt extends Layer {
  letters = embedding(characters.length, 128)
  places = positionEmbedding(length)
  blocks = Array.from({ length: 4 }, () =>
    transformerEncoder(4, 512, { causal: true, normalizeFirst: true, useBias: false, activation: 'gelu' }),
  )
  norm = layerNormalization({ center: false })

  forward(ids) {
    const x = this.blocks.reduce((h, block) => block.apply(h), this.places.apply(this.letters.apply(ids)))
    return matmul(this.norm.apply(x), this.letters.embeddings.T) // the head is the table of letters
  }
}

/** Pieces from anywhere in the text, as many as the iterations take. */
function anywhere({ x: { data } }, count) {
  const random = new RandomState(1)
  const [x, y] = [new Int32Array(count * length), new Int32Array(count * length)]
  for (let i = 0; i < count; i++) {
    const from = Math.floor(random.double() * (data.length - length))
    x.set(data.subarray(from, from + length), i * length)
    y.set(data.subarray(from + 1, from + 1 + length), i * length)
  }
  const shape = [count, length]
  return { x: { data: x, shape }, y: { data: y, shape } }
}

const model = new Model([new Gpt()], { seed: 1 })
const warmupSteps = Math.min(100, iterations / 5)
const learningRate = schedules.cosineDecay({
  initialLearningRate: 0,
  warmupTarget: 1e-3,
  warmupSteps,
  decaySteps: iterations - warmupSteps,
  alpha: 0.1,
})
const loss = losses.categoricalCrossentropy({ fromLogits: true })
model.compile({ optimizer: adamw({ learningRate, beta2: 0.99, weightDecay: 0.1 }), loss })
const began = performance.now()
const { epochs } = await model.fit(anywhere(train, iterations * batch), { batchSize: batch, progress: false })
console.error(`${((performance.now() - began) / 1000).toFixed(0)} s`)
console.log(`${iterations} iterations: loss ${epochs[0].loss.toFixed(3)} on average`)
console.log(`validation: loss ${(await model.evaluate(test, { batchSize: 64 })).loss.toFixed(3)}`)

/** The logits behind the last of at most 64 characters. What follows it is not seen. */
function next(ids) {
  const seen = ids.slice(-length)
  const padded = [...seen, ...Array(length - seen.length).fill(0)]
  const logits = model.predictSync([padded])
  return logits.at(0, seen.length - 1).data()
}

function write(prompt, count, temperature) {
  const random = new RandomState(1)
  const ids = [...encode(prompt)]
  for (let i = 0; i < count; i++) ids.push(choose(next(ids), temperature, random.double()))
  return ids.map((id) => characters[id]).join('')
}

for (const temperature of [0.5, 0.8, 1])
  console.log(`\n--- temperature ${temperature}\n${write('ROMEO:\n', 300, temperature)}`)
