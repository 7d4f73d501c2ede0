/** Fashion-MNIST (Xiao, Rasul, Vollgraf, 2017): 28×28 pictures of clothing in ten classes. */
import type { Dataset } from '../data/dataset.ts'
import { pixelDataset, pixelScale } from '../data/pixels.ts'
import { ChainruleError } from '../errors.ts'
import { type IdxArray, readIdx } from '../files/idx.ts'
import { abortSignal, boolean, type Check, checkOptions, optional, optionError } from '../options.ts'
import type { ProgressKind } from '../reports/progress.ts'
import { folderPath, foldersOf } from './folders.ts'
import { locate, type RemoteFiles } from './locate.ts'

export interface FashionMnistOptions {
  /** Where the four files lie. Default: CHAINRULE_DATA or its folder `fashion-mnist`, else the user's cache. */
  folder?: string | URL
  /** Fetch what is missing, 30 MB in all, into that folder. Default false: never without being asked. */
  download?: boolean
  /** Where to fetch from: the address of a folder that holds the four `.gz` files. Default: the authors' repository. */
  source?: string | URL
  /** x of shape [784], row by row; `false` keeps [28, 28, 1], as convolutions take it. Default true. */
  flat?: boolean
  /** The display of the download; 'auto' (default) is a bar when stderr is a terminal outside CI, else nothing. */
  progress?: ProgressKind
  /** Ends a download or reading; the promise rejects with the signal's reason. What has come is kept for later. */
  signal?: AbortSignal
}

const parts = {
  train: { images: 'train-images-idx3-ubyte.gz', labels: 'train-labels-idx1-ubyte.gz' },
  test: { images: 't10k-images-idx3-ubyte.gz', labels: 't10k-labels-idx1-ubyte.gz' },
} as const

const official: RemoteFiles = {
  where: 'fashionMnist',
  // From the authors' page.
  checksums: {
    [parts.train.images]: '8d4fb7e6c68d591d4c3dfef9ec88bf0d',
    [parts.train.labels]: '25c81989df183df01b3e8a0aad5dffbe',
    [parts.test.images]: 'bef4ecab320f06d8554ea6380940ec79',
    [parts.test.labels]: 'bb300cfdad3c16e7a12a480ee83cd310',
  },
  // The same files as on the authors' own server, which has no https.
  source: 'https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/',
  size: '30 MB',
  page: 'https://github.com/zalandoresearch/fashion-mnist',
}
const side = 28

const webAddress: Check<string> = (value, subject) => {
  const text = String(value)
  if (/^https?:\/\//i.test(text) && URL.canParse(text)) return text.endsWith('/') ? text : `${text}/`
  throw optionError(subject, 'an http or https address', value, "Give the address of a folder: 'https://...'.")
}

const table = {
  folder: optional(folderPath),
  download: optional(boolean, false),
  source: optional(webAddress, official.source),
  flat: optional(boolean, true),
  progress: optional((value) => value as ProgressKind, 'auto'),
  signal: optional(abortSignal),
}
type Checked = ReturnType<typeof checkOptions<typeof table>>

/**
 * Fashion-MNIST: 60,000 pictures to train, 10,000 to test; labels 0 to 9 (`fashionMnist.classes` has their names).
 * Pixels are stored as bytes (55 MB in all) and read as −1 (background) to 1: stored / 127.5 − 1. The files are those
 * of the authors, gzip or unpacked; ones that already lie there are checked for their format only, downloads by the
 * official checksums.
 * @throws ERR_FILE when files are missing (with the places where it looked, and how to get them), cannot be read or
 *   fetched, or hold something else; ERR_OPTION for wrong options
 */
export async function fashionMnist(options: FashionMnistOptions = {}): Promise<{ train: Dataset; test: Dataset }> {
  const checked = checkOptions('fashionMnist', options, table)
  checked.signal?.throwIfAborted()
  const folders = foldersOf('fashion-mnist', checked.folder)
  const paths = await locate({ ...official, source: checked.source }, folders, checked)
  const train = await readPart(paths, parts.train, checked)
  const test = await readPart(paths, parts.test, checked)
  return { train, test }
}

/** The names of the labels 0 to 9. */
fashionMnist.classes = Object.freeze([
  'T-shirt/top',
  'Trouser',
  'Pullover',
  'Dress',
  'Coat',
  'Sandal',
  'Shirt',
  'Sneaker',
  'Bag',
  'Ankle boot',
] as const)

async function readPart(
  paths: ReadonlyMap<string, string>,
  part: { readonly images: string; readonly labels: string },
  { flat, signal }: Checked,
): Promise<Dataset> {
  const [imagesPath, labelsPath] = [paths.get(part.images)!, paths.get(part.labels)!]
  const labels = await readIdx(labelsPath)
  signal?.throwIfAborted()
  const images = await readIdx(imagesPath)
  signal?.throwIfAborted()
  const [n = 0] = images.shape
  check(imagesPath, images, [n, side, side])
  // Pictures and labels that do not belong together would train, and learn nothing.
  check(labelsPath, labels, [n])
  const wrong = labels.data.findIndex((label) => label >= fashionMnist.classes.length)
  if (wrong >= 0) throw unfit(labelsPath, `expected labels 0 to 9, found ${labels.data[wrong]} at position ${wrong}`)
  const pixels = images.data as Uint8Array
  return await pixelDataset(pixels, flat ? [side * side] : [side, side, 1], labels.data, pixelScale)
}

function check(path: string, { dtype, shape }: IdxArray, expected: readonly number[]): void {
  const fits = dtype === 'uint8' && shape.length === expected.length && shape.every((n, i) => n === expected[i])
  if (fits && shape[0] !== 0) return
  const size = expected[0] === 0 ? 'n' : String(expected[0])
  const wanted = [size, ...expected.slice(1)].join(', ')
  throw unfit(path, `expected uint8 of shape [${wanted}], found ${dtype} of shape [${shape.join(', ')}]`)
}

function unfit(path: string, text: string): ChainruleError {
  return new ChainruleError('ERR_FILE', `cannot use ${path}: ${text}. Is it the right file?`)
}
