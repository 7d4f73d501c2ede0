// A variational autoencoder (Kingma and Welling, 2014) of handwritten digits, with a training loop of its own.
import { adam, dense, Model, randomNormal, trainStep } from 'chainrule'
import { digits } from 'chainrule/datasets'
import { optionsOf } from './options.mjs'
import { sideBySide } from './pictures.mjs'

const { epochs, latent } = optionsOf({ epochs: 60, latent: 4 })
const { train } = await digits() // pictures of 8×8 pixels from 0 to 1

// The encoder gives means, then logarithms of variances.
const encoder = new Model([dense(128, { activation: 'relu' }), dense(2 * latent)], { seed: 1 })
const decoder = new Model([dense(128, { activation: 'relu' }), dense(64)], { seed: 2 })
encoder.build([64])
decoder.build([latent])

/** −log p(x|z) of pixels as probabilities, from logits: max(a, 0) − a·x + log(1 + exp(−|a|)), summed over a picture. */
const surprise = (x, a) => a.relu().sub(a.mul(x)).add(a.abs().neg().exp().log1p()).sum({ axis: 1 })

/** KL(N(mean, exp(logVariance)) ‖ N(0, 1)) of each sample. */
const divergence = (mean, logVariance) =>
  mean.square().add(logVariance.exp()).sub(logVariance).sub(1).mul(0.5).sum({ axis: 1 })

const step = trainStep({
  parameters: [encoder, decoder],
  optimizer: adam({ learningRate: 2e-3 }),
  seed: 1,
  loss: (x) => {
    const code = encoder.apply(x)
    const [mean, logVariance] = [code.at(':', `:${latent}`), code.at(':', `${latent}:`)]
    const z = mean.add(logVariance.mul(0.5).exp().mul(randomNormal(mean.shape)))
    const reconstruction = surprise(x, decoder.apply(z)).mean()
    const kl = divergence(mean, logVariance).mean()
    return { loss: reconstruction.add(kl), reconstruction, kl }
  },
})

for (let epoch = 1; epoch <= epochs; epoch++) {
  const sums = { loss: 0, reconstruction: 0, kl: 0 }
  let batches = 0
  for await (const { x } of train.batches({ batchSize: 64, shuffle: true, seed: epoch })) {
    const { loss, reconstruction, kl } = await step(x)
    sums.loss += loss
    sums.reconstruction += reconstruction.item()
    sums.kl += kl.item()
    batches++
  }
  const [loss, reconstruction, kl] = Object.values(sums).map((sum) => (sum / batches).toFixed(2))
  if (epoch === 1 || epoch % 20 === 0 || epoch === epochs)
    console.log(`epoch ${epoch}: loss ${loss} = reconstruction ${reconstruction} + divergence ${kl}`)
}

const drawn = decoder.predictSync(randomNormal([5, latent], { seed: 7 })).sigmoid()
console.log(`\nDigits that nobody wrote:\n\n${sideBySide(drawn.toArray(2), 8)}`)
