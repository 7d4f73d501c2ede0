/** chainrule: neural networks for Node.js, trained natively. The public names, and nothing else. */
import './tensor/methods.ts'
import './program/evaluate.ts'

export { type Activation, type ActivationDescription, type ActivationName, activations } from './activations.ts'
export { type Constraint, constraints } from './constraints.ts'
export type { CsvDatasetOptions } from './data/csv.ts'
export type { Data } from './data/dataset.ts'
export type { DatasetOptions } from './data/options.ts'
export { type PictureOptions, readPicture } from './data/pictures.ts'
export { Dataset, type DatasetConstructor } from './data/typed.ts'
export type { Batch, DataOf, Feed } from './data/types.ts'
export type { ArrayData } from './data/values.ts'
export type { Described } from './descriptions/description.ts'
export { ChainruleError, type ErrorCode } from './errors.ts'
export { grad, gradient, type Same, type Tree } from './gradient.ts'
export { type Initializer, type InitializerName, initializers } from './initializers.ts'
export {
  type AttentionInput,
  type DecoderInput,
  type EmbeddingOptions,
  embedding,
  type MaskingOptions,
  type MultiHeadAttentionOptions,
  masking,
  multiHeadAttention,
  type PositionEmbeddingOptions,
  positionEmbedding,
  type TransformerOptions,
  transformerDecoder,
  transformerEncoder,
} from './layers/attention/index.ts'
export {
  type ContrastOptions,
  type Factor,
  type FlipOptions,
  type RescalingOptions,
  type ResizingOptions,
  randomContrast,
  randomCrop,
  randomFlip,
  randomRotation,
  randomTranslation,
  randomZoom,
  rescaling,
  resizing,
  type SamplingOptions,
  type ZoomOptions,
} from './layers/augmentation/index.ts'
export {
  type AnyLayer,
  type ApplyOptions,
  activation,
  type Context,
  type Convolution,
  type ConvolutionOptions,
  conv1d,
  conv1dTranspose,
  conv2d,
  conv2dTranspose,
  conv3d,
  type DenseOptions,
  type DepthwiseOptions,
  type DropoutOptions,
  dense,
  depthwiseConv2d,
  dropout,
  flatten,
  input,
  Layer,
  type LayerClass,
  type LayerOptions,
  type MergeOptions,
  type Merging,
  type Mode,
  merge,
  type PreluOptions,
  prelu,
  type SeparableOptions,
  separableConv2d,
} from './layers/index.ts'
export {
  alphaDropout,
  gaussianDropout,
  gaussianNoise,
  spatialDropout1d,
  spatialDropout2d,
} from './layers/noise/index.ts'
export {
  type BatchNormalization,
  type BatchNormalizationOptions,
  batchNormalization,
  type GroupNormalizationOptions,
  groupNormalization,
  layerNormalization,
  type NormalizationOptions,
  type RmsNormalizationOptions,
  rmsNormalization,
  type UnitNormalizationOptions,
  unitNormalization,
} from './layers/normalization/index.ts'
export {
  averagePool1d,
  averagePool2d,
  averagePool3d,
  type GlobalPoolOptions,
  globalAveragePool1d,
  globalAveragePool2d,
  globalAveragePool3d,
  globalMaxPool1d,
  globalMaxPool2d,
  globalMaxPool3d,
  maxPool1d,
  maxPool2d,
  maxPool3d,
  type PoolOptions,
} from './layers/pooling/index.ts'
export {
  type BidirectionalOptions,
  bidirectional,
  Cell,
  type GatedOptions,
  type GruOptions,
  gru,
  type LstmOptions,
  lstm,
  type Recurred,
  type RecurrentOptions,
  rnn,
  type Sequence,
  type SequenceOptions,
  simpleRnn,
  timeDistributed,
} from './layers/recurrent/index.ts'

export {
  type Around,
  type CroppingOptions,
  cropping1d,
  cropping2d,
  cropping3d,
  permute,
  repeatVector,
  reshape,
  type UpSampling1dOptions,
  type UpSampling2dOptions,
  upSampling1d,
  upSampling2d,
  type ZeroPaddingOptions,
  zeroPadding1d,
  zeroPadding2d,
  zeroPadding3d,
} from './layers/shapes/index.ts'

export { type AnyLoss, type Loss, type LossFactory, type LossFunction, type LossName, losses } from './losses/index.ts'
export {
  type AnyMetric,
  type Metric,
  type MetricFactory,
  type MetricFunction,
  type MetricName,
  metrics,
} from './metrics/index.ts'
export type { Graph } from './model/graph.ts'
export { type AnyModel, Model } from './model/model.ts'
export type { ModelOptions } from './model/options.ts'
export { type Info, info, setThreads } from './native.ts'
export { relu, sigmoid, tanh } from './ops/activation.ts'
export { split } from './ops/arrange.ts'
export { einsum } from './ops/einsum.ts'
export {
  abs,
  add,
  cast,
  ceil,
  clip,
  cos,
  div,
  equal,
  erf,
  exp,
  expm1,
  floor,
  greater,
  greaterEqual,
  less,
  lessEqual,
  log,
  log1p,
  maximum,
  minimum,
  mul,
  neg,
  notEqual,
  pow,
  reciprocal,
  round,
  sign,
  sin,
  sqrt,
  square,
  sub,
  where,
} from './ops/elementwise.ts'
export { gather, oneHot } from './ops/lookup.ts'
export { dot, matmul } from './ops/matmul.ts'
export { broadcastTo, transpose } from './ops/movement.ts'
export { topK } from './ops/order.ts'
export { randomBernoulli, randomNormal, randomPermutation, randomUniform } from './ops/random.ts'
export { argmax, argmin, max, mean, min, type Reduce, sum } from './ops/reduce.ts'
export { concat, stack } from './ops/slice.ts'
export { logSoftmax, softmax } from './ops/softmax.ts'
export {
  type AdagradOptions,
  type AdamOptions,
  type AdamWOptions,
  adagrad,
  adam,
  adamw,
  type Optimizer,
  type OptimizerFormula,
  type OptimizerName,
  type OptimizerOptions,
  optimizers,
  type RmspropOptions,
  rmsprop,
  type SgdOptions,
  sgd,
  type Update,
} from './optimizers/index.ts'
export { type Parameter, parameter } from './parameters/parameter.ts'
export { type State, state } from './parameters/state.ts'
export type { Peak } from './program/peak.ts'
export { type Program, type ProgramOptions, program } from './program/program.ts'
export { RandomState } from './random/random-state.ts'
export { l1, l1l2, l2, penalty, type Regularizer } from './regularizers.ts'
export type { Costs, Phase, Profile, ProfiledInstruction, ProfiledLayer, ProfileMode } from './reports/profile-parts.ts'
export type { ProfileOptions } from './reports/profiling.ts'
export type { ProgressKind } from './reports/progress.ts'
export type { Custom, LoadOptions } from './saving/load.ts'
export { type Schedule, type ScheduleDescription, schedules } from './schedules.ts'
export { arange, eye, full, ones, type TensorLike, type TensorOptions, tensor, zeros } from './tensor/create.ts'
export { type NestedOf, type Rank, Tensor } from './tensor/graph.ts'
export type { DType, Nested, Shape, TypedArray } from './tensor/shape.ts'
export type { Callback, History, Logs, RunControl } from './training/callbacks.ts'
export type { CompileOptions, FitOptions, RunOptions, ScoresOf } from './training/options.ts'
export type { Scores } from './training/rows.ts'
export { type Stepped, type StepResult, type TrainStep, type TrainStepOptions, trainStep } from './training/step.ts'
