/** Classes from outputs: by what the model's last operation and its loss say that the outputs are. */
import { ChainruleError } from '../errors.ts'
import type { Tree } from '../gradient.ts'
import { tensorsOf } from '../layers/inputs.ts'
import type { LossTraits } from '../losses/index.ts'
import { mapNamed, structured } from '../named.ts'
import { cast, greater } from '../ops/elementwise.ts'
import { argmax } from '../ops/reduce.ts'
import { describeError } from '../tensor/describing.ts'
import type { Meaning, Tensor } from '../tensor/graph.ts'
import { lossTraits } from './objective.ts'

/**
 * The classes that predictions name, in the structure of the outputs.
 * @param loss what the model is compiled with
 */
export function classesIn(outputs: Tree, meaning: (output: string) => Meaning | null, loss: unknown): Tree {
  const losses = lossTraits(loss)
  return structured(mapNamed(tensorsOf(outputs), (t, name) => classesOf(t, meaning(name), losses.get(name) ?? null)))
}

/**
 * The class of each row, or 0 or 1 for each output.
 * @param meaning what the outputs are by the model's description
 * @param traits of the loss that the model is compiled with, if it is
 */
function classesOf(outputs: Tensor, meaning: Meaning | null, traits: LossTraits | null): Tensor {
  const loss = traits?.accuracy ?? null
  if (meaning === 'distribution' || meaning === 'logDistribution') return largest(outputs)
  if (meaning === 'probabilities') return cast(greater(outputs, 0.5), 'int32')
  // An activation of the user's own, or logits: the loss knows.
  if (loss === 'categorical') return largest(outputs)
  if (loss === 'binary') return cast(greater(outputs, traits?.logits ? 0 : 0.5), 'int32')
  throw new ChainruleError(
    'ERR_OPTION',
    'predictClasses: the model ends in neither a softmax nor a sigmoid, and is not compiled with a cross-entropy, so its ' +
      'outputs are no classes. Take predict(); of scores the class is (await model.predict(x)).argmax({ axis: -1 }).',
  )
}

function largest(outputs: Tensor): Tensor {
  if (outputs.rank >= 1 && outputs.size(-1) > 1) return argmax(outputs, { axis: -1 })
  throw describeError(
    'ERR_SHAPE',
    'predictClasses',
    "a softmax over one output is always 1. Take activation 'sigmoid' and 'binaryCrossentropy', or one unit per class.",
  )
}
