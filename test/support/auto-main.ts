// Prints the bits of products around the shapes from which on BLAS may be faster, for several numbers of threads.
import { info, matmul, setThreads, type Tensor, tensor } from '../../src/index.ts'
import { floats, hash } from './digests.ts'

const shapes = [
  [600, 600, 600],
  [256, 1024, 784],
  [512, 512, 7600],
  [512, 512, 7700],
  [1300, 1300, 1300],
] as const

const bits = shapes.flatMap(([m, n, k]) => {
  const matrix = (seed: number, rows: number, columns: number) =>
    tensor(floats(seed, rows * columns), { shape: [rows, columns] })
  const [a, at, b, bt] = [matrix(1, m, k), matrix(2, k, m), matrix(3, k, n), matrix(4, n, k)]
  const products: (() => Tensor)[] = [() => matmul(a, b), () => matmul(at.T, b), () => matmul(a, bt.T)]
  return products.map((product) =>
    [1, 2, 3, 4].map((threads) => {
      setThreads(threads)
      return hash([product()])
    }),
  )
})
console.log(JSON.stringify({ gemm: info().gemm, bits }))
