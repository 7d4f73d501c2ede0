// The steps of the set-up, in order. Each knows what it is made from, and is stale when that changed.
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { addon, buildNative, nativeInputs } from './native.mjs'
import { root } from './paths.mjs'
import { run } from './run.mjs'
import { hashOf, readStamp, removeStamp, writeStamp } from './stamp.mjs'

/**
 * @typedef {object} Description
 * @property {string} name
 * @property {string} title
 * @property {boolean} isBuild  repeated by --force
 * @property {string} output  a file that is there when the step was done
 * @property {() => string} inputs  a hash
 * @property {() => void} build
 */

/** @param {Description} description */
function step({ name, title, isBuild, output, inputs, build }) {
  return {
    name,
    title,
    isBuild,
    isStale: () => !existsSync(output) || readStamp(name) !== inputs(),
    run: () => {
      removeStamp(name)
      const made = inputs() // before the build: what changes meanwhile is not in it
      build()
      writeStamp(name, made)
    },
  }
}

function moduleInputs() {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const values = [dependencies, devDependencies, process.platform, process.arch]
  return hashOf({ paths: ['package-lock.json'], values })
}

/** No scripts: our own `install` would build the addon in the middle, and no dependency needs one. */
function installModules() {
  const npm = process.env.npm_execpath?.endsWith('npm-cli.js') ? [process.execPath, process.env.npm_execpath] : ['npm']
  run([...npm, 'ci', '--ignore-scripts', '--include=dev', '--include=optional', '--no-audit', '--no-fund'])
}

/** Types by TypeScript, which also checks, and the bundle. Emptied first: what is gone must not stay importable. */
function buildTypeScript() {
  rmSync(join(root, 'dist'), { recursive: true, force: true })
  run([process.execPath, join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.json', '--emitDeclarationOnly'])
  run([process.execPath, join(root, 'node_modules/rolldown/bin/cli.mjs'), '--config', 'rolldown.config.mjs'])
}

export const steps = [
  step({
    name: 'modules',
    title: 'npm packages',
    isBuild: false,
    output: join(root, 'node_modules/.package-lock.json'),
    inputs: moduleInputs,
    build: installModules,
  }),
  step({
    name: 'native',
    title: 'native addon',
    isBuild: true,
    output: addon,
    inputs: nativeInputs,
    build: buildNative,
  }),
  step({
    name: 'typescript',
    title: 'TypeScript',
    isBuild: true,
    output: join(root, 'dist/index.js'),
    inputs: () => hashOf({ paths: ['src', 'tsconfig.json', 'rolldown.config.mjs', 'package-lock.json'] }),
    build: buildTypeScript,
  }),
]
