import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ChainruleError } from '../errors.ts'
import { describeValue } from '../options.ts'

/** The path as a string. Throws ERR_OPTION for what is neither a path nor a `file:` URL. */
export function toPath(path: string | URL): string {
  try {
    // Not `instanceof URL`: test runners have a second URL class in their own realm.
    const text = typeof path === 'string' ? path : fileURLToPath(path)
    if (text !== '' && !text.includes('\0')) return text
  } catch (cause) {
    throw notAPath(path, cause)
  }
  throw notAPath(path)
}

function notAPath(path: unknown, cause?: unknown): ChainruleError {
  const shown = typeof path === 'object' && path !== null && 'href' in path ? String(path.href) : path
  const text = `expected the path of a file, or a file: URL, got ${describeValue(shown)}`
  return new ChainruleError('ERR_OPTION', text, { cause })
}

/** The code of a system error, e.g. `ENOENT`; an empty string for every other error. */
export function systemCode(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : ''
}

// What to say for each system error: what happened and, where the user can do something, what.
const reasons: Readonly<Record<string, (path: string) => string>> = {
  ENOENT: (path) => `it does not exist (looked at ${resolve(path)}); check the path and the working folder`,
  EACCES: () => 'permission denied; check the permissions of the file and its folder',
  EPERM: () => 'the system does not permit it; check the owner of the file and its folder',
  EISDIR: () => 'it is a folder; give the path of a file',
  ENOTDIR: () => 'a part of the path before its last one is a file, not a folder; check the path',
  ELOOP: () => 'its symbolic links lead in a circle; remove one',
  ENAMETOOLONG: () => 'the name is too long for this file system; choose a shorter one',
  EROFS: () => 'the file system is read-only; choose another folder',
  ENOSPC: () => 'the disk is full',
  EDQUOT: () => 'the disk quota of this user is used up',
  EFBIG: () => 'it would be larger than this process or file system allows (see `ulimit -f`)',
  EMFILE: () => 'this process has too many files open (see `ulimit -n`)',
}

/** ERR_FILE for a failed system call; `outcome` says what became of the file, e.g. "the old file is unchanged". */
export function fileError(verb: 'read' | 'write', path: string, cause: unknown, outcome = ''): ChainruleError {
  const message =
    typeof cause === 'object' && cause !== null && 'message' in cause ? String(cause.message) : String(cause)
  const reason = reasons[systemCode(cause)]?.(path) ?? message
  const ending = outcome === '' ? '' : `; ${outcome}`
  return new ChainruleError('ERR_FILE', `cannot ${verb} ${path}: ${reason}${ending}`, { cause })
}
