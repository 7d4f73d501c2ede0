// Fashion-MNIST to the accuracy that such networks reach, with three seeds each: tens of minutes.
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { dataFolder, hasFashionMnist, sayIfSkipped } from '../support/fashion.ts'
import { root, runNode } from '../support/processes.ts'

/** What its authors publish for two convolutions with pooling, and what normalisation and augmentation add. */
const least = { 'fashion-cnn': 0.916, 'fashion-augmented': 0.93 }

sayIfSkipped('the accuracies on Fashion-MNIST')
describe.skipIf(!hasFashionMnist)('with Fashion-MNIST', () => {
  for (const [name, accuracy] of Object.entries(least))
    test.each([1, 2, 3])(`${name}, seed %i`, async (seed) => {
      const script = join('examples/networks', `${name}.mjs`)
      const { code, stderr, stdout } = await runNode([script, '--seed', `${seed}`], root, {
        CHAINRULE_DATA: dataFolder,
      })
      expect(code, stderr).toBe(0)
      const reached = Number(stdout.match(/^test: .*accuracy (0\.\d+)$/m)?.[1])
      console.log(`${name}, seed ${seed}: ${reached} in ${stderr.trim()}`)
      expect(reached).toBeGreaterThanOrEqual(accuracy)
    })
})
