import { randomBytes } from 'node:crypto'
import { constants, type Stats } from 'node:fs'
import { access, type FileHandle, open, readlink, realpath, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { ChainruleError } from '../errors.ts'
import { describeValue } from '../options.ts'
import { fileError, systemCode, toPath } from './failure.ts'

/** The whole content at once, or in pieces as they are made. */
export type FileContent = Uint8Array | AsyncIterable<Uint8Array>

// One write call moves at most this many bytes: system calls end at 2 GiB.
const largestWrite = 1 << 26

/**
 * Writes a file so that its path holds the old content or the whole new content at every moment, also if the
 * process dies or the power fails: writes beside it, flushes to the disk, renames over it, flushes the folder.
 * An existing file keeps its mode and, where permitted, its owner; a symbolic link is written through.
 *
 * On failure the old file is unchanged, nothing is left behind, and the promise rejects with ERR_FILE, whose `cause`
 * is the system's error (or what `content` threw). A process killed meanwhile leaves a `.NAME.*.tmp` behind.
 */
export async function writeFileAtomic(path: string | URL, content: FileContent): Promise<void> {
  const shown = toPath(path)
  let target = shown
  let outcome = 'nothing was written'
  try {
    target = await followLinks(shown)
    const old = await existing(target)
    if (old !== undefined) {
      outcome = 'the old file is unchanged'
      await refuseUnwritable(target, old)
    }
    await replace(target, old, content)
    // From here on the new file is in place, and no longer the old one.
    outcome = 'the new file is in place, but may be lost if the power fails now'
    await syncFolder(dirname(target))
  } catch (cause) {
    throw (await missingFolder(shown, target, cause)) ?? fileError('write', shown, cause, outcome)
  }
}

/** "No such file" means, when writing, that the folder is missing: say which. */
async function missingFolder(shown: string, target: string, cause: unknown): Promise<ChainruleError | undefined> {
  const folder = dirname(resolve(target))
  // ENOENT may also come from what makes the content.
  if (systemCode(cause) !== 'ENOENT' || (await existing(folder).catch(() => undefined)) !== undefined) return undefined
  const text = `cannot write ${shown}: the folder ${folder} does not exist; create it first`
  return new ChainruleError('ERR_FILE', text, { cause })
}

/** The file that a path finally names; a link may lead to a file that is yet to be made. */
async function followLinks(path: string): Promise<string> {
  let current = path
  // realpath reports circles itself; the limit is for links that change meanwhile.
  for (let links = 0; links < 40; links++) {
    try {
      return await realpath(current)
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error
    }
    const next = await readlink(current).catch(() => undefined)
    if (next === undefined) return current
    current = resolve(await realpath(dirname(current)), next)
  }
  throw new Error('too many symbolic links')
}

async function existing(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  }
}

/** Renaming would replace what plain writing could not touch: folders, devices, files that are write-protected. */
async function refuseUnwritable(path: string, old: Stats): Promise<void> {
  if (old.isDirectory()) throw Object.assign(new Error('it is a folder'), { code: 'EISDIR' })
  if (!old.isFile()) throw new Error('it is a device, pipe or socket, not a regular file; give the path of a file')
  await access(path, constants.W_OK)
}

async function replace(target: string, old: Stats | undefined, content: FileContent): Promise<void> {
  const name = `.${basename(target).slice(0, 40)}.${randomBytes(8).toString('hex')}.tmp`
  const temporary = join(dirname(target), name)
  // A file that was private must not be readable by others even while it is being written.
  const handle = await open(temporary, 'wx', old === undefined ? 0o666 : 0o600)
  try {
    try {
      await writeContent(handle, content)
      if (old !== undefined) await copyOwnerAndMode(handle, old)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, target)
  } catch (error) {
    // The first error is the one to report, whatever becomes of the clean-up.
    await rm(temporary, { force: true }).catch(() => undefined)
    throw error
  }
}

async function writeContent(handle: FileHandle, content: FileContent): Promise<void> {
  const inPieces = typeof content === 'object' && content !== null && Symbol.asyncIterator in content
  if (!inPieces) return writeAll(handle, content)
  for await (const piece of content) await writeAll(handle, piece)
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  // Text and other arrays would be written too, but counted in other units than bytes.
  const isBytes = Object.prototype.toString.call(bytes) === '[object Uint8Array]'
  if (!isBytes) throw new TypeError(`expected the content as a Uint8Array, got ${describeValue(bytes)}`)
  let written = 0
  // A disk that is nearly full takes a part; only the next call says why.
  while (written < bytes.length) {
    const { bytesWritten } = await handle.write(bytes, written, Math.min(largestWrite, bytes.length - written))
    written += bytesWritten
  }
}

async function copyOwnerAndMode(handle: FileHandle, old: Stats): Promise<void> {
  const made = await handle.stat()
  if (made.uid !== old.uid || made.gid !== old.gid) {
    // Only root may give files away; who may replace the file may also own the new one.
    await handle.chown(old.uid, old.gid).catch(() => undefined)
  }
  await handle.chmod(old.mode & 0o777)
}

/** Makes the rename itself last. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    // Some file systems cannot flush a folder, and a folder may be writable but not readable: nothing to be done.
    if (!['EINVAL', 'ENOTSUP', 'ENOSYS', 'EACCES', 'EPERM', 'EISDIR'].includes(systemCode(error))) throw error
  }
}
