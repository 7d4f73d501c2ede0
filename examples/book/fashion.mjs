// Fashion-MNIST and the network of chapters 19 to 22. `node examples/book/fashion.mjs` downloads the data.
import { adam, dense, Model, RandomState } from 'chainrule'
import { fashionMnist } from 'chainrule/datasets'
import { drawn, epochsOr } from './lines.mjs'

/**
 * The samples in the book's order: it reads its pictures folder by folder, class 0 first, where the files of Fashion-MNIST
 * mix the classes. So the same permutation gives the same order of training. (The validation data are only averaged.)
 */
function byClass(data) {
  const labels = Array.from({ length: data.length }, (_, i) => data.samples(i).y.item())
  return data.take([...labels.keys()].sort((a, b) => labels[a] - labels[b]))
}

/** The data, shuffled once, and the network, in the order in which the book draws them. */
export async function fashion() {
  const { train, test } = await fashionMnist()
  const generator = new RandomState(0)
  const shuffled = byClass(train).take(generator.permutation(train.length))
  const hidden = () => dense(128, { activation: 'relu', ...drawn(generator) })
  const model = new Model([hidden(), hidden(), dense(10, { activation: 'softmax', ...drawn(generator) })])
  model.compile({ optimizer: adam({ decay: 1e-3 }), loss: 'categoricalCrossentropy', metrics: ['accuracy'] })
  return { train: shuffled, test, model }
}

export const schedule = { epochs: epochsOr(10), batchSize: 128, shuffle: false }

if (process.argv[1] === import.meta.filename) await fashionMnist({ download: true })
