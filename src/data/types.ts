/** The forms in which users give data, and get them. */
import type { Same, Tree } from '../gradient.ts'
import type { Tensor } from '../tensor/graph.ts'
import type { ArrayData } from './values.ts'

/** A structure, filled with samples [n, ...]. */
export type Feed<T> = T extends Tensor ? ArrayData : { readonly [K in keyof T]: ArrayData }

export interface DataOf<X = ArrayData, Y = ArrayData> {
  /** Inputs [samples, ...], by name where the model has several. */
  readonly x: X
  /** Labels or targets [samples, ...], by name where the model has several outputs. */
  readonly y?: Y
  /** The weight of each sample in the loss, [samples]; by output where there are several. */
  readonly sampleWeight?: ArrayData | { readonly [output: string]: ArrayData }
}

export interface Batch<X extends Tree = Tensor, Y extends Tree = Tensor> {
  readonly x: Same<X>
  readonly y: Same<Y>
  /** Samples in this batch; the last one may be smaller. */
  readonly size: number
}

/** Arrays, one or by name. */
export type Feeds = ArrayData | { readonly [name: string]: ArrayData }
/** The tensors that they become. */
export type TensorsOf<D> = D extends ArrayData ? Tensor : { readonly [K in keyof D]: Tensor }
