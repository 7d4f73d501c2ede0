import { einsum, type Shape } from '../../../src/index.ts'
import { build, type Nd, product } from '../../support/oracle.ts'
import { uniform } from '../../support/random.ts'
import type { Row } from '../../support/rows.ts'

/** By definition: a loop over all letters. */
function sumOfProducts(equation: string, a: Nd, b: Nd): Nd {
  const [left = '', right = '', out = ''] = equation.split(/,|->/)
  const sizes = new Map([...left].map((l, i) => [l, a.shape[i]!] as const))
  for (const [i, l] of [...right].entries()) sizes.set(l, b.shape[i]!)
  const letters = [...sizes.keys()]
  const shape = [...out].map((l) => sizes.get(l)!)
  const data = new Float64Array(product(shape))
  const at = (x: Nd, names: string, index: readonly number[]) =>
    [...names].reduce((sum, l, i) => sum * x.shape[i]! + index[letters.indexOf(l)]!, 0)
  build(
    letters.map((l) => sizes.get(l)!),
    (index) => {
      data[at({ shape, data }, out, index)]! += a.data[at(a, left, index)]! * b.data[at(b, right, index)]!
      return 0
    },
  )
  return { shape, data }
}

const equations: [string, Shape[][]][] = [
  ['ij,jk->ik', [[[3, 4], [4, 5]], [[17, 9], [9, 16]], [[1, 1], [1, 1]]]], // biome-ignore format: pairs
  ['ij,kj->ki', [[[3, 4], [5, 4]], [[17, 9], [16, 9]]]], // biome-ignore format: pairs
  ['ji,jk->ki', [[[4, 3], [4, 5]]]], // biome-ignore format: pairs
  ['bij,bjk->bik', [[[2, 3, 4], [2, 4, 5]], [[5, 9, 8], [5, 8, 17]]]], // biome-ignore format: pairs
  ['bhqd,bhkd->bhqk', [[[2, 3, 4, 5], [2, 3, 6, 5]]]], // biome-ignore format: pairs
  ['bqhd,bkhd->bhqk', [[[2, 4, 3, 5], [2, 6, 3, 5]], [[3, 7, 2, 8], [3, 9, 2, 8]]]], // biome-ignore format: pairs
  ['bhqk,bkhd->bqhd', [[[2, 3, 4, 6], [2, 6, 3, 5]]]], // biome-ignore format: pairs
  ['btc,chd->bthd', [[[2, 3, 4], [4, 5, 6]]]], // biome-ignore format: pairs
  ['i,j->ij', [[[3], [5]], [[17], [9]]]], // biome-ignore format: pairs
  ['i,j->ji', [[[3], [5]]]], // biome-ignore format: pairs
  ['i,i->', [[[7]], [[1]], [[130]]].map(([s]) => [s!, s!])],
  ['i,i->i', [[[7], [7]]]], // biome-ignore format: pairs
  ['ij,ij->', [[[3, 4], [3, 4]]]], // biome-ignore format: pairs
  ['ij,ij->ji', [[[3, 4], [3, 4]]]], // biome-ignore format: pairs
  ['ijk,jil->kl', [[[2, 3, 4], [3, 2, 5]]]], // biome-ignore format: pairs
  ['ijk,kl->il', [[[2, 3, 4], [4, 5]]]], // biome-ignore format: pairs
  ['ij,k->jk', [[[3, 4], [5]]]], // biome-ignore format: pairs
  ['ij,kl->', [[[3, 4], [5, 2]]]], // biome-ignore format: pairs
  [',ij->ij', [[[], [3, 4]]]], // biome-ignore format: pairs
  ['abc,cde->adbe', [[[2, 3, 4], [4, 5, 3]]]], // biome-ignore format: pairs
  ['abcd,cdbe->eab', [[[2, 3, 4, 2], [4, 2, 3, 5]]]], // biome-ignore format: pairs
]

export const rows: Row[] = equations.map(([equation, shapes]) => ({
  op: 'einsum',
  title: `einsum ${equation}`,
  shapes,
  data: uniform(-1, 1),
  relative: 1e-5,
  effort: 8,
  compute: (a, b) => einsum(equation, a, b),
  oracle: (a, b) => sumOfProducts(equation, a!, b!),
}))
