// A generative adversarial network (Goodfellow et al., 2014) of handwritten digits: two networks, two train steps.
import { activations, adam, dense, dropout, Model, randomNormal, trainStep } from 'chainrule'
import { digits } from 'chainrule/datasets'
import { optionsOf } from './options.mjs'
import { sideBySide } from './pictures.mjs'

const { epochs } = optionsOf({ epochs: 200 })
const latent = 16
const batchSize = 64
const { train } = await digits()

const leaky = activations.custom('leaky', (x) => x.maximum(x.mul(0.2)))()
const generator = new Model(
  [dense(128, { activation: 'relu' }), dense(128, { activation: 'relu' }), dense(64, { activation: 'sigmoid' })],
  { seed: 1 },
)
const critic = new Model(
  [dense(128, { activation: leaky }), dropout(0.3), dense(64, { activation: leaky }), dropout(0.3), dense(1)],
  { seed: 2 },
)
generator.build([latent])
critic.build([64])

/** −log sigmoid(a), the surprise of a critic that should have said yes; of −a, that it should have said no. */
const surprise = (a) => a.neg().relu().add(a.abs().neg().exp().log1p()).mean()
const imagine = (count) => generator.apply(randomNormal([count, latent]))
const optimizer = adam({ learningRate: 5e-4, beta1: 0.5 })

// Each step trains its own parameters: the other network is only described with.
const criticStep = trainStep({
  parameters: critic,
  optimizer,
  seed: 1,
  loss: (real) => {
    const [yes, no] = [critic.apply(real), critic.apply(imagine(real.size(0)))]
    return { loss: surprise(yes).add(surprise(no.neg())), right: yes.greater(0).mean().add(no.less(0).mean()).div(2) }
  },
})
const generatorStep = trainStep({
  parameters: generator,
  optimizer,
  seed: 2,
  loss: () => surprise(critic.apply(imagine(batchSize))),
})

for (let epoch = 1; epoch <= epochs; epoch++) {
  const sums = { critic: 0, right: 0, generator: 0 }
  let batches = 0
  for await (const { x } of train.batches({ batchSize, shuffle: true, seed: epoch })) {
    const { loss, right } = await criticStep(x)
    sums.critic += loss
    sums.right += right.item()
    sums.generator += (await generatorStep()).loss
    batches++
  }
  const [criticLoss, right, generatorLoss] = Object.values(sums).map((sum) => (sum / batches).toFixed(2))
  if (epoch === 1 || epoch % 50 === 0 || epoch === epochs)
    console.log(`epoch ${epoch}: critic ${criticLoss} (right ${right}), generator ${generatorLoss}`)
}

const drawn = generator.predictSync(randomNormal([5, latent], { seed: 7 }))
console.log(`\nDigits that nobody wrote:\n\n${sideBySide(drawn.toArray(2), 8)}`)
