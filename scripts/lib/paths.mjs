import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The project's root folder. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

/**
 * The program's full path, looked up as a shell does it, or null.
 * @param {string} program
 * @param {string} [path]
 * @returns {string | null}
 */
export function which(program, path = process.env.PATH ?? '') {
  const places = program.includes('/') ? [''] : path.split(delimiter).filter(Boolean)
  for (const folder of places) {
    const file = folder ? join(folder, program) : program
    try {
      accessSync(file, constants.X_OK)
      if (statSync(file).isFile()) return file
    } catch {
      // not here
    }
  }
  return null
}
