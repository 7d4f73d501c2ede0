/** Pictures in folders by class: `train/0/0000.png`. */
import { basename, join } from 'node:path'
import type { Dataset } from '../data/dataset.ts'
import { greyPicture, type PictureOptions, pictureTable } from '../data/pictures.ts'
import { pixelDataset } from '../data/pixels.ts'
import { ChainruleError } from '../errors.ts'
import type { GreyPicture } from '../files/png.ts'
import { abortSignal, type Check, checkOptions, optional, optionError } from '../options.ts'
import { createTaskProgress, type ProgressKind } from '../reports/progress.ts'
import { folderPath } from './folders.ts'
import { labelsOf, listPictures } from './picture-list.ts'

export interface PictureFolderOptions extends PictureOptions {
  /**
   * The names of the class folders, in the order of their labels 0, 1, ...: give the training data's `classes` for the
   * test data, so that a folder that is missing there does not shift the labels. Default: see {@link pictureFolder}.
   */
  classes?: readonly string[]
  /** Says which files and folders to leave out, by their path inside the folder, such as `3/notes.txt`. */
  ignore?: (path: string) => boolean
  /** 'auto' (default): a bar when stderr is a terminal outside CI, else nothing. */
  progress?: ProgressKind
  /** Ends reading; the promise rejects with the signal's reason. */
  signal?: AbortSignal
}

const listOfNames: Check<readonly string[]> = (value, subject) => {
  const names: readonly unknown[] = Array.isArray(value) ? value : []
  const fits =
    names.length > 0 && names.every((name) => typeof name === 'string') && new Set(names).size === names.length
  if (fits) return [...(names as string[])]
  throw optionError(subject, 'a list of different names', value, "Give for example ['cat', 'dog'].")
}

const predicate: Check<(path: string) => boolean> = (value, subject) => {
  if (typeof value === 'function') return value as (path: string) => boolean
  const example = "Give for example (path) => path.endsWith('.txt')."
  throw optionError(subject, 'a function that tells of a path whether to leave it out', value, example)
}

const table = {
  ...pictureTable,
  classes: optional(listOfNames),
  ignore: optional(predicate, () => false),
  progress: optional((value) => value as ProgressKind, 'auto'),
  signal: optional(abortSignal),
}
type Checked = ReturnType<typeof checkOptions<typeof table>>

// More files at once than that gain nothing: decoding is what takes the time.
const filesAtOnce = 8

/**
 * The pictures of a folder that holds one folder of PNG files per class, such as `train/0/0000.png`. Brightness is
 * stored as bytes, height·width per picture, and read as −1 (black) to 1 (white) unless `scale` and `shift` say
 * otherwise; x is [n, height·width], or [n, height, width, 1] with `flat: false`. See `readPicture` for what becomes of
 * colours.
 *
 * Folders named by numbers up to 999 give these numbers as labels; any other names are sorted and numbered from 0.
 * `classes` of the result has the name of each label. Classes and files are sorted by code units, as Python sorts them.
 * Hidden files (`.DS_Store`) are left out; every other file or folder that does not belong here is an error, unless
 * `ignore` says so. All pictures must have one size, or be resized by `size`.
 * @throws ERR_DATA for stray files, empty folders and pictures of different sizes; ERR_FILE for a file that cannot be
 *   read, is no PNG or damaged; ERR_OPTION for wrong options
 */
export async function pictureFolder(
  folder: string | URL,
  options: PictureFolderOptions = {},
): Promise<Dataset & { readonly classes: readonly string[] }> {
  const root = folderPath(folder, { where: 'pictureFolder', name: 'folder' })
  const checked = checkOptions('pictureFolder', options, table)
  checked.signal?.throwIfAborted()
  const groups = await listPictures(root, checked.ignore)
  const { classes, labels } = labelsOf(root, groups, checked.classes)
  const paths = groups.flatMap(({ name, files }) => files.map((file) => join(root, name, file)))
  const y = Int32Array.from(groups.flatMap(({ files }, i) => files.map(() => labels[i]!)))
  const { data, height, width } = await readAll(root, paths, checked)
  const dataset = await pixelDataset(data, checked.flat ? [height * width] : [height, width, 1], y, checked)
  return Object.assign(dataset, { classes: Object.freeze(classes) })
}

async function readAll(root: string, paths: readonly string[], options: Checked): Promise<GreyPicture> {
  const progress = createTaskProgress('pictureFolder', options.progress, { name: 'pictures', size: 1 })
  const { size, invert, signal } = options
  const read = (path: string) => {
    signal?.throwIfAborted()
    return greyPicture(path, { size, invert })
  }
  try {
    progress.start(basename(root), paths.length)
    const first = await read(paths[0]!)
    const { height, width } = first
    const data = memoryFor(paths.length, height * width)
    data.set(first.data)
    let next = 1
    let done = 1
    const work = async () => {
      while (next < paths.length) {
        const at = next++
        const picture = await read(paths[at]!)
        if (picture.height !== height || picture.width !== width) throw differs(paths[at]!, picture, paths[0]!, first)
        data.set(picture.data, at * height * width)
        progress.update(++done)
      }
    }
    const stop = (error: unknown) => {
      next = paths.length
      throw error
    }
    await Promise.all(Array.from({ length: filesAtOnce }, () => work().catch(stop)))
    progress.end()
    return { height, width, data }
  } finally {
    progress.close()
  }
}

function memoryFor(pictures: number, pixels: number): Uint8Array {
  try {
    return new Uint8Array(pictures * pixels)
  } catch (cause) {
    const text = `${pictures} pictures of ${pixels} pixels do not fit into memory. Give a smaller { size }`
    throw new ChainruleError('ERR_DATA', `pictureFolder: ${text}`, { cause })
  }
}

function differs(path: string, picture: GreyPicture, firstPath: string, first: GreyPicture): ChainruleError {
  const sizes = `${path} has ${picture.height}×${picture.width} pixels, expected ${first.height}×${first.width}`
  const text = `pictureFolder: ${sizes} as ${firstPath} (height×width). Resize all with { size: [height, width] }`
  return new ChainruleError('ERR_DATA', text)
}
