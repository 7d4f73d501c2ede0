// Prints some products, and who computed them.
import { info, matmul, tensor } from '../../src/index.ts'
import { floats } from './digests.ts'

const shapes = [
  [33, 70, 300],
  [300, 3, 64],
  [1, 100, 200],
  [150, 150, 200],
] as const
const values = shapes.map(([m, n, k]) => {
  const a = tensor(floats(1, m * k), { shape: [m, k] })
  const b = tensor(floats(2, k * n), { shape: [k, n] })
  return Array.from(matmul(a, b).data())
})
console.log(JSON.stringify({ gemm: info().gemm, values }))
