/** What V8's heap holds, in bytes, before and after a data set was made of nested arrays that are still in use. */
import { Dataset } from 'chainrule'

const rows = Array.from({ length: 50_000 }, (_, i) => Array.from({ length: 50 }, (_, j) => Math.sin(i + j)))
const y = new Float32Array(rows.length)
const sample = () => {
  globalThis.gc()
  return { heap: process.memoryUsage().heapUsed }
}
new Dataset({ x: rows.slice(0, 2000), y: y.subarray(0, 2000) })
const before = sample()
for (let i = 0; i < 3; i++) new Dataset({ x: rows, y })
const after = sample()
console.log(JSON.stringify([before, after]))
if (rows[0][0] !== 0) throw new Error('the rows changed')
