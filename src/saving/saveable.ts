/** What saving, loading and copying need of a model. */
import type { Tree } from '../gradient.ts'
import type { Layer } from '../layers/layer.ts'
import type { Named } from '../named.ts'
import type { Spec } from '../tensor/graph.ts'
import type { CompileOptions } from '../training/options.ts'
import type { Training } from '../training/training.ts'

export interface Saveable extends Layer<Tree, Tree> {
  /** What it was described with when its weights were made; null before. */
  readonly inputs: Named<Spec> | null
  readonly compiled: CompileOptions | null
  readonly training: Training | null
  /** A learning rate that was set, before decay; null where the optimizer's holds. */
  readonly ownRate: number | null
  learningRate: number
  /** Describes it without giving anything first values; `fill` does that. */
  buildWith(inputs: Named<Spec>, fill: () => void): void
  compile(options: CompileOptions): unknown
  trainingFor(call: string): Training
}
