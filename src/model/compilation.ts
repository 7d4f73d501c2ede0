/** How a model was compiled, and what has become of it since: the state of its training, once there is something to train. */
import { ChainruleError } from '../errors.ts'
import type { Optimizer } from '../optimizers/index.ts'
import { checkedRate } from '../schedules.ts'
import type { CompileOptions } from '../training/options.ts'
import type { Training } from '../training/training.ts'

export class Compilation {
  readonly options: CompileOptions
  readonly #optimizer: Optimizer
  readonly #make: () => Training
  #training: Training | null = null
  // Set before there is anything to train.
  #rate: number | null = null

  constructor(options: CompileOptions, optimizer: Optimizer, make: () => Training) {
    this.options = options
    this.#optimizer = optimizer
    this.#make = make
  }

  /** The training if it has begun. */
  get begun(): Training | null {
    return this.#training
  }

  /** For a built model. */
  get training(): Training {
    if (!this.#training) {
      this.#training = this.#make()
      this.#training.state.rate = this.#rate
    }
    return this.#training
  }

  /** Of the next step. */
  get learningRate(): number {
    if (this.#training) return this.#training.state.learningRate
    return this.#rate ?? this.#optimizer.learningRate(0)
  }

  set learningRate(rate: number) {
    this.#rate = checkedRate(rate)
    if (this.#training) this.#training.state.rate = this.#rate
  }

  /** A learning rate that was set, or null. */
  get ownRate(): number | null {
    return this.#training ? this.#training.state.rate : this.#rate
  }
}

/** @throws ERR_OPTION before `compile` */
export function compiledFor(call: string, compilation: Compilation | null): Compilation {
  if (compilation) return compilation
  throw new ChainruleError(
    'ERR_OPTION',
    `${call}: the model is not compiled. Call compile({ optimizer, loss, metrics }) first.`,
  )
}
