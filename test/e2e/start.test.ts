// What `npm start` shows, from a pipe.
import { expect, test } from 'vitest'
import { runNode, runNpm } from '../support/processes.ts'

const epochs = 20

test('npm start -- --json ends with one line of JSON', async () => {
  const { stdout, stderr, code } = await runNpm(['start', '--silent', '--', '--json'])
  expect(code, stderr).toBe(0)
  expect(stdout.trim()).not.toContain('\n')
  const result = JSON.parse(stdout)
  expect(result).toMatchObject({ reloadedIdentical: true, epochs, model: 'digits.safetensors' })
  expect(result.testAccuracy).toBeGreaterThanOrEqual(0.97)
  expect(result.testAccuracy).toBeLessThanOrEqual(1)
  expect(result.imagesPerSecond).toBeGreaterThan(0)
  expect(result.info.isaAvailable).toContain(result.info.isa)
})

test('without it, a report on stdout, and a line per epoch on stderr', async () => {
  const { stdout, stderr, code } = await runNode(['examples/start.mjs'])
  expect(code, stderr).toBe(0)
  expect(stderr.match(/^epoch \d+\/20 .* loss [\d.e-]+ {2}accuracy [\d.e-]+$/gm)).toHaveLength(epochs)
  expect(stdout).toMatch(/^kernels: \w+, \d+ lanes; \d+ of \d+ threads$/m)
  expect(stdout).toMatch(/^dense +\[\?, 1024\] +66,560$/m)
  expect(stdout).toMatch(/^test accuracy 0\.9[789]\d\d, loss 0\.\d+$/m)
  expect(stdout).toMatch(/: [\d,]+ images per second$/m)
  expect(stdout).toContain('saved in digits.safetensors\n')
  // The first digit of the test set is a 2, in 8 lines.
  expect(stdout).toMatch(/^2 {2}\d+\.\d %/m)
  expect(stdout.split('\n').filter((line) => /[@%#]{2}/.test(line))).toHaveLength(8)
  expect(stdout).toContain('The reloaded model predicts the same, bit by bit.')
})
