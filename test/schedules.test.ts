// Rates step by step, as Keras gives them.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type ScheduleDescription, schedules } from '../src/index.ts'

type Name = Exclude<keyof typeof schedules, 'custom' | 'warmup'>
const cases: { type: Name; options: object; rates: number[] }[] = JSON.parse(
  readFileSync(new URL('golden/schedules/rates.json', import.meta.url), 'utf8'),
)

test.each(cases)('$type($options)', ({ type, options, rates }) => {
  const make = schedules[type] as (options: object) => ScheduleDescription
  const schedule = make(options)
  for (const [step, rate] of rates.entries()) expect(schedule(step), `step ${step}`).toBeCloseTo(rate, 6)
})

test('warmup rises from 0 to what follows, which starts at its own step 0', () => {
  const then = schedules.exponentialDecay({ initialLearningRate: 0.4, decaySteps: 1, decayRate: 0.5 })
  const schedule = schedules.warmup({ steps: 4, then })
  expect([0, 1, 2, 3, 4, 5, 6].map((step) => schedule(step))).toEqual([0, 0.1, 0.2, 0.30000000000000004, 0.4, 0.2, 0.1])
  // biome-ignore lint/suspicious/noThenProperty: the name of the option
  expect(schedules.warmup({ steps: 2, then: 0.3 })(9)).toBe(0.3)
})
