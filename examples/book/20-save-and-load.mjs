// Chapters 20 and 21: parameters out and in, parameters in a file, the whole model in a file.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Model } from 'chainrule'
import { fashion, schedule } from './fashion.mjs'
import { printValidation } from './lines.mjs'

const { train, test, model } = await fashion()
await model.fit(train, schedule)
printValidation(await model.evaluate(test))

const other = model.clone() // shares nothing with its original
const parameters = model.getParameters()
console.log(
  Object.entries(parameters)
    .map(([path, p]) => `${path} ${p.shape.join('×')}`)
    .join(', '),
)
other.setParameters(parameters)
printValidation(await other.evaluate(test))

const folder = await mkdtemp(join(tmpdir(), 'chainrule-'))
await model.saveParameters(join(folder, 'fashion_mnist.parms'))
await other.loadParameters(join(folder, 'fashion_mnist.parms'))
printValidation(await other.evaluate(test))

await model.save(process.argv[2] ?? join(folder, 'fashion_mnist.model'))
const loaded = await Model.load(process.argv[2] ?? join(folder, 'fashion_mnist.model'))
printValidation(await loaded.evaluate(test))

// It also goes on training as if it had never stopped.
await model.fit(train, { ...schedule, epochs: 1 })
await loaded.fit(train, { ...schedule, epochs: 1 })
const [a, b] = [await model.predict(test), await loaded.predict(test)]
console.log(`the same predictions after one more epoch each: ${a.equal(b).min().item() === 1}`)
await rm(folder, { recursive: true })
