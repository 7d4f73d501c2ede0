// Chapter 22: what is on a picture? node examples/book/22-prediction.mjs [picture.png ...]
import { fileURLToPath } from 'node:url'
import { readPicture } from 'chainrule'
import { fashionMnist } from 'chainrule/datasets'
import { fashion, schedule } from './fashion.mjs'

const { train, test, model } = await fashion()
await model.fit(train, schedule)

// Samples of the test data: probabilities, then classes.
const { x, y } = test.samples(0, 1, 2, 3, 4)
const confidences = await model.predict(x)
console.log(String(confidences.max({ axis: 1 })))
console.log(`predicted ${await model.predictClasses(x)}, labels ${y}`)

// Pictures of one's own: grey, 28×28, and inverted, for the data show light clothes on black.
const own = ['tshirt.png', 'pants.png'].map((name) => fileURLToPath(new URL(name, import.meta.url)))
for (const path of process.argv.length > 2 ? process.argv.slice(2) : own) {
  const picture = await readPicture(path, { size: [28, 28], invert: true })
  const [label] = (await model.predictClasses(picture)).toArray(1)
  console.log(`${path.split('/').at(-1)}: ${fashionMnist.classes[label]}`)
}
