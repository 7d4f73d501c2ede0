/** The data sets of the book "Neural Networks from Scratch", number for number. */
import { positiveInteger } from '../options.ts'
import { RandomState } from '../random/random-state.ts'
import type { Tensor } from '../tensor/graph.ts'
import { constant } from '../tensor/leaves.ts'

/** Inputs and labels or targets. */
export interface Samples {
  readonly x: Tensor
  readonly y: Tensor
}

export interface Drawn {
  /** Where the numbers come from; its state moves on. By default a new one with seed 0. */
  generator?: RandomState
}

/** n values from `from` to `to`, both included, as NumPy's linspace computes them. */
function linspace(from: number, to: number, n: number): number[] {
  const step = n > 1 ? (to - from) / (n - 1) : 0
  return Array.from({ length: n }, (_, i) => (i === n - 1 && n > 1 ? to : i * step + from))
}

const float = Math.fround

function check(where: string, samples: number, classes: number): void {
  positiveInteger(samples, { where, name: 'samples' })
  positiveInteger(classes, { where, name: 'classes' })
}

/**
 * Arms of a spiral around the origin, one per class.
 * @returns x [samples·classes, 2], y int32 [samples·classes]
 */
export function spiral(samples: number, classes: number, options: Drawn = {}): Samples {
  check('spiral', samples, classes)
  const generator = options.generator ?? new RandomState(0)
  const x = new Float32Array(samples * classes * 2)
  const radius = linspace(0, 1, samples)
  for (let c = 0; c < classes; c++) {
    const angle = linspace(c * 4, (c + 1) * 4, samples)
    for (let i = 0; i < samples; i++) {
      const t = angle[i]! + float(float(generator.gauss()) * float(0.2))
      const at = (c * samples + i) * 2
      x[at] = radius[i]! * Math.sin(t * 2.5)
      x[at + 1] = radius[i]! * Math.cos(t * 2.5)
    }
  }
  return labelled(x, samples, classes)
}

/**
 * Clouds beside each other, one per class.
 * @returns x [samples·classes, 2], y int32 [samples·classes]
 */
export function vertical(samples: number, classes: number, options: Drawn = {}): Samples {
  check('vertical', samples, classes)
  const generator = options.generator ?? new RandomState(0)
  const x = new Float32Array(samples * classes * 2)
  for (let c = 0; c < classes; c++)
    for (const [axis, centre] of [c / 3, 0.5].entries())
      for (let i = 0; i < samples; i++)
        x[(c * samples + i) * 2 + axis] = float(float(generator.gauss()) * float(0.1)) + float(centre)
  return labelled(x, samples, classes)
}

function labelled(x: Float32Array, samples: number, classes: number): Samples {
  const y = Int32Array.from({ length: samples * classes }, (_, i) => Math.floor(i / samples))
  return { x: constant(x, [samples * classes, 2]), y: constant(y, [samples * classes]) }
}

/** One period of a sine: x = i/n, y = sin 2πx; both [samples, 1]. */
export function sine(samples = 1000): Samples {
  positiveInteger(samples, { where: 'sine', name: 'samples' })
  const x = Float32Array.from({ length: samples }, (_, i) => i / samples)
  const y = Float32Array.from({ length: samples }, (_, i) => Math.sin(2 * Math.PI * (i / samples)))
  return { x: constant(x, [samples, 1]), y: constant(y, [samples, 1]) }
}
