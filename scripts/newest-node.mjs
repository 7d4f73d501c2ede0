// The newest released Node, from the binaries that the npm package `node` is made of, kept under build/.
// As a command it prints the path: node scripts/newest-node.mjs
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root } from './lib/paths.mjs'

const folder = join(root, 'build', 'newest-node')

/** @param {string[]} args */
function npm(args) {
  const command = process.env.npm_execpath?.endsWith('npm-cli.js')
    ? [process.execPath, process.env.npm_execpath]
    : ['npm']
  const [program = 'npm', ...first] = command
  return execFileSync(program, [...first, ...args], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 300_000,
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim()
}

/** @param {string} name */
function install(name) {
  mkdirSync(folder, { recursive: true })
  // Without a package.json of its own, npm would install into the project around it.
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
  const version = npm(['view', 'node@latest', 'version'])
  npm(['install', '--no-save', '--no-audit', '--no-fund', '--ignore-scripts', `${name}@${version}`])
}

/**
 * Where the newest Node is, or why it cannot be had. It is fetched once; remove build/newest-node to fetch it again.
 * @returns {{ path: string, version: string } | { reason: string }}
 */
export function newestNode() {
  const name = `node-${process.platform}-${process.arch}`
  const path = join(folder, 'node_modules', name, 'bin', 'node')
  try {
    if (!existsSync(path)) install(name)
    return {
      path,
      version: execFileSync(path, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim(),
    }
  } catch (error) {
    const lines = String(error).split('\n')
    return { reason: `no newest Node: ${lines.find((line) => line.includes('npm error')) ?? lines[0]}` }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const found = newestNode()
  console.log('path' in found ? `${found.path} ${found.version}` : found.reason)
  process.exitCode = 'path' in found ? 0 : 1
}
