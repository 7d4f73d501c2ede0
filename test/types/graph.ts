/** Graphs as users write them, and lines that must not compile; `npm run typecheck` is the test. Nothing here runs. */
import { concat, dense, flatten, input, losses, Model, metrics, type Tensor, zeros } from '../../src/index.ts'

const photo = input([8, 8, 1], { name: 'photo' })
const facts = input([8], { dtype: 'float32' })
const both = concat([flatten().apply(photo), dense(32, { activation: 'relu' }).apply(facts)], -1)
const house = new Model(
  {
    inputs: { photo, facts },
    outputs: { price: dense(1).apply(both), kind: dense(4, { activation: 'softmax' }).apply(both) },
  },
  { seed: 1, name: 'house' },
)
const compiled = house.compile({
  optimizer: 'adam',
  loss: { price: 'mse', kind: losses.categoricalCrossentropy() },
  lossWeights: { price: 0.2 },
  metrics: { kind: ['accuracy', metrics.binaryAccuracy({ name: 'strict' })] },
})
const data = { x: { photo: zeros([3, 8, 8, 1]), facts: zeros([3, 8]) }, y: { price: [[1]], kind: Int32Array.of(1) } }

export async function named() {
  const { epochs } = await compiled.fit(data, { validation: data })
  const { loss, priceLoss, kindLoss, kindAccuracy, kindStrict } = await compiled.evaluate(data)
  const numbers: number[] = [loss, priceLoss, kindLoss, kindAccuracy, kindStrict, epochs[0]?.valKindAccuracy ?? 0]
  const { price, kind }: { price: Tensor; kind: Tensor } = await compiled.predict(data.x)
  const out: { price: Tensor; kind: Tensor } = compiled.apply({ photo, facts })
  const again = await Model.load<typeof compiled>('house.safetensors')
  const same: number = (await again.evaluate(data)).kindAccuracy
  await again.clone().fit(data)
  return [numbers, price.item(), kind, out, same, compiled.layer('dense').trainable, compiled.inputShape?.photo]
}

export async function one() {
  const model = new Model({ inputs: facts, outputs: dense(1).apply(facts).relu() })
  const y: Tensor = await model.predict([[1, 2]])
  const compiled = model.compile({ optimizer: 'sgd', loss: 'mse', metrics: ['accuracy'] })
  const { accuracy } = await compiled.evaluate({ x: [[1]], y: [1] })
  const features = new Model({ inputs: { photo, facts }, outputs: both })
  const seen: Tensor = features.predictSync({ photo: zeros([1, 8, 8, 1]), facts: [[1]] })
  const row: Tensor = await new Model([model, dense(1)]).predict([[1]])
  return [y, accuracy, seen, row]
}

export function refused() {
  // @ts-expect-error one loss for two outputs
  house.compile({ optimizer: 'adam', loss: 'mse' })
  // @ts-expect-error a loss for each output
  house.compile({ optimizer: 'adam', loss: { price: 'mse' } })
  // @ts-expect-error no such output
  house.compile({ optimizer: 'adam', loss: { price: 'mse', kind: 'mse' }, lossWeights: { prize: 1 } })
  // @ts-expect-error one of the inputs is missing
  house.predict({ photo: zeros([1, 8, 8, 1]) })
  // @ts-expect-error named inputs
  house.predictSync([[1]])
  // @ts-expect-error no such output
  house.apply({ photo, facts }).prize
  // @ts-expect-error no such metric was asked for
  compiled.evaluate(data).then(({ priceAccuracy }) => priceAccuracy)
  // @ts-expect-error a graph has outputs
  new Model({ inputs: facts })
  // @ts-expect-error layers are applied first
  new Model({ inputs: facts, outputs: dense(1) })
  // @ts-expect-error a dtype that there is not
  input([8], { dtype: 'uint8' })
}
