import { defineConfig } from 'vitest/config'

// Tests whose result does not depend on the instruction set or on debug mode: scripts/test.mjs runs them once.
const once = [
  'test/imports.test.ts',
  'test/binary.test.ts',
  'test/options.test.ts',
  'test/strange.test.ts',
  'test/ops/auto.test.ts',
  'test/ops/dot.test.ts',
  'test/ops/long-k.test.ts',
  'test/progress.test.ts',
  'test/data/slices.test.ts',
  'test/files/**/*.test.ts',
  'test/datasets/**/*.test.ts',
  'test/scripts/**/*.test.ts',
]
const e2e = 'test/e2e/**/*.test.ts'
// Whole trainings, minutes: `npm run test:long`.
const long = 'test/long/**/*.test.ts'

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    setupFiles: ['test/support/fixed-draws.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      { extends: true, test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: [...once, e2e, long] } },
      { extends: true, test: { name: 'once', include: once } },
      {
        extends: true,
        // End to end: child processes, whole trainings, timings; one file at a time, so that they do not disturb each other.
        test: { name: 'e2e', include: [e2e], fileParallelism: false, testTimeout: 600_000, hookTimeout: 600_000 },
      },
      { extends: true, test: { name: 'long', include: [long], fileParallelism: false, testTimeout: 3_600_000 } },
    ],
  },
})
