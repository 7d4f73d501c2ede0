/** The layers that a saved model may name. A new layer is one file beside this one, and one line here. */
import { register } from '../descriptions/registry.ts'
import { ActivationLayer, activation } from './activation.ts'
import { attending } from './attention/index.ts'
import { augmentations } from './augmentation/index.ts'
import { Conv1d, Conv2d, Conv3d, conv1d, conv2d, conv3d } from './convolution/convolution.ts'
import { DepthwiseConv2d, depthwiseConv2d } from './convolution/depthwise.ts'
import { SeparableConv2d, separableConv2d } from './convolution/separable.ts'
import { Conv1dTranspose, Conv2dTranspose, conv1dTranspose, conv2dTranspose } from './convolution/transpose.ts'
import { Dense, dense } from './dense.ts'
import { Dropout, dropout } from './dropout.ts'
import { Flatten, flatten } from './flatten.ts'
import { type Layer, takesOneTensor } from './layer.ts'
import { Merge, merge } from './merge.ts'
import { noises } from './noise/index.ts'
import { normalization } from './normalization/index.ts'
import { pooling } from './pooling/index.ts'
import { Prelu, prelu } from './prelu.ts'
import { recurrent } from './recurrent/index.ts'
import { layerMaker } from './restoration.ts'
import { shapes } from './shapes/index.ts'

export type { Context, Mode } from './context.ts'
export type { Convolution } from './convolution/convolution.ts'
export type { DepthwiseOptions } from './convolution/depthwise.ts'
export type { ConvolutionOptions } from './convolution/options.ts'
export type { SeparableOptions } from './convolution/separable.ts'
export type { DenseOptions } from './dense.ts'
export type { DropoutOptions } from './dropout.ts'
export { type AnyLayer, type ApplyOptions, Layer } from './layer.ts'
export type { MergeOptions, Merging } from './merge.ts'
export type { LayerOptions } from './options.ts'
export type { PreluOptions } from './prelu.ts'
export { input } from './recorded.ts'
export {
  activation,
  conv1d,
  conv1dTranspose,
  conv2d,
  conv2dTranspose,
  conv3d,
  dense,
  depthwiseConv2d,
  dropout,
  flatten,
  merge,
  prelu,
  separableConv2d,
}

/** A class of one's own that can be restored: `static readonly type` and one options object. */
// biome-ignore lint/suspicious/noExplicitAny: a constructor of any layer
export type LayerClass = (new (options: any) => Layer<any, any>) & { readonly type?: string }

export const builtIn: readonly LayerClass[] = [
  ActivationLayer,
  Conv1d,
  Conv1dTranspose,
  Conv2d,
  Conv2dTranspose,
  Conv3d,
  Dense,
  DepthwiseConv2d,
  Dropout,
  Flatten,
  Merge as unknown as LayerClass,
  Prelu,
  ...attending,
  ...augmentations,
  ...noises,
  ...normalization,
  ...pooling,
  ...recurrent,
  ...shapes,
  SeparableConv2d,
]
for (const layer of builtIn) {
  register(layerMaker(layer))
  if (!('takesSeveral' in layer)) takesOneTensor(layer)
}
