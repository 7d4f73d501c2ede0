import { setThreads } from '../../src/index.ts'
import { digests, trainedModel } from './digests.ts'

const [what, ...threads] = process.argv.slice(2)
const results: unknown[] = []
if (what === 'all') results.push(await digests())
else
  for (const n of threads) {
    setThreads(Number(n))
    results.push(await trainedModel([784, 256, 10], 300, 128))
  }
console.log(JSON.stringify(results))
