import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { withLock } from '../../scripts/lib/lock.mjs'
import { buildEnvironment, findNodeGyp, headersPrefix } from '../../scripts/lib/native.mjs'
import { findCompiler } from '../../scripts/lib/requirements.mjs'
import { CommandError, run } from '../../scripts/lib/run.mjs'
import { hashOf } from '../../scripts/lib/stamp.mjs'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chainrule-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('hashOf', () => {
  const hash = () => hashOf({ paths: ['a', 'gone'], folder })

  test('changes with content, names and values, and with nothing else', () => {
    mkdirSync(join(folder, 'a/b'), { recursive: true })
    writeFileSync(join(folder, 'a/b/x'), '1')
    const first = hash()
    writeFileSync(join(folder, 'other'), '')
    expect(hash()).toBe(first)
    expect(hashOf({ paths: ['a', 'gone'], values: 1, folder })).not.toBe(first)
    writeFileSync(join(folder, 'a/b/x'), '2')
    const second = hash()
    expect(second).not.toBe(first)
    writeFileSync(join(folder, 'a/b/y'), '')
    expect(hash()).not.toBe(second)
  })
})

describe('withLock', () => {
  test('one after the other', async () => {
    const events: string[] = []
    const work = (name: string) => async () => {
      events.push(`${name} starts`)
      await sleep(20)
      events.push(`${name} ends`)
    }
    const file = join(folder, 'lock')
    const waits: string[] = []
    await Promise.all([withLock(file, work('a')), withLock(file, work('b'), () => waits.push('b'))])
    expect(events).toEqual(['a starts', 'a ends', 'b starts', 'b ends'])
    expect(waits).toEqual(['b'])
  })

  test('a dead holder is no holder', async () => {
    const file = join(folder, 'lock')
    writeFileSync(file, '99999999')
    expect(await withLock(file, () => readFileSync(file, 'utf8'))).toBe(String(process.pid))
  })
})

describe('the native build', () => {
  test("takes the running Node's own headers, and no others", () => {
    expect(headersPrefix('/opt/node/bin/node', (path) => path === '/opt/node/include/node/node_api.h')).toBe(
      '/opt/node',
    )
    expect(headersPrefix('/opt/node/bin/node', () => false)).toBeNull()
    const env = { NPM_CONFIG_NODEDIR: '/old', PATH: '/bin' }
    expect(buildEnvironment('/opt/node', env)).toMatchObject({ npm_config_nodedir: '/opt/node' })
    expect(buildEnvironment('/opt/node', env)).not.toHaveProperty('NPM_CONFIG_NODEDIR')
    expect(buildEnvironment(null, env)).toMatchObject({ NPM_CONFIG_NODEDIR: '/old' })
  })

  test("prefers the project's node-gyp to npm's", () => {
    expect(findNodeGyp({ npm_config_node_gyp: '/npm/node-gyp.js' }, () => true)).toMatch(/node_modules\/node-gyp\/bin/)
    const onlyNpm = (path: string) => path === '/npm/node-gyp.js'
    expect(findNodeGyp({ npm_config_node_gyp: '/npm/node-gyp.js' }, onlyNpm)).toBe('/npm/node-gyp.js')
    expect(() => findNodeGyp({}, () => false)).toThrow('node-gyp was not found')
  })

  test('takes the compiler of the environment, else one that is there', () => {
    expect(findCompiler({ CXX: 'my++ -m64' }, (program) => program === 'my++')).toEqual({ CC: 'cc', CXX: 'my++ -m64' })
    expect(findCompiler({ CXX: 'my++' }, () => null)).toBeNull()
    expect(findCompiler({}, (program) => program === 'clang++')).toEqual({ CC: 'clang', CXX: 'clang++' })
    expect(findCompiler({}, () => null)).toBeNull()
  })
})

test('a command that fails says what it printed', () => {
  const script = "console.log('out'); console.error('err'); process.exit(3)"
  expect(() => run([process.execPath, '-e', script])).toThrow(CommandError)
  expect(() => run([process.execPath, '-e', script])).toThrow(/out\nerr\n\n.*exit code 3/s)
  expect(() => run(['no-such-program'])).toThrow(/ENOENT/)
})
