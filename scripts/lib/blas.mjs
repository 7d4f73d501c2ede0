// Where the BLAS is that the addon loads at run time. The build records the answer; CHAINRULE_BLAS overrides it later.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'

const accelerate = '/System/Library/Frameworks/Accelerate.framework/Accelerate'

// Best first. Versioned names come with the library itself, the bare name only with its development files. Fedora's
// libopenblas.so.0 is the serial build, whose calls may not run side by side, so the threaded one (p) goes first.
const names = ['libopenblasp.so.0', 'libopenblas.so.0', 'libopenblas.so.3', 'libopenblas.so', 'libopenblaso.so.0']

const folders = [
  '/usr/local/lib',
  '/usr/local/lib64',
  '/usr/lib64', // Fedora
  '/usr/lib', // Alpine, Arch
  '/opt/OpenBLAS/lib', // OpenBLAS's own `make install`
  '/home/linuxbrew/.linuxbrew/opt/openblas/lib',
]

/**
 * What the search looks at; tests replace it.
 * @typedef {object} Machine
 * @property {NodeJS.Platform} platform
 * @property {NodeJS.ProcessEnv} env
 * @property {string} execPath
 * @property {(path: string) => boolean} exists
 * @property {(folder: string) => string[]} list  names in a folder; [] when it cannot be read
 * @property {() => string | null} pkgConfigFolder  `pkg-config --variable=libdir openblas`
 */

/** @type {Machine} */
export const thisMachine = {
  platform: process.platform,
  env: process.env,
  execPath: process.execPath,
  exists: existsSync,
  list: (folder) => {
    try {
      return readdirSync(folder)
    } catch {
      return []
    }
  },
  pkgConfigFolder: () => {
    const result = spawnSync('pkg-config', ['--variable=libdir', 'openblas'], { encoding: 'utf8' })
    return result.status === 0 ? result.stdout.trim() || null : null
  },
}

/**
 * Debian keeps libraries in /usr/lib/<machine>-linux-<libc>, OpenBLAS's flavours in folders below.
 * @param {Machine} machine
 */
function multiarchFolders(machine) {
  const places = machine.list('/usr/lib').filter((name) => /-linux-(gnu|musl)/.test(name))
  return places.flatMap((name) => [
    join('/usr/lib', name),
    join('/usr/lib', name, 'openblas-pthread'),
    join('/usr/lib', name, 'openblas-openmp'),
  ])
}

/**
 * @param {Machine} machine
 * @param {string} folder
 */
function libraryIn(machine, folder) {
  const found = names.find((name) => machine.exists(join(folder, name)))
  return found ? join(folder, found) : null
}

/**
 * A path or name that dlopen can load; null when there is none, or CHAINRULE_BLAS is `none`. Throws when CHAINRULE_BLAS names a file that does not exist.
 * @param {Machine} [machine]
 * @returns {string | null}
 */
export function findBlas(machine = thisMachine) {
  const given = machine.env.CHAINRULE_BLAS
  if (given === 'none') return null
  if (given) {
    if (given.includes('/') && !machine.exists(given))
      throw new Error(`CHAINRULE_BLAS is ${given}, which does not exist`)
    return given
  }
  if (machine.platform === 'darwin') return accelerate // always there, though not as a file
  const fromPkgConfig = machine.pkgConfigFolder()
  const own = (machine.env.LD_LIBRARY_PATH ?? '').split(':').filter(Boolean)
  const besideNode = join(dirname(dirname(machine.execPath)), 'lib') // Conda
  const places = [fromPkgConfig ?? [], own, besideNode, multiarchFolders(machine), folders].flat()
  for (const folder of places) {
    const library = libraryIn(machine, folder)
    if (library) return library
  }
  return null
}
