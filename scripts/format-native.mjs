// Formats the C++ sources; `--check` only reports. Other versions of clang-format break lines elsewhere, so one counts.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root, which } from './lib/paths.mjs'
import { run, runVisibly } from './lib/run.mjs'

const version = 14

function findClangFormat() {
  const programs = [process.env.CLANG_FORMAT, `clang-format-${version}`, 'clang-format']
  return programs.find(
    (program) => program && which(program) && run([program, '--version']).includes(`version ${version}.`),
  )
}

const program = findClangFormat()
if (program) {
  const sources = readdirSync(join(root, 'native'), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(cc|h|inc)$/.test(name))
    .map((name) => join('native', name))
  const mode = process.argv.includes('--check') ? ['--dry-run', '-Werror'] : ['-i']
  process.exitCode = runVisibly([program, '--style=file', ...mode, ...sources.sort()])
} else {
  console.error(`clang-format ${version} is not installed: the C++ sources were not looked at`)
}
