// Loads a model of the digits and shows what it sees: node examples/reload.mjs digits.safetensors
import { Model } from 'chainrule'
import { digits } from 'chainrule/datasets'

const shades = ' .:-=+*#%@'
const shown = 4

/** 8×8 values from 0 to 1 as 8 lines of 16 characters. */
function picture(pixels) {
  const shade = (value) => shades[Math.round(value * (shades.length - 1))].repeat(2)
  return Array.from({ length: 8 }, (_, row) =>
    pixels
      .slice(row * 8, row * 8 + 8)
      .map(shade)
      .join(''),
  )
}

/** The class that a row of probabilities names, and how sure it is. */
function verdict(row) {
  const confidence = Math.max(...row)
  return { digit: row.indexOf(confidence), confidence }
}

function caption({ digit, confidence }, label) {
  const text = `${digit}  ${(confidence * 100).toFixed(1)} %`
  return digit === label ? text : `${text}, is ${label}`
}

/** Pictures beside each other. */
function sideBySide(blocks) {
  return blocks[0]
    .map((_, line) =>
      blocks
        .map((block) => block[line].padEnd(20))
        .join('')
        .trimEnd(),
    )
    .join('\n')
}

const model = await Model.load(process.argv[2] ?? 'digits.safetensors')
const { test } = await digits()
const predictions = await model.predict(test)
const verdicts = predictions.toArray(2).map(verdict)

const leastSure = verdicts.reduce((least, v, i) => (v.confidence < verdicts[least].confidence ? i : least), 0)
const positions = [...Array(shown).keys(), leastSure]
const { x, y } = test.samples(...positions)
const labels = y.toArray(1)
const pictures = x
  .toArray(2)
  .map((pixels, i) => ['', ...picture(pixels)].with(0, caption(verdicts[positions[i]], labels[i])))
console.log(`${sideBySide(pictures)}\n\nThe first ${shown} of the test set, and the one that it is least sure of.`)
process.send?.(predictions.data())
