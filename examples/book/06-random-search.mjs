// Chapter 6: looking for weights by chance. Changes that make the loss smaller are kept.
import { argmax, equal, losses, matmul, mean, program, RandomState, relu, softmax } from 'chainrule'
import { vertical } from 'chainrule/datasets'
import { epochsOr } from './lines.mjs'

const generator = new RandomState(0)
const { x, y } = vertical(100, 3, { generator })

// Described once, then only computed: what changes from call to call is an input.
const forward = program((w1, b1, w2, b2) => {
  const output = softmax(matmul(relu(matmul(x, w1).add(b1)), w2).add(b2))
  const accuracy = mean(equal(argmax(output, { axis: 1 }), y))
  return { loss: mean(losses.categoricalCrossentropy(y, output)), accuracy }
})

const shapes = [[2, 3], [3], [3, 3], [3]]
let best = [generator.randn(2, 3).mul(0.01), [0, 0, 0], generator.randn(3, 3).mul(0.01), [0, 0, 0]]
let lowest = 9999999
for (let iteration = 0; iteration < epochsOr(10000); iteration++) {
  const tried = shapes.map((shape, i) =>
    generator
      .randn(...shape)
      .mul(0.05)
      .add(best[i]),
  )
  const result = forward.sync(...tried)
  const loss = result.loss.item()
  if (loss >= lowest) continue
  const accuracy = result.accuracy.item()
  console.log(`New set of weights found, iteration: ${iteration} loss: ${loss.toFixed(7)} acc: ${accuracy.toFixed(3)}`)
  best = tried
  lowest = loss
}
