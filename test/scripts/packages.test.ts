import { describe, expect, test } from 'vitest'
import { asUser, explainMissing, installCommand, managers, type Need } from '../../scripts/lib/packages.mjs'

const manager = (program: string) => managers.find((one) => one.program === program)!
const apt = manager('apt-get')
const brew = manager('brew')
const all: Need[] = ['compiler', 'make', 'python3', 'openblas']

describe('package managers', () => {
  test('only what is missing is installed', () => {
    expect(installCommand(apt, ['openblas'])?.slice(-2)).toEqual(['--no-install-recommends', 'libopenblas0'])
    expect(installCommand(manager('dnf'), all)).toEqual(
      'dnf install -y gcc-c++ make python3 openblas-threads'.split(' '),
    )
    expect(installCommand(manager('apk'), all)).toEqual('apk add g++ make python3 openblas'.split(' '))
    expect(installCommand(brew, ['python3'])).toEqual(['brew', 'install', 'python3'])
    expect(installCommand(brew, ['compiler', 'python3'])).toBeNull()
    expect(installCommand(undefined, ['make'])).toBeNull()
  })

  test('as root, with sudo that asks nothing, or not at all', () => {
    expect(asUser(apt, ['x'], { root: true, sudo: false })).toEqual(['x'])
    expect(asUser(apt, ['x'], { root: false, sudo: true })).toEqual(['sudo', '-n', 'x'])
    expect(asUser(apt, ['x'], { root: false, sudo: false })).toBeNull()
    expect(asUser(brew, ['x'], { root: false, sudo: false })).toEqual(['x'])
  })

  test('what a person reads names what is missing and one command', () => {
    const user = { root: false, sudo: false }
    expect(explainMissing(['make', 'openblas'], apt, user, 'linux')).toBe(
      'Missing: make; OpenBLAS (or CHAINRULE_BLAS, the path of another CBLAS library).\nInstall what is missing with\n\n' +
        '  sudo apt-get update && sudo apt-get install -y --no-install-recommends make libopenblas0\n',
    )
    expect(explainMissing(['compiler'], brew, user, 'darwin')).toContain('xcode-select --install')
    expect(explainMissing(['compiler'], undefined, user, 'linux')).toContain("your system's package manager")
  })
})
