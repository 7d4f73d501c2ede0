/** The layers that a saved model may name. A new layer is one file beside this one, and one line here. */
import { register } from '../descriptions/registry.ts'
import { ActivationLayer, activation } from './activation.ts'
import { Masking, masking } from './attention/masking.ts'
import { Dense, dense } from './dense.ts'
import { Dropout, dropout } from './dropout.ts'
import { Flatten, flatten } from './flatten.ts'
import type { Layer } from './layer.ts'
import { layerMaker } from './restoration.ts'

export type { MaskingOptions } from './attention/masking.ts'
export type { Context, Mode } from './context.ts'
export type { DenseOptions } from './dense.ts'
export type { DropoutOptions } from './dropout.ts'
export { type ApplyOptions, Layer } from './layer.ts'
export type { LayerOptions } from './options.ts'
export { activation, dense, dropout, flatten, masking }

/** A class of one's own that can be restored: `static readonly type` and one options object. */
// biome-ignore lint/suspicious/noExplicitAny: a constructor of any layer
export type LayerClass = (new (options: any) => Layer<any, any>) & { readonly type?: string }

export const builtIn: readonly LayerClass[] = [ActivationLayer, Dense, Dropout, Flatten, Masking]
for (const layer of builtIn) register(layerMaker(layer))
