// Whether a build step's inputs changed since it last succeeded: a hash of them, kept in build/stamps.
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from './paths.mjs'

/** @param {string} name */
const stampFile = (name) => join(root, 'build', 'stamps', name)

/**
 * The files under a file or folder, in a fixed order.
 * @param {string} path
 * @returns {string[]}
 */
function filesUnder(path) {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (!stat) return []
  if (stat.isFile()) return [path]
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesUnder(join(path, name)))
}

/**
 * A hash of the contents and names of the files under `paths` (relative to `folder`), and of the given values.
 * @param {{ paths: string[], values?: unknown, folder?: string }} inputs
 */
export function hashOf({ paths, values = null, folder = root }) {
  const hash = createHash('sha256').update(JSON.stringify(values))
  for (const file of paths.flatMap((path) => filesUnder(join(folder, path)))) {
    const content = readFileSync(file)
    hash.update(`\0${file.slice(folder.length)}\0${content.length}\0`).update(content)
  }
  return hash.digest('hex')
}

/**
 * @param {string} name
 * @returns {string | null}
 */
export function readStamp(name) {
  try {
    return readFileSync(stampFile(name), 'utf8')
  } catch {
    return null
  }
}

/**
 * @param {string} name
 * @param {string} hash
 */
export function writeStamp(name, hash) {
  mkdirSync(dirname(stampFile(name)), { recursive: true })
  writeFileSync(stampFile(name), hash)
}

/** @param {string} name */
export function removeStamp(name) {
  rmSync(stampFile(name), { force: true })
}
