/** First values that are computed and not only drawn. */
import { tensor } from './tensor/create.ts'
import { shapeError } from './tensor/describing.ts'
import { hooks, type Tensor } from './tensor/graph.ts'
import { formatShape, type Shape, sizeOf } from './tensor/shape.ts'

/** gain on the diagonal of a matrix. */
export function identityValues(shape: Shape, gain: number): Tensor {
  const [rows, columns] = shape
  if (shape.length !== 2 || rows === undefined || columns === undefined)
    throw shapeError('identity', `expected a matrix [rows, columns], got the shape ${formatShape(shape)}`)
  const values = new Float32Array(rows * columns)
  for (let i = 0; i < Math.min(rows, columns); i++) values[i * columns + i] = gain
  return tensor(values, { shape })
}

/** gain·Q of drawn = Q·R with a positive diagonal of R, or of its transpose where it has more columns than rows. */
export function orthogonalValues(shape: Shape, gain: number, drawn: Tensor): Tensor {
  if (shape.length < 2)
    throw shapeError('orthogonal', `expected a matrix, or a kernel with more axes, got the shape ${formatShape(shape)}`)
  const columns = shape.at(-1)!
  const rows = sizeOf(shape.slice(0, -1))
  const values = hooks.read(drawn)
  // The vectors that shall be orthogonal: the columns, or the rows where they are fewer.
  const [count, length] = rows < columns ? [rows, columns] : [columns, rows]
  const [next, along] = rows < columns ? [columns, 1] : [1, columns]
  const vectors = Array.from({ length: count }, (_, i) =>
    Float64Array.from({ length }, (_, k) => values[i * next + k * along]!),
  )
  orthonormalize(vectors)
  const result = new Float32Array(values.length)
  for (const [i, v] of vectors.entries()) for (let k = 0; k < length; k++) result[i * next + k * along] = gain * v[k]!
  return tensor(result, { shape })
}

/** Gram and Schmidt, each vector twice: once leaves what rounding brings. */
function orthonormalize(vectors: readonly Float64Array[]): void {
  for (const [i, v] of vectors.entries()) {
    for (let pass = 0; pass < 2; pass++) for (let j = 0; j < i; j++) subtract(v, vectors[j]!, dot(v, vectors[j]!))
    const norm = Math.sqrt(dot(v, v))
    for (let k = 0; k < v.length; k++) v[k]! /= norm
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!
  return sum
}

function subtract(v: Float64Array, q: Float64Array, times: number): void {
  for (let k = 0; k < v.length; k++) v[k]! -= times * q[k]!
}
