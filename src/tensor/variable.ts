/**
 * Tensors whose values change: parameters, state. What is described with one, outside of programs, keeps the values of
 * that moment: its operations see a `Version`, which reads where the variable lies as long as nothing was written
 * there, and keeps a copy from then on, if somebody still waits for it. (A program reads the variable when it runs.)
 */
import { hooks, Tensor } from './graph.ts'
import type { Place, Resident, Segment } from './segment.ts'
import type { Shape } from './shape.ts'

/** The values of a variable at one time. */
export class Version extends Tensor {
  readonly #variable: Variable
  /** Why it has no values: it was described while they changed. */
  lost: string | null = null

  constructor(variable: Variable) {
    super({ shape: variable.shape, dtype: variable.stored }, { place: variable.place! })
    this.#variable = variable
  }

  override get origin(): Tensor {
    return this.#variable
  }
}

export class Variable extends Tensor implements Resident {
  #version: Version | null = null

  constructor(shape: Shape, segment: Segment) {
    super({ shape, dtype: 'float32' }, { place: { segment, offset: 0 } })
    segment.residents.add(this)
  }

  override get isVariable(): boolean {
    return true
  }

  override now(): Tensor {
    this.#version ??= new Version(this)
    return this.#version
  }

  /** Moves to another place, with its values; who names the old one is out of date. */
  move(place: Place): void {
    const { segment } = this.place!
    segment.residents.delete(this)
    segment.abandoned = true
    this.place = place
    place.segment.residents.add(this)
    if (this.#version) this.#version.place = place
  }

  beforeChange(): void {
    const version = this.#version
    if (!version) return
    if (this.place!.segment.writers.size > 0) version.lost = 'they were being changed'
    else if (version.waiting > 0) version.value = hooks.read(version)
    version.place = null
    this.#version = null
  }

  afterChange(why: string): void {
    const version = this.#version
    if (!version) return
    version.lost = why
    version.place = null
    this.#version = null
  }
}
