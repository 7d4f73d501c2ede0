import { expect, test } from 'vitest'
import { closingLine, countsOf, type Report, total } from '../../scripts/lib/results.mjs'

const report = (rest: Partial<Report>): Report => ({
  numPassedTests: 2,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [],
  ...rest,
})

test('counts tests, and files that failed outside their tests', () => {
  expect(countsOf(report({ numFailedTests: 1, numPendingTests: 3, numTodoTests: 1 }), 1)).toEqual({
    passed: 2,
    failed: 1,
    skipped: 4,
  })
  const broken = { status: 'failed', assertionResults: [] }
  const ordinary = { status: 'failed', assertionResults: [{ status: 'failed' }] }
  expect(countsOf(report({ numFailedTests: 1, testResults: [broken, ordinary] }), 1).failed).toBe(2)
})

test('a run that failed without saying which, ran nothing or left no report is one failed', () => {
  expect(countsOf(report({}), 0).failed).toBe(0)
  expect(countsOf(report({}), 1).failed).toBe(1)
  expect(countsOf(report({ numPassedTests: 0 }), 0).failed).toBe(1)
  expect(countsOf(null, 0).failed).toBe(1)
})

test('the closing line', () => {
  expect(closingLine(total([countsOf(report({}), 0), countsOf(report({}), 0)]))).toBe('4 passed, 0 failed')
  expect(closingLine({ passed: 1, failed: 2, skipped: 3 })).toBe('1 passed, 2 failed, 3 skipped')
})
