// An LSTM that reads Shakespeare character by character, and then writes on, at three temperatures.
import { adam, Dataset, dense, embedding, Layer, losses, lstm, Model, program, RandomState, zeros } from 'chainrule'
import { optionsOf } from './options.mjs'
import { choose, shakespeare } from './shakespeare.mjs'

const { epochs, units, samples } = optionsOf({ epochs: 10, units: 256, samples: 20_000 })
const { train, test, characters, encode } = shakespeare(64)

/** Guesses the next character behind each: [batch, t] to logits [batch, t, characters]. */
class Writer extends Layer {
  letters = embedding(characters.length, 64)
  memory = lstm(units, { returnSequences: true, returnState: true })
  guess = dense(characters.length)

  forward(ids) {
    return this.guess.apply(this.memory.apply(this.letters.apply(ids)).output)
  }

  /** One character further, from what is remembered. */
  step(id, hidden, carry) {
    const { output, ...state } = this.memory.apply({ input: this.letters.apply(id), hidden, carry })
    return { logits: this.guess.apply(output), ...state }
  }
}

const writer = new Writer()
const model = new Model([writer], { seed: 1 })
const loss = losses.categoricalCrossentropy({ fromLogits: true })
model.compile({ optimizer: adam({ learningRate: 2e-3 }), loss, metrics: ['accuracy'] })
const printing = {
  onEpochEnd: ({ epoch, loss, accuracy }) =>
    console.log(`epoch ${epoch + 1}: loss ${loss.toFixed(3)}, accuracy ${accuracy.toFixed(3)}`),
}
const began = performance.now()
await model.fit(new Dataset(train).slice(0, samples), { epochs, batchSize: 64, callbacks: [printing], progress: false })
console.error(`${((performance.now() - began) / 1000).toFixed(0)} s`)
console.log(`test: loss ${(await model.evaluate(test)).loss.toFixed(3)}`)

const step = program((id, hidden, carry) => writer.step(id, hidden, carry))

function write(prompt, length, temperature) {
  const random = new RandomState(1)
  let text = prompt
  let state = { hidden: zeros([1, units]), carry: zeros([1, units]) }
  let next = encode(prompt)
  for (let i = 0; i < length; i++) {
    let logits
    for (const id of next) ({ logits, ...state } = step.sync([[id]], state.hidden, state.carry))
    next = [choose(logits.data(), temperature, random.double())]
    text += characters[next[0]]
  }
  return text
}

for (const temperature of [0.5, 0.8, 1])
  console.log(`\n--- temperature ${temperature}\n${write('ROMEO:\n', 300, temperature)}`)
