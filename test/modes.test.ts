// The same bits in every mode: planned and debug, sync and async, with scratch memory poisoned before each run.
import { beforeAll, describe, expect, test } from 'vitest'
import type { Digests } from './support/digests.ts'
import { runNode } from './support/processes.ts'

const main = 'test/support/digests-main.ts'

async function digestsWith(environment: Record<string, string>): Promise<Digests> {
  const { stdout, stderr, code } = await runNode(['--import', 'tsx', main, 'all'], undefined, {
    CHAINRULE_DEBUG: '0',
    CHAINRULE_POISON: '0',
    ...environment,
  })
  if (code !== 0) throw new Error(stderr)
  return (JSON.parse(stdout) as [Digests])[0]
}

let planned: Digests
beforeAll(async () => {
  planned = await digestsWith({})
})

describe('planned', () => {
  test('what is computed twice from other data, or with other numbers drawn, differs', () => {
    expect(planned['program, async']).not.toBe(planned['program, sync'])
    expect(planned['program, async again']).not.toBe(planned['program, async'])
    expect(planned['train step, adam, sync']).not.toBe(planned['train step, sgd, sync'])
  })

  test.each(['sgd', 'momentum', 'nesterov', 'adam', 'adamw'])('a train step with %s: sync as async', (name) => {
    expect(planned[`train step, ${name}, sync`]).toBe(planned[`train step, ${name}, async`])
  })

  test('what is read has the bits of a program', () => {
    expect(planned['attention, read']).toBe(planned.attention)
  })

  test('again, in another process', async () => {
    expect(await digestsWith({})).toEqual(planned)
  })
})

test('debug mode, where no memory is reused', async () => {
  expect(await digestsWith({ CHAINRULE_DEBUG: '1' })).toEqual(planned)
})

test('scratch memory poisoned before each run', async () => {
  expect(await digestsWith({ CHAINRULE_POISON: '1' })).toEqual(planned)
})

test('debug mode with poisoned memory', async () => {
  expect(await digestsWith({ CHAINRULE_DEBUG: '1', CHAINRULE_POISON: '1' })).toEqual(planned)
})
