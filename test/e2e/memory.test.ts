import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const script = fileURLToPath(new URL('./memory/spiral.mjs', import.meta.url))
// V8 enlarges its young generation and optimizes functions when it sees fit: a megabyte, sooner or later. Not measured.
const flags = ['--expose-gc', '--max-semi-space-size=1', '--no-opt']

test('200,000 training steps leave memory as it was after 20,000', () => {
  const output = execFileSync(process.execPath, [...flags, script], { encoding: 'utf8' })
  const measured: { step: number; rss: number; external: number }[] = JSON.parse(output)
  const first = measured[0]!
  const last = measured.at(-1)!
  console.log(`resident memory: ${measured.map(({ rss }) => (rss / 1e6).toFixed(1)).join(' ')} MB`)
  expect([first.step, last.step]).toEqual([20_000, 200_000])
  expect(last.rss - first.rss).toBeLessThan(1e6)
  expect(last.external - first.external).toBeLessThan(1e4)
})
