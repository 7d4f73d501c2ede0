// Chapter 19: a real data set.
import { fashion, schedule } from './fashion.mjs'
import { printValidation, scores } from './lines.mjs'

const { train, test, model } = await fashion()
const steps = Math.ceil(train.length / schedule.batchSize)
const printing = {
  onBatchEnd(logs) {
    const step = (logs.step - 1) % steps
    if (step === 0) console.log(`epoch: ${logs.epoch + 1}`)
    if (step % 100 === 0 || step === steps - 1) console.log(`step: ${step}, ${scores(logs)}`)
  },
  onEpochEnd(logs) {
    console.log(`training, ${scores(logs)}`)
    printValidation({ loss: logs.valLoss, accuracy: logs.valAccuracy })
  },
}
await model.fit(train, { ...schedule, validation: test, callbacks: [printing] })

// On the training data too: the figures above are averages over weights that move.
printValidation(await model.evaluate(train))
