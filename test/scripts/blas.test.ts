import { describe, expect, test } from 'vitest'
import { findBlas, type Machine } from '../../scripts/lib/blas.mjs'

function machine(files: string[], rest: Partial<Machine> = {}): Machine {
  return {
    platform: 'linux',
    env: {},
    execPath: '/opt/node/bin/node',
    exists: (path) => files.includes(path),
    list: (folder) => (folder === '/usr/lib' ? ['x86_64-linux-gnu', 'ssl'] : []),
    pkgConfigFolder: () => null,
    ...rest,
  }
}

const debian = '/usr/lib/x86_64-linux-gnu/libopenblas.so.0'
const fedora = ['/usr/lib64/libopenblas.so.0', '/usr/lib64/libopenblasp.so.0']

describe('findBlas', () => {
  test('CHAINRULE_BLAS wins, as a path that exists or as a name', () => {
    expect(findBlas(machine([debian, '/my/blas.so'], { env: { CHAINRULE_BLAS: '/my/blas.so' } }))).toBe('/my/blas.so')
    expect(findBlas(machine([debian], { env: { CHAINRULE_BLAS: 'libflexiblas.so.3' } }))).toBe('libflexiblas.so.3')
    expect(() => findBlas(machine([debian], { env: { CHAINRULE_BLAS: '/my/blas.so' } }))).toThrow(
      'CHAINRULE_BLAS is /my/blas.so, which does not exist',
    )
  })

  test('then pkg-config, the versioned name before the bare one', () => {
    const files = [debian, '/opt/blas/lib/libopenblas.so', '/opt/blas/lib/libopenblas.so.0']
    expect(findBlas(machine(files, { pkgConfigFolder: () => '/opt/blas/lib' }))).toBe('/opt/blas/lib/libopenblas.so.0')
    expect(findBlas(machine([debian], { pkgConfigFolder: () => '/opt/gone/lib' }))).toBe(debian)
  })

  test('then the usual places', () => {
    expect(findBlas(machine([debian]))).toBe(debian)
    expect(findBlas(machine(fedora))).toBe('/usr/lib64/libopenblasp.so.0')
    expect(findBlas(machine(['/usr/lib/libopenblas.so.3']))).toBe('/usr/lib/libopenblas.so.3')
    expect(findBlas(machine(['/opt/node/lib/libopenblas.so.0']))).toBe('/opt/node/lib/libopenblas.so.0')
  })

  test('Accelerate on macOS, null where there is nothing', () => {
    expect(findBlas(machine([], { platform: 'darwin' }))).toMatch(/Accelerate$/)
    expect(findBlas(machine([]))).toBeNull()
    expect(findBlas(machine([debian], { env: { CHAINRULE_BLAS: 'none' } }))).toBeNull()
  })
})
