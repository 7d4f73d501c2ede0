/** Where data sets that do not come with the package lie. */
import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import { toPath } from '../files/failure.ts'
import { type Check, optionError } from '../options.ts'

/** The folders to look in, first to last, and the one that downloads go to. */
export interface Folders {
  readonly candidates: readonly string[]
  readonly target: string
}

/**
 * The folders of the data set `name`: the one that the caller named; else CHAINRULE_DATA, itself or its subfolder of
 * that name; else the subfolder of the user's cache.
 */
export function foldersOf(name: string, named: string | undefined): Folders {
  if (named !== undefined) return { candidates: [resolve(named)], target: resolve(named) }
  const { CHAINRULE_DATA } = process.env
  if (CHAINRULE_DATA) {
    const own = resolve(CHAINRULE_DATA, name)
    return { candidates: [resolve(CHAINRULE_DATA), own], target: own }
  }
  const own = join(userCache(), 'chainrule', name)
  return { candidates: [own], target: own }
}

function userCache(): string {
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches')
  const { XDG_CACHE_HOME } = process.env
  // A relative path there is to be ignored (XDG Base Directory Specification).
  return XDG_CACHE_HOME && isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : join(homedir(), '.cache')
}

/** A folder as a path; a `file:` URL becomes one. */
export const folderPath: Check<string> = (value, subject) => {
  try {
    return toPath(value as string | URL)
  } catch {
    throw optionError(subject, 'the path of a folder', value, "Give a path such as './data', or a file: URL.")
  }
}
