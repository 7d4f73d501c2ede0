/**
 * What every operation means, in float64 and in the plainest way; nothing here comes from src. Arrays are row-major.
 */
export interface Nd {
  readonly shape: readonly number[]
  readonly data: Float64Array
}

export const product = (list: readonly number[]) => list.reduce((a, b) => a * b, 1)

/** An array from a function of the index along each axis. */
export function build(shape: readonly number[], f: (index: readonly number[]) => number): Nd {
  const data = new Float64Array(product(shape))
  const index = shape.map(() => 0)
  for (let i = 0; i < data.length; i++) {
    data[i] = f(index)
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis]! === shape[axis]; axis--) index[axis] = 0
  }
  return { shape: [...shape], data }
}

/** The element at an index; an axis of size 1 repeats, missing leading axes too: broadcasting. */
export function get(x: Nd, index: readonly number[]): number {
  const lead = index.length - x.shape.length
  let at = 0
  for (let axis = 0; axis < x.shape.length; axis++)
    at = at * x.shape[axis]! + (x.shape[axis] === 1 ? 0 : index[axis + lead]!)
  return x.data[at]!
}

export function broadcastShape(shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(...shapes.map((s) => s.length))
  return Array.from({ length: rank }, (_, i) => {
    const sizes = shapes.map((s) => s[i - rank + s.length] ?? 1).filter((n) => n !== 1)
    if (new Set(sizes).size > 1) throw new Error(`oracle: ${JSON.stringify(shapes)} do not broadcast`)
    return sizes[0] ?? 1
  })
}

/** Element by element, with broadcasting. */
export function each(f: (...x: number[]) => number, ...inputs: readonly Nd[]): Nd {
  const shape = broadcastShape(inputs.map((x) => x.shape))
  const size = product(shape)
  if (inputs.some((x) => x.data.length !== size)) return build(shape, (index) => f(...inputs.map((x) => get(x, index))))
  const data = new Float64Array(size)
  const [a, b, c] = inputs.map((x) => x.data)
  for (let i = 0; i < size; i++) data[i] = !b ? f(a![i]!) : !c ? f(a![i]!, b[i]!) : f(a![i]!, b[i]!, c[i]!)
  return { shape, data }
}

export interface Reduction {
  axis?: number | readonly number[]
  keepdims?: boolean
}

function axesOf(x: Nd, axis: Reduction['axis']): number[] {
  const given = axis === undefined ? x.shape.map((_, i) => i) : typeof axis === 'number' ? [axis] : axis
  return given.map((a) => (a < 0 ? a + x.shape.length : a))
}

/** All elements that end in one place go to `f` as a list, in row-major order. */
export function reduce(x: Nd, { axis, keepdims }: Reduction, f: (list: number[]) => number): Nd {
  const axes = axesOf(x, axis)
  const kept = x.shape.map((n, i) => (axes.includes(i) ? 1 : n))
  const lists = Array.from({ length: product(kept) }, (): number[] => [])
  build(x.shape, (index) => {
    const place = index.reduce((at, n, i) => at * kept[i]! + (axes.includes(i) ? 0 : n), 0)
    return lists[place]!.push(get(x, index))
  })
  const shape = keepdims ? kept : x.shape.filter((_, i) => !axes.includes(i))
  return { shape, data: Float64Array.from(lists, f) }
}

export const total = (list: readonly number[]) => list.reduce((a, b) => a + b, 0)
export const largest = (list: readonly number[]) => list.reduce((a, b) => (b > a ? b : a))
export const smallest = (list: readonly number[]) => list.reduce((a, b) => (b < a ? b : a))

/** Two matrices, with batches in front that broadcast. */
export function matmul(a: Nd, b: Nd): Nd {
  const [m, k] = a.shape.slice(-2) as [number, number]
  const n = b.shape.at(-1)!
  const batch = broadcastShape([a.shape.slice(0, -2), b.shape.slice(0, -2)])
  const data = new Float64Array(product(batch) * m * n)
  let to = 0
  build(batch, (index) => {
    const [fromA, fromB] = [get(starts(a), index), get(starts(b), index)]
    for (let i = 0; i < m; i++, to += n)
      for (let l = 0; l < k; l++)
        for (let j = 0; j < n; j++) data[to + j]! += a.data[fromA + i * k + l]! * b.data[fromB + l * n + j]!
    return 0
  })
  return { shape: [...batch, m, n], data }
}

/** Where each matrix of a batch begins. */
function starts(x: Nd): Nd {
  const shape = x.shape.slice(0, -2)
  const step = product(x.shape.slice(-2))
  return { shape, data: Float64Array.from({ length: product(shape) }, (_, i) => i * step) }
}

export const reshape = (x: Nd, shape: readonly number[]): Nd => ({ shape, data: x.data })

export function transpose(x: Nd, order: readonly number[] = x.shape.map((_, i) => x.shape.length - 1 - i)): Nd {
  const shape = order.map((axis) => x.shape[axis]!)
  return build(shape, (index) => {
    const source = x.shape.map(() => 0)
    for (const [i, axis] of order.entries()) source[axis] = index[i]!
    return get(x, source)
  })
}

export function concat(inputs: readonly Nd[], axis: number): Nd {
  const total = inputs.reduce((sum, x) => sum + x.shape[axis]!, 0)
  const shape = inputs[0]!.shape.map((n, i) => (i === axis ? total : n))
  return build(shape, (index) => {
    let at = index[axis]!
    let part = 0
    while (at >= inputs[part]!.shape[axis]!) at -= inputs[part++]!.shape[axis]!
    return get(
      inputs[part]!,
      index.map((n, i) => (i === axis ? at : n)),
    )
  })
}

/** The error function: its power series, and from 3 on the continued fraction of the rest. */
export function erf(x: number): number {
  const t = Math.abs(x)
  if (t < 3) {
    let [term, sum] = [x, x]
    for (let n = 1; n < 80; n++) sum += (term *= (-x * x) / n) / (2 * n + 1)
    return (2 / Math.sqrt(Math.PI)) * sum
  }
  let fraction = t
  for (let n = 60; n > 0; n--) fraction = t + n / 2 / fraction
  return Math.sign(x) * (1 - Math.exp(-t * t) / fraction / Math.sqrt(Math.PI))
}

/** Rows of the leading axis, by index. */
export function gather(table: Nd, rows: Nd): Nd {
  const size = product(table.shape.slice(1))
  const data = Array.from(rows.data, (row) => Array.from(table.data.subarray(row * size, (row + 1) * size)))
  return { shape: [...rows.shape, ...table.shape.slice(1)], data: Float64Array.from(data.flat()) }
}

/** A function of each row of the last axis, to a row. */
export function rowwise(x: Nd, f: (row: number[]) => number[]): Nd {
  const n = x.shape.at(-1)!
  const rows = Array.from({ length: x.data.length / n }, (_, i) => f(Array.from(x.data.subarray(i * n, (i + 1) * n))))
  return { shape: x.shape, data: Float64Array.from(rows.flat()) }
}

export function softmax(row: readonly number[]): number[] {
  const top = largest(row)
  const powers = row.map((x) => Math.exp(x - top))
  return powers.map((p) => p / total(powers))
}

export function oneHot(labels: Nd, classes: number): Nd {
  return build([...labels.shape, classes], (index) => (get(labels, index.slice(0, -1)) === index.at(-1) ? 1 : 0))
}

/** Σ dy·∂f/∂x for one element of one input, by central differences. */
export function numericDerivative(f: (x: readonly Nd[]) => Nd, x: readonly Nd[], input: number, at: number, dy: Nd) {
  const step = 1e-5 * Math.max(1, Math.abs(x[input]!.data[at]!))
  const moved = (by: number) => {
    const data = x[input]!.data.slice()
    data[at]! += by
    return f(x.map((t, i) => (i === input ? { shape: t.shape, data } : t))).data
  }
  const [up, down] = [moved(step), moved(-step)]
  // Element by element first: the sum would drown the difference.
  return dy.data.reduce((sum, d, i) => sum + d * (up[i]! - down[i]!), 0) / (2 * step)
}
