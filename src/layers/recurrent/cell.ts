import type { Tensor } from '../../tensor/graph.ts'
import type { Shape } from '../../tensor/shape.ts'
import { Layer } from '../layer.ts'

/**
 * A cell of one's own for `rnn`: its `forward` describes one step, from { input, ...states } to { output, ...states }, each
 * [batch, ...]. Parameters are made in `build`, as in other layers.
 */
export abstract class Cell<S extends string = string> extends Layer<
  { readonly [K in S | 'input']: Tensor },
  { readonly [K in S | 'output']: Tensor }
> {
  /** The shape of one sample's state, by name; known before the cell is built. */
  abstract readonly stateShapes: { readonly [K in S]: Shape }
}
