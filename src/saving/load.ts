/** Loading: from a file or its bytes, with what is the user's own. */
import type { Described } from '../descriptions/description.ts'
import { readBytes } from '../files/read.ts'
import type { Layer, LayerClass } from '../layers/index.ts'
import { boolean, checkOptions, listOf, optional, type Subject } from '../options.ts'
import { customMakers } from './custom.ts'
import { restore } from './restore.ts'
import type { Saveable } from './saveable.ts'

/** A class with `static type`, or what a `.custom(name, ...)` gave. */
export type Custom =
  // biome-ignore lint/suspicious/noExplicitAny: any layer, whatever it takes and gives
  ((new (options: never) => Layer<any, any>) & { readonly type: string }) | Described | ((options?: never) => Described)

export interface LoadOptions {
  /**
   * What the file has of one's own: classes of layers with a static type, and what `losses.custom(name, f)` and the like
   * gave. Each knows the name under which it was saved.
   */
  custom?: readonly Custom[]
  /** false: without loss, optimizer and their state; for predictions. Default true. */
  compile?: boolean
  /** @deprecated `custom: [Residual]` instead of `layers: { residual: Residual }`. */
  layers?: Readonly<Record<string, LayerClass>>
}

const loadTable = {
  custom: optional((value: unknown, subject: Subject) => listOf(value, subject, '[Residual, ownLoss]'), []),
  compile: optional(boolean, true),
  layers: optional((value: unknown) => value as Readonly<Record<string, LayerClass>>, {}),
}

/** @throws ERR_FILE for a file that is none, is damaged, or needs something of one's own that was not given */
export async function load(from: string | URL | Uint8Array, options: LoadOptions): Promise<Saveable> {
  const { custom, compile, layers } = checkOptions('load', options, loadTable)
  const own = customMakers(custom, layers)
  const bytes = ArrayBuffer.isView(from) ? (from as Uint8Array) : await readBytes(from)
  const file = ArrayBuffer.isView(from) ? 'the bytes' : String(from)
  return restore({ bytes, file, custom: own, compile })
}
