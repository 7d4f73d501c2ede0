/**
 * Parameter updates as single kernels over flat ranges. Each changes its first inputs in place; the reference says
 * what it means. Scalars that change from step to step come as one float64 tensor.
 */
import { applyAll } from '../tensor/apply.ts'
import type { Operation, Tensor } from '../tensor/graph.ts'
import { defineOperation } from '../tensor/operations.ts'
import { add, div, mul, sqrt, square, sub } from './elementwise.ts'
import { at } from './slice.ts'

function updateOperation<A>(
  name: string,
  changed: number,
  attributes: (a: A) => readonly number[],
  reference: (inputs: readonly Tensor[], a: A) => Tensor[],
): Operation<A> {
  return defineOperation({
    name,
    infer: (inputs) => inputs.slice(0, changed).map((t) => ({ shape: t.shape, dtype: 'float32' })),
    emit: (node) => ({
      kernel: name,
      attributes: attributes(node.attributes),
      operands: [...node.outputs, ...node.inputs.slice(changed)],
    }),
    inPlace: Array.from({ length: changed }, (_, i) => [i, i] as const),
    updates: true,
    reference,
  })
}

const sgdOperation = updateOperation<null>(
  'sgd',
  1,
  () => [],
  ([p, g, s]) => {
    const [lr, decay] = [at(s!, 0), at(s!, 1)]
    return [sub(p!, mul(lr, add(g!, mul(decay, p!))))]
  },
)

/** p − lr·(g + decay·p). `scalars`: lr, decay. */
export function sgdUpdate(p: Tensor, g: Tensor, scalars: Tensor): readonly Tensor[] {
  return applyAll(sgdOperation, [p, g, scalars], null)
}

const momentumOperation = updateOperation<{ nesterov: boolean }>(
  'momentum',
  2,
  ({ nesterov }) => [nesterov ? 1 : 0],
  ([p, u, g, s], { nesterov }) => {
    const [lr, momentum, decay] = [at(s!, 0), at(s!, 1), at(s!, 2)]
    const step = mul(lr, add(g!, mul(decay, p!)))
    const velocity = sub(mul(momentum, u!), step)
    return [add(p!, nesterov ? sub(mul(momentum, velocity), step) : velocity), velocity]
  },
)

/** u = momentum·u − lr·(g + decay·p); p + u, or with Nesterov p + momentum·u − lr·(g + decay·p). `scalars`: lr, momentum, decay. */
export function momentumUpdate(p: Tensor, u: Tensor, g: Tensor, scalars: Tensor, nesterov: boolean): readonly Tensor[] {
  return applyAll(momentumOperation, [p, u, g, scalars], { nesterov })
}

const adamOperation = updateOperation<null>(
  'adam',
  3,
  () => [],
  ([p, m, v, g, s]) => {
    const [lr, beta1, beta2, epsilon, c1, c2, decay] = Array.from({ length: 7 }, (_, i) => at(s!, i))
    const mean = add(mul(beta1!, m!), mul(sub(1, beta1!), g!))
    const squares = add(mul(beta2!, v!), mul(sub(1, beta2!), square(g!)))
    const step = mul(lr!, div(mul(mean, c1!), add(sqrt(mul(squares, c2!)), epsilon!)))
    return [sub(sub(p!, step), mul(mul(lr!, decay!), p!)), mean, squares]
  },
)

/** Adam with decoupled decay. `scalars`: lr, beta1, beta2, epsilon, 1/(1 − beta1ᵗ), 1/(1 − beta2ᵗ), decay. */
export function adamUpdate(p: Tensor, m: Tensor, v: Tensor, g: Tensor, scalars: Tensor): readonly Tensor[] {
  return applyAll(adamOperation, [p, m, v, g, scalars], null)
}
