/** Along an axis: sums so far, and the order of values. */
import { checkOptions, optional } from '../options.ts'
import { apply, applyAll } from '../tensor/apply.ts'
import { type TensorLike, toTensor, zeros } from '../tensor/create.ts'
import { shapeError } from '../tensor/describing.ts'
import type { Operation, Tensor } from '../tensor/graph.ts'
import { defineOperation } from '../tensor/operations.ts'
import { formatShape, type Shape, sizeOf } from '../tensor/shape.ts'
import { checkedAxis, checkedCount } from '../tensor/sizes.ts'
import { cast } from './elementwise.ts'
import { reshape, transpose } from './movement.ts'

/** Along which axis, negative from the end. */
export interface Along {
  axis?: number
}

const table = { axis: optional((value: unknown) => value as number | undefined) }
const given = (x: TensorLike) => {
  const t = toTensor(x)
  return t.stored === 'uint8' ? cast(t, 'int32') : t
}

// ---- sums so far

interface Scan {
  axis: number
  backwards: boolean
}

const cumsumOperation: Operation<Scan> = defineOperation<Scan>({
  name: 'cumsum',
  infer: ([x], { axis }) => {
    checkedAxis('cumsum', axis, x!.shape)
    return [{ shape: x!.shape, dtype: x!.dtype }]
  },
  emit: ({ inputs: [x], attributes: { axis, backwards } }) => {
    const [outer, n, inner] = [x!.shape.slice(0, axis), x!.shape.slice(axis, axis + 1), x!.shape.slice(axis + 1)]
    return { kernel: 'cumsum', attributes: [sizeOf(outer), sizeOf(n), sizeOf(inner), backwards ? 1 : 0] }
  },
  gradient: ({ attributes: { axis, backwards } }, [dy]) => [
    apply(cumsumOperation, [dy!], { axis, backwards: !backwards }),
  ],
  inPlace: [[0, 0]],
})

/**
 * The sum of all elements up to each one, along an axis; without one along all elements, as one axis. Summed one after
 * the other in float64, so that the bits do not depend on threads; of int32 exact modulo 2³².
 */
export function cumsum(input: TensorLike, options?: Along): Tensor {
  const { axis } = checkOptions('cumsum', options, table)
  const x = given(input)
  const flat = axis === undefined ? reshape(x, [x.size()]) : x
  return apply(cumsumOperation, [flat], { axis: checkedAxis('cumsum', axis ?? 0, flat.shape), backwards: false })
}

// ---- values at places

interface Places {
  /** The size of the wide side's last axis. */
  n: number
}

const rowLength = (t: Tensor) => t.size(-1)
const outside = (place: number, row: number, n: number) =>
  `index ${place} at position ${row} is outside the axis, which has size ${n}`

const takePlacesOperation: Operation<Places> = defineOperation<Places>({
  name: 'takePlaces',
  infer: ([, places]) => [{ shape: places!.shape, dtype: 'float32' }],
  emit: ({ inputs: [x, places] }) => ({ kernel: 'takePlaces', attributes: [rowLength(x!), rowLength(places!)] }),
  flops: () => 0,
  gradient: ({ inputs: [, places], attributes }, [dy]) => [apply(putPlacesOperation, [dy!, places!], attributes), null],
  fault: ({ attributes: { n } }, row, place) => outside(place, row, n),
})

const putPlacesOperation: Operation<Places> = defineOperation<Places>({
  name: 'putPlaces',
  infer: ([y], { n }) => [{ shape: [...y!.shape.slice(0, -1), n], dtype: 'float32' }],
  emit: ({ inputs: [, places], attributes: { n } }) => ({ kernel: 'putPlaces', attributes: [n, rowLength(places!)] }),
  flops: ({ inputs: [y] }) => y!.size(),
  gradient: ({ inputs: [, places], attributes }, [dx]) => [
    apply(takePlacesOperation, [dx!, places!], attributes),
    null,
  ],
  fault: ({ attributes: { n } }, row, place) => outside(place, row, n),
})

// ---- order

interface Sort {
  k: number
  descending: boolean
}

// Rows of one tile, which share a place to work in: few tiles, so that it stays small.
const mostTiles = 64
const grainOf = (rows: number) => Math.max(1, Math.ceil(rows / mostTiles))

function refuseMore(k: number, shape: Shape): void {
  if (!(k <= shape.at(-1)!))
    throw shapeError('topK', `there are no ${k} values along the last axis of ${formatShape(shape)}`)
}

const sortOperation: Operation<Sort> = defineOperation<Sort>({
  name: 'sort',
  infer: ([x], { k }) => {
    const n = rowLength(x!)
    refuseMore(k, x!.shape)
    const rows = n === 0 ? 0 : x!.size() / n
    const shape: Shape = [...x!.shape.slice(0, -1), k]
    return [
      { shape, dtype: x!.dtype },
      { shape, dtype: 'int32' },
      { shape: [Math.ceil(rows / grainOf(rows)) * 2 * n], dtype: 'float64' },
    ]
  },
  emit: ({ inputs: [x], attributes: { k, descending } }) => {
    const n = rowLength(x!)
    return { kernel: 'sort', attributes: [n, k, descending ? 1 : 0, grainOf(x!.size() / n)] }
  },
  resize: ({ k, descending }, size) => ({ k: size(k), descending }),
  spare: [0, 1],
  flops: ({ inputs: [x] }) => x!.size() * Math.ceil(Math.log2(rowLength(x!) + 1)),
  gradient: ({ inputs: [x], outputs: [, indices] }, [dy]) => [
    dy ? apply(putPlacesOperation, [dy, indices!], { n: rowLength(x!) }) : null,
  ],
})

/** The first k along an axis in order, and where they stood. */
function ordered(x: Tensor, axis: number, k: number, descending: boolean): { values: Tensor; indices: Tensor } {
  const last = x.rank - 1
  const order = [...x.shape.keys()].filter((i) => i !== axis)
  order.push(axis)
  const back = x.shape.map((_, i) => (i === axis ? last : i < axis ? i : i - 1))
  const [values, indices] = applyAll(sortOperation, [transpose(x, order)], { k, descending }) as [Tensor, Tensor]
  return { values: transpose(values, back), indices: transpose(indices, back) }
}

function sorted(name: string, input: TensorLike, options?: Along): { values: Tensor; indices: Tensor } {
  const { axis = -1 } = checkOptions(name, options, table)
  const x = given(input)
  const i = checkedAxis(name, axis, x.shape)
  if (x.size() === 0) return { values: x, indices: cast(x, 'int32') }
  return ordered(x, i, x.shape[i]!, false)
}

/**
 * In ascending order along an axis, by default the last. NaN comes last, as in NumPy. Equal values keep their order (the
 * sort is stable), −0 and 0 are equal. The gradient goes to where each value stood.
 */
export function sort(x: TensorLike, options?: Along): Tensor {
  return sorted('sort', x, options).values
}

/** Where the values stood that `sort` gives: int32. Of equal ones the first comes first. */
export function argsort(x: TensorLike, options?: Along): Tensor {
  return sorted('argsort', x, options).indices
}

/**
 * The k largest along the last axis, the largest first, and where they stood (int32). Of equal ones the first comes
 * first, as in Keras; NaN counts as the largest, as in JAX and PyTorch.
 * @throws ERR_SHAPE for a scalar and for k above the size of the axis
 */
export function topK(input: TensorLike, k: number): { values: Tensor; indices: Tensor } {
  const x = given(input)
  const count = checkedCount('topK', 'k', k)
  const axis = checkedAxis('topK', -1, x.shape)
  refuseMore(count, x.shape)
  const shape = [...x.shape.slice(0, -1), count]
  if (sizeOf(shape) === 0) return { values: zeros(shape, x.dtype), indices: zeros(shape, 'int32') }
  return ordered(x, axis, count, true)
}
