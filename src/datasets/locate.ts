/** The files of a data set: found, or fetched where the caller asked for it. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ChainruleError } from '../errors.ts'
import { download } from '../files/download.ts'
import { createTaskProgress, type ProgressKind } from '../reports/progress.ts'
import type { Folders } from './folders.ts'

export interface RemoteFiles {
  /** The function that the user called. */
  readonly where: string
  /** The names of the files, ending in `.gz`, and their MD5 checksums. */
  readonly checksums: Readonly<Record<string, string>>
  /** The address that, followed by a name, gives the file. */
  readonly source: string
  /** What a download of everything takes, for people: `30 MB`. */
  readonly size: string
  /** Where people find them. */
  readonly page: string
}

export interface Fetching {
  readonly download: boolean
  readonly progress: ProgressKind
  readonly signal?: AbortSignal | undefined
}

/**
 * The paths of all files, by name: gzip or unpacked, each from the first folder that has it; what none has is fetched
 * if `download` says so.
 * @throws ERR_FILE that says where it looked and how to get the files
 */
export async function locate(
  remote: RemoteFiles,
  folders: Folders,
  fetching: Fetching,
): Promise<ReadonlyMap<string, string>> {
  // Before any file is looked for, so that a misspelled option shows without a download, too.
  const progress = createTaskProgress(remote.where, fetching.progress, { name: 'MB', size: 1e6 })
  const names = Object.keys(remote.checksums)
  const paths = new Map<string, string>()
  for (const name of names) {
    const path = await findFile(folders.candidates, name)
    if (path !== undefined) paths.set(name, path)
  }
  const missing = names.filter((name) => !paths.has(name))
  if (missing.length > 0 && !fetching.download) throw notFound(remote, missing, folders)
  try {
    for (const name of missing) {
      const path = join(folders.target, name)
      let started = false
      const onProgress = (done: number, all: number | undefined) => {
        if (!started) progress.start(name, all)
        started = true
        progress.update(done)
      }
      await download(remote.source + name, path, { md5: remote.checksums[name]!, signal: fetching.signal, onProgress })
      progress.end()
      paths.set(name, path)
    }
  } finally {
    progress.close()
  }
  return paths
}

async function findFile(candidates: readonly string[], gzipName: string): Promise<string | undefined> {
  const names = [gzipName, gzipName.replace(/\.gz$/, '')]
  for (const path of candidates.flatMap((folder) => names.map((name) => join(folder, name)))) {
    const found = await stat(path).catch(() => undefined)
    if (found && !found.isDirectory()) return path
  }
  return undefined
}

function notFound(remote: RemoteFiles, missing: readonly string[], { candidates, target }: Folders): ChainruleError {
  const { where, size, page } = remote
  const looked = `${where}: found no ${missing.join(', no ')} (nor unpacked) in ${candidates.join(', nor in ')}`
  const fetch = `${where}({ download: true }) fetches what is missing (${size} in all) into ${target}`
  const own = `Or get the files from ${page}, and name their folder: { folder }, or the variable CHAINRULE_DATA`
  return new ChainruleError('ERR_FILE', `${looked}. ${fetch}. ${own}`)
}
