/** The files of a folder of pictures, and the labels of its classes. */
import type { Dirent } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ChainruleError } from '../errors.ts'
import { fileError, systemCode } from '../files/failure.ts'
import { suggest } from '../options.ts'

/** A class folder and the names of its pictures, sorted. */
export interface Group {
  readonly name: string
  readonly files: readonly string[]
}

/** The class folders, sorted. Throws ERR_DATA for what does not belong there and is neither hidden nor ignored. */
export async function listPictures(root: string, ignore: (path: string) => boolean): Promise<Group[]> {
  const strays: string[] = []
  const groups: Group[] = []
  for (const { name, isFolder } of await entriesOf(root, '', ignore)) {
    if (!isFolder) {
      strays.push(join(root, name))
      continue
    }
    const entries = await entriesOf(root, name, ignore)
    const inner = entries.find((entry) => entry.isFolder)
    if (inner) throw nested(root, name, inner.name)
    strays.push(...entries.filter((entry) => !isPng(entry.name)).map((entry) => join(root, name, entry.name)))
    groups.push({ name, files: entries.map((entry) => entry.name).filter(isPng) })
  }
  if (strays.length > 0) throw stray(strays)
  if (groups.length === 0) throw refuse(`${root} holds no folders, expected one folder of PNG files per class`)
  const empty = groups.find(({ files }) => files.length === 0)
  if (empty) throw refuse(`the class folder ${join(root, empty.name)} holds no PNG files. Remove it, or ignore it`)
  return groups
}

/** What is in a folder, without what is hidden or to be ignored. */
async function entriesOf(
  root: string,
  folder: string,
  ignore: (path: string) => boolean,
): Promise<{ name: string; isFolder: boolean }[]> {
  const path = join(root, folder)
  const entries = await list(path)
  const kept = entries.filter(
    ({ name }) => !name.startsWith('.') && !ignore(folder === '' ? name : `${folder}/${name}`),
  )
  // By code units, the default.
  const names = new Map(kept.map((entry) => [entry.name, entry]))
  const sorted = [...names.keys()].sort()
  return Promise.all(sorted.map(async (name) => ({ name, isFolder: await isFolder(path, names.get(name)!) })))
}

async function list(path: string): Promise<Dirent[]> {
  try {
    return await readdir(path, { withFileTypes: true })
  } catch (cause) {
    if (systemCode(cause) !== 'ENOTDIR') throw fileError('read', path, cause)
    throw new ChainruleError('ERR_FILE', `cannot read ${path}: it is a file; give the path of a folder`, { cause })
  }
}

/** Links count as what they lead to. */
async function isFolder(path: string, entry: Dirent): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isDirectory()
  return (await stat(join(path, entry.name)).catch(() => undefined))?.isDirectory() ?? false
}

function isPng(name: string): boolean {
  return /\.png$/i.test(name)
}

/**
 * The label of each group, and the name of each label. Numbers up to 999 are their own labels: a class that has no
 * folder in the test data leaves the others' labels as they are.
 */
export function labelsOf(
  root: string,
  groups: readonly Group[],
  given: readonly string[] | undefined,
): { classes: string[]; labels: number[] } {
  const names = groups.map(({ name }) => name)
  if (given) {
    const unknown = names.find((name) => !given.includes(name))
    if (unknown === undefined) return { classes: [...given], labels: names.map((name) => given.indexOf(name)) }
    const close = suggest(unknown, given)
    const hint = close === undefined ? '' : ` Did you mean '${close}'?`
    throw refuse(`the folder ${join(root, unknown)} is not one of the classes ${given.join(', ')}.${hint}`)
  }
  if (!names.every((name) => /^\d{1,3}$/.test(name))) return { classes: names, labels: names.map((_, i) => i) }
  const labels = names.map(Number)
  const twice = labels.findIndex((label, i) => labels.indexOf(label) !== i)
  if (twice >= 0) {
    const other = names[labels.indexOf(labels[twice]!)]
    throw refuse(`the folders ${other} and ${names[twice]} of ${root} both mean the label ${labels[twice]}. Join them`)
  }
  const classes = Array.from(
    { length: labels.reduce((top, label) => Math.max(top, label), -1) + 1 },
    (_, label) => names[labels.indexOf(label)] ?? `${label}`,
  )
  return { classes, labels }
}

function refuse(text: string): ChainruleError {
  return new ChainruleError('ERR_DATA', `pictureFolder: ${text}`)
}

function stray(paths: readonly string[]): ChainruleError {
  const more = paths.length === 1 ? '' : ` (and ${paths.length - 1} more)`
  const advice = 'Remove it, or leave it out: { ignore: (path) => ... }'
  return refuse(`expected only folders of PNG files, found ${paths[0]}${more}. ${advice}`)
}

function nested(root: string, name: string, inner: string): ChainruleError {
  const path = join(root, name)
  const text = `expected PNG files in the class folder ${path}, found the folder ${inner}`
  return refuse(`${text}. If the classes are one level deeper, give ${path}`)
}
