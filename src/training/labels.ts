/** Labels before training: whether they are of the kind that loss and metrics take, where no shape and no kernel tells. */
import { type Column, scan } from '../data/column.ts'
import type { Dataset } from '../data/dataset.ts'
import type { Sliced } from '../data/slices.ts'
import { ChainruleError } from '../errors.ts'
import { traitsOf } from '../losses/index.ts'
import type { Named } from '../named.ts'
import { pathOf } from '../named.ts'
import { type DType, type Shape, sizeOf } from '../tensor/shape.ts'
import type { Objective } from './objective.ts'

/** All labels of an output, flat. */
export function* targetsOf(dataset: Dataset, output: string): Sliced<Float64Array> {
  const column = dataset.y!.get(output)!
  const size = sizeOf(column.shape)
  const all = new Float64Array(dataset.length * size)
  yield* scan(column, dataset, (values, first) => all.set(values, first * size))
  return all
}

/** @throws ERR_DATA for fractions where the model takes whole numbers */
export function* checkInputs(dataset: Dataset, takes: Named<DType>): Sliced<void> {
  for (const [name, column] of dataset.x) {
    if (takes.get(name) !== 'int32' || isWhole(column)) continue
    const size = sizeOf(column.shape)
    yield* scan(column, dataset, (values, first) => {
      for (let i = 0; i < values.length; i++)
        // Beyond 2²⁴ float32 has rounded.
        if (!Number.isInteger(values[i]) || Math.abs(values[i]!) > 2 ** 24)
          throw new ChainruleError(
            'ERR_DATA',
            `${pathOf('x', name)}: the model takes whole numbers, int32, but sample ${first + Math.floor(i / size)} holds ` +
              `${values[i]} as float32. Give an Int32Array.`,
          )
    })
  }
}

const isWhole = ({ dtype, scale, shift }: Column) => dtype !== 'float32' && scale === 1 && shift === 0

/** @throws ERR_DATA for fractions as class numbers, and for what is no probability in a cross-entropy */
export function* checkLabels(dataset: Dataset, objectives: readonly Objective[], outputs: Named<Shape>): Sliced<void> {
  for (const { output, loss, metrics } of objectives) {
    const column = dataset.y!.get(output)!
    const { shape } = column
    const takers = [traitsOf(loss), ...metrics]
    const classes = !isWhole(column) && takers.some((t) => t.targets(shape, outputs.get(output)!) === 'int32')
    const probabilities = traitsOf(loss).probabilities(shape, outputs.get(output)!)
    if (!classes && !probabilities) continue
    const size = sizeOf(shape)
    yield* scan(column, dataset, (values, first) => {
      for (let i = 0; i < values.length; i++) {
        const v = values[i]!
        const sample = first + Math.floor(i / size)
        if (classes && !Number.isInteger(v)) throw noClass(pathOf('y', output), sample, v)
        if (probabilities && !(v >= 0 && v <= 1)) throw noProbability(sample, v)
      }
    })
  }
}

function noClass(path: string, sample: number, value: number): ChainruleError {
  return new ChainruleError(
    'ERR_DATA',
    `${path}: the labels are class numbers and must be integers, got fractions: sample ${sample} has ${value}. Probabilities ` +
      'of classes are rows, one number for each class.',
  )
}

function noProbability(sample: number, value: number): ChainruleError {
  return new ChainruleError(
    'ERR_DATA',
    `the labels of a cross-entropy are probabilities from 0 to 1, but sample ${sample} has ${value}. Class ` +
      "numbers go with 'categoricalCrossentropy' and one output per class, quantities with 'meanSquaredError'.",
  )
}
