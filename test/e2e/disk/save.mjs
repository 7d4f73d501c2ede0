// node save.mjs PATH: saves a model that is larger than the file size this process is allowed.
import { dense, Model } from '../../../dist/index.js'

const model = new Model([dense(300)], { seed: 2 })
model.build([300])
try {
  await model.save(process.argv[2])
  console.log('saved')
} catch ({ code, message }) {
  console.log(code, message)
}
console.log(model.predictSync([Array.from({ length: 300 }, () => 1)]).shape.join())
