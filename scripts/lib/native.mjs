// The native build: node-gyp with the headers that lie beside the running Node, so that it needs no download.
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { basename, delimiter, dirname, join } from 'node:path'
import { findBlas } from './blas.mjs'
import { root, which } from './paths.mjs'
import { findCompiler } from './requirements.mjs'
import { run } from './run.mjs'
import { hashOf } from './stamp.mjs'

export const addon = join(root, 'build', 'Release', 'chainrule.node')

/**
 * The prefix of the running Node when its headers are installed there, else null.
 * @param {string} [execPath]
 * @param {(path: string) => boolean} [exists]
 */
export function headersPrefix(execPath = process.execPath, exists = existsSync) {
  const prefix = dirname(dirname(execPath))
  return exists(join(prefix, 'include', 'node', 'node_api.h')) ? prefix : null
}

/**
 * node-gyp's script: ours in a clone, npm's own in an installed package.
 * @param {NodeJS.ProcessEnv} [env]
 * @param {(path: string) => boolean} [exists]
 */
export function findNodeGyp(env = process.env, exists = existsSync) {
  const places = [
    join(root, 'node_modules/node-gyp/bin/node-gyp.js'),
    env.npm_config_node_gyp,
    join(dirname(dirname(process.execPath)), 'lib/node_modules/npm/node_modules/node-gyp/bin/node-gyp.js'),
  ]
  const found = places.find((place) => place && exists(place))
  if (!found) throw new Error('node-gyp was not found: run this through npm, or `npm install` first')
  return found
}

/**
 * The environment of the build. node-gyp lets an npm_config_nodedir win over its argument, so ours takes its place; and
 * the `node` that binding.gyp calls must be the one that runs here.
 * @param {string | null} prefix
 * @param {NodeJS.ProcessEnv} [env]
 */
export function buildEnvironment(prefix, env = process.env) {
  /** @type {NodeJS.ProcessEnv} */
  const build = { ...env, ...findCompiler(env), PATH: dirname(process.execPath) + delimiter + (env.PATH ?? '') }
  if (prefix) {
    for (const key of Object.keys(build)) if (/^npm_config_nodedir$/i.test(key)) delete build[key]
    build.npm_config_nodedir = prefix
  }
  return build
}

/** What the addon depends on, as one hash. */
export function nativeInputs() {
  const { CC, CXX, CFLAGS, CXXFLAGS, LDFLAGS } = process.env
  const values = [process.platform, process.arch, headersPrefix(), findBlas(), CC, CXX, CFLAGS, CXXFLAGS, LDFLAGS]
  return hashOf({ paths: ['native', 'binding.gyp'], values })
}

function buildWithGyp() {
  const prefix = headersPrefix()
  const command = [
    process.execPath,
    findNodeGyp(),
    'configure',
    'build',
    '--release',
    `--jobs=${availableParallelism()}`,
  ]
  return run(prefix ? [...command, `--nodedir=${prefix}`] : command, buildEnvironment(prefix))
}

/** cmake-js compiles against node-api-headers, an npm package: no headers of Node and no download are needed. */
export function buildWithCMake() {
  const script = join(root, 'node_modules/cmake-js/bin/cmake-js')
  const output = run([process.execPath, script, 'compile', '--out', 'build/cmake'], buildEnvironment(null))
  mkdirSync(dirname(addon), { recursive: true })
  rmSync(addon, { force: true }) // a process may have the old file mapped
  copyFileSync(join(root, 'build/cmake/Release/chainrule.node'), addon)
  return output
}

/** Whether node-gyp failed while it fetched Node's headers, rather than because of the sources. */
const isDownloadError = (/** @type {unknown} */ error) =>
  /gyp WARN install got an error|lib\/install\.js/.test(String(error))

/** Builds the addon; throws with the compiler's output. Without Node's headers, and without a download, cmake-js can. */
export function buildNative() {
  try {
    return buildWithGyp()
  } catch (error) {
    if (!isDownloadError(error)) throw error
    if (which('cmake') && existsSync(join(root, 'node_modules/cmake-js'))) return buildWithCMake()
    const hint =
      "Node's headers could not be fetched. Set npm_config_nodedir to a prefix that has include/node/node_api.h."
    throw new Error(`${/** @type {Error} */ (error).message}\n\n${hint}`)
  }
}

/** Leaves the addon alone of what the build made: an installed package is not built a second time. */
export function removeIntermediates() {
  const folder = dirname(addon)
  for (const name of readdirSync(folder))
    if (name !== basename(addon)) rmSync(join(folder, name), { recursive: true, force: true })
  rmSync(join(root, 'build', 'cmake'), { recursive: true, force: true })
}
