/** How the `matmul` kernel walks its operands where they lie: two levels of batches, and matrices by rows or columns. */
import { contiguous, type Layout } from '../tensor/layout.ts'
import { collapse, type Shape, sizeOf } from '../tensor/shape.ts'

/** a · b, each as it is given or transposed. */
export interface Product {
  ta: boolean
  tb: boolean
}

/** Rows, columns and depth of a product; null where the inner sizes differ. */
export function sizesOf(a: Shape, b: Shape, { ta, tb }: Product): { m: number; n: number; k: number } | null {
  const [a0, a1] = a.slice(-2) as [number, number]
  const [b0, b1] = b.slice(-2) as [number, number]
  const k = ta ? a0 : a1
  return Object.is(k, tb ? b1 : b0) ? { m: ta ? a1 : a0, n: tb ? b0 : b1, k } : null
}

/** A matrix in memory: its rows, or with `turned` its columns, are contiguous and `step` apart. */
interface Matrix {
  turned: boolean
  step: number
}

function matrixOf({ strides }: Layout, shape: Shape): Matrix | null {
  const [rows, columns] = shape.slice(-2) as [number, number]
  const [down, along] = strides.slice(-2) as [number, number]
  // A row has a length, even an empty one.
  const [wide, high] = [Math.max(1, columns), Math.max(1, rows)]
  if (rows * columns === 0) return { turned: false, step: wide }
  if ((along === 1 || columns <= 1) && (rows <= 1 || down >= wide))
    return { turned: false, step: rows <= 1 ? wide : down }
  if ((down === 1 || rows <= 1) && (columns <= 1 || along >= high))
    return { turned: true, step: columns <= 1 ? high : along }
  return null
}

/** Shapes of a product's operands, and where they lie. */
export interface Operands {
  readonly shapes: readonly [a: Shape, b: Shape, c: Shape]
  readonly layouts: readonly [a: Layout, b: Layout, c: Layout]
}

/** A batch level: how many, and the steps of a, b and c from one to the next. */
type Level = readonly [count: number, a: number, b: number, c: number]

interface Walk {
  readonly m: number
  readonly a: Matrix
  readonly b: Matrix
  readonly c: Matrix
  readonly levels: readonly Level[]
}

/** Null where the kernel cannot walk so. One b for many batches makes them rows of one tall product. */
function walkOf({ shapes, layouts }: Operands, flags: Product): Walk | null {
  const [a, b, c] = layouts.map((layout, i) => matrixOf(layout, shapes[i]!)) as [Matrix | null, Matrix | null, Matrix]
  const size = sizesOf(shapes[0], shapes[1], flags)
  if (!a || !b || !c || c.turned || !size) return null
  const batch = shapes[2].slice(0, -2)
  const steps = layouts.map(({ strides }, i) => (shapes[i]!.length > 2 ? strides.slice(0, -2) : batch.map(() => 0)))
  if (steps.some((list) => list.some((s, d) => s < 0 && batch[d]! > 1))) return null
  const down = a.turned === flags.ta ? a.step : 1 // from a row of op(a) to the next
  const own = [size.m > 1 ? down : 0, 0, size.m > 1 ? c.step : 0]
  const merged = collapse([...batch, size.m], ...steps.map((s, i) => [...s, own[i]!]))
  const levels = merged.dims.map(
    (n, d): Level => [n, merged.strides[0]![d]!, merged.strides[1]![d]!, merged.strides[2]![d]!],
  )
  const rows = tallRows(levels.at(-1)!, size, down === 1 && a.turned !== flags.ta, a, c)
  if (!rows) return levels.length <= 2 ? { m: size.m, a, b, c, levels } : null
  const rest = levels.slice(0, -1)
  return rest.length <= 2 ? { ...rows, b, levels: rest } : null
}

/** The innermost level as rows of the product, where it is one. */
function tallRows(
  [count, a, b, c]: Level,
  { m, n, k }: { m: number; n: number; k: number },
  byColumns: boolean,
  matrix: Matrix,
  result: Matrix,
): { m: number; a: Matrix; c: Matrix } | null {
  if (m > 1) {
    // With batches that became rows, a column of a lies further from the next; with k = 1 nobody walks there.
    return {
      m: count,
      a: byColumns && m < count ? { ...matrix, step: Math.max(matrix.step, count) } : matrix,
      c: result,
    }
  }
  if (b !== 0 || count === 1 || byColumns || a < Math.max(1, k) || c < Math.max(1, n)) return null
  return { m: count, a: { ...matrix, step: a }, c: { ...result, step: c } }
}

const empty = (shapes: readonly Shape[]) => shapes.some((shape) => sizeOf(shape) === 0)

/** Attributes of the kernel. The operands lie as `readable` and `writable` allow. */
export function productAttributes(
  operands: Operands,
  flags: Product,
  { code, numbers, adds = false }: { code: number; numbers: readonly number[]; adds?: boolean },
): readonly number[] {
  const { n, k } = sizesOf(operands.shapes[0], operands.shapes[1], flags)!
  const { m, a, b, c, levels } = walkOf(operands, flags)!
  const flag = (x: boolean) => (x ? 1 : 0)
  const one: Level = [1, 0, 0, 0]
  const [outer, inner] = levels.length === 2 ? levels : [levels[0] ?? one, one]
  const turns = [flag(flags.ta !== a.turned), flag(flags.tb !== b.turned)]
  return [m, n, k, ...turns, a.step, b.step, c.step, flag(adds), code, ...outer!, ...inner!, ...numbers]
}

/** Whether the kernel can read and write where the operands lie. */
function canWalk(operands: Operands, flags: Product): boolean {
  return !empty(operands.shapes) && walkOf(operands, flags) !== null
}

/** Which of a and b are read where they lie, for a contiguous c: a first, then b beside it. */
export function readable(shapes: Operands['shapes'], [a, b]: readonly Layout[], flags: Product): [boolean, boolean] {
  const [plainA, plainB, c] = shapes.map((shape) => contiguous(shape)) as [Layout, Layout, Layout]
  const first = canWalk({ shapes, layouts: [a!, plainB, c] }, flags)
  const second = canWalk({ shapes, layouts: [first ? a! : plainA, b!, c] }, flags)
  return [first, second]
}

/** Whether c can be written there. How tall the product is must not change, for bits may depend on that. */
export function writable({ shapes, layouts: [a, b, c] }: Operands, flags: Product): boolean {
  if (empty(shapes)) return false
  const plain = walkOf({ shapes, layouts: [a, b, contiguous(shapes[2])] }, flags)
  return plain !== null && walkOf({ shapes, layouts: [a, b, c] }, flags)?.m === plain.m
}
